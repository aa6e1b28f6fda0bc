//! Ordinary scripts: each must give a figure inside both walls, and inside each alone.

use sandbox::Walls;

use super::support::{run, run_all, runtime};

const SCRIPTS: &str = include_str!("legitimate.txt");

fn scripts() -> Vec<&'static str> {
    SCRIPTS.split("\n# ---\n").collect()
}

fn all_pass(walls: Walls) {
    let scripts = scripts();
    assert!(scripts.len() >= 60, "{} scripts", scripts.len());
    let failures: Vec<String> = scripts
        .iter()
        .zip(run_all(walls, &scripts))
        .filter_map(|(code, outcome)| {
            outcome
                .err()
                .map(|error| format!("{code}\n=> {}: {error} {:?}", error.code(), error.place()))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} failed:\n{}",
        failures.len(),
        scripts.len(),
        failures.join("\n\n")
    );
}

#[test]
fn every_ordinary_script_gives_a_figure_inside_both_walls() {
    all_pass(Walls::Both);
}

#[test]
fn every_ordinary_script_gives_a_figure_behind_the_kernel_alone() {
    all_pass(Walls::Kernel);
}

#[test]
fn a_bar_chart_drawn_by_a_script() {
    let run = runtime()
        .block_on(run(Walls::Both, "means = df.groupby('species', as_index=False)['bill'].mean()\nprint(len(means))\nfig = px.bar(means, x='species', y='bill')"))
        .unwrap();
    assert_eq!(run.figure["data"][0]["type"], "bar");
    assert_eq!(
        run.figure["data"][0]["x"],
        serde_json::json!(["Adelie", "Chinstrap", "Gentoo"])
    );
    assert_eq!(run.stdout, "3\n");
    assert!(!run.stdout_cut);
}

#[test]
fn show_at_the_end_does_no_harm() {
    let run = runtime()
        .block_on(run(
            Walls::Both,
            "fig = px.line(df, x='when', y='bill')\nfig.show()",
        ))
        .unwrap();
    assert_eq!(run.figure["data"][0]["type"], "scatter");
}
