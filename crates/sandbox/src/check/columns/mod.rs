//! Which columns of `df` a script can touch, where the source shows it, so that only those need be loaded.
//!
//! A column can be touched without its name in the source (`df.mean()`, `px.histogram(df)`, a name put together from
//! parts). So three things are done. [`bindings`] finds what each name of the script may stand for; [`kinds`] tells
//! from that what an expression gives: the whole frame or rows of it, a part of it, or words; [`uses`] then holds every
//! use of a whole frame against the few forms whose columns are all written out. One use that is not among them, and
//! all columns are loaded. If all are, the columns are those whose name stands anywhere in the script: more than
//! needed at times, never fewer.
//!
//! It need not hold against a script that means to defeat it. Such a script misses columns of data that its author
//! may read anyway, and sees an error.

mod bindings;
mod calls;
mod drawn;
mod judge;
mod kinds;
mod uses;

use std::collections::BTreeSet;

use domain::limits::CodeLimits;
use ruff_python_ast::{Mod, Stmt};

use kinds::Kinds;
use uses::Uses;

/// Names that Plotly Express gives to columns of its own, or tries first; it evades a column of the frame that has one
/// of them already, so such a column is part of what is drawn. Names of arguments are among them.
const EVADED: [&str; 8] = [
    "index", "level_0", "value", "variable", "count", "labels", "parent", "id",
];

/// Columns of the frame that the code can touch, when the source shows them safely; none means all.
///
/// The set may be empty. The frame must then still have its rows, so it needs some column; which one is the caller's
/// choice.
#[must_use]
pub fn columns_used(code: &str, columns: &[&str]) -> Option<BTreeSet<String>> {
    let limits = CodeLimits::default();
    if u64::try_from(code.len()).unwrap_or(u64::MAX) > limits.code_source_bytes_max {
        return None;
    }
    let depth = usize::try_from(limits.code_depth_max).unwrap_or(usize::MAX);
    super::with_a_deep_stack(|| {
        let parsed = super::parse(code);
        // What is refused never runs, and what is nested too deeply is not walked.
        if !super::read(code, &parsed, depth).is_empty() {
            return None;
        }
        match parsed.syntax() {
            Mod::Module(module) => used(&module.body, columns),
            Mod::Expression(_) => None,
        }
    })
    .flatten()
}

fn used(body: &[Stmt], columns: &[&str]) -> Option<BTreeSet<String>> {
    let bindings = bindings::of(body);
    let kinds = Kinds::of(&bindings, columns)?;
    let words = Uses::of(&kinds, body)?;
    let evaded = |name: &str| {
        let plain = name.trim_start_matches(['_', '0']);
        EVADED.contains(&plain) || calls::among(drawn::COLUMN_ARGUMENTS, plain)
    };
    let touched = columns
        .iter()
        .filter(|name| words.contains(**name) || evaded(name));
    Some(touched.map(|name| (*name).to_owned()).collect())
}

#[cfg(test)]
mod tests;
