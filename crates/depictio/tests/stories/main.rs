//! Stories through HTTP and the command line, told to the real program.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that cannot go on has failed"
)]

mod client;
mod permissions;
mod queries;
mod raw;
mod server;
mod uploads;
