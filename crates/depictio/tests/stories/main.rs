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
mod mail;
mod narrowing;
mod operator;
mod people;
mod permissions;
mod personal_tokens;
mod project_limits;
mod public_projects;
mod public_routes;
mod push_pull;
mod push_pull_cut;
mod queries;
mod raw;
mod remote_desk;
mod retention;
mod server;
mod service_accounts;
mod shown_text;
mod signing_in;
mod single_user;
mod sorting;
mod summaries;
mod tls;
mod tokens;
mod uploads;
mod view_as;
