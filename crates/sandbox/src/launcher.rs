//! The launcher: a process that gives up what the interpreter must not have, then becomes the interpreter.
//!
//! It runs in a process of its own, before anything else of the program, so it holds nothing worth having. It is
//! told what to do over the socket that is its standard input. Any step that fails is reported there and ends it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, Scope, path_beneath_rules,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
use serde::{Deserialize, Serialize};

use crate::guest::BOOT;
use crate::passing;

/// The newest Landlock interface whose rights we name; an older kernel takes what it knows.
const LANDLOCK: ABI = ABI::V6;

/// Settings of the C library's allocator. A run's memory is new, and each page of it costs a fault, so: large arrays
/// in large pages where the kernel has them; and arrays of up to 32 MiB, its most, from the heap, whose end is kept
/// when it is let go of, since a waiting worker has touched some of it already.
const TUNABLES: &str = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:\
    glibc.malloc.trim_threshold=1073741824";

/// What the launcher is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Orders {
    pub(crate) python: PathBuf,
    pub(crate) readable: Vec<PathBuf>,
    pub(crate) confine: bool,
}

/// Becomes the confined interpreter; never returns.
///
/// The program's `main` calls this first thing, before any thread or runtime, when it was started with the arguments
/// that [`crate::Launcher`] names (for `depictio`, the hidden subcommand `sandbox-launcher`).
pub fn launcher_main() -> ! {
    // Not standard input itself: an interpreter that cannot be started has its own in that place already.
    let control = rustix::io::fcntl_dupfd_cloexec(std::io::stdin().as_fd(), 3);
    let error = match launch() {
        Ok(never) => match never {},
        Err(error) => error,
    };
    let report = serde_json::json!({ "event": "failed", "message": error }).to_string();
    if let Ok(control) = control {
        let _ = passing::send(control, report.as_bytes(), &[]);
    }
    std::process::exit(1)
}

/// The steps, in order.
fn launch() -> Result<Infallible, String> {
    let (orders, bundle) = receive_orders()?;
    rustix::thread::set_no_new_privs(true)
        .map_err(|error| format!("no new privileges: {error}"))?;
    rustix::process::chdir("/").map_err(|error| format!("leave the folder: {error}"))?;
    close_descriptors()?;
    let control = keep(rustix::io::dup(std::io::stdin().as_fd()))?;
    let bundle = keep(rustix::io::dup(&bundle))?;
    if orders.confine {
        landlock(&orders.readable)?;
        seccomp()?;
    }
    let error = Command::new(&orders.python)
        .args(["-P", "-s", "-B", "-X", "utf8", "-c", BOOT])
        .arg(control.as_raw_fd().to_string())
        .arg(bundle.as_raw_fd().to_string())
        // Nothing of the program's environment. Hash order is fixed, so that the same script gives the same figure.
        .env_clear()
        .env("PYTHONHASHSEED", "0")
        .env("MALLOC_ARENA_MAX", "1")
        .env("GLIBC_TUNABLES", TUNABLES)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .exec();
    Err(format!("start {}: {error}", orders.python.display()))
}

fn receive_orders() -> Result<(Orders, OwnedFd), String> {
    let mut buffer = vec![0; 64 << 10];
    let (length, descriptors) = passing::receive(std::io::stdin().as_fd(), &mut buffer)
        .map_err(|error| format!("receive orders: {error}"))?;
    let orders = serde_json::from_slice(buffer.get(..length).unwrap_or_default())
        .map_err(|error| format!("read orders: {error}"))?;
    let bundle = descriptors
        .into_iter()
        .next()
        .ok_or("no guest was handed over")?;
    Ok((orders, bundle))
}

/// A descriptor that stays open when the interpreter takes over.
fn keep(copy: rustix::io::Result<OwnedFd>) -> Result<OwnedFd, String> {
    copy.map_err(|error| format!("keep a descriptor: {error}"))
}

/// Everything but the three standard ones closes when the interpreter takes over, whoever opened it.
#[expect(
    unsafe_code,
    reason = "close_range has no safe wrapper that marks instead of closing"
)]
fn close_descriptors() -> Result<(), String> {
    // SAFETY: marks descriptors to be closed at exec; none is closed here, so no owner in this process is misled.
    let result = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            3_u32,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(format!(
            "close descriptors: {}",
            std::io::Error::last_os_error()
        ))
    }
}

/// The interpreter's own files, read-only, and nothing else. Where the kernel has no Landlock this does nothing; the
/// status page says so.
fn landlock(readable: &[PathBuf]) -> Result<(), String> {
    let fail = |error: landlock::RulesetError| format!("landlock: {error}");
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(LANDLOCK)))
        .and_then(|rules| rules.scope(Scope::from_all(LANDLOCK)))
        .and_then(|rules| rules.create())
        .and_then(|rules| {
            rules.add_rules(path_beneath_rules(readable, AccessFs::from_read(LANDLOCK)))
        })
        .and_then(|rules| {
            rules.add_rules(path_beneath_rules(
                ["/dev/null"],
                AccessFs::ReadFile | AccessFs::WriteFile,
            ))
        })
        .and_then(|rules| rules.restrict_self())
        .map_err(fail)?;
    Ok(())
}

/// A coarse filter for the zygote, which still loads libraries and forks: no network, no tracing, no mounts, no
/// namespaces, nothing that administers the machine. Workers take on a list of what is allowed instead.
fn seccomp() -> Result<(), String> {
    let fail = |error: seccompiler::BackendError| format!("seccomp: {error}");
    let rules: BTreeMap<i64, Vec<_>> = DENIED.iter().map(|call| (*call, vec![])).collect();
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(fail)?;
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        architecture,
    )
    .map_err(fail)?;
    let program: BpfProgram = filter.try_into().map_err(fail)?;
    seccompiler::apply_filter(&program).map_err(|error| format!("seccomp: {error}"))
}

const DENIED: &[libc::c_long] = &[
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_open_by_handle_at,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
];
