//! Stories about tables, on real files under a sealed store. One binary, since each that links the
//! engine is large.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "tests"
)]

mod arriving;
mod aside;
mod bad_input;
mod columnar;
mod deep;
mod exports;
mod expressions;
mod filters;
mod formats;
mod frames;
mod groups;
mod hidden;
mod hostile;
mod order;
mod random;
mod shapes;
mod sharing;
mod small_files;
mod sorted_copies;
mod support;
mod uncertain;
mod upserts;
mod versions;
mod workbooks;
