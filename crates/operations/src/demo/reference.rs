//! A synthetic sequencing study as CSV: three tables that share `sample_id`, row by row from a fixed
//! seed per sample, so that any number of samples is the beginning of the same study.

use super::numbers::Numbers;
use std::fmt::Write as _;

/// Rows of `features` for one sample.
pub const FEATURES_PER_SAMPLE: u64 = 24_022;

const PANELS: [[&str; 4]; 2] = [
    ["fastqc", "samtools", "picard", "qualimap"],
    ["fastqc", "samtools", "bcftools", "mosdepth"],
];
const METRICS: [&str; 4] = ["reads", "coverage", "insert_size", "error_rate"];
const CLASSES: [&str; 3] = ["protein_coding", "lncRNA", "pseudogene"];
const RANKS: [&str; 5] = ["phylum", "class", "order", "family", "genus"];

fn chromosomes() -> Vec<String> {
    (1..=22)
        .map(|n| format!("chr{n}"))
        .chain(["chrX".to_owned(), "chrY".to_owned()])
        .collect()
}

/// Header of the table of samples.
pub const METADATA_HEADER: &str =
    "sample_id,condition,batch,timepoint,tissue,sex,age,collected_on\n";

/// One sample's row.
#[must_use]
pub fn metadata(sample: u64) -> String {
    let mut numbers = Numbers::seeded(sample * 3 + 1);
    let day = 1 + sample % 28;
    let month = 1 + (sample / 28) % 12;
    format!(
        "SAMPLE_{sample:05},{},batch_{},{},{},{},{},2024-{month:02}-{day:02}\n",
        numbers.one_of(&["control", "treated", "recovery"]),
        numbers.whole(1, 4),
        numbers.one_of(&["T0", "T6", "T24"]),
        numbers.one_of(&["liver", "kidney", "lung"]),
        numbers.one_of(&["female", "male"]),
        numbers.whole(18, 84),
    )
}

/// Header of the table of quality metrics.
pub const METRICS_HEADER: &str = "sample_id,tool,metric,value,duplication_pct,gc_pct,mapped_pct\n";

/// One sample's 16 rows of quality metrics.
#[must_use]
pub fn metrics(sample: u64) -> String {
    let mut numbers = Numbers::seeded(sample * 3 + 2);
    let panel = PANELS
        .get(usize::from(sample % 2 == 1))
        .copied()
        .unwrap_or_default();
    let mut rows = String::new();
    for tool in panel {
        for metric in METRICS {
            let _ = writeln!(
                rows,
                "SAMPLE_{sample:05},{tool},{metric},{:.3},{:.3},{:.3},{:.3}",
                numbers.uniform(0.0, 1_000.0),
                numbers.uniform(1.0, 40.0),
                numbers.uniform(35.0, 65.0),
                numbers.uniform(60.0, 99.9),
            );
        }
    }
    rows
}

/// Header of the table of features.
pub const FEATURES_HEADER: &str = "sample_id,feature_id,expression,effect_size,neg_log10_p,\
     mean_expression,feature_class,chr,position,frac_expressing,rank\n";

/// One sample's rows of features.
#[must_use]
pub fn features(sample: u64) -> String {
    let mut numbers = Numbers::seeded(sample * 3 + 3);
    let chromosomes = chromosomes();
    let chromosomes: Vec<&str> = chromosomes.iter().map(String::as_str).collect();
    let skip = usize::try_from(sample % 3).unwrap_or(0);
    let classes: Vec<&str> = CLASSES.iter().cycle().skip(skip).take(2).copied().collect();
    let ranks: Vec<&str> = RANKS.iter().skip(skip).take(3).copied().collect();
    let mut rows = String::with_capacity(2 << 20);
    for feature in 0..FEATURES_PER_SAMPLE {
        let _ = writeln!(
            rows,
            "SAMPLE_{sample:05},FEAT_{feature:06},{:.3},{:.3},{:.3},{:.3},{},{},{},{:.3},{}",
            numbers.uniform(0.0, 500.0),
            numbers.normal(2.5),
            numbers.exponential(1.5),
            numbers.uniform(0.0, 14.0),
            numbers.one_of(&classes),
            numbers.one_of(&chromosomes),
            numbers.whole(1, 250_000_000),
            numbers.unit(),
            numbers.one_of(&ranks),
        );
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_as_many_fields_as_its_header() {
        let tables = [
            (METADATA_HEADER, metadata(17), 1),
            (METRICS_HEADER, metrics(17), 16),
            (FEATURES_HEADER, features(17), 24_022),
        ];
        for (header, rows, expected) in tables {
            let fields = header.split(',').count();
            assert_eq!(rows.lines().count(), expected);
            assert!(
                rows.lines().all(|row| row.split(',').count() == fields),
                "{header}"
            );
        }
        assert_eq!(metadata(17), metadata(17));
        assert_ne!(metrics(17), metrics(18));
    }
}
