//! Landlock of a worker: a ruleset that handles everything and allows nothing.
//!
//! Written as bare calls because the worker makes them; the launcher's own ruleset, which does allow paths, is made
//! with the `landlock` crate.

use super::{Argument, Step};

/// Rights on files by the version of the kernel's interface that brought them (`linux/landlock.h`).
fn file_rights(abi: u32) -> u64 {
    let bits = match abi {
        0 | 1 => 13,
        2 => 14,
        3 | 4 => 15,
        _ => 16,
    };
    (1_u64 << bits) - 1
}

/// The interface's version of this kernel, when it has Landlock and it is switched on.
#[expect(unsafe_code, reason = "asking for the version is a bare system call")]
pub(crate) fn detect() -> Option<u32> {
    const VERSION: u32 = 1;
    // SAFETY: with this flag the kernel reads no memory: the attribute is null and its size zero, as it requires.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<u8>(),
            0_usize,
            VERSION,
        )
    };
    u32::try_from(version).ok().filter(|version| *version > 0)
}

/// Makes the ruleset, takes it on, closes its descriptor.
pub(super) fn no_rule(abi: u32) -> Vec<Step> {
    let mut attribute = file_rights(abi).to_ne_bytes().to_vec();
    if abi >= 4 {
        // TCP: bind and connect.
        attribute.extend(0b11_u64.to_ne_bytes());
    }
    if abi >= 6 {
        // Scoped: abstract sockets and signals of processes outside.
        attribute.extend(0b11_u64.to_ne_bytes());
    }
    let size = i64::try_from(attribute.len()).unwrap_or_default();
    vec![
        Step::new(
            "landlock ruleset",
            libc::SYS_landlock_create_ruleset,
            [Argument::Bytes(attribute), size.into(), 0.into()],
        ),
        Step::new(
            "landlock",
            libc::SYS_landlock_restrict_self,
            [Argument::Result, 0.into()],
        ),
        Step::new("landlock descriptor", libc::SYS_close, [Argument::Result]),
    ]
}
