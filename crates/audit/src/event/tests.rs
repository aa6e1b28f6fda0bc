use super::*;
use std::collections::HashSet;

#[test]
fn a_run_of_code_that_an_older_version_recorded_is_still_read() {
    let old = r#"{"of":"code","sha256":"00","ended":"done","duration_ms":7}"#;
    let read: Detail = serde_json::from_str(old).unwrap();
    assert_eq!(
        read,
        Detail::Code {
            sha256: "00".to_owned(),
            ended: "done".to_owned(),
            duration_ms: 7,
            guard: None,
            version: None,
            rows: None,
            limits: None,
        }
    );
    assert_eq!(serde_json::to_string(&read).unwrap(), old);
    // A limit that is added later has its default in what is there today.
    let fewer = r#"{"of":"code","sha256":"00","ended":"done","duration_ms":7,"limits":{"code_wall_ms_max":1}}"#;
    let Detail::Code { limits, .. } = serde_json::from_str(fewer).unwrap() else {
        panic!("another kind");
    };
    assert_eq!(limits.unwrap().code_wall_ms_max, 1);
    let whole = CodeLimits {
        code_wall_ms_max: 1,
        ..CodeLimits::default()
    };
    assert_eq!(limits, Some(whole));
}

const PAGE: &str = "# Audit events\n\n\
    Every event there can be, by the name under which `GET /api/v1/audit/events?type=` finds it. Made from the program's\n\
    own list by the test `the_page_of_events_names_every_one`; to write it anew: `UPDATE_GOLDEN=1 cargo test -p audit`.\n\n\
    A read has one event: `allowed`, or `denied`. A change has two: `allowed`, the intent, is on disk before anything\n\
    happens; `done` or `failed`, its outcome, names it as `intent`. Each says who acted (`user`; `token`, a program of\n\
    theirs; `service`, a program with an account of its own; `anyone`, `operator`, `job`), from which address, in which request, on what, and why it was decided so. What\n\
    else is known comes in `details`, in fields of fixed meaning: no event holds free text, a password, a token, or a\n\
    cell of a table.\n\n";

#[test]
fn the_page_of_events_names_every_one() {
    let mut page = PAGE.to_owned();
    page.push_str("| event | kind | what happened |\n|---|---|---|\n");
    for kind in Kind::all() {
        let sort = match kind {
            Kind::Action(action) if action.is_change() => "change",
            Kind::Action(_) => "read",
            _ => "own",
        };
        page.push_str(&format!(
            "| `{}` | {sort} | {} |\n",
            kind.as_str(),
            kind.meaning()
        ));
    }
    page.push_str(
        "\n`own` events are no decisions on an action: signing in and out, links, runs of code, and what the \
         server does.\n",
    );
    // As cargo says at run time: clones share a target directory, and this may be built in another one.
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = std::path::Path::new(&root).join("../../docs/audit-events.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/audit-events.md is not what the program says:\n{page}"
    );
}

#[test]
fn every_kind_has_a_name_of_its_own_and_reads_back() {
    let mut names = HashSet::new();
    for kind in Kind::all() {
        assert!(
            names.insert(kind.as_str()),
            "{} is used twice",
            kind.as_str()
        );
        let json = serde_json::to_string(&kind).unwrap();
        assert_eq!(serde_json::from_str::<Kind>(&json).unwrap(), kind);
    }
    assert!(serde_json::from_str::<Kind>("\"auth.anything\"").is_err());
}
