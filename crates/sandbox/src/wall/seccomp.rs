//! The system calls a sealed worker may still make: memory, threads of its own, time, randomness, and writing to the
//! one channel it answers on. Everything else is refused, on x86_64 and aarch64 by the same list.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op,
    SeccompCondition as Condition, SeccompFilter, SeccompRule as Rule, TargetArch,
};

use super::{Argument, Step};

/// The descriptor of the job's socket; `channel.py` has the same number.
const JOB_DESCRIPTOR: u64 = 3;

const SECCOMP_SET_MODE_FILTER: i32 = 1;
/// All threads of the worker take the filter, not only the one that installs it.
const SECCOMP_FILTER_FLAG_TSYNC: i32 = 1;

/// What pthread_create asks of `clone`: a thread in this process, never a process.
const THREAD: u64 = (libc::CLONE_VM
    | libc::CLONE_FS
    | libc::CLONE_FILES
    | libc::CLONE_SIGHAND
    | libc::CLONE_THREAD) as u64;
/// Flags of `clone` that would make a namespace or a vfork.
const NOT_THREAD: u64 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_VFORK
    | libc::CLONE_PTRACE) as u64;

/// Advice on memory: what allocators give. Other advice poisons pages of the whole machine, when a process may, or
/// merges them with those of other processes.
const ADVICE: [i32; 7] = [
    libc::MADV_NORMAL,
    libc::MADV_DONTNEED,
    libc::MADV_FREE,
    libc::MADV_HUGEPAGE,
    libc::MADV_NOHUGEPAGE,
    // Guard pages of thread stacks in newer C libraries (`MADV_GUARD_INSTALL`, `MADV_GUARD_REMOVE`).
    102,
    103,
];

/// Calls allowed with any arguments.
const ALLOWED: &[libc::c_long] = &[
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    // Threads and their locks.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_gettid,
    libc::SYS_getpid,
    // Signals of its own.
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // Time and randomness.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_restart_syscall,
    // The end; closing harms only itself.
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Refused by a filter of its own, see `no_clone3`.
    libc::SYS_clone3,
];

fn architecture() -> Result<TargetArch, Error> {
    TargetArch::try_from(std::env::consts::ARCH).map_err(Error::Backend)
}

fn all(conditions: Vec<Condition>) -> Result<Vec<Rule>, Error> {
    Ok(vec![Rule::new(conditions).map_err(Error::Backend)?])
}

fn one(condition: Condition) -> Result<Rule, Error> {
    Rule::new(vec![condition]).map_err(Error::Backend)
}

fn when(index: u8, length: Len, operation: Op, value: u64) -> Result<Condition, Error> {
    Condition::new(index, length, operation, value).map_err(Error::Backend)
}

fn step(name: &'static str, filter: SeccompFilter) -> Result<Step, Error> {
    let program: BpfProgram = filter.try_into().map_err(Error::Backend)?;
    let mut bytes = Vec::with_capacity(program.len() * 8);
    for instruction in program {
        bytes.extend(instruction.code.to_ne_bytes());
        bytes.extend([instruction.jt, instruction.jf]);
        bytes.extend(instruction.k.to_ne_bytes());
    }
    Ok(Step::new(
        name,
        libc::SYS_seccomp,
        [
            SECCOMP_SET_MODE_FILTER.into(),
            SECCOMP_FILTER_FLAG_TSYNC.into(),
            Argument::Filter(bytes),
        ],
    ))
}

/// `clone3` passes its flags in memory, where no filter can read them. Told that the kernel does not have it, the C
/// library falls back to `clone`.
pub(super) fn no_clone3() -> Result<Step, Error> {
    let filter = SeccompFilter::new(
        BTreeMap::from([(libc::SYS_clone3, vec![])]),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
        architecture()?,
    )
    .map_err(Error::Backend)?;
    step("seccomp clone3", filter)
}

/// The allow-list. A call that is not on it fails with EPERM.
pub(super) fn allow_list() -> Result<Step, Error> {
    let exec = libc::PROT_EXEC as u64;
    let anonymous = libc::MAP_ANONYMOUS as u64;
    let pinned = (libc::MAP_LOCKED | libc::MAP_HUGETLB) as u64;
    let mut rules: BTreeMap<i64, Vec<Rule>> = ALLOWED.iter().map(|call| (*call, vec![])).collect();
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_time, vec![]);
    // Only to the program, and no descriptor but this one is open.
    rules.insert(
        libc::SYS_write,
        all(vec![when(0, Len::Qword, Op::Eq, JOB_DESCRIPTOR)?])?,
    );
    let advice: Result<Vec<Rule>, Error> = ADVICE
        .iter()
        .map(|advice| one(when(2, Len::Dword, Op::Eq, *advice as u64)?))
        .collect();
    rules.insert(libc::SYS_madvise, advice?);
    // New memory only, never of a file, never executable, never locked or of the machine's few huge pages.
    rules.insert(
        libc::SYS_mmap,
        all(vec![
            when(2, Len::Dword, Op::MaskedEq(exec), 0)?,
            when(3, Len::Dword, Op::MaskedEq(anonymous), anonymous)?,
            when(3, Len::Dword, Op::MaskedEq(pinned), 0)?,
        ])?,
    );
    rules.insert(
        libc::SYS_mprotect,
        all(vec![when(2, Len::Dword, Op::MaskedEq(exec), 0)?])?,
    );
    rules.insert(
        libc::SYS_clone,
        all(vec![
            when(0, Len::Qword, Op::MaskedEq(THREAD), THREAD)?,
            when(0, Len::Qword, Op::MaskedEq(NOT_THREAD), 0)?,
        ])?,
    );
    // Arrow names its threads.
    rules.insert(
        libc::SYS_prctl,
        all(vec![when(0, Len::Dword, Op::Eq, libc::PR_SET_NAME as u64)?])?,
    );
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Errno(libc::EPERM as u32),
        SeccompAction::Allow,
        architecture()?,
    )
    .map_err(Error::Backend)?;
    step("seccomp", filter)
}

/// The calls that are allowed when all their arguments are zero, for the test that tries every number.
#[cfg(test)]
pub(super) fn allowed_with_zeros() -> Vec<i64> {
    let mut calls = ALLOWED.to_vec();
    #[cfg(target_arch = "x86_64")]
    calls.push(libc::SYS_time);
    calls.extend([libc::SYS_mprotect, libc::SYS_madvise]);
    calls
}
