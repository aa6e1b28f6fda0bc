//! Stories of people and of thieves, on a real store, with a clock that stands still.

mod bench;
mod login;
mod model;
mod refresh;
mod sessions;
mod tokens;
mod users;
