//! Stories through HTTP and the command line, told to the real program.

mod client;
mod permissions;
mod server;
