//! Every system call by its number, each in a process of its own that has taken the real steps of the wall.
//!
//! Twice each: once with the filter as it is, which must refuse; and once with the filter's refusal replaced by an
//! error that the kernel itself never gives, so that a call the kernel would have refused anyway does not pass for one
//! that the filter stops.

#![expect(
    unsafe_code,
    reason = "a confined process is made by fork and by bare system calls"
)]

use std::collections::BTreeSet;
use std::io::Read as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::Duration;

use domain::limits::CodeLimits;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Argument, Step, confine, landlock, seal, seccomp};

/// Numbers of the table when this was written, and some beyond.
const NUMBERS: std::ops::RangeInclusive<i64> = 0..=480;

/// An error that no system call gives.
const MARK: i32 = 0xABC;

/// `uretprobe` and `uprobe` of x86_64: the kernel lets them pass every filter, so that a traced program does not break
/// under one. They act only when called from the kernel's own trampoline; any other call ends or fails.
const PAST_FILTERS: [i64; 2] = [335, 336];

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It returned: the result, and the error number when that was -1.
    Answered(i64, i32),
    /// The process ended by itself with this status, without a word.
    Exited(i32),
    /// A signal ended it.
    Signal(i32),
    /// It was still at it after a second.
    Blocked,
}

/// A step whose memory is laid out, so that it can be made after a fork, when nothing may be allocated.
struct Prepared {
    number: i64,
    arguments: [Prepared64; 6],
    _memory: Vec<Vec<u8>>,
}

#[derive(Clone, Copy)]
enum Prepared64 {
    Number(i64),
    Result,
}

fn prepare(step: &Step, mark: bool) -> Prepared {
    let mut memory = Vec::new();
    let mut arguments = [Prepared64::Number(0); 6];
    for (place, argument) in arguments.iter_mut().zip(&step.arguments) {
        let mut keep = |bytes: Vec<u8>| {
            let address = bytes.as_ptr() as i64;
            memory.push(bytes);
            Prepared64::Number(address)
        };
        *place = match argument {
            Argument::Number(number) => Prepared64::Number(*number),
            Argument::Result => Prepared64::Result,
            Argument::Bytes(bytes) => keep(bytes.clone()),
            Argument::Filter(program) => {
                let mut program = program.clone();
                if mark {
                    replace_refusal(&mut program);
                }
                let length = u16::try_from(program.len() / 8).unwrap();
                let mut header = vec![0_u8; 16];
                header[..2].copy_from_slice(&length.to_ne_bytes());
                header[8..].copy_from_slice(&(program.as_ptr() as u64).to_ne_bytes());
                memory.push(program);
                let address = header.as_ptr() as i64;
                memory.push(header);
                Prepared64::Number(address)
            }
        };
    }
    Prepared {
        number: step.number,
        arguments,
        _memory: memory,
    }
}

/// Instructions that return EPERM return [`MARK`].
fn replace_refusal(program: &mut [u8]) {
    let refusal = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    for instruction in program.chunks_exact_mut(8) {
        let code = u16::from_ne_bytes([instruction[0], instruction[1]]);
        let value = &mut instruction[4..];
        if code == (libc::BPF_RET | libc::BPF_K) as u16 && value == refusal.to_ne_bytes() {
            value.copy_from_slice(&(libc::SECCOMP_RET_ERRNO | MARK as u32).to_ne_bytes());
        }
    }
}

/// The steps of a worker from its fork to its seal.
fn steps(mark: bool) -> Vec<Prepared> {
    // Room for this test's own memory, which is there already when the limit is taken.
    let interpreter = 8 << 30;
    let sealed = seal(&CodeLimits::default(), interpreter, 0, 0).unwrap();
    let all = confine(landlock::detect()).into_iter().chain(sealed);
    all.map(|step| prepare(&step, mark)).collect()
}

/// Makes a call in a process that has taken the steps, and tells how it ended.
fn call(steps: &[Prepared], number: i64, arguments: [i64; 6]) -> End {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    // SAFETY: the child makes bare system calls on memory laid out before, and ends without returning.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: as above; this is the child, with one thread.
        unsafe { child(theirs.as_raw_fd(), steps, number, arguments) }
    }
    assert!(pid > 0);
    drop(theirs);
    let ours = OwnedFd::from(ours);
    let mut answer = [0_u8; 12];
    let mut waiting = [PollFd::new(&ours, PollFlags::IN)];
    let wait = Timespec::try_from(Duration::from_secs(2)).unwrap();
    let ready = poll(&mut waiting, Some(&wait)).unwrap();
    let mut stream = std::fs::File::from(ours);
    let said = ready > 0 && stream.read_exact(&mut answer).is_ok();
    let mut status = 0;
    // SAFETY: ends and awaits the child made above; a status is written to a live variable.
    unsafe {
        if ready == 0 {
            libc::kill(pid, libc::SIGKILL);
        }
        assert_eq!(libc::waitpid(pid, &raw mut status, 0), pid);
    }
    if ready == 0 {
        End::Blocked
    } else if said {
        let (result, error) = answer.split_at(8);
        End::Answered(
            i64::from_ne_bytes(result.try_into().unwrap()),
            i32::from_ne_bytes(error.try_into().unwrap()),
        )
    } else if libc::WIFSIGNALED(status) {
        End::Signal(libc::WTERMSIG(status))
    } else {
        End::Exited(libc::WEXITSTATUS(status))
    }
}

/// The child: its socket becomes descriptor 3, everything else closes, the steps are taken, the call is made.
///
/// # Safety
/// Only right after a fork, in the child.
unsafe fn child(socket: i32, steps: &[Prepared], number: i64, arguments: [i64; 6]) -> ! {
    // SAFETY: bare calls; every address among the arguments is of memory that `steps` keeps.
    unsafe {
        // Without the handlers of the test's own runtime a crash is a crash.
        for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL] {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::dup2(socket, 3);
        libc::syscall(libc::SYS_close_range, 4, u32::MAX, 0);
        let mut result = 0_i64;
        for step in steps {
            let a = step.arguments.map(|argument| match argument {
                Prepared64::Number(number) => number,
                Prepared64::Result => result,
            });
            let made = libc::syscall(step.number, a[0], a[1], a[2], a[3], a[4], a[5]);
            if made < 0 {
                libc::syscall(libc::SYS_exit_group, 99);
            }
            if made != 0 {
                result = made;
            }
        }
        let a = arguments;
        *libc::__errno_location() = 0;
        let result = libc::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
        let error = *libc::__errno_location();
        let mut answer = [0_u8; 12];
        answer[..8].copy_from_slice(&result.to_ne_bytes());
        answer[8..].copy_from_slice(&error.to_ne_bytes());
        libc::syscall(libc::SYS_write, 3, answer.as_ptr(), answer.len());
        loop {
            libc::syscall(libc::SYS_exit_group, 0);
        }
    }
}

const REFUSED: End = End::Answered(-1, libc::EPERM);
const MARKED: End = End::Answered(-1, MARK);

#[test]
fn of_all_system_calls_exactly_the_allow_list_answers() {
    let (real, marked) = (steps(false), steps(true));
    let mut answering = BTreeSet::new();
    for number in NUMBERS {
        let (refusal, mark) = (call(&real, number, [0; 6]), call(&marked, number, [0; 6]));
        if cfg!(target_arch = "x86_64") && PAST_FILTERS.contains(&number) {
            let nothing = matches!(mark, End::Signal(_)) || matches!(mark, End::Answered(-1, _));
            assert!(nothing, "{number}: {mark:?}");
            continue;
        }
        // Steps that fail end the child before it tries anything.
        assert_ne!(refusal, End::Exited(99), "{number}");
        if mark == MARKED {
            assert_eq!(refusal, REFUSED, "{number}");
        } else {
            // Called by hand it goes on with whatever the stack holds, so it may end in any way.
            let anyhow = number == libc::SYS_rt_sigreturn;
            assert!(anyhow || refusal != End::Blocked, "{number}");
            answering.insert(number);
        }
    }
    let expected: BTreeSet<i64> = seccomp::allowed_with_zeros().into_iter().collect();
    assert_eq!(answering, expected);
}

/// A call with arguments that the filter looks at.
fn passes(steps: &[Prepared], number: libc::c_long, arguments: [i64; 6]) -> bool {
    match call(steps, number, arguments) {
        MARKED => false,
        End::Exited(99) => panic!("a step failed"),
        _ => true,
    }
}

#[test]
fn memory_is_new_never_of_a_file_never_executable_never_pinned() {
    let marked = steps(true);
    let (read, write, exec) = (libc::PROT_READ, libc::PROT_WRITE, libc::PROT_EXEC);
    let (own, new) = (libc::MAP_PRIVATE, libc::MAP_ANONYMOUS);
    let map = |protection: i32, flags: i32, file: i64| {
        let arguments = [0, 4096, protection.into(), flags.into(), file, 0];
        passes(&marked, libc::SYS_mmap, arguments)
    };
    assert!(map(read | write, own | new, -1));
    assert!(map(libc::PROT_NONE, own | new | libc::MAP_NORESERVE, -1));
    assert!(map(read | write, libc::MAP_SHARED | new, -1));
    for flags in [own, libc::MAP_SHARED, libc::MAP_SHARED_VALIDATE] {
        assert!(!map(read, flags, 3));
    }
    for pinned in [libc::MAP_LOCKED, libc::MAP_HUGETLB] {
        assert!(!map(read | write, own | new | pinned, -1));
    }
    for with in [exec, read | exec, read | write | exec] {
        assert!(!map(with, own | new, -1));
        assert!(!passes(
            &marked,
            libc::SYS_mprotect,
            [0, 4096, with.into(), 0, 0, 0]
        ));
    }
    assert!(passes(
        &marked,
        libc::SYS_mprotect,
        [0, 0, (read | write).into(), 0, 0, 0]
    ));
    assert!(!passes(&marked, libc::SYS_pkey_mprotect, [0; 6]));
    for advice in 0..=110_i64 {
        // Everything that a page could be advised to, but what poisons, offlines or merges it.
        let expected = [0, 4, 8, 14, 15, 102, 103].contains(&advice);
        assert_eq!(
            passes(&marked, libc::SYS_madvise, [0, 0, advice, 0, 0, 0]),
            expected,
            "{advice}"
        );
    }
}

#[test]
fn what_is_written_goes_to_the_job_alone_and_what_is_made_is_a_thread() {
    let marked = steps(true);
    for descriptor in [-1, 0, 1, 2, 3, 4, 5, 1 << 32 | 3] {
        let written = passes(&marked, libc::SYS_write, [descriptor, 0, 0, 0, 0, 0]);
        assert_eq!(written, descriptor == 3, "{descriptor}");
    }
    for other in [
        libc::SYS_writev,
        libc::SYS_pwrite64,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_read,
    ] {
        assert!(!passes(&marked, other, [3, 0, 0, 0, 0, 0]), "{other}");
    }
    let thread = libc::CLONE_VM
        | libc::CLONE_FS
        | libc::CLONE_FILES
        | libc::CLONE_SIGHAND
        | libc::CLONE_THREAD;
    // Flags that the kernel refuses together, so that no second thread runs on this one's stack.
    let refused = libc::CLONE_PIDFD | libc::CLONE_DETACHED;
    let clone = |flags: i32| passes(&marked, libc::SYS_clone, [i64::from(flags), 0, 0, 0, 0, 0]);
    assert!(clone(thread | refused));
    for flag in [
        libc::CLONE_VM,
        libc::CLONE_FS,
        libc::CLONE_FILES,
        libc::CLONE_SIGHAND,
        libc::CLONE_THREAD,
    ] {
        assert!(!clone((thread | refused) & !flag), "{flag:x}");
    }
    let spaces = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWCGROUP,
        libc::CLONE_VFORK,
        libc::CLONE_PTRACE,
    ];
    for flag in spaces {
        assert!(!clone(thread | refused | flag), "{flag:x}");
    }
    // A filter cannot read what clone3 is asked for: it is as if the kernel had none.
    let answer = call(&marked, libc::SYS_clone3, [0; 6]);
    assert_eq!(answer, End::Answered(-1, libc::ENOSYS));
    let own = [
        libc::PR_SET_NAME,
        libc::PR_SET_DUMPABLE,
        libc::PR_SET_PDEATHSIG,
        libc::PR_SET_SECCOMP,
        libc::PR_GET_NAME,
    ];
    for option in own {
        let passed = passes(&marked, libc::SYS_prctl, [option.into(), 0, 0, 0, 0, 0]);
        assert_eq!(passed, option == libc::PR_SET_NAME, "{option}");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_other_tables_of_the_processor_are_closed() {
    // x32: the same calls by numbers with this bit, and some of its own from 512.
    let marked = steps(true);
    for number in NUMBERS.chain(512..=547) {
        let x32 = call(&marked, 0x4000_0000 | number, [0; 6]);
        assert!(x32 == MARKED, "{number}: {x32:?}");
    }
}

#[test]
fn a_worker_has_no_capability_whoever_starts_it() {
    const HEADER: [u32; 2] = [0x2008_0522, 0];
    let confined: Vec<Prepared> = confine(landlock::detect())
        .iter()
        .map(|step| prepare(step, false))
        .collect();
    // Taking one back is refused to whoever has given it up, also to root.
    let mut wanted = [0_u32; 6];
    wanted[0] = 1;
    let take = [HEADER.as_ptr() as i64, wanted.as_ptr() as i64, 0, 0, 0, 0];
    let answer = call(&confined, libc::SYS_capset, take);
    assert_eq!(answer, End::Answered(-1, libc::EPERM));
}
