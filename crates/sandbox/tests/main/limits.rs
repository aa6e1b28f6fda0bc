//! Scripts that want too much: each limit has its own outcome, and what was printed is kept.

use domain::limits::CodeLimits;
use sandbox::{Job, RunError, Walls};

use super::support::{frame, runtime, sandbox};

fn limited(code: &str, change: impl FnOnce(&mut CodeLimits)) -> RunError {
    let mut limits = CodeLimits {
        code_wall_ms_max: 20_000,
        ..CodeLimits::default()
    };
    change(&mut limits);
    let job = Job {
        code: code.to_owned(),
        frame: frame(),
        limits,
    };
    runtime()
        .block_on(async { sandbox(Walls::Both).await.run(job).await })
        .unwrap_err()
}

#[test]
fn an_endless_loop_ends_by_wall_time_and_keeps_its_text() {
    let error = limited("print('here')\nwhile True:\n    pass", |limits| {
        limits.code_wall_ms_max = 1_000
    });
    assert_eq!(
        (error.code(), error.place().unwrap().stdout.as_str()),
        ("timeout", "here\n")
    );
}

#[test]
fn an_endless_loop_ends_by_processor_time() {
    let error = limited("while True:\n    pass", |limits| {
        limits.code_cpu_ms_max = 1_000
    });
    assert_eq!(error.code(), "timeout");
    assert!(error.to_string().contains("processor"), "{error}");
}

#[test]
fn eating_memory_is_a_memory_error() {
    for code in [
        "x = []\nwhile True:\n    x.append('a' * 10_000_000)",
        "x = np.ones((40_000, 40_000))",
        "x = 'a' * 10 ** 11",
        "x = [0] * 10 ** 10",
        "x = range(10 ** 12)\ny = list(x)",
    ] {
        let error = limited(code, |_| {});
        assert_eq!(error.code(), "memory", "{code}: {error}");
    }
}

#[test]
fn printing_for_ever_is_cut_and_then_ends_by_time() {
    let error = limited("while True:\n    print('x' * 1000)", |limits| {
        limits.code_wall_ms_max = 1_500
    });
    assert_eq!(error.code(), "timeout");
    assert!(error.place().unwrap().stdout.len() <= 64 << 10);
}

#[test]
fn printing_gigabytes_is_cut_and_the_figure_still_comes() {
    let code = "for i in range(2000):\n    print('é' * 1_000_000)\nfig = px.bar(df, x='species', y='bill')";
    let job = super::support::job(code);
    let run = runtime()
        .block_on(async { sandbox(Walls::Both).await.run(job).await })
        .unwrap();
    assert!(run.stdout_cut && run.stdout.len() <= 64 << 10 && run.stdout.starts_with("éé"));
}

#[test]
fn a_figure_past_its_size_is_an_output_error() {
    let error = limited(
        "fig = px.scatter(x=list(range(50_000)), y=['text'] * 50_000)",
        |limits| limits.code_result_bytes_max = 100_000,
    );
    assert_eq!(error.code(), "output");
}

#[test]
fn no_figure_says_what_fig_was() {
    assert_eq!(limited("x = 1", |_| {}).code(), "no_figure");
    assert_eq!(limited("", |_| {}).code(), "no_figure");
    let error = limited("fig = df", |_| {});
    assert!(
        error.code() == "no_figure" && error.to_string().contains("DataFrame"),
        "{error}"
    );
}

#[test]
fn length_and_depth_of_the_source_are_bounded() {
    assert_eq!(limited(&"x = 1\n".repeat(20_000), |_| {}).code(), "syntax");
    assert_eq!(
        limited(
            &format!("x = {}1{}", "[".repeat(100), "]".repeat(100)),
            |_| {}
        )
        .code(),
        "syntax"
    );
    assert_eq!(
        limited("x = 1\n", |limits| limits.code_source_bytes_max = 3).code(),
        "syntax"
    );
}

#[test]
fn recursion_without_end_is_an_ordinary_error() {
    let error = limited("def f(x):\n    return f(x)\nf(1)", |_| {});
    assert_eq!(error.code(), "failed");
    assert!(error.to_string().contains("RecursionError"), "{error}");
}

#[test]
fn a_frame_past_its_size_is_refused_not_cut() {
    assert_eq!(
        limited("fig = 1", |limits| limits.code_frame_bytes_max = 10).code(),
        "memory"
    );
}
