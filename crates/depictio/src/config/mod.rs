//! The configuration: every name, where its value came from, and the values in force.
//!
//! A value comes from the environment, from a file that `<NAME>_FILE` names, or from
//! `depictio.toml`, in this order. Secrets never come from `depictio.toml`. What is unknown, twice,
//! or not a value of its kind stops the start with a sentence that names the key.

mod limits;
mod load;
mod names;
mod values;

pub(crate) use load::{Loaded, check_private, is_ours, load};
use names::{NAMES, Name};
pub(crate) use values::{Config, LogFormat};

/// Why the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub(crate) struct ConfigError {
    /// The key at fault.
    pub(crate) key: String,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

impl ConfigError {
    pub(crate) fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
        }
    }
}
