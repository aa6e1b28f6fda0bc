//! The self-test: what a sealed worker tries, and must not be able to do, before Code Mode is switched on.

use super::{Argument, Step};

/// Errors by which a wall refuses. Any other one, such as "no such file", would mean that the call got past it.
const REFUSALS: [i32; 3] = [libc::EPERM, libc::EACCES, libc::ENOSYS];

fn path(path: &str) -> Argument {
    let mut bytes = path.as_bytes().to_vec();
    bytes.push(0);
    Argument::Bytes(bytes)
}

/// Calls that would reach outside the process, each with arguments for which the kernel itself would allow it.
pub(crate) fn attempts() -> Vec<Step> {
    let here = libc::AT_FDCWD;
    let length = 4096;
    vec![
        Step::new(
            "open a folder",
            libc::SYS_openat,
            [here.into(), path("/"), libc::O_RDONLY.into(), 0.into()],
        ),
        Step::new(
            "open the null device",
            libc::SYS_openat,
            [
                here.into(),
                path("/dev/null"),
                libc::O_RDWR.into(),
                0.into(),
            ],
        ),
        Step::new(
            "make a socket",
            libc::SYS_socket,
            [libc::AF_INET.into(), libc::SOCK_STREAM.into(), 0.into()],
        ),
        Step::new(
            "connect",
            libc::SYS_connect,
            [3.into(), Argument::Bytes(vec![0; 16]), 16.into()],
        ),
        Step::new(
            "run a program",
            libc::SYS_execve,
            [path("/bin/true"), 0.into(), 0.into()],
        ),
        Step::new(
            "fork",
            libc::SYS_clone,
            [libc::SIGCHLD.into(), 0.into(), 0.into(), 0.into(), 0.into()],
        ),
        Step::new("send a signal", libc::SYS_kill, [0.into(), 0.into()]),
        Step::new(
            "trace",
            libc::SYS_ptrace,
            [0.into(), 0.into(), 0.into(), 0.into()],
        ),
        Step::new(
            "map executable memory",
            libc::SYS_mmap,
            [
                0.into(),
                length.into(),
                (libc::PROT_READ | libc::PROT_EXEC).into(),
                (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS).into(),
                (-1).into(),
                0.into(),
            ],
        ),
        Step::new(
            "name the machine",
            libc::SYS_uname,
            [Argument::Bytes(vec![0; 512])],
        ),
        Step::new(
            "name the folder",
            libc::SYS_getcwd,
            [Argument::Bytes(vec![0; 512]), 512.into()],
        ),
    ]
}

/// What the worker reported: the first attempt that was not refused, if any.
pub(crate) fn not_refused(report: &[(String, i32)]) -> Option<String> {
    let expected = attempts();
    if report.len() != expected.len() {
        return Some("the self-test did not run to its end".to_owned());
    }
    report
        .iter()
        .find(|(_, error)| !REFUSALS.contains(error))
        .map(|(name, error)| match error {
            0 => format!("a worker could {name}"),
            error => format!(
                "a worker that tried to {name} was stopped by error {error}, not by the wall"
            ),
        })
}
