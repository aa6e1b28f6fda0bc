//! Which columns of `df` a script can touch.

use std::collections::BTreeSet;

/// Columns of the frame that the code can touch, when the source shows them safely; none means all.
#[must_use]
pub fn columns_used(_code: &str, _columns: &[&str]) -> Option<BTreeSet<String>> {
    None
}
