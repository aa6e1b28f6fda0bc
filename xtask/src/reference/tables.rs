//! What stands in the three tables.

use super::output::Output;
use super::random::Random;
use std::io;

const CONDITIONS: [&str; 3] = ["control", "treated", "recovery"];
const BATCHES: [&str; 4] = ["batch_1", "batch_2", "batch_3", "batch_4"];
const TIMEPOINTS: [&str; 3] = ["T0", "T6", "T24"];
const TISSUES: [&str; 3] = ["blood", "liver", "kidney"];
const SEXES: [&str; 2] = ["female", "male"];
const AGE_MIN: u32 = 18;
const AGE_MAX: u32 = 84;

/// Tools that looked at a sample, by the evenness of its index.
const PANELS: [[&str; 4]; 2] = [
    ["fastqc", "samtools", "picard", "qualimap"],
    ["fastqc", "samtools", "bcftools", "mosdepth"],
];
const METRIC_NAMES: [&str; 4] = ["reads", "coverage", "insert_size", "error_rate"];

/// Two of these for a sample, by its index.
const CLASSES: [&str; 3] = ["protein_coding", "lncRNA", "pseudogene"];
/// Three neighbouring ones for a sample, by its index.
const RANKS: [&str; 5] = ["phylum", "class", "order", "family", "genus"];
const CHROMOSOMES: [&str; 24] = [
    "chr1", "chr2", "chr3", "chr4", "chr5", "chr6", "chr7", "chr8", "chr9", "chr10", "chr11",
    "chr12", "chr13", "chr14", "chr15", "chr16", "chr17", "chr18", "chr19", "chr20", "chr21",
    "chr22", "chrX", "chrY",
];
const POSITION_MAX: u32 = 250_000_000;
const FEATURES_PER_SAMPLE: u32 = 24_022;
/// Standard deviation of the effect sizes.
const EFFECT_DEVIATION: f64 = 2.5;
/// Mean of the negative logarithms of p.
const LOG_P_MEAN: f64 = 1.5;

/// One of the tables.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) header: &'static str,
    pub(crate) rows_per_sample: u32,
    pub(crate) write: fn(&Sample, &mut Output) -> io::Result<()>,
}

pub(crate) const METADATA: Table = Table {
    name: "metadata",
    header: "sample_id,condition,batch,timepoint,tissue,sex,age",
    rows_per_sample: 1,
    write: metadata,
};

pub(crate) const METRICS: Table = Table {
    name: "metrics",
    header: "sample_id,tool,metric,value,duplication_pct,gc_pct,mapped_pct",
    rows_per_sample: 16,
    write: metrics,
};

pub(crate) const FEATURES: Table = Table {
    name: "features",
    header: "sample_id,feature_id,expression,effect_size,neg_log10_p,mean_expression,feature_class,chr,position,\
             frac_expressing,rank",
    rows_per_sample: FEATURES_PER_SAMPLE,
    write: features,
};

/// A sample: its index decides what kinds it has, its seed everything else.
pub(crate) struct Sample {
    seed: u64,
    index: u32,
}

impl Sample {
    pub(crate) fn new(seed: u64, index: u32) -> Self {
        Self { seed, index }
    }

    fn random(&self, table: u64) -> Random {
        Random::new(self.seed, self.index, table)
    }

    fn id(&self, output: &mut Output) {
        output.numbered(b"SAMPLE_", self.index, 5);
    }
}

/// So many neighbouring ones from the beginning that the index chooses, round the end if need be.
fn chosen<const N: usize>(of: &[&'static str], index: u32) -> [&'static str; N] {
    let start = usize::try_from(index % 3).unwrap_or(0);
    let mut chosen = [""; N];
    for (to, from) in chosen.iter_mut().zip(of.iter().cycle().skip(start)) {
        *to = from;
    }
    chosen
}

/// Uniform from `low` to `high`, both ends in, as thousandths.
fn uniform(random: &mut Random, low: u32, high: u32) -> i32 {
    i32::try_from(low * 1_000 + random.below((high - low) * 1_000 + 1)).unwrap_or(i32::MAX)
}

fn rounded(value: f64) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a hundred deviations are far within"
    )]
    let thousandths = (value * 1_000.0).round() as i32;
    thousandths
}

fn metadata(sample: &Sample, output: &mut Output) -> io::Result<()> {
    let mut random = sample.random(0);
    sample.id(output);
    output.text(random.one_of(&CONDITIONS).as_bytes());
    output.text(random.one_of(&BATCHES).as_bytes());
    output.text(random.one_of(&TIMEPOINTS).as_bytes());
    output.text(random.one_of(&TISSUES).as_bytes());
    output.text(random.one_of(&SEXES).as_bytes());
    output.numbered(b"", AGE_MIN + random.below(AGE_MAX - AGE_MIN + 1), 1);
    output.end_row()
}

fn metrics(sample: &Sample, output: &mut Output) -> io::Result<()> {
    let mut random = sample.random(1);
    let [even, odd] = PANELS;
    let panel = if sample.index.is_multiple_of(2) {
        even
    } else {
        odd
    };
    for tool in panel {
        for metric in METRIC_NAMES {
            sample.id(output);
            output.text(tool.as_bytes());
            output.text(metric.as_bytes());
            output.thousandths(uniform(&mut random, 0, 1_000));
            output.thousandths(uniform(&mut random, 1, 40));
            output.thousandths(uniform(&mut random, 35, 65));
            // To 99.9.
            output.thousandths(60_000 + i32::try_from(random.below(39_901)).unwrap_or(0));
            output.end_row()?;
        }
    }
    Ok(())
}

fn features(sample: &Sample, output: &mut Output) -> io::Result<()> {
    let mut random = sample.random(2);
    let classes: [&str; 2] = chosen(&CLASSES, sample.index);
    let ranks: [&str; 3] = chosen(&RANKS, sample.index);
    for feature in 0..FEATURES_PER_SAMPLE {
        sample.id(output);
        output.numbered(b"FEAT_", feature, 6);
        output.thousandths(uniform(&mut random, 0, 500));
        output.thousandths(rounded(EFFECT_DEVIATION * random.normal()));
        output.thousandths(rounded(LOG_P_MEAN * random.exponential()));
        output.thousandths(uniform(&mut random, 0, 14));
        output.text(random.one_of(&classes).as_bytes());
        output.text(random.one_of(&CHROMOSOMES).as_bytes());
        output.numbered(b"", 1 + random.below(POSITION_MAX), 1);
        output.thousandths(uniform(&mut random, 0, 1));
        output.text(random.one_of(&ranks).as_bytes());
        output.end_row()?;
    }
    Ok(())
}
