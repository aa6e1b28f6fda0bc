//! Values as labels: of an axis of categories, and of the entries of a legend.

use crate::text::{clip, escape};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What stands for a value that is not there.
const MISSING: &str = "missing";

/// The order of values: numbers as numbers and before text, text by its code points.
pub(crate) fn key_order(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// The same, with missing values at the end.
pub(crate) fn missing_last(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => key_order(a, b),
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    }
}

/// A label for each value, escaped, and different for different values: two long texts that begin
/// alike, or a text that says "missing", must not fall together with another.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    by_key: BTreeMap<Option<String>, String>,
    ordered: Vec<String>,
}

impl Labels {
    pub(crate) fn of(keys: impl IntoIterator<Item = Option<String>>) -> Self {
        let keys: BTreeSet<Option<String>> = keys.into_iter().collect();
        let mut keys: Vec<Option<String>> = keys.into_iter().collect();
        keys.sort_by(|a, b| missing_last(a.as_deref(), b.as_deref()));
        let mut taken = BTreeSet::new();
        let mut labels = Self::default();
        for key in keys {
            let plain = key.as_deref().map_or_else(|| MISSING.to_owned(), clip);
            let mut label = plain.clone();
            let mut count = 1_u64;
            while !taken.insert(label.clone()) {
                count += 1;
                label = format!("{plain} ({count})");
            }
            let label = escape(&label);
            labels.ordered.push(label.clone());
            labels.by_key.insert(key, label);
        }
        labels
    }

    pub(crate) fn get(&self, key: &Option<String>) -> &str {
        self.by_key.get(key).map_or(MISSING, String::as_str)
    }

    /// All labels in the order of their values, missing last.
    pub(crate) fn ordered(&self) -> &[String] {
        &self.ordered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn different_values_have_different_labels() {
        let long = "x".repeat(300);
        let (one, two) = (format!("{long}1"), format!("{long}2"));
        let labels = Labels::of([some("missing"), None, some(&one), some(&two)]);
        assert_eq!(labels.get(&some("missing")), "missing");
        assert_eq!(labels.get(&None), "missing (2)");
        assert_ne!(labels.get(&some(&one)), labels.get(&some(&two)));
    }

    #[test]
    fn labels_stand_in_the_order_of_their_values() {
        let labels = Labels::of([None, some("10"), some("<b>"), some("9")]);
        assert_eq!(labels.ordered(), ["9", "10", "&lt;b&gt;", "missing"]);
    }
}
