//! The reference project: the tables that speed is measured on, made anew wherever they are needed.
//!
//!     cargo xtask reference DIR [--scale 0.01] [--seed N]
//!
//! Three tables linked by `sample_id`: 500 samples, 8,000 rows of quality control, 12,011,000 of features, about 1 GB
//! of CSV. Each sample has a seed of its own and computes with exactly rounded operations only, so the same seed
//! makes the same bytes on every machine, and a smaller scale (fewer samples) is the beginning of a larger one.

mod output;
mod random;
mod tables;

use crate::{CannotCheck, Findings};
use output::Output;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tables::{FEATURES, METADATA, METRICS, Sample};

/// Samples at scale 1.
const SAMPLES: f64 = 500.0;
/// `SAMPLE_99999` is the last id.
const SAMPLES_MAX: f64 = 100_000.0;
/// The seed of the set whose digests are written down in `benches/reference/README.md`.
const SEED: u64 = 20_260_101;
/// Written last, so that where it lies the set is whole; readable by `sha256sum --check`.
const SUMS: &str = "SHA256SUMS";

/// What to make.
#[derive(Debug, PartialEq)]
pub(crate) struct Order {
    folder: PathBuf,
    samples: u32,
    seed: u64,
}

impl Order {
    /// Reads the words of the command line.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, CannotCheck> {
        let (folder, mut options) = match words.split_first() {
            Some((folder, options)) if !folder.starts_with('-') => (PathBuf::from(folder), options),
            _ => return Err(CannotCheck("a folder is needed: reference DIR".to_owned())),
        };
        let (mut scale, mut seed) = (1.0, SEED);
        while let [name, rest @ ..] = options {
            let value = rest.first().copied().unwrap_or_default();
            let bad = || CannotCheck(format!("{name} {value}: not understood"));
            match *name {
                "--scale" => scale = value.parse::<f64>().map_err(|_| bad())?,
                "--seed" => seed = value.parse().map_err(|_| bad())?,
                _ => return Err(bad()),
            }
            options = rest.get(1..).unwrap_or_default();
        }
        let samples = (SAMPLES * scale).round();
        if !(1.0..=SAMPLES_MAX).contains(&samples) {
            let message = format!("--scale {scale}: from 0.002, one sample, to 200");
            return Err(CannotCheck(message));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, and within the bounds above"
        )]
        let samples = samples as u32;
        Ok(Self {
            folder,
            samples,
            seed,
        })
    }
}

/// Writes the three tables and the file of their digests.
pub(crate) fn write(order: &Order) -> Result<(String, Findings), CannotCheck> {
    let folder = &order.folder;
    let cannot =
        |path: &Path, why: std::io::Error| CannotCheck(format!("{}: {why}", path.display()));
    std::fs::create_dir_all(folder).map_err(|why| cannot(folder, why))?;
    let sums_path = folder.join(SUMS);
    match std::fs::remove_file(&sums_path) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
            return Err(cannot(&sums_path, why));
        }
        _ => {}
    }
    let (mut sums, mut told) = (String::new(), String::new());
    let (mut rows, mut bytes) = (0, 0);
    for table in [METADATA, METRICS, FEATURES] {
        let path = folder.join(format!("{}.csv", table.name));
        let all = u64::from(order.samples) * u64::from(table.rows_per_sample);
        let mut output =
            Output::create(&path, table.header, all).map_err(|why| cannot(&path, why))?;
        for index in 0..order.samples {
            (table.write)(&Sample::new(order.seed, index), &mut output)
                .map_err(|why| cannot(&path, why))?;
        }
        let made = output.finish().map_err(|why| cannot(&path, why))?;
        // Writing to a string cannot fail.
        let _ = writeln!(sums, "{}  {}.csv", made.sha256, table.name);
        let _ = write!(
            told,
            "\n  {:<8}  {:>10} rows x {:>2} columns  {:>13} bytes  sha256 {}",
            table.name,
            made.rows,
            table.header.split(',').count(),
            made.bytes,
            made.sha256
        );
        rows += made.rows;
        bytes += made.bytes;
    }
    std::fs::write(&sums_path, sums).map_err(|why| cannot(&sums_path, why))?;
    let summary = format!(
        "{} samples, {rows} rows, {bytes} bytes in {}{told}",
        order.samples,
        folder.display()
    );
    Ok((summary, Findings::new()))
}

#[cfg(test)]
mod tests;
