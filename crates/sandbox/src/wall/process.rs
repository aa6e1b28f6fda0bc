//! Attributes of the worker's process (`prctl`, `setpriority`).

use super::Step;

/// Steps behind the server on a busy machine, without starving: at the kernel's idle class a run beside a large
/// query would get no time at all and end as a timeout.
const NICE: i32 = 10;

/// No program run from here could gain rights; seccomp and Landlock require it too.
pub(super) fn no_new_privileges() -> Step {
    prctl("no new privileges", libc::PR_SET_NO_NEW_PRIVS, 1)
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
