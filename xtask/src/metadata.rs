//! What `cargo metadata` says, cut down to what the checks ask.

use crate::CannotCheck;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// How one package leans on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In the program, or in what builds it.
    Normal,
    /// In tests only.
    Dev,
}

#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The SPDX expression, when the package gives one.
    pub(crate) licence: Option<String>,
    /// From a registry, not from this workspace.
    pub(crate) foreign: bool,
    /// What it declares.
    pub(crate) dependencies: Vec<Dependency>,
    /// The names of what it is really built with; empty when cargo was asked about the workspace alone.
    pub(crate) resolved: Vec<String>,
}

/// Asks cargo, offline and by the lock file, so that the answer is about what is really built.
pub(crate) fn ask(root: &Path, arguments: &[&str]) -> Result<Vec<Package>, CannotCheck> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(arguments)
        .output()
        .map_err(|why| CannotCheck(format!("cargo metadata did not start: {why}")))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(CannotCheck(format!("cargo metadata: {}", words.trim())));
    }
    parse(&output.stdout)
}

/// Reads the JSON of `cargo metadata`.
pub(crate) fn parse(json: &[u8]) -> Result<Vec<Package>, CannotCheck> {
    let whole: Value = serde_json::from_slice(json)
        .map_err(|why| CannotCheck(format!("cargo metadata is not JSON: {why}")))?;
    let packages = whole.get("packages").and_then(Value::as_array);
    let packages =
        packages.ok_or_else(|| CannotCheck("cargo metadata names no packages".to_owned()))?;
    let names: HashMap<&str, &str> = packages
        .iter()
        .filter_map(|package| Some((package.get("id")?.as_str()?, package.get("name")?.as_str()?)))
        .collect();
    let nodes = whole.pointer("/resolve/nodes").and_then(Value::as_array);
    let resolved: HashMap<&str, Vec<String>> = nodes
        .into_iter()
        .flatten()
        .filter_map(|node| {
            let on = node
                .get("dependencies")?
                .as_array()?
                .iter()
                .filter_map(Value::as_str);
            let on = on
                .filter_map(|id| names.get(id))
                .map(|name| (*name).to_owned());
            Some((node.get("id")?.as_str()?, on.collect()))
        })
        .collect();
    packages
        .iter()
        .map(|package| {
            package_of(package, &resolved)
                .ok_or_else(|| CannotCheck("a package without a name".to_owned()))
        })
        .collect()
}

fn package_of(json: &Value, resolved: &HashMap<&str, Vec<String>>) -> Option<Package> {
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let id = json.get("id").and_then(Value::as_str).unwrap_or_default();
    let dependencies = json.get("dependencies").and_then(Value::as_array);
    Some(Package {
        name: text("name")?,
        version: text("version").unwrap_or_default(),
        licence: text("license"),
        foreign: json.get("source").is_some_and(Value::is_string),
        dependencies: dependencies
            .into_iter()
            .flatten()
            .filter_map(dependency_of)
            .collect(),
        resolved: resolved.get(id).cloned().unwrap_or_default(),
    })
}

fn dependency_of(json: &Value) -> Option<Dependency> {
    // A build script runs on our machines, so its libraries count as the program's.
    let kind = match json.get("kind").and_then(Value::as_str) {
        Some("dev") => Kind::Dev,
        _ => Kind::Normal,
    };
    Some(Dependency {
        name: json.get("name")?.as_str()?.to_owned(),
        kind,
    })
}
