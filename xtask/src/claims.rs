//! Keeps docs/security.md honest: each claim of the page has a state, one sentence how, and tests that are there.
//!
//! A claim reads, under its heading `### S7`:
//!
//!     the claim, in the page's words
//!
//!     **kept.** One sentence on how, or what is missing.
//!
//!     Tests: `crates/domain/src/matrix.rs` `the_matrix_is_the_page`; `web/e2e/story.mjs` `invite a viewer`
//!
//! A claim that is kept or partly kept names at least one test. With the output of a test run, the named tests must
//! have passed in it, so that an ignored or a never compiled one does not count.

use crate::{CannotCheck, Findings, read};
use std::collections::HashSet;
use std::path::Path;

/// The page's claims are numbered S1 to S44.
const CLAIMS: u32 = 44;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Kept,
    Partly,
    NotYet,
}

/// A test by the file it is in and its name: a Rust function, or the words of a test of the page or the story.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    file: String,
    name: String,
}

#[derive(Debug)]
struct Claim {
    number: u32,
    state: Option<State>,
    how: String,
    tests: Vec<Named>,
    /// Words on the `Tests:` line that are no pair of file and name.
    unread: bool,
}

/// Reads docs/security.md and, when given, the output of a test run.
pub(crate) fn check(root: &Path, ran: Option<&Path>) -> Result<(String, Findings), CannotCheck> {
    let claims = parse(&read(&root.join("docs/security.md"))?);
    let mut found = shape_findings(&claims);
    let log = ran.map(read).transpose()?;
    let passed = log.as_deref().map(passed_names);
    for claim in &claims {
        for test in &claim.tests {
            let source = std::fs::read_to_string(root.join(&test.file)).ok();
            found.extend(test_finding(
                claim.number,
                test,
                source.as_deref(),
                passed.as_ref(),
            ));
        }
    }
    let count = |state| {
        claims
            .iter()
            .filter(|claim| claim.state == Some(state))
            .count()
    };
    let tests: usize = claims.iter().map(|claim| claim.tests.len()).sum();
    let summary = format!(
        "{} claims: {} kept, {} partly, {} not yet; {tests} tests named, all there{}",
        claims.len(),
        count(State::Kept),
        count(State::Partly),
        count(State::NotYet),
        if passed.is_some() { " and passed" } else { "" }
    );
    Ok((summary, found))
}

fn parse(page: &str) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for line in page.lines() {
        if line.starts_with('#') {
            let number = line
                .strip_prefix("### S")
                .and_then(|rest| rest.trim().parse().ok());
            // Any other heading ends the claim above it; number 0 is dropped below.
            claims.push(Claim {
                number: number.unwrap_or(0),
                state: None,
                how: String::new(),
                tests: Vec::new(),
                unread: false,
            });
        }
        let Some(claim) = claims.last_mut() else {
            continue;
        };
        if let Some((state, how)) = state_line(line) {
            claim.state = Some(state);
            how.trim().clone_into(&mut claim.how);
        } else if let Some(list) = line.strip_prefix("Tests:") {
            (claim.tests, claim.unread) = test_list(list);
        }
    }
    claims.retain(|claim| claim.number > 0);
    claims
}

fn state_line(line: &str) -> Option<(State, &str)> {
    let (word, how) = line.strip_prefix("**")?.split_once(".**")?;
    match word {
        "kept" => Some((State::Kept, how)),
        "partly" => Some((State::Partly, how)),
        "not yet" => Some((State::NotYet, how)),
        _ => None,
    }
}

/// Pairs of back-quoted file and name, separated by semicolons.
fn test_list(list: &str) -> (Vec<Named>, bool) {
    let mut unread = false;
    let mut tests = Vec::new();
    for entry in list.split(';') {
        let quoted: Vec<&str> = entry.split('`').collect();
        match quoted.as_slice() {
            [_, file, _, name, _] => {
                tests.push(Named {
                    file: (*file).to_owned(),
                    name: (*name).to_owned(),
                });
            }
            _ => unread = true,
        }
    }
    (tests, unread)
}

fn shape_findings(claims: &[Claim]) -> Findings {
    let mut found = Findings::new();
    for number in 1..=CLAIMS {
        match claims.iter().filter(|claim| claim.number == number).count() {
            0 => found.push(format!("S{number} is missing")),
            1 => {}
            _ => found.push(format!("S{number} is there twice")),
        }
    }
    for claim in claims {
        let number = claim.number;
        match claim.state {
            None => found.push(format!(
                "S{number} has no state: **kept.**, **partly.** or **not yet.**"
            )),
            Some(State::Kept | State::Partly) if claim.tests.is_empty() => {
                found.push(format!("S{number} names no test"));
            }
            Some(_) => {}
        }
        if claim.how.is_empty() {
            found.push(format!("S{number} does not say how, or what is missing"));
        }
        if claim.unread {
            found.push(format!(
                "S{number}: write each test as `file` `name`, separated by semicolons"
            ));
        }
        if number > CLAIMS {
            found.push(format!("S{number} is none of the page's claims"));
        }
    }
    found
}

fn test_finding(
    number: u32,
    test: &Named,
    source: Option<&str>,
    passed: Option<&HashSet<String>>,
) -> Option<String> {
    let Named { file, name } = test;
    let Some(source) = source else {
        return Some(format!("S{number} names `{file}`, which is not there"));
    };
    let there = if file.ends_with(".rs") {
        is_rust_test(source, name)
    } else {
        is_worded_test(source, name)
    };
    if !there {
        return Some(format!(
            "S{number} names `{name}`, which is no test in `{file}`"
        ));
    }
    match passed {
        Some(passed) if !passed.contains(name) => Some(format!(
            "S{number} names `{name}` in `{file}`, which did not pass in this run"
        )),
        _ => None,
    }
}

/// A function of that name under a test attribute that is not ignored.
fn is_rust_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let opening = format!("fn {name}(");
    lines.iter().enumerate().any(|(at, line)| {
        if !line.contains(&opening) {
            return false;
        }
        let above = lines
            .iter()
            .take(at)
            .rev()
            .take_while(|l| l.starts_with('#') || l.starts_with("//"));
        let attributes: Vec<&str> = above.filter(|l| l.starts_with('#')).copied().collect();
        attributes.iter().any(|a| a.contains("test"))
            && !attributes.iter().any(|a| a.contains("ignore"))
        // `proptest! { fn name(x in ..) }` has its attribute on the line above like any other.
    })
}

/// The words of a test, quoted, as the page's tests and the story have them.
fn is_worded_test(source: &str, words: &str) -> bool {
    ['\'', '"', '`']
        .iter()
        .any(|quote| source.contains(&format!("{quote}{words}{quote}")))
}

/// Names of tests that passed: cargo's `test a::b::name ... ok`, the story's `ok 3  words  (1.2 s)`, vitest's `✓ file > words`.
fn passed_names(log: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    for line in log.lines() {
        let line = line.trim();
        if let Some(path) = line
            .strip_prefix("test ")
            .and_then(|l| l.strip_suffix(" ... ok"))
        {
            let path = path.split(" - ").next().unwrap_or(path);
            names.insert(path.rsplit("::").next().unwrap_or(path).to_owned());
        } else if let Some((_, words)) = line.strip_prefix("ok ").and_then(|l| l.split_once("  ")) {
            let words = words.rsplit_once("  (").map_or(words, |(words, _)| words);
            names.insert(words.to_owned());
        } else if let Some(words) = line.strip_prefix('✓') {
            let words = words.rsplit(" > ").next().unwrap_or(words);
            names.insert(without_duration(words.trim()).to_owned());
        }
    }
    names
}

/// Vitest adds `12ms` to a slow test's words.
fn without_duration(words: &str) -> &str {
    match words.rsplit_once(' ') {
        Some((before, last))
            if last
                .strip_suffix("ms")
                .is_some_and(|n| n.parse::<u32>().is_ok()) =>
        {
            before.trim_end()
        }
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(of_s7: &str) -> String {
        let others = (1..=CLAIMS)
            .filter(|n| *n != 7)
            .map(|n| format!("### S{n}\nwords\n\n**not yet.** Later.\n\n"));
        format!(
            "# Security\n\n{}## Roles\n\n### S7\nThree levels.\n\n{of_s7}\n\n## End\n",
            others.collect::<String>()
        )
    }

    fn of_page(of_s7: &str) -> Findings {
        shape_findings(&parse(&page(of_s7)))
    }

    #[test]
    fn a_whole_page_has_nothing_to_put_right() {
        assert_eq!(
            of_page("**kept.** By the matrix.\n\nTests: `a.rs` `b`; `c.mjs` `d e`"),
            Findings::new()
        );
        let claims = parse(&page(
            "**kept.** By the matrix.\n\nTests: `a.rs` `b`; `c.mjs` `d e`",
        ));
        let s7 = claims.iter().find(|claim| claim.number == 7).unwrap();
        let named = |file: &str, name: &str| Named {
            file: file.to_owned(),
            name: name.to_owned(),
        };
        assert_eq!(s7.tests, [named("a.rs", "b"), named("c.mjs", "d e")]);
    }

    #[test]
    fn a_claim_without_state_how_or_test_is_named() {
        assert_eq!(of_page("Tests: `a.rs` `b`").len(), 2);
        assert_eq!(of_page("**kept.** By the matrix."), ["S7 names no test"]);
        assert_eq!(of_page("**kept.**\n\nTests: `a.rs` `b`").len(), 1);
        assert_eq!(of_page("**kept.** So.\n\nTests: all of them").len(), 2);
    }

    #[test]
    fn a_missing_or_doubled_claim_is_named() {
        let whole = page("**not yet.** Later.");
        assert_eq!(
            shape_findings(&parse(&whole.replace("### S9\n", "#### S9\n"))),
            ["S9 is missing"]
        );
        assert_eq!(
            shape_findings(&parse(&whole.replace("### S9\n", "### S8\n"))).len(),
            2
        );
    }

    #[test]
    fn a_test_must_exist_and_not_be_ignored() {
        let source = "#[test]\nfn runs() {}\n#[tokio::test]\n#[ignore = \"slow\"]\nasync fn skipped() {}\nfn helper() {}";
        assert!(is_rust_test(source, "runs"));
        for none in ["skipped", "helper", "absent"] {
            assert!(!is_rust_test(source, none), "{none}");
        }
        assert!(is_worded_test("step('log in', async () => {})", "log in"));
        assert!(!is_worded_test("// log in", "log in"));
    }

    #[test]
    fn a_test_must_have_passed_in_the_run_it_is_held_against() {
        let log = "test roles::runs ... ok\ntest roles::breaks ... FAILED\ntest roles::skipped ... ignored\n\
                   ok 3  log in  (1.2 s)\nFAILED 4  log out\n ✓ src/a.test.ts > figures > keeps order 31ms\n\
                   test figures::fails - should panic ... ok\n";
        let passed = passed_names(log);
        for name in ["runs", "log in", "keeps order", "fails"] {
            assert!(passed.contains(name), "{name}");
        }
        for name in ["breaks", "skipped", "log out"] {
            assert!(!passed.contains(name), "{name}");
        }
        let test = Named {
            file: "a.rs".to_owned(),
            name: "breaks".to_owned(),
        };
        assert!(test_finding(7, &test, Some("#[test]\nfn breaks() {}"), None).is_none());
        assert!(test_finding(7, &test, Some("#[test]\nfn breaks() {}"), Some(&passed)).is_some());
        assert!(test_finding(7, &test, None, None).is_some());
    }
}
