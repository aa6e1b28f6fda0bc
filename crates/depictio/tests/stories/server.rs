//! The real program as a child process, on a free port, with a data directory of its own.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

/// The first admin of every server here.
pub(crate) const ADMIN: &str = "admin@localhost";
/// Their password.
pub(crate) const PASSWORD: &str = "correct-horse-battery-41";

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// Its address, such as `127.0.0.1:40123`.
    pub(crate) address: String,
    /// Its data directory.
    pub(crate) dir: tempfile::TempDir,
    /// All it printed until it was ready.
    pub(crate) printed: String,
}

/// The program with a clean environment and a data directory.
pub(crate) fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_depictio"));
    command
        .env_clear()
        .current_dir(dir)
        .env("DEPICTIO_DATA_DIR", dir.join("data"));
    // The home is where the sandbox's interpreter is found.
    for name in ["HOME", "XDG_CACHE_HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

impl Server {
    /// Starts one. `code_mode` off saves the seconds of its self-test.
    pub(crate) fn start(code_mode: bool, more: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::start_in(dir, code_mode, more, true)
    }

    /// Starts one on a directory that may hold data already.
    pub(crate) fn start_in(
        dir: tempfile::TempDir,
        code_mode: bool,
        more: &[(&str, &str)],
        with_password: bool,
    ) -> Self {
        Self::start_as(dir, code_mode, more, with_password, &[])
    }

    /// Starts one with more words after `serve`.
    pub(crate) fn start_as(
        dir: tempfile::TempDir,
        code_mode: bool,
        more: &[(&str, &str)],
        with_password: bool,
        words: &[&str],
    ) -> Self {
        let mut command = program(dir.path());
        command
            .arg("serve")
            .args(words)
            .env("DEPICTIO_BIND", "127.0.0.1:0")
            .env("LOG_LEVEL", "WARN")
            .stdout(Stdio::piped())
            .stdin(Stdio::null());
        if with_password {
            command.env("DEPICTIO_ADMIN_PASSWORD", PASSWORD);
        }
        if !code_mode {
            command.env("DEPICTIO_PYTHON", "/no/interpreter/here");
        }
        command.envs(more.iter().copied());
        let mut child = dies_with_us(&mut command).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut printed, mut address) = (String::new(), None);
        while let Some(Ok(line)) = lines.next() {
            printed.push_str(&line);
            printed.push('\n');
            if let Some((_, rest)) = line.split_once("ready:  ") {
                let url = rest.split_whitespace().next().unwrap();
                let host = url.split("://").nth(1).unwrap().trim_end_matches('/');
                address = Some(host.to_owned());
            }
            if line.contains("Stop:") {
                break;
            }
        }
        let address = address.unwrap_or_else(|| panic!("the server did not start: {printed}"));
        // Whatever it prints later must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address,
            dir,
            printed,
        }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as a power cut would, and hands back its directory.
    pub(crate) fn kill(mut self) -> tempfile::TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }

    /// Stops it in order, and hands back its directory.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }

    /// The one that most stories share, with Code Mode.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| {
            let (send, receive) = mpsc::channel();
            // The kernel ends it with the thread that started it, so that thread must live as long
            // as the tests do.
            std::thread::spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                send.send(Self::start_in(dir, true, &[], true)).unwrap();
                loop {
                    std::thread::sleep(Duration::from_secs(3_600));
                }
            });
            receive.recv_timeout(Duration::from_secs(120)).unwrap()
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a child die with the thread that started it.
pub(crate) fn dies_with_us(command: &mut Command) -> &mut Command {
    // SAFETY: prctl is a bare system call and allowed between fork and exec.
    #[expect(unsafe_code, reason = "a test's server must not outlive the test run")]
    unsafe {
        command.pre_exec(|| {
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
                .map_err(std::io::Error::from)
        })
    }
}
