//! Stories of Code Mode against real workers. They need the Python environment and fail without it, saying how to
//! make it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, as the tests do"
)]

mod attacks;
mod legitimate;
mod limits;
mod pool;
#[path = "../common/sample.rs"]
mod sample;
mod support;
