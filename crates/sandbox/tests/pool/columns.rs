//! Columns that are left out make no difference: each script draws the same with all columns and with those it is
//! said to touch.

use std::collections::BTreeSet;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use sandbox::{Job, Sandbox, columns_used};

use super::harness::{limits, seal, settings, start, table};

/// Scripts whose columns the source shows, parted like those of the corpora.
const SHOWN: &str = include_str!("columns.txt");

fn scripts(text: &str) -> Vec<(String, String)> {
    let parts = text
        .split("\n# --- ")
        .map(|part| part.strip_prefix("# --- ").unwrap_or(part));
    parts
        .filter_map(|part| part.split_once('\n'))
        .map(|(name, code)| (name.trim().to_owned(), code.trim_end().to_owned()))
        .collect()
}

fn only(table: &RecordBatch, wanted: &BTreeSet<String>) -> RecordBatch {
    let schema = table.schema();
    let mut kept: Vec<usize> = (0..table.num_columns())
        .filter(|index| wanted.contains(schema.field(*index).name()))
        .collect();
    // The rows must be there even when no column is needed.
    if kept.is_empty() {
        kept.push(0);
    }
    table.project(&kept).unwrap()
}

/// The figure, or the error, and what was printed.
async fn outcome(sandbox: &Sandbox, code: &str, table: &RecordBatch) -> (String, String) {
    let job = Job {
        code: code.to_owned(),
        frame: seal(table),
        limits: limits(),
    };
    match sandbox.run(job).await {
        Ok(run) => (run.figure.to_string(), run.stdout),
        Err(error) => (format!("{}: {error}", error.code()), String::new()),
    }
}

/// What came of running scripts both ways.
#[derive(Default)]
struct Compared {
    all: usize,
    /// Those whose columns are known, and the most columns among them.
    shown: usize,
    columns_max: usize,
    /// Those that draw something else, and those that draw nothing.
    different: Vec<String>,
    failed: Vec<String>,
}

async fn compare(sandbox: &Sandbox, scripts: Vec<(String, String)>) -> Compared {
    let table = table();
    let schema = table.schema();
    let columns: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let mut compared = Compared {
        all: scripts.len(),
        ..Compared::default()
    };
    let mut running = Vec::new();
    for (name, code) in scripts {
        let Some(wanted) = columns_used(&code, &columns) else {
            continue;
        };
        compared.columns_max = compared.columns_max.max(wanted.len());
        let (sandbox, table, part) = (sandbox.clone(), table.clone(), only(&table, &wanted));
        running.push(tokio::spawn(async move {
            let whole = outcome(&sandbox, &code, &table).await;
            let mut fewer = outcome(&sandbox, &code, &part).await;
            // A script that prints the time never prints the same twice; it must still draw the same.
            if fewer.1 != whole.1 && outcome(&sandbox, &code, &table).await.1 != whole.1 {
                fewer.1.clone_from(&whole.1);
            }
            (format!("{name} with {wanted:?}:\n{code}"), whole, fewer)
        }));
    }
    compared.shown = running.len();
    let short = |text: &str| text.chars().take(600).collect::<String>();
    for run in running {
        let (what, whole, fewer) = run.await.unwrap();
        if whole != fewer {
            let told = |(figure, printed): &(String, String)| {
                format!("-- {}\n{}", short(figure), short(printed))
            };
            let both = format!("{what}\n{}\n{}", told(&whole), told(&fewer));
            compared.different.push(both);
        }
        if !whole.0.starts_with('{') {
            let failed = format!("{what}\n-- {}", short(&whole.0));
            compared.failed.push(failed);
        }
    }
    compared
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_draw_the_same_with_only_the_columns_they_touch() {
    let sandbox = start(settings()).await;
    let own = scripts(SHOWN);
    assert!(own.len() >= 40, "{}", own.len());
    let compared = compare(&sandbox, own).await;
    assert_eq!(compared.shown, compared.all);
    assert!(
        compared.columns_max < 8,
        "a script of ours takes nearly all columns"
    );
    assert!(
        compared.failed.is_empty(),
        "{}",
        compared.failed.join("\n\n")
    );
    assert!(
        compared.different.is_empty(),
        "{}",
        compared.different.join("\n\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ordinary_scripts_draw_the_same_with_only_the_columns_they_touch() {
    let sandbox = start(settings()).await;
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let mut all = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(root.join("corpus/legitimate"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|file| file.path())
        .collect();
    files.sort();
    for file in files {
        all.extend(scripts(&std::fs::read_to_string(&file).unwrap()));
    }
    let compared = compare(&sandbox, all).await;
    let (shown, all, different) = (compared.shown, compared.all, compared.different);
    println!("columns shown by {shown} of {all} ordinary scripts");
    assert!(
        different.is_empty(),
        "{} of {shown}:\n{}",
        different.len(),
        different.join("\n\n")
    );
    assert!(shown * 4 >= all, "columns shown by {shown} of {all} only");
}
