//! Both corpora, attacks and ordinary scripts, through `sandbox-run`: behind both walls and behind each alone;
//! and with none, to show that the attacks are attacks. `make corpus` runs all of it and shows the tables.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, as the tests do"
)]

mod aims;
mod program;
mod report;
#[path = "../common/sample.rs"]
mod sample;
mod scripts;

use report::{Count, Mode, Report, harm, report};

/// Each corpus is at least as large; a file that is lost fails.
const ATTACKS_MIN: usize = 250;
const LEGITIMATE_MIN: usize = 150;

/// Fails with a line for each script that came out otherwise than it must.
fn all_good<'a>(counts: impl Iterator<Item = &'a Count>, least: usize) {
    let counts: Vec<&Count> = counts.collect();
    let bad: Vec<&str> = counts
        .iter()
        .flat_map(|count| count.bad.iter().map(String::as_str))
        .collect();
    let all: usize = counts.iter().map(|count| count.all).sum();
    assert!(
        bad.is_empty(),
        "{} of {all}:\n{}",
        bad.len(),
        bad.join("\n")
    );
    assert!(all >= least, "only {all} scripts");
}

fn attacks(report: &Report, mode: Mode) {
    let counts = report.attacks.iter().filter(|((_, of), _)| *of == mode);
    all_good(
        counts.map(|(_, count)| count),
        if mode == Mode::Both { ATTACKS_MIN } else { 0 },
    );
}

fn untouched(mode: Mode) {
    let damage = &report().damage[&mode];
    assert!(damage.is_empty(), "{}", damage.join("\n"));
}

#[test]
fn the_guard_alone_stops_every_attack_that_reaches_outside() {
    attacks(report(), Mode::Guard);
    untouched(Mode::Guard);
}

#[test]
fn the_kernel_alone_stops_every_attack_that_reaches_outside() {
    attacks(report(), Mode::Kernel);
    untouched(Mode::Kernel);
}

#[test]
fn both_walls_stop_every_attack() {
    attacks(report(), Mode::Both);
    untouched(Mode::Both);
}

#[test]
#[ignore = "a proof about the corpus itself, minutes long: `make corpus` includes it"]
fn with_no_wall_attacks_do_harm() {
    attacks(&harm(), Mode::None);
}

#[test]
fn every_legitimate_script_gives_a_figure_in_every_mode() {
    for mode in [Mode::Guard, Mode::Kernel, Mode::Both] {
        let counts = report()
            .legitimate
            .iter()
            .filter(|((_, of), _)| *of == mode);
        all_good(counts.map(|(_, count)| count), LEGITIMATE_MIN);
    }
}

#[test]
fn no_legitimate_script_loads_a_module_that_was_not_warmed() {
    let probe = &report().late_import_of_probe;
    assert!(probe.iter().any(|module| module == "wave"), "{probe:?}");
    let late = &report().late_imports;
    assert!(late.is_empty(), "add to the warm-up:\n{}", late.join("\n"));
}
