//! Which walls stand. The product knows both and nothing else; leaving one out, to show that the other holds alone, is
//! a feature that the product is built without.

use serde_json::Value;

use crate::figure::{self, SanitiseError};

/// Which walls stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    not(feature = "one-wall"),
    expect(unreachable_pub, reason = "exported for trials only")
)]
pub enum Walls {
    /// Both, as in the product.
    #[default]
    Both,
    /// The guard without the kernel's part (limits of time and memory stay).
    #[cfg(feature = "one-wall")]
    Guard,
    /// The kernel without the guard: the script runs as plain Python.
    #[cfg(feature = "one-wall")]
    Kernel,
    /// Neither: plain Python under limits of time and memory, to show what an attack does when nothing stops it.
    #[cfg(feature = "one-wall")]
    None,
}

impl Walls {
    /// Whether workers confine themselves.
    pub(crate) fn kernel(self) -> bool {
        match self {
            Self::Both => true,
            #[cfg(feature = "one-wall")]
            Self::Kernel => true,
            #[cfg(feature = "one-wall")]
            Self::Guard | Self::None => false,
        }
    }

    /// Whether the source is checked and compiled by RestrictedPython.
    pub(crate) fn guard(self) -> bool {
        match self {
            Self::Both => true,
            #[cfg(feature = "one-wall")]
            Self::Guard => true,
            #[cfg(feature = "one-wall")]
            Self::Kernel | Self::None => false,
        }
    }

    /// The guard's module, or for trials without it the stand-in that runs plain Python.
    pub(crate) fn guard_module(self, source: &'static str) -> &'static str {
        match self {
            Self::Both => source,
            #[cfg(feature = "one-wall")]
            Self::Guard => source,
            #[cfg(feature = "one-wall")]
            Self::Kernel | Self::None => include_str!("../../../sandbox/guest/trial/unguarded.py"),
        }
    }

    /// The figure of an answer. A wall that stands alone is judged by what it lets out itself, so only both together
    /// have the sanitiser behind them.
    pub(crate) fn figure(self, body: &[u8]) -> Result<Value, SanitiseError> {
        match self {
            Self::Both => figure::sanitise(body),
            #[cfg(feature = "one-wall")]
            Self::Guard | Self::Kernel | Self::None => {
                serde_json::from_slice(body).map_err(|_| SanitiseError::Json)
            }
        }
    }
}
