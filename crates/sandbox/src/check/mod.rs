//! Reads a script without running it: what is not Python, and what Code Mode refuses, each at its place.
//!
//! The editor shows these while a person types, and every run begins here, so that what the source shows to be
//! refused is refused before the first statement, also in a branch never taken. It is not a wall: what the source
//! does not show is left to the guard and the kernel.

mod bound;
mod columns;
mod imports;
mod names;
mod patterns;
mod position;
mod reader;

use ruff_python_ast::Mod;
use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_ast::visitor::Visitor as _;
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::{Ranged as _, TextRange};
use serde::Serialize;

use bound::Bound;
use domain::limits::CodeLimits;
use position::Lines;
use reader::Reader;

pub use columns::columns_used;

/// Stack for reading one script: a source within the length limit can nest thousands deep before the depth limit
/// is known to be passed, and the parser recurses. Only pages that are touched cost anything.
const STACK_BYTES: usize = 512 << 20;
/// Depth of the syntax tree itself, which long sums and method chains reach without any bracket; Python's own
/// compiler gives up somewhat later.
const TREE_DEPTH_MAX: usize = 240;

/// Something wrong at a place. Lines and columns count from 1; the end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// First line.
    pub line: u32,
    /// First column, in characters.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
    /// What is wrong and what to write instead.
    pub message: String,
    /// Which kind.
    pub code: FindingCode,
}

/// The kind of a [`Finding`]; the same words as a run's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// Not Python.
    Syntax,
    /// Python that Code Mode does not run.
    Refused,
}

/// All findings in the order of their places, with the default limits of length and depth.
#[must_use]
pub fn check(code: &str) -> Vec<Finding> {
    check_within(code, &CodeLimits::default())
}

/// All findings in the order of their places, with these limits of length and depth.
#[must_use]
pub fn check_within(code: &str, limits: &CodeLimits) -> Vec<Finding> {
    if u64::try_from(code.len()).unwrap_or(u64::MAX) > limits.code_source_bytes_max {
        let message = format!(
            "The script is longer than {} bytes.",
            limits.code_source_bytes_max
        );
        return vec![Finding {
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            message,
            code: FindingCode::Syntax,
        }];
    }
    on_a_deep_stack(
        code,
        usize::try_from(limits.code_depth_max).unwrap_or(usize::MAX),
    )
}

/// The first finding, if any; an error in the syntax comes before what is refused.
fn worst(findings: Vec<Finding>) -> Option<Finding> {
    let syntax = findings
        .iter()
        .find(|finding| finding.code == FindingCode::Syntax)
        .cloned();
    syntax.or_else(|| findings.into_iter().next())
}

fn on_a_deep_stack(code: &str, depth_max: usize) -> Vec<Finding> {
    // Not read means not run.
    with_a_deep_stack(|| read(code, &parse(code), depth_max)).unwrap_or_else(|| {
        vec![Finding {
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            message: "The script could not be read.".to_owned(),
            code: FindingCode::Syntax,
        }]
    })
}

/// What stands against running this, if anything, while the caller does something else: a long script takes some ten
/// milliseconds to read. No answer when it could not be read.
pub(crate) async fn first_aside(code: &str, depth_max: usize) -> Option<Option<Finding>> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    let code = code.to_owned();
    std::thread::Builder::new()
        .name("check".to_owned())
        .stack_size(STACK_BYTES)
        // Nobody waits for it when the run was given up.
        .spawn(move || answer.send(worst(read(&code, &parse(&code), depth_max))))
        .ok()?;
    answered.await.ok()
}

/// None when there is no such stack, or what it was for failed.
fn with_a_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("check".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .ok()?
            .join()
            .ok()
    })
}

fn parse(code: &str) -> Parsed<Mod> {
    parse_unchecked(code, ParseOptions::from(Mode::Module))
}

fn read(code: &str, parsed: &Parsed<Mod>, depth_max: usize) -> Vec<Finding> {
    let lines = Lines::of(code);
    if code.contains('\0') {
        return vec![lines.finding(
            Default::default(),
            FindingCode::Syntax,
            "The script has a NUL character.",
        )];
    }
    let mut findings: Vec<Finding> = parsed
        .errors()
        .iter()
        .map(|error| lines.finding(error.location, FindingCode::Syntax, error.error.to_string()))
        .collect();
    if let Some(range) = too_many_brackets(parsed.tokens(), depth_max) {
        let message = "Brackets are nested too deeply; use variables in between.";
        return vec![lines.finding(range, FindingCode::Syntax, message)];
    }
    if let Mod::Module(module) = parsed.syntax() {
        let mut bound = Bound::default();
        bound.visit_body(&module.body);
        let mut reader = Reader::new(&lines, &bound, depth_max, TREE_DEPTH_MAX);
        reader.visit_body(&module.body);
        findings.extend(reader.into_findings());
    }
    findings.sort_by_key(|finding| (finding.line, finding.column));
    findings
}

/// Plain parentheses leave no trace in the tree, so brackets are counted where they stand.
fn too_many_brackets(tokens: &[Token], depth_max: usize) -> Option<TextRange> {
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind() {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                depth = depth.saturating_sub(1)
            }
            _ => {}
        }
        if depth > depth_max {
            return Some(token.range());
        }
    }
    None
}

#[cfg(test)]
mod tests;
