//! Attacks: each fails with a clear outcome behind both walls, its class behind the kernel alone, and a selection
//! behind the guard alone. A script that reaches what it wants prints `REACHED`; none may.

use sandbox::{Run, RunError, Walls};

use super::support::{run, run_all, runtime};

const ATTACKS: &str = include_str!("attacks.txt");
const KERNEL: &str = include_str!("attacks_kernel.txt");

fn scripts(text: &'static str) -> Vec<&'static str> {
    text.split("\n# ---\n").collect()
}

/// What an outcome lets out: the text, and the figure.
fn shown(outcome: &Result<Run, RunError>) -> String {
    match outcome {
        Ok(run) => format!("{} {}", run.stdout, run.figure),
        Err(error) => error
            .place()
            .map(|place| place.stdout.clone())
            .unwrap_or_default(),
    }
}

fn reached(scripts: &[&str], outcomes: &[Result<Run, RunError>]) -> Vec<String> {
    let bad = scripts
        .iter()
        .zip(outcomes)
        .filter(|(_, outcome)| outcome.is_ok() || shown(outcome).contains("REACHED"));
    bad.map(|(code, outcome)| format!("{code}\n=> {outcome:?}"))
        .collect()
}

#[test]
fn every_attack_is_refused_behind_both_walls_and_says_why() {
    let scripts = scripts(ATTACKS);
    assert!(scripts.len() >= 60, "{} attacks", scripts.len());
    let outcomes = run_all(Walls::Both, &scripts);
    let bad = reached(&scripts, &outcomes);
    assert!(
        bad.is_empty(),
        "{} of {}:\n{}",
        bad.len(),
        scripts.len(),
        bad.join("\n\n")
    );
    for (code, outcome) in scripts.iter().zip(&outcomes) {
        let error = outcome.as_ref().unwrap_err();
        assert!(
            ["refused", "failed", "syntax"].contains(&error.code()),
            "{code}\n=> {error:?}"
        );
        assert!(
            !error.to_string().is_empty() && error.place().unwrap().line.is_some(),
            "{code}\n=> {error:?}"
        );
    }
}

#[test]
fn every_attack_is_refused_behind_the_guard_alone() {
    let scripts = scripts(ATTACKS);
    let bad = reached(&scripts, &run_all(Walls::Guard, &scripts));
    assert!(
        bad.is_empty(),
        "{} of {}:\n{}",
        bad.len(),
        scripts.len(),
        bad.join("\n\n")
    );
}

#[test]
fn every_attack_on_the_system_fails_behind_the_kernel_alone() {
    let scripts = scripts(KERNEL);
    assert!(scripts.len() >= 25, "{} attacks", scripts.len());
    let outcomes = run_all(Walls::Kernel, &scripts);
    let bad = reached(&scripts, &outcomes);
    assert!(
        bad.is_empty(),
        "{} of {}:\n{}",
        bad.len(),
        scripts.len(),
        bad.join("\n\n")
    );
}

#[test]
fn what_the_source_shows_is_refused_before_the_first_statement() {
    for tail in [
        "open('/etc/passwd')",
        "import os",
        "eval('1')",
        "exec('1')",
        "compile('1', 'x', 'eval')",
        "__import__('os')",
        "df.__class__",
        "os.system('id')",
        "requests.get('http://x')",
        "subprocess.run(['id'])",
        "pd.read_csv('/etc/passwd')",
        "df.to_csv('/tmp/x')",
        "fig.write_html('/tmp/x')",
    ] {
        let code = format!(
            "print('before')\nfig = px.bar(df, x='species', y='bill')\nif False:\n    {tail}\n"
        );
        let error = runtime().block_on(run(Walls::Both, &code)).unwrap_err();
        let place = error.place().unwrap();
        assert_eq!(
            (error.code(), place.line, place.stdout.as_str()),
            ("refused", Some(4), ""),
            "{tail}"
        );
        assert!(place.column.is_some());
    }
}

#[test]
fn an_error_carries_the_scripts_own_line_and_what_was_printed() {
    let code = "print('one')\ndef f(x):\n    return x['nothing']\nfig = f(df)\n";
    let error = runtime().block_on(run(Walls::Both, code)).unwrap_err();
    let place = error.place().unwrap();
    assert_eq!(
        (error.code(), place.line, place.stdout.as_str()),
        ("failed", Some(3), "one\n")
    );
    assert!(
        place.message.contains("KeyError") && !place.message.contains('/'),
        "{}",
        place.message
    );
    let error = runtime()
        .block_on(run(Walls::Both, "x = (1,\n"))
        .unwrap_err();
    assert_eq!(error.code(), "syntax");
    let error = runtime()
        .block_on(run(Walls::Both, "print(1)\npd.io\n"))
        .unwrap_err();
    assert_eq!(
        (error.code(), error.place().unwrap().line),
        ("refused", Some(2))
    );
}
