//! docs/limits.md is printed from the limits in force, so that an operator never reads a number that is not.

use crate::{CannotCheck, Findings, read};
use domain::limits::{
    AuditLimits, CodeLimits, CodeModeLimits, IdentityLimits, ProjectLimits, RequestLimits,
    StorageLimits,
};
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "# Limits

Every limit with its unit in its name. This page is printed from `crates/domain/src/limits.rs` by
`cargo xtask write-limits`; the tests fail when it says anything else. Those with a key can be set by it, in the
environment or in `depictio.toml`; the owner of a project may lower the first five for that project.
";

/// Compares the page with the code.
pub(crate) fn check(root: &Path) -> Result<(String, Findings), CannotCheck> {
    let (page, count) = printed();
    let mut found = Findings::new();
    if read(&root.join("docs/limits.md")).unwrap_or_default() != page {
        found.push("docs/limits.md is not what the code says: cargo xtask write-limits".to_owned());
    }
    Ok((format!("{count} limits, as docs/limits.md says"), found))
}

/// Writes the page.
pub(crate) fn write(root: &Path) -> Result<(String, Findings), CannotCheck> {
    let (page, count) = printed();
    let path = root.join("docs/limits.md");
    std::fs::write(&path, page).map_err(|why| CannotCheck(format!("{}: {why}", path.display())))?;
    Ok((
        format!("{count} limits written to docs/limits.md"),
        Findings::new(),
    ))
}

fn printed() -> (String, usize) {
    let groups = [
        ("One run of code", CodeLimits::table()),
        ("All runs of code together", CodeModeLimits::table()),
        ("One request", RequestLimits::table()),
        ("One project", ProjectLimits::table()),
        ("The disk", StorageLimits::table()),
        ("Signing in", IdentityLimits::table()),
        ("The audit log", AuditLimits::table()),
    ];
    let mut page = HEAD.to_owned();
    let mut count = 0;
    for (title, rows) in groups {
        let settings = rows.iter().any(|(name, ..)| is_setting(name));
        let (key, rule) = if settings {
            (" key |", "---|")
        } else {
            ("", "")
        };
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "\n## {title}\n\n| limit |{key} default | meaning |\n|---|{rule}---:|---|\n"
        );
        for (name, value, meaning) in rows {
            count += 1;
            let key = if settings {
                format!(" `DEPICTIO_{}` |", name.to_uppercase())
            } else {
                String::new()
            };
            let value = readable(name, value);
            let _ = writeln!(page, "| `{name}` |{key} {value} | {meaning} |");
        }
    }
    (page, count)
}

/// Whether the operator may set it, by the key of the same name.
fn is_setting(name: &str) -> bool {
    domain::limits::settable(name).is_some()
}

/// A number of bytes as the power of two it was chosen as, any other with its thousands apart.
fn readable(name: &str, value: u64) -> String {
    for (unit, bits) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] {
        let size = 1_u64 << bits;
        if name.contains("bytes") && value >= size && value.is_multiple_of(size) {
            return format!("{value} ({} {unit})", value / size);
        }
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_they_were_chosen() {
        assert_eq!(readable("upload_bytes_max", 2 << 30), "2147483648 (2 GiB)");
        assert_eq!(readable("code_source_bytes_max", 50_000), "50000");
        assert_eq!(readable("query_rows_max", 1024), "1024");
    }

    #[test]
    fn every_limit_names_its_unit() {
        let units = [
            "bytes",
            "ms",
            "rows",
            "files",
            "columns",
            "collections",
            "accounts",
            "hours",
            "invitations",
            "filters",
            "values",
            "conditions",
            "points",
            "groups",
            "items",
            "markers",
            "components",
            "chars",
            "failures",
            "principals",
            "sessions",
            "tokens",
            "days",
            "seconds",
            "events",
            "depth",
            "workers",
            "runs",
        ];
        for (name, ..) in [
            CodeLimits::table(),
            CodeModeLimits::table(),
            RequestLimits::table(),
            ProjectLimits::table(),
            StorageLimits::table(),
            IdentityLimits::table(),
            AuditLimits::table(),
        ]
        .concat()
        {
            assert!(units.iter().any(|unit| name.contains(unit)), "{name}");
        }
    }
}
