//! Checks of the workspace itself: what a compiler cannot see and a reviewer forgets.
//!
//!     cargo xtask check-layers              edges between crates, and who may hold which library
//!     cargo xtask check-licences            licences of everything linked, and libraries that must not enter
//!     cargo xtask check-claims [--ran LOG]  docs/security.md: each claim has a state, a how, and tests that exist
//!     cargo xtask check-documents           limits, names of the configuration and links, against the code
//!     cargo xtask write-limits              writes docs/limits.md
//!     cargo xtask reference DIR             the tables that speed is measured on (benches/reference/README.md)
//!
//! All of them work offline; the checks answer within a second.

mod claims;
mod documents;
mod layers;
mod licences;
mod limits;
mod metadata;
mod reference;
mod spdx;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is wrong, one sentence each; nothing wrong when empty.
type Findings = Vec<String>;

/// A check that could not be carried out, which is not the same as one that found something.
#[derive(Debug)]
struct CannotCheck(String);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = workspace_root();
    let (what, outcome) = match words.as_slice() {
        ["check-layers"] => ("layers", layers::check(&root)),
        ["check-licences"] => ("licences", licences::check(&root)),
        ["check-claims"] => ("claims", claims::check(&root, None)),
        ["check-claims", "--ran", log] => ("claims", claims::check(&root, Some(Path::new(log)))),
        ["check-documents"] => ("documents", documents::check(&root)),
        ["write-limits"] => ("limits", limits::write(&root)),
        ["reference", order @ ..] => {
            let made = reference::Order::parse(order).and_then(|order| reference::write(&order));
            ("reference", made)
        }
        _ => {
            eprintln!(
                "usage: cargo xtask check-layers | check-licences | check-claims [--ran LOG] | check-documents | write-limits | reference DIR [--scale S] [--seed N]"
            );
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok((summary, findings)) if findings.is_empty() => {
            println!("{what}: {summary}");
            ExitCode::SUCCESS
        }
        Ok((_, findings)) => {
            for finding in &findings {
                eprintln!("{what}: {finding}");
            }
            eprintln!("{what}: {} to put right", findings.len());
            ExitCode::FAILURE
        }
        Err(CannotCheck(why)) => {
            eprintln!("{what}: could not be done: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The folder above `xtask/`, wherever the command was started.
fn workspace_root() -> PathBuf {
    // Asked at run time where cargo says it: clones share a target directory, and this binary may have
    // been built in another one.
    let here = std::env::var("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let here = Path::new(&here);
    here.parent().unwrap_or(here).to_path_buf()
}

fn read(path: &Path) -> Result<String, CannotCheck> {
    std::fs::read_to_string(path).map_err(|why| CannotCheck(format!("{}: {why}", path.display())))
}
