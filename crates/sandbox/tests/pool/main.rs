//! The pool with real workers: people in turn, a zygote that dies, columns left out. They need the Python environment
//! and fail without it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, as the tests do"
)]

mod columns;
mod dropped;
mod harness;
mod people;
mod restart;
#[path = "../common/sample.rs"]
mod sample;
