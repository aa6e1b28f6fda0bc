//! The pages against the code and against each other: limits, names of the configuration, links.
//!
//! A page that is read by an operator at three in the morning must not name what is not there.

use crate::{CannotCheck, Findings, limits, read};
use std::path::{Path, PathBuf};

/// Where every name of the configuration is declared, and where it is explained.
const NAMES: &str = "crates/depictio/src/config/names.rs";
const OPERATIONS: &str = "docs/operations.md";

/// Compares all pages.
pub(crate) fn check(root: &Path) -> Result<(String, Findings), CannotCheck> {
    let (limits, mut found) = limits::check(root)?;
    let names = declared_names(&read(&root.join(NAMES))?);
    found.extend(name_findings(&names, &read(&root.join(OPERATIONS))?));
    let pages = pages(root)?;
    let mut links = 0;
    for page in &pages {
        let folder = page.parent().unwrap_or(root);
        for link in relative_links(&read(page)?) {
            links += 1;
            if !folder.join(&link).exists() {
                let shown = page.strip_prefix(root).unwrap_or(page).display();
                found.push(format!("{shown} links to {link}, which is not there"));
            }
        }
    }
    let summary = format!(
        "{limits}; {} names of the configuration; {links} links of {} pages",
        names.len(),
        pages.len()
    );
    Ok((summary, found))
}

/// First text argument of each `plain(..)` and `secret(..)`, with the default of the former, on however many lines.
fn declared_names(source: &str) -> Vec<(String, Option<String>)> {
    let mut names = Vec::new();
    for (call, has_default) in [("plain(", true), ("secret(", false)] {
        for rest in source.split(call).skip(1) {
            // The declarations of the two functions themselves have no text there.
            let Some(rest) = rest.trim_start().strip_prefix('"') else {
                continue;
            };
            let mut texts = rest.split('"');
            let Some(name) = texts.next() else { continue };
            let default = texts.nth(1).filter(|text| has_default && !text.is_empty());
            names.push((name.to_owned(), default.map(str::to_owned)));
        }
    }
    names
}

/// Each name is explained in a row of the table that also gives its default; each name in the table is declared.
fn name_findings(names: &[(String, Option<String>)], page: &str) -> Findings {
    let mut found = Findings::new();
    if names.is_empty() {
        found.push(format!("{NAMES} declares no name: has it moved?"));
    }
    for (name, default) in names {
        let row = page
            .lines()
            .find(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        match (row, default) {
            (None, _) => found.push(format!("{OPERATIONS} does not explain {name}")),
            (Some(row), Some(default)) if !row.contains(&format!("`{default}`")) => {
                found.push(format!(
                    "{OPERATIONS} does not give `{default}`, the default of {name}"
                ));
            }
            _ => {}
        }
    }
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    for cell in rows.filter_map(|row| row.split('|').nth(1)) {
        for name in cell.split('`').skip(1).step_by(2) {
            let configured = ["DEPICTIO_", "JWT_", "MINIO_", "LOG_", "MONGODB_", "AUDIT_"];
            let is_name = configured.iter().any(|start| name.starts_with(start));
            if is_name && !names.iter().any(|(declared, _)| declared == name) {
                found.push(format!(
                    "{OPERATIONS} explains {name}, which does not exist"
                ));
            }
        }
    }
    found
}

/// README and its like, docs, and the folders that explain themselves.
fn pages(root: &Path) -> Result<Vec<PathBuf>, CannotCheck> {
    let mut pages = Vec::new();
    for folder in ["", "docs", "demo"] {
        let folder = root.join(folder);
        let entries = std::fs::read_dir(&folder)
            .map_err(|why| CannotCheck(format!("{}: {why}", folder.display())))?;
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        pages.extend(files.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    }
    pages.sort();
    Ok(pages)
}

/// Targets of `[words](target)` in this repository, without the part after `#`.
fn relative_links(page: &str) -> Vec<String> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty() && !target.contains(':'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "plain(\n  \"DEPICTIO_BIND\",\n  \"127.0.0.1:8080\", \"the address\"),\n\
                          secret(\"MONGODB_URI\", \"the server\"),";

    #[test]
    fn a_name_is_explained_with_its_default() {
        let names = declared_names(SOURCE);
        assert_eq!(names.len(), 2);
        let whole = "| `DEPICTIO_BIND` | `127.0.0.1:8080` | x |\n| `MONGODB_URI` | | y |";
        assert_eq!(name_findings(&names, whole), Findings::new());
        assert_eq!(name_findings(&names, &whole.replace("8080", "80")).len(), 1);
        assert_eq!(name_findings(&names, "| `MONGODB_URI` | | y |").len(), 1);
        assert_eq!(
            name_findings(&names, &format!("{whole}\n| `DEPICTIO_PORT` | | z |")).len(),
            1
        );
        assert_eq!(name_findings(&[], "").len(), 1);
    }

    #[test]
    fn links_out_of_the_repository_are_not_followed() {
        let page = "[a](docs/a.md#part) [b](https://x.example) [c](#here) ![d](img/d.png)";
        assert_eq!(relative_links(page), ["docs/a.md", "img/d.png"]);
    }

    /// Claim S44: report privately, with steps and impact, no disclosure before a fix, and these things.
    #[test]
    fn the_page_on_reporting_says_how_and_what() {
        let page = include_str!("../../SECURITY.md").to_lowercase();
        for words in [
            "privately",
            "advisory",
            "maintainers",
            "steps",
            "impact",
            "before a fix",
            "code mode: at once",
            "authentication",
            "authorization",
            "access to data",
            "injection",
            "sql",
            "nosql",
            "command",
            "cross-site scripting",
        ] {
            assert!(page.contains(words), "{words}");
        }
    }
}
