//! `depictio doctor`: what of the security page can be checked on this machine, checked.
//!
//! It reads files and tries things; it needs no running server and disturbs none.

use crate::config::{Config, Loaded};
use crate::house::start_sandbox;
use keys::SigningKey;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It is not built, or there is nothing to check it on yet.
    NotYet,
}

impl State {
    /// In words.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::NotYet => "not yet",
        }
    }
}

/// One claim of the security page, as far as this machine shows it.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    /// Which claim.
    pub(crate) claim: &'static str,
    /// How it came out.
    pub(crate) state: State,
    /// Why.
    pub(crate) why: String,
}

fn check(claim: &'static str, state: State, why: impl Into<String>) -> Check {
    Check {
        claim,
        state,
        why: why.into(),
    }
}

fn holds(claim: &'static str, good: bool, why: impl Into<String>) -> Check {
    check(claim, if good { State::Pass } else { State::Fail }, why)
}

/// Checks everything that can be checked here.
pub(crate) async fn doctor(config: &Config, loaded: &Loaded) -> Vec<Check> {
    let mut checks = tokens(config);
    checks.extend(code_mode(config).await);
    checks.extend(data(config));
    checks.extend(running(config, loaded));
    checks.sort_by_key(|check| check.claim.get(1..).and_then(|n| n.parse::<u32>().ok()));
    checks
}

fn tokens(config: &Config) -> Vec<Check> {
    let made = config.data_dir.join("keys/jwt_private.pem");
    let path = config.jwt_private_key.as_ref().unwrap_or(&made);
    let key = match std::fs::read_to_string(path) {
        Ok(pem) => match SigningKey::from_pem(&pem) {
            Ok(key) => holds(
                "S1",
                is_private(path),
                format!(
                    "{} with {}",
                    key.public().algorithm().as_str(),
                    path.display()
                ),
            ),
            Err(error) => check("S1", State::Fail, format!("{}: {error}", path.display())),
        },
        Err(_) => check("S1", State::NotYet, "the first start makes the key pair"),
    };
    let lifetimes = format!(
        "access tokens live {} min, sessions {} days, {}",
        config.access_lifetime.as_secs() / 60,
        config.refresh_lifetime.as_secs() / 86_400,
        config.jwt_algorithm.as_str()
    );
    vec![key, check("S2", State::Pass, lifetimes)]
}

async fn code_mode(config: &Config) -> Vec<Check> {
    let refused = |code: &str| !sandbox::check(code).is_empty();
    let names = "a check without a run refuses it, also where it is never reached";
    let mut checks = vec![
        holds(
            "S14",
            !refused("import plotly.express as px\nfig = px.bar(df)"),
            "allowed imports pass",
        ),
        holds("S18", refused("if False:\n    open('/etc/passwd')"), names),
        holds("S19", refused("if False:\n    import socket"), names),
        holds("S20", refused("if False:\n    import os"), names),
        holds("S21", refused("if False:\n    eval('1')"), names),
        holds("S22", refused("if False:\n    df.__class__"), names),
    ];
    let status = start_sandbox(config).await.status();
    let layers: Vec<String> = status
        .layers
        .iter()
        .map(|layer| {
            format!(
                "{} {}",
                layer.name,
                if layer.active { "active" } else { "NOT active" }
            )
        })
        .collect();
    let why = match &status.reason {
        None => format!(
            "self-test passed: {}; {} workers, {} runs may wait, a run has {} ms; Python {}",
            layers.join(", "),
            config.code_mode.code_workers,
            config.code_mode.code_queue_runs_max,
            config.code_limits.code_wall_ms_max,
            status.python,
        ),
        Some(reason) => format!("Code Mode is off: {reason}"),
    };
    for claim in ["S12", "S13", "S15", "S16", "S17"] {
        checks.push(holds(claim, status.on, why.clone()));
    }
    checks
}

/// Whether others than the owner and group may read a file.
fn is_private(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o007 == 0)
}

fn first_bytes(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .ok()?
        .take(16)
        .read_to_end(&mut bytes)
        .ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// All files under a directory.
fn files(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root.to_owned()]);
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
        {
            let path = entry.path();
            if path.is_dir() {
                open.push(path)
            } else {
                found.push(path)
            }
        }
    }
    found
}

fn data(config: &Config) -> Vec<Check> {
    let databases = ["depictio.db", "audit.db"].map(|name| config.data_dir.join(name));
    let heads: Vec<Vec<u8>> = databases
        .iter()
        .filter_map(|path| first_bytes(path))
        .collect();
    let metadata = if heads.is_empty() {
        check("S24", State::NotYet, "there is no database yet")
    } else {
        // An SQLite file in the clear starts with its name (SQLite file format, section 1.3.1).
        let sealed = heads
            .iter()
            .all(|head| !head.starts_with(b"SQLite format 3"));
        let why = "the databases are SQLCipher files (MongoDB comes later)";
        holds("S24", sealed, why)
    };
    let objects = files(&config.data_dir.join("objects"));
    let objects = if objects.is_empty() {
        check("S25", State::NotYet, "there is no object yet")
    } else {
        // Parquet starts with PAR1; a Delta log is JSON.
        let clear = objects
            .iter()
            .filter_map(|path| first_bytes(path))
            .filter(|head| head.starts_with(b"PAR1") || head.starts_with(b"{"));
        let clear = clear.count();
        let why = format!("{} objects, {clear} of them in the clear", objects.len());
        holds("S25", clear == 0, why)
    };
    let limits = domain::limits::RequestLimits::default();
    let sizes = format!(
        "uploads {} bytes, queries {} rows and {} ms",
        limits.upload_bytes_max, limits.query_rows_max, limits.query_wall_ms_max
    );
    vec![metadata, objects, check("S31", State::Pass, sizes)]
}

fn running(config: &Config, loaded: &Loaded) -> Vec<Check> {
    let plain = "plain HTTP on this machine only; a network needs TLS or a named TLS proxy";
    let transit = match (&config.tls, config.is_secure()) {
        (Some(_), _) => "TLS 1.2 or newer, served by us".to_owned(),
        (None, true) => "behind a TLS proxy that is named".to_owned(),
        (None, false) => plain.to_owned(),
    };
    let secrets = [
        config.master_key_path.clone(),
        config.data_dir.join("keys/root.key"),
        config.data_dir.join("keys/jwt_private.pem"),
    ];
    let there: Vec<&PathBuf> = secrets.iter().filter(|path| path.exists()).collect();
    let secret_state = if there.is_empty() {
        check("S41", State::NotYet, "the first start makes the keys")
    } else {
        let beside = config.master_key_path.starts_with(&config.data_dir);
        let note = if beside {
            "; the master key lies beside the data it seals: whoever copies the directory has both"
        } else {
            ""
        };
        let why = format!(
            "{} key files, readable by their owner only{note}",
            there.len()
        );
        holds("S41", there.iter().all(|path| is_private(path)), why)
    };
    let log = |key: &str| loaded.get(key).unwrap_or_default().to_owned();
    let logging = format!(
        "LOG_LEVEL={} LOG_FORMAT={} AUDIT_LOG_ENABLED={}",
        log("LOG_LEVEL"),
        log("LOG_FORMAT"),
        log("AUDIT_LOG_ENABLED")
    );
    let served = transit.clone();
    let network = config.tls.is_some() || config.bind.ip().is_loopback() || config.is_secure();
    let mut checks = vec![
        holds("S23", network, transit),
        holds("S38", network, served),
        holds("S37", config.audit_enabled, logging),
        check(
            "S39",
            State::NotYet,
            "this version has no MongoDB or MinIO behind it",
        ),
        check(
            "S40",
            State::NotYet,
            "this version has no internal services",
        ),
        secret_state,
        check(
            "S42",
            State::NotYet,
            "this version ships no Kubernetes files",
        ),
    ];
    for claim in ["S32", "S33", "S34", "S35", "S36"] {
        checks.push(holds(claim, config.audit_enabled, "the audit log is on"));
    }
    checks
}
