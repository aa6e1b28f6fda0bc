//! Which walls stand. The product knows both and nothing else; leaving one out, to show that the other holds alone, is
//! a feature that the product is built without.

use std::collections::BTreeMap;

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

    /// The guest's modules by name: as they are, or for a trial with a stand-in for the guard that runs plain Python,
    /// and without the kernel's wall with a worker that tells what was loaded late.
    #[cfg_attr(
        not(feature = "one-wall"),
        expect(unused_variables, reason = "the product changes nothing")
    )]
    pub(crate) fn change(self, modules: &mut BTreeMap<&str, &str>) {
        #[cfg(feature = "one-wall")]
        {
            if !self.guard() {
                let unguarded = include_str!("../../../sandbox/guest/trial/unguarded.py");
                modules.insert("guard", unguarded);
            }
            if !self.kernel()
                && let Some(worker) = modules.remove("worker")
            {
                modules.insert("product_worker", worker);
                let watching = include_str!("../../../sandbox/guest/trial/watching.py");
                modules.insert("worker", watching);
            }
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
