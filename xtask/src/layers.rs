//! The floors of the house: which crate may lean on which, and which may hold a library that decides its room.
//!
//! The list is the decision. An edge that is not written here does not land, whatever a `Cargo.toml` says;
//! writing one here is the moment to ask whether the wall should move.

use crate::metadata::{self, Kind, Package};
use crate::{CannotCheck, Findings};
use std::path::Path;

/// One crate, what it may lean on, and what its tests may lean on beyond that.
struct Room {
    name: &'static str,
    leans_on: &'static [&'static str],
    tests_also: &'static [&'static str],
}

const fn room(
    name: &'static str,
    leans_on: &'static [&'static str],
    tests_also: &'static [&'static str],
) -> Room {
    Room {
        name,
        leans_on,
        tests_also,
    }
}

/// From the ground up: each leans only on what stands above it in this list.
const HOUSE: &[Room] = &[
    room("domain", &[], &[]),
    room("keys", &["domain"], &[]),
    room("objects", &["domain", "keys"], &[]),
    room("store", &["domain", "keys"], &[]),
    room("audit", &["domain", "keys", "store"], &[]),
    room("access", &["domain", "store", "audit"], &["keys"]),
    room(
        "identity",
        &["domain", "keys", "store", "audit", "access"],
        &[],
    ),
    room(
        "tables",
        &["domain", "keys", "objects", "access"],
        &["store", "audit"],
    ),
    room("sandbox", &["domain"], &[]),
    room("figures", &["domain"], &[]),
    room(
        "dashboards",
        &["domain", "access", "tables", "figures", "sandbox"],
        &["keys", "objects", "store", "audit"],
    ),
    room(
        "operations",
        &[
            "domain",
            "keys",
            "objects",
            "store",
            "audit",
            "access",
            "identity",
            "tables",
            "figures",
            "sandbox",
            "dashboards",
        ],
        &[],
    ),
    room(
        "api",
        &[
            "domain",
            "keys",
            "audit",
            "access",
            "identity",
            "tables",
            "figures",
            "sandbox",
            "dashboards",
            "operations",
        ],
        &["store", "objects"],
    ),
    room(
        "depictio",
        &[
            "domain",
            "keys",
            "objects",
            "store",
            "audit",
            "access",
            "identity",
            "tables",
            "figures",
            "sandbox",
            "dashboards",
            "operations",
            "api",
        ],
        &[],
    ),
    room("xtask", &["domain"], &[]),
];

/// A library that belongs to a room, by name or by the beginning of its name, and the rooms that may hold it.
struct Held {
    library: &'static str,
    by: &'static [&'static str],
    because: &'static str,
}

const fn held(library: &'static str, by: &'static [&'static str], because: &'static str) -> Held {
    Held {
        library,
        by,
        because,
    }
}

/// A trailing `*` stands for any ending.
const LIBRARIES: &[Held] = &[
    held(
        "deltalake*",
        &["tables"],
        "who links DataFusion builds for minutes",
    ),
    held(
        "datafusion*",
        &["tables"],
        "who links DataFusion builds for minutes",
    ),
    held("parquet", &["tables"], "file formats are read in one room"),
    held(
        "object_store",
        &["objects", "tables"],
        "a data location is derived in one room",
    ),
    held("rusqlite", &["store"], "SQL is spoken in one room"),
    held("mongodb", &["store"], "documents are stored in one room"),
    held(
        "aws-lc-rs",
        &["keys", "objects"],
        "cryptography is used through `keys`; `objects` alone seals streams, chunk by chunk",
    ),
    held("argon2", &["identity"], "passwords are handled in one room"),
    held(
        "jsonwebtoken",
        &["identity"],
        "tokens are handled in one room",
    ),
    held(
        "landlock",
        &["sandbox"],
        "confinement is applied in one room",
    ),
    held(
        "seccompiler",
        &["sandbox"],
        "confinement is applied in one room",
    ),
    held(
        "axum*",
        &["api", "depictio"],
        "HTTP ends at `api`; the binary opens its listeners",
    ),
    held("tower-http", &["api"], "HTTP ends at `api`"),
    held("rust-embed", &["api"], "the page is served by `api`"),
    held(
        "reqwest",
        &["depictio"],
        "the commands reach out; a server that does can be sent anywhere",
    ),
    held(
        "clap",
        &["depictio"],
        "the command line is read by the binary",
    ),
];

/// Rooms of plain data and computation: no async runtime, no HTTP, no disk.
const PURE: &[&str] = &["domain", "keys", "figures"];
const NOT_IN_PURE: &[&str] = &[
    "tokio", "futures", "hyper", "http", "reqwest", "tempfile", "rustix",
];

/// Reads the workspace and reports every edge that is not allowed.
pub(crate) fn check(root: &Path) -> Result<(String, Findings), CannotCheck> {
    let packages = metadata::ask(root, &["--no-deps"])?;
    let edges: usize = packages
        .iter()
        .map(|package| inner(&packages, package).count())
        .sum();
    let summary = format!(
        "{} crates and {edges} edges between them, all allowed",
        packages.len()
    );
    Ok((summary, findings(&packages)))
}

fn inner<'a>(
    all: &'a [Package],
    of: &'a Package,
) -> impl Iterator<Item = &'a metadata::Dependency> {
    of.dependencies
        .iter()
        .filter(|d| all.iter().any(|package| package.name == d.name))
}

fn findings(packages: &[Package]) -> Findings {
    let mut found = Findings::new();
    for package in packages {
        let Some(room) = HOUSE.iter().find(|room| room.name == package.name) else {
            found.push(format!(
                "`{}` is not in the list of crates: say in layers.rs where it stands",
                package.name
            ));
            continue;
        };
        for dependency in inner(packages, package) {
            let name = dependency.name.as_str();
            // A crate's tests may ask for more of itself: `sandbox` with one of its walls left out.
            let in_tests = room.tests_also.contains(&name) || room.name == name;
            let allowed = room.leans_on.contains(&name) || dependency.kind == Kind::Dev && in_tests;
            if !allowed {
                let tests = if dependency.kind == Kind::Dev {
                    " in its tests"
                } else {
                    ""
                };
                found.push(format!(
                    "`{}` must not lean on `{name}`{tests}",
                    package.name
                ));
            }
        }
        for dependency in &package.dependencies {
            found.extend(library_finding(&package.name, dependency));
        }
    }
    found
}

fn library_finding(holder: &str, dependency: &metadata::Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    let held = LIBRARIES
        .iter()
        .find(|held| match held.library.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == held.library,
        });
    if let Some(held) = held {
        let at_home = held.by.contains(&holder);
        if !at_home && dependency.kind == Kind::Normal {
            return Some(format!(
                "`{holder}` must not use `{name}`: {}",
                held.because
            ));
        }
    }
    let impure =
        PURE.contains(&holder) && NOT_IN_PURE.contains(&name) && dependency.kind == Kind::Normal;
    impure.then(|| format!("`{holder}` must not use `{name}`: it computes and does no I/O"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(edges: &[(&str, &str, Option<&str>)]) -> Vec<Package> {
        let packages: Vec<_> = HOUSE
            .iter()
            .map(|room| {
                let dependencies: Vec<_> = edges
                    .iter()
                    .filter(|(from, ..)| *from == room.name)
                    .map(|(_, to, kind)| serde_json::json!({"name": to, "kind": kind, "source": null}))
                    .collect();
                serde_json::json!({"name": room.name, "version": "0.1.0", "source": null, "dependencies": dependencies})
            })
            .collect();
        metadata::parse(
            serde_json::json!({"packages": packages})
                .to_string()
                .as_bytes(),
        )
        .unwrap()
    }

    #[test]
    fn tables_must_not_import_api() {
        assert_eq!(
            findings(&workspace(&[("tables", "domain", None)])),
            Findings::new()
        );
        assert_eq!(
            findings(&workspace(&[("tables", "api", None)])),
            ["`tables` must not lean on `api`"]
        );
    }

    #[test]
    fn an_edge_of_tests_is_a_decision_too() {
        assert_eq!(
            findings(&workspace(&[("api", "store", Some("dev"))])),
            Findings::new()
        );
        assert_eq!(
            findings(&workspace(&[("api", "store", None)])),
            ["`api` must not lean on `store`"]
        );
        assert_eq!(
            findings(&workspace(&[("figures", "tables", Some("dev"))])),
            ["`figures` must not lean on `tables` in its tests"]
        );
    }

    #[test]
    fn only_tables_holds_datafusion() {
        assert_eq!(
            findings(&workspace(&[("tables", "deltalake", None)])),
            Findings::new()
        );
        for library in [
            "deltalake",
            "deltalake-core",
            "datafusion",
            "datafusion-expr",
        ] {
            let found = findings(&workspace(&[("dashboards", library, None)]));
            assert_eq!(found.len(), 1, "{library}: {found:?}");
        }
    }

    #[test]
    fn plain_rooms_stay_plain() {
        for room in PURE {
            assert_eq!(findings(&workspace(&[(room, "tokio", None)])).len(), 1);
        }
        assert_eq!(
            findings(&workspace(&[("access", "tokio", None)])),
            Findings::new()
        );
    }

    #[test]
    fn a_crate_nobody_decided_about_is_refused() {
        let json = br#"{"packages": [{"name": "utils", "version": "0.1.0", "dependencies": []}]}"#;
        assert_eq!(findings(&metadata::parse(json).unwrap()).len(), 1);
    }

    #[test]
    fn nothing_leans_upwards_in_the_list_itself() {
        for (floor, room) in HOUSE.iter().enumerate() {
            for below in room.leans_on {
                let stands = HOUSE.iter().position(|other| other.name == *below).unwrap();
                assert!(
                    stands < floor,
                    "{} leans on {below}, which stands above it",
                    room.name
                );
            }
        }
    }

    #[test]
    fn only_the_named_rooms_reach_the_store() {
        let holders: Vec<_> = HOUSE
            .iter()
            .filter(|room| room.leans_on.contains(&"store"))
            .map(|room| room.name)
            .collect();
        assert_eq!(
            holders,
            ["audit", "access", "identity", "operations", "depictio"]
        );
    }
}
