//! `depictio push` and `depictio pull`: tables to a server and back, over HTTP.
//!
//! They are a client like any other. They run on any machine, need no data directory, and may what their token may.
//! This file is their one gate to the terminal: whatever a name or a problem has in it, it stays text on one line.

mod answer;
mod body;
mod find;
mod place;
mod progress;
mod pull;
mod push;
mod server;
mod shown;

pub(crate) use pull::Pull;
pub(crate) use push::Push;

use crate::config::Config;
use server::Server;
use std::io::Write as _;

/// Sends files, which become one version, and says which.
///
/// # Errors
/// One sentence.
pub(crate) async fn push(config: &Config, wanted: Push) -> Result<(), String> {
    let said = match Server::of(config) {
        Ok(server) => wanted.send(&server).await,
        Err(error) => Err(error),
    };
    let said = said.map_err(|error| shown::line(&error))?;
    crate::print(&shown::line(&said))
}

/// Fetches a version as a file, and says which: beside the file when that is standard output.
///
/// # Errors
/// One sentence.
pub(crate) async fn pull(config: &Config, wanted: Pull) -> Result<(), String> {
    let beside = wanted.is_to_stdout();
    let said = match Server::of(config) {
        Ok(server) => wanted.fetch(&server).await,
        Err(error) => Err(error),
    };
    let Some(said) = said.map_err(|error| shown::line(&error))? else {
        return Ok(());
    };
    let said = shown::line(&said);
    if beside {
        let _ = writeln!(std::io::stderr(), "{said}");
        return Ok(());
    }
    crate::print(&said)
}
