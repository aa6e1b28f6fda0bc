//! What is refused says where and why, before anything ran when the source shows it. Whether attacks are stopped is
//! tried on the corpus, in a test of its own.

use sandbox::Walls;

use super::support::{run, runtime};

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
