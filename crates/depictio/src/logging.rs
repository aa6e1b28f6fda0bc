//! Log lines for operators: JSON or text on stderr, never a secret, never a cell of a table.

use crate::config::{Config, LogFormat};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging. Libraries are heard from WARN on, since theirs is not what operators look for.
pub(crate) fn start(config: &Config) {
    let own = LevelFilter::from_level(config.log_level);
    let others = own.min(LevelFilter::WARN);
    let crates = [
        "domain",
        "keys",
        "objects",
        "store",
        "audit",
        "access",
        "identity",
        "tables",
        "sandbox",
        "figures",
        "dashboards",
        "operations",
        "api",
        "depictio",
    ];
    let filter = crates
        .iter()
        .fold(Targets::new().with_default(others), |targets, name| {
            targets.with_target(*name, own)
        });
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match config.log_format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(lines.compact()).try_init(),
    };
    if started.is_err() {
        eprintln!("logging was started twice");
    }
}
