//! Attributes of the worker's process (`prctl`, `setpriority`).

use super::{Argument, Step};

/// Steps behind the server on a busy machine, without starving.
///
/// Measured on two cores: at 10 `make soak` holds the other routes within its 25 ms (16.5 ms in the 99th percentile). A
/// scatter plot beside two busy threads of the usual priority, such as a large query, takes 0.9 s at 10 and 5 s at 19;
/// the kernel's idle class gives it next to nothing, and it would end as a timeout. (SCHED_BATCH made no difference
/// worth a call that gVisor refuses.)
const NICE: i32 = 10;

/// No program run from here could gain rights; seccomp and Landlock require it too.
pub(super) fn no_new_privileges() -> Step {
    prctl("no new privileges", libc::PR_SET_NO_NEW_PRIVS, 1)
}

/// None of root's rights is left, also when the server was started by root: what the filter lets pass is then judged
/// as any user's. Nothing that is set on the worker before may be undone by this, so it comes early.
pub(super) fn no_capabilities() -> Step {
    /// `_LINUX_CAPABILITY_VERSION_3`: two words for each of the sets effective, permitted and inheritable.
    const VERSION: u32 = 0x2008_0522;
    let own_process = 0_u32;
    let mut header = VERSION.to_ne_bytes().to_vec();
    header.extend(own_process.to_ne_bytes());
    let none = vec![0; 6 * size_of::<u32>()];
    Step::new(
        "capabilities",
        libc::SYS_capset,
        [Argument::Bytes(header), Argument::Bytes(none)],
    )
}

/// When the zygote ends, for whatever reason, its workers do.
pub(super) fn end_with_parent() -> Step {
    prctl("end with the parent", libc::PR_SET_PDEATHSIG, libc::SIGKILL)
}

/// No other process of this user may read its memory.
pub(super) fn not_dumpable() -> Step {
    prctl("not dumpable", libc::PR_SET_DUMPABLE, 0)
}

/// Lower priority than the server's.
pub(super) fn yield_to_server() -> Step {
    Step::new(
        "priority",
        libc::SYS_setpriority,
        [0.into(), 0.into(), NICE.into()],
    )
}

fn prctl(name: &'static str, option: i32, value: i32) -> Step {
    Step::new(
        name,
        libc::SYS_prctl,
        [option.into(), value.into(), 0.into(), 0.into(), 0.into()],
    )
}
