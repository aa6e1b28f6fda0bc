//! Stories of Code Mode against real workers. They need the Python environment and fail without it, saying how to
//! make it.

mod attacks;
mod legitimate;
mod limits;
mod pool;
mod support;
