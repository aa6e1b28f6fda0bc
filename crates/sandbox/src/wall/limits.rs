//! Resource limits of a worker (`setrlimit`).

use domain::limits::CodeLimits;

use super::{Argument, Step};

/// Arrow and the worker's own answer need some room beside the data: buffers of the channel, the figure as text.
const WORKER_SLACK_BYTES: u64 = 128 << 20;

/// 0 to 2 are the null device, 3 the job's socket; the rest is for the ruleset and the frame, one at a time.
const DESCRIPTORS: u64 = 8;

fn limit(name: &'static str, resource: libc::__rlimit_resource_t, soft: u64, hard: u64) -> Step {
    let mut bytes = soft.to_ne_bytes().to_vec();
    bytes.extend(hard.to_ne_bytes());
    Step::new(
        name,
        libc::SYS_prlimit64,
        [
            0.into(),
            Argument::Number(i64::from(resource)),
            Argument::Bytes(bytes),
            0.into(),
        ],
    )
}

/// A write to any file, wherever a descriptor might come from, is a signal.
pub(super) fn no_files_written() -> Step {
    limit("file size", libc::RLIMIT_FSIZE, 0, 0)
}

/// No image of the worker's memory, which holds the data, on any disk.
pub(super) fn no_core() -> Step {
    limit("core size", libc::RLIMIT_CORE, 0, 0)
}

/// A handful of descriptors.
pub(super) fn few_descriptors() -> Step {
    limit("descriptors", libc::RLIMIT_NOFILE, DESCRIPTORS, DESCRIPTORS)
}

/// Address space: the interpreter as it is, the frame, and what the limits grant beyond.
pub(super) fn memory(interpreter_bytes: u64, frame_bytes: u64, limits: &CodeLimits) -> Step {
    let total = interpreter_bytes
        .saturating_add(frame_bytes)
        .saturating_add(WORKER_SLACK_BYTES)
        .saturating_add(limits.code_memory_extra_bytes_max);
    limit("memory", libc::RLIMIT_AS, total, total)
}

/// What a worker may have spent on touching its memory while it waited.
const WAITING_MS_MAX: u64 = 500;

/// Processor time in whole seconds, the kernel's unit, beside what the worker took before. At the first bound the kernel
/// sends SIGXCPU, a second later SIGKILL.
pub(super) fn processor(limits: &CodeLimits, used_ms: u64) -> Step {
    let seconds = limits
        .code_cpu_ms_max
        .saturating_add(used_ms)
        .saturating_add(WAITING_MS_MAX)
        .div_ceil(1000)
        .max(1);
    limit("processor time", libc::RLIMIT_CPU, seconds, seconds + 1)
}
