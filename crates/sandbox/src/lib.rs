//! Code Mode: runs a person's Python in a process that can reach nothing, and hands back a clean figure.
//!
//! Two walls, each of which must hold alone. The guard (`sandbox/guest/`, RestrictedPython with a policy of our own)
//! decides what a script may name; the kernel ([`wall`], seccomp, Landlock, limits) decides what the process may
//! do. What comes back is untrusted JSON all the same and goes through [`figure`].
//!
//! The way of a run: [`Sandbox::admit`] gives its person's place; [`check`] reads the source without running it;
//! [`Admission::run`] takes a worker that was forked and confined beforehand, hands it the code and the [`Frame`],
//! reads its answer within the limits, and kills it.
//! A worker serves one run.

mod check;
mod conversation;
mod error;
mod figure;
mod frame;
mod guest;
mod launcher;
mod passing;
mod pool;
mod python;
mod status;
mod wall;
mod walls;
mod zygote;

pub use check::{Finding, FindingCode, check, check_within, columns_used};
pub use error::{Place, RunError, StartError};
pub use figure::{SanitiseError, sanitise};
pub use frame::{Frame, FrameError};
pub use launcher::launcher_main;
pub use pool::{Admission, Job, Launcher, Person, Run, Sandbox, Settings};
pub use python::{PythonError, find_python};
pub use status::{Layer, Status};

#[cfg(feature = "one-wall")]
pub use walls::Walls;
