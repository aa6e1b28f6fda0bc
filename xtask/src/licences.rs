//! What is linked into the program and shipped with the page: under which licences, and which libraries never.
//!
//! Our own check rather than cargo-deny: it needs nothing installed and nothing fetched. What it cannot do is read
//! the advisory database; that is a soft step of its own (docs/CONTRIBUTING.md).

use crate::metadata::{self, Package};
use crate::{CannotCheck, Findings, read, spdx};
use serde_json::Value;
use std::path::Path;

/// Licences that an Apache-2.0 program may carry, with their texts kept.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "bzip2-1.0.6",
    "blessing",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    // File by file: a change to such a file must be published, our own files are untouched.
    "MPL-2.0",
    "OFL-1.1",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

/// Libraries that must not enter, and why.
const BANNED: &[(&str, &str)] = &[
    (
        "rsa",
        "its private-key operations leak through timing (RUSTSEC-2023-0071)",
    ),
    ("native-tls", "TLS is rustls with aws-lc-rs"),
    ("openssl", "OpenSSL is here only as SQLCipher's libcrypto"),
];

/// Libraries that may be there for one holder only.
const HELD: &[(&str, &str)] = &[
    ("openssl-sys", "libsqlite3-sys"),
    ("openssl-src", "openssl-sys"),
];

/// One copy of each, or types of one do not fit the other.
const SINGLE: &[&str] = &[
    "arrow-array",
    "parquet",
    "datafusion",
    "deltalake",
    "tokio",
    "rustls",
    "object_store",
];

/// Reads the lock file, the packages of this machine's kind and the page's lock file.
pub(crate) fn check(root: &Path) -> Result<(String, Findings), CannotCheck> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let packages = metadata::ask(root, &["--filter-platform", &target])?;
    let foreign: Vec<&Package> = packages.iter().filter(|package| package.foreign).collect();
    let mut found = licence_findings(&foreign);
    found.extend(library_findings(&foreign));
    let lock: Value = serde_json::from_str(&read(&root.join("web/package-lock.json"))?)
        .map_err(|why| CannotCheck(format!("web/package-lock.json is not JSON: {why}")))?;
    let (of_page, page_found) = page_findings(&lock);
    found.extend(page_found);
    let summary = format!(
        "{} crates and {of_page} modules of the page, all under allowed licences",
        foreign.len()
    );
    Ok((summary, found))
}

fn allowed(licence: &str) -> bool {
    ALLOWED.contains(&licence)
}

fn licence_findings(packages: &[&Package]) -> Findings {
    let mut found = Findings::new();
    for package in packages {
        let (name, version) = (&package.name, &package.version);
        match package.licence.as_deref() {
            None => found.push(format!("crate {name} {version} names no licence")),
            Some(licence) if !spdx::is_met(licence, &allowed) => {
                found.push(format!(
                    "crate {name} {version} is under {licence}, which is not allowed"
                ));
            }
            Some(_) => {}
        }
    }
    found
}

fn library_findings(packages: &[&Package]) -> Findings {
    let mut found = Findings::new();
    for (banned, why) in BANNED {
        if packages.iter().any(|package| package.name == *banned) {
            found.push(format!("crate {banned} must not enter: {why}"));
        }
    }
    for (library, holder) in HELD {
        let users = packages
            .iter()
            .filter(|package| package.resolved.iter().any(|name| name == library));
        for user in users.filter(|user| user.name != *holder) {
            found.push(format!(
                "crate {} must not use {library}: it is there for {holder} only",
                user.name
            ));
        }
    }
    for single in SINGLE {
        let copies: Vec<&str> = packages
            .iter()
            .filter(|p| p.name == *single)
            .map(|p| p.version.as_str())
            .collect();
        if copies.len() > 1 {
            found.push(format!(
                "crate {single} is there {} times: {}",
                copies.len(),
                copies.join(", ")
            ));
        }
    }
    found
}

/// What the browser is given: everything in the lock file that is not for development only.
fn page_findings(lock: &Value) -> (usize, Findings) {
    let mut found = Findings::new();
    let mut count = 0;
    for (path, module) in lock
        .get("packages")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let dev = module.get("dev").and_then(Value::as_bool).unwrap_or(false);
        if path.is_empty() || dev {
            continue;
        }
        count += 1;
        let name = path
            .rsplit_once("node_modules/")
            .map_or(path.as_str(), |(_, name)| name);
        match module.get("license").and_then(Value::as_str) {
            Some(licence) if spdx::is_met(licence, &allowed) => {}
            Some(licence) => found.push(format!(
                "module {name} is under {licence}, which is not allowed"
            )),
            None => found.push(format!("module {name} names no licence")),
        }
    }
    if count == 0 {
        found.push("web/package-lock.json names no module".to_owned());
    }
    (count, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn crates(packages: &[(&str, Value, &[&str])]) -> Vec<Package> {
        let list: Vec<_> = packages
            .iter()
            .map(|(name, licence, _)| {
                json!({"id": name, "name": name, "version": "1.0.0", "license": licence, "source": "registry"})
            })
            .collect();
        let nodes: Vec<_> = packages
            .iter()
            .map(|(name, _, on)| json!({"id": name, "dependencies": on}))
            .collect();
        let whole = json!({"packages": list, "resolve": {"nodes": nodes}});
        metadata::parse(whole.to_string().as_bytes()).unwrap()
    }

    fn all(packages: &[(&str, Value, &[&str])]) -> Findings {
        let packages = crates(packages);
        let packages: Vec<&Package> = packages.iter().collect();
        [licence_findings(&packages), library_findings(&packages)].concat()
    }

    #[test]
    fn a_copyleft_or_missing_licence_is_named() {
        assert_eq!(all(&[("good", json!("MIT"), &[])]), Findings::new());
        assert_eq!(
            all(&[
                ("bad", json!("GPL-3.0-only"), &[]),
                ("none", json!(null), &[])
            ])
            .len(),
            2
        );
    }

    #[test]
    fn a_banned_library_does_not_enter() {
        assert_eq!(all(&[("rsa", json!("MIT"), &[])]).len(), 1);
    }

    #[test]
    fn openssl_stays_with_sqlcipher() {
        let sys = ("openssl-sys", json!("MIT"), [].as_slice());
        assert_eq!(
            all(&[
                ("libsqlite3-sys", json!("MIT"), &["openssl-sys"]),
                sys.clone()
            ]),
            Findings::new()
        );
        assert_eq!(
            all(&[("curl", json!("MIT"), &["openssl-sys"]), sys]).len(),
            1
        );
    }

    #[test]
    fn a_second_copy_of_arrow_is_named() {
        let one = ("arrow-array", json!("MIT"), [].as_slice());
        assert_eq!(all(&[one.clone(), one]).len(), 1);
    }

    #[test]
    fn modules_of_the_page_count_unless_for_development() {
        let lock = json!({"packages": {
            "": {},
            "node_modules/a": {"license": "MIT"},
            "node_modules/b": {"license": "GPL-2.0"},
            "node_modules/c": {"license": "GPL-2.0", "dev": true},
        }});
        let (count, found) = page_findings(&lock);
        assert_eq!((count, found.len()), (2, 1));
    }
}
