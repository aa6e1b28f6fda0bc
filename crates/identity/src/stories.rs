//! Stories of people and of thieves, on a real store, with a clock that stands still.

mod bench;
mod house;
mod interleave;
mod links;
mod login;
mod memory;
mod model;
mod refresh;
mod sessions;
mod tokens;
mod users;
