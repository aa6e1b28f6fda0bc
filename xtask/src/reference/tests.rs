//! A small set against what is said of the whole one.

use super::*;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A set of three samples, as its lines.
fn made(test: &str, seed: u64) -> BTreeMap<&'static str, Vec<String>> {
    let folder =
        std::env::temp_dir().join(format!("depictio-reference-{test}-{}", std::process::id()));
    let order = Order {
        folder: folder.clone(),
        samples: 3,
        seed,
    };
    let (summary, findings) = write(&order).unwrap();
    assert!(
        findings.is_empty() && summary.starts_with("3 samples, 72117 rows"),
        "{summary}"
    );
    let sums = std::fs::read_to_string(folder.join(SUMS)).unwrap();
    let tables = ["metadata", "metrics", "features"].map(|name| {
        let bytes = std::fs::read(folder.join(format!("{name}.csv"))).unwrap();
        let digest: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert!(sums.contains(&format!("{digest}  {name}.csv\n")), "{sums}");
        (
            name,
            String::from_utf8(bytes)
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect(),
        )
    });
    std::fs::remove_dir_all(&folder).unwrap();
    tables.into_iter().collect()
}

/// The values of a column, the header left out.
fn column<'a>(lines: &'a [String], name: &str) -> Vec<&'a str> {
    let at = lines[0]
        .split(',')
        .position(|column| column == name)
        .unwrap();
    lines[1..]
        .iter()
        .map(|line| line.split(',').nth(at).unwrap())
        .collect()
}

fn numbers(lines: &[String], name: &str) -> Vec<f64> {
    column(lines, name)
        .into_iter()
        .map(|value| value.parse().unwrap())
        .collect()
}

fn within(lines: &[String], name: &str, low: f64, high: f64) {
    let (mut min, mut max) = (f64::MAX, f64::MIN);
    for number in numbers(lines, name) {
        min = min.min(number);
        max = max.max(number);
    }
    assert!(min >= low && max <= high, "{name}: {min} {max}");
}

fn distinct<'a>(lines: &'a [String], name: &str) -> BTreeSet<&'a str> {
    column(lines, name).into_iter().collect()
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    let tables = made("bytes", SEED);
    let head = |name: &str| {
        tables[name]
            .iter()
            .take(1_001)
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let digest = |name: &str| -> String {
        Sha256::digest(head(name))
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    assert_eq!(
        ["metadata", "metrics", "features"].map(digest),
        ["8953b5121a48bd07", "3579faf9318e48c6", "7aa5cc562c46f8d2"]
    );
    let other = made("seed", SEED + 1);
    assert_ne!(other["features"], tables["features"]);
}

#[test]
fn the_tables_have_the_rows_and_columns_they_should() {
    let tables = made("columns", SEED);
    let shape = |name: &str| (tables[name].len() - 1, tables[name][0].split(',').count());
    assert_eq!(shape("metadata"), (3, 7));
    assert_eq!(shape("metrics"), (48, 7));
    assert_eq!(shape("features"), (72_066, 11));
    for lines in tables.values() {
        let columns = lines[0].split(',').count();
        assert!(lines.iter().all(|line| line.split(',').count() == columns));
        assert_eq!(
            distinct(lines, "sample_id").into_iter().collect::<Vec<_>>(),
            ["SAMPLE_00000", "SAMPLE_00001", "SAMPLE_00002"]
        );
    }
    let metrics = &tables["metrics"];
    let tools = |sample: usize| -> Vec<&str> {
        column(metrics, "tool")[16 * sample..16 * (sample + 1)]
            .iter()
            .step_by(4)
            .copied()
            .collect()
    };
    assert_eq!(tools(0), ["fastqc", "samtools", "picard", "qualimap"]);
    assert_eq!(tools(1), ["fastqc", "samtools", "bcftools", "mosdepth"]);
    assert_eq!(tools(2), tools(0));
    assert_eq!(distinct(metrics, "metric").len(), 4);
    for (name, low, high) in [
        ("value", 0.0, 1_000.0),
        ("duplication_pct", 1.0, 40.0),
        ("gc_pct", 35.0, 65.0),
        ("mapped_pct", 60.0, 99.9),
    ] {
        within(metrics, name, low, high);
    }
    within(&tables["metadata"], "age", 18.0, 84.0);
}

#[test]
fn the_features_have_the_kinds_and_the_spread_they_should() {
    let tables = made("spread", SEED);
    let features = &tables["features"];
    let kinds = |name: &str, sample: usize| -> BTreeSet<&str> {
        column(features, name)[24_022 * sample..24_022 * (sample + 1)]
            .iter()
            .copied()
            .collect()
    };
    assert_eq!(
        kinds("feature_class", 0),
        BTreeSet::from(["lncRNA", "protein_coding"])
    );
    assert_eq!(
        kinds("feature_class", 1),
        BTreeSet::from(["lncRNA", "pseudogene"])
    );
    assert_eq!(
        kinds("feature_class", 2),
        BTreeSet::from(["protein_coding", "pseudogene"])
    );
    assert_eq!(
        kinds("rank", 0),
        BTreeSet::from(["class", "order", "phylum"])
    );
    assert_eq!(
        kinds("rank", 1),
        BTreeSet::from(["class", "family", "order"])
    );
    assert_eq!(
        kinds("rank", 2),
        BTreeSet::from(["family", "genus", "order"])
    );
    assert_eq!(distinct(features, "chr").len(), 24);
    assert_eq!(distinct(features, "feature_id").len(), 24_022);
    assert_eq!(column(features, "feature_id")[24_021], "FEAT_024021");
    within(features, "position", 1.0, 250e6);
    // Mean and standard deviation, each within five standard errors for 72,066 rows.
    for (name, mean, deviation) in [
        ("expression", 250.0, 144.338),
        ("effect_size", 0.0, 2.5),
        ("neg_log10_p", 1.5, 1.5),
        ("mean_expression", 7.0, 4.0415),
        ("frac_expressing", 0.5, 0.28868),
        ("position", 125e6, 72.169e6),
    ] {
        let values = numbers(features, name);
        let n = values.len() as f64;
        let found = values.iter().sum::<f64>() / n;
        let spread = (values
            .iter()
            .map(|value| (value - found).powi(2))
            .sum::<f64>()
            / n)
            .sqrt();
        let error = deviation / n.sqrt();
        assert!((found - mean).abs() < 5.0 * error, "{name}: mean {found}");
        // The exponential's deviation varies most: its standard error is 1.42 times that of the mean.
        assert!(
            (spread - deviation).abs() < 7.1 * error,
            "{name}: deviation {spread}"
        );
    }
    for name in [
        "expression",
        "effect_size",
        "neg_log10_p",
        "mean_expression",
        "frac_expressing",
    ] {
        assert!(
            column(features, name)
                .iter()
                .all(|value| value.rsplit('.').next().unwrap().len() == 3),
            "{name}"
        );
    }
}

#[test]
fn the_command_line_is_read_and_nonsense_refused() {
    let order = Order::parse(&["out", "--scale", "0.01", "--seed", "7"]).unwrap();
    assert_eq!(
        order,
        Order {
            folder: "out".into(),
            samples: 5,
            seed: 7
        }
    );
    assert_eq!(Order::parse(&["out"]).unwrap().samples, 500);
    for words in [
        &[][..],
        &["--scale"],
        &["out", "--scale", "0"],
        &["out", "--scale", "nan"],
        &["out", "--x", "1"],
        &["out", "--seed"],
    ] {
        assert!(Order::parse(words).is_err(), "{words:?}");
    }
}
