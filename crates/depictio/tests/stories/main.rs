//! Stories through HTTP and the command line, told to the real program.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that cannot go on has failed"
)]

mod access;
mod apply;
mod audit_log;
mod bodies;
mod client;
mod code_desk;
mod code_limits;
mod code_mode;
mod code_record;
mod code_runs;
mod dashboards;
mod exports;
mod filter_text;
mod first_start;
mod formats;
mod headers;
mod isolation;
mod links;
mod narrowing;
mod operator;
mod people;
mod permissions;
mod personal_tokens;
mod queries;
mod raw;
mod server;
mod shown_text;
mod signing_in;
mod summaries;
mod tls;
mod tokens;
mod uploads;
mod view_as;
