//! The audit log: a closed catalogue of typed events in a hash-chained, append-only journal.
//!
//! An event of a change is durable before the change; an event of a read waits at most 50 ms and in
//! a queue of at most 10,000, and when that bound cannot be kept the read is refused. There is no
//! way to write free text: every event is a variant of [`Kind`] with a [`Detail`] of typed fields.

mod event;
mod read;
mod recorder;
mod verify;

pub use event::{Detail, Event, EventOutcome, Kind, Origin, Target, TargetKind};
pub use read::{EventQuery, Recorded};
pub use recorder::{Audit, AuditError, AuditSettings, Pending};
pub use verify::{Broken, Verified};
