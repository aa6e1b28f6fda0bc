//! Ordinary scripts. The corpus of them runs in a test of its own; here is what the editor's check says of it, and
//! what a figure looks like when it comes out.

use sandbox::Walls;

use super::support::{run, runtime};

/// The scripts of the corpus by file and name.
fn corpus() -> Vec<(String, String)> {
    let folder = format!(
        "{}/corpus/legitimate",
        std::env::var("CARGO_MANIFEST_DIR").unwrap()
    );
    let mut scripts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = format!("\n{}", std::fs::read_to_string(&path).unwrap());
        for part in text.split("\n# --- ").skip(1) {
            let (name, code) = part.split_once('\n').unwrap();
            scripts.push((format!("{file}/{}", name.trim()), code.to_owned()));
        }
    }
    scripts
}

#[test]
fn the_check_finds_nothing_in_an_ordinary_script() {
    let scripts = corpus();
    assert!(scripts.len() >= 200, "{} scripts", scripts.len());
    let found: Vec<String> = scripts
        .iter()
        .flat_map(|(name, code)| {
            sandbox::check(code)
                .into_iter()
                .map(move |finding| format!("{name}: {finding:?}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
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
