//! The second wall: what the kernel lets a worker do, decided here as a flat list of system calls.
//!
//! The worker is a Python process and makes these calls itself, in this order, before it sees any code: a process
//! can only give up its own rights. What to give up, with which numbers, is decided here and nowhere else, one
//! mechanism per file. A step that the kernel refuses ends the worker.

pub(crate) mod attempts;
pub(crate) mod landlock;
pub(crate) mod limits;
pub(crate) mod process;
pub(crate) mod seccomp;
#[cfg(test)]
mod sweep;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::limits::CodeLimits;
use serde::{Serialize, Serializer};

/// One system call of the wall.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Step {
    /// What it is for, in the words of an error message.
    pub(crate) name: &'static str,
    /// The call's number on this architecture.
    pub(crate) number: i64,
    /// Its arguments.
    pub(crate) arguments: Vec<Argument>,
}

/// An argument of a [`Step`].
#[derive(Debug, Clone)]
pub(crate) enum Argument {
    /// A plain number.
    Number(i64),
    /// The last descriptor that an earlier step returned.
    Result,
    /// The address of these bytes.
    Bytes(Vec<u8>),
    /// The address of a seccomp program made of these bytes.
    Filter(Vec<u8>),
}

impl Serialize for Argument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Result => serializer.serialize_str("result"),
            Self::Bytes(bytes) => ("bytes", STANDARD.encode(bytes)).serialize(serializer),
            Self::Filter(bytes) => ("filter", STANDARD.encode(bytes)).serialize(serializer),
        }
    }
}

impl Step {
    /// A step from its parts.
    pub(crate) fn new<const N: usize>(
        name: &'static str,
        number: libc::c_long,
        arguments: [Argument; N],
    ) -> Self {
        Self {
            name,
            number,
            arguments: arguments.into(),
        }
    }
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Argument {
    fn from(number: i32) -> Self {
        Self::Number(i64::from(number))
    }
}

/// What a worker gives up right after it was forked, before it warms up and waits. Descriptors are closed before
/// the first of these.
pub(crate) fn confine(landlock_abi: Option<u32>) -> Vec<Step> {
    let mut steps = vec![
        limits::no_files_written(),
        limits::no_core(),
        limits::few_descriptors(),
        process::no_new_privileges(),
        process::no_capabilities(),
        process::end_with_parent(),
        process::not_dumpable(),
        process::yield_to_server(),
    ];
    if let Some(abi) = landlock_abi {
        steps.extend(landlock::no_rule(abi));
    }
    steps
}

/// For a trial without the kernel's wall: nothing is given up, but no process of a trial outlives it.
pub(crate) fn confine_nothing() -> Vec<Step> {
    vec![limits::no_core(), process::end_with_parent()]
}

/// The filters, compiled once: they are the same for every run.
static FILTERS: LazyLock<Result<[Step; 2], String>> = LazyLock::new(|| {
    let filters = seccomp::no_clone3().and_then(|first| Ok([first, seccomp::allow_list()?]));
    filters.map_err(|error| error.to_string())
});

/// What a worker gives up when it holds its job and has not looked at the code yet.
///
/// # Errors
/// A filter that cannot be compiled for this architecture.
pub(crate) fn seal(
    limits: &CodeLimits,
    interpreter_bytes: u64,
    frame_bytes: u64,
    used_ms: u64,
) -> Result<Vec<Step>, String> {
    let mut steps = limits_only(limits, interpreter_bytes, frame_bytes, used_ms);
    steps.extend(FILTERS.clone()?);
    Ok(steps)
}

/// The limits alone, for a trial without the kernel's wall.
pub(crate) fn limits_only(
    limits: &CodeLimits,
    interpreter_bytes: u64,
    frame_bytes: u64,
    used_ms: u64,
) -> Vec<Step> {
    vec![
        limits::memory(interpreter_bytes, frame_bytes, limits),
        limits::processor(limits, used_ms),
    ]
}
