//! Which conditions of a render apply to which table.
//!
//! A filter that cannot be applied is an error on every component it might have been meant for:
//! data that looks filtered and is not would be worse than none.

use domain::dashboard::{Flaw, RenderFilter, Tab};
use domain::limits::RequestLimits;
use domain::{CollectionId, Column, Filter};
use std::collections::{BTreeMap, BTreeSet};

/// The conditions on one table, in their one order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Conditions {
    /// The conditions.
    pub(crate) filters: Vec<Filter>,
    /// Which filter of the request each of them was.
    pub(crate) asked: Vec<usize>,
}

/// The tables of a dashboard and what columns they have: what a filter can be meant for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    columns: BTreeMap<CollectionId, BTreeSet<String>>,
}

impl Scope {
    /// Adds a table. One that cannot be read has no columns.
    pub(crate) fn add<'a>(
        &mut self,
        collection: &CollectionId,
        columns: impl IntoIterator<Item = &'a Column>,
    ) {
        self.columns
            .entry(collection.clone())
            .or_default()
            .extend(columns.into_iter().map(|column| column.name.clone()));
    }

    /// The conditions on one table at the version that has these columns.
    ///
    /// # Errors
    /// All filters that are meant for this table, or for nobody, and cannot be applied.
    pub(crate) fn conditions(
        &self,
        filters: &[RenderFilter],
        collection: &CollectionId,
        columns: &[Column],
    ) -> Result<Conditions, Vec<Flaw>> {
        let has = |name: &str| columns.iter().any(|column| column.name == name);
        let mut conditions = Vec::new();
        let mut flaws = Vec::new();
        for (index, filter) in filters.iter().enumerate() {
            let column = &filter.column;
            match &filter.collection {
                Some(meant) if meant == collection => {
                    if has(column) {
                        conditions.push((filter.condition(), index));
                    } else {
                        flaws.push(flaw(
                            index,
                            "column",
                            format!("there is no column “{column}”"),
                        ));
                    }
                }
                Some(meant) if self.columns.contains_key(meant) => {}
                Some(_) => flaws.push(flaw(
                    index,
                    "collection",
                    "no component or filter here uses this collection".to_owned(),
                )),
                None if has(column) => conditions.push((filter.condition(), index)),
                None if self
                    .columns
                    .values()
                    .any(|columns| columns.contains(column)) => {}
                None => flaws.push(flaw(
                    index,
                    "column",
                    format!("no table here has a column “{column}”"),
                )),
            }
        }
        if flaws.is_empty() {
            Ok(canonical(conditions))
        } else {
            Err(flaws)
        }
    }
}

fn flaw(index: usize, field: &str, message: String) -> Flaw {
    Flaw {
        pointer: format!("/filters/{index}/{field}"),
        message,
    }
}

/// One order and no repetition, so that the same conditions are the same question however they
/// were clicked together.
fn canonical(mut conditions: Vec<(Filter, usize)>) -> Conditions {
    conditions.sort_by_cached_key(|(filter, _)| serde_json::to_string(filter).unwrap_or_default());
    conditions.dedup_by(|next, kept| next.0 == kept.0);
    let (filters, asked) = conditions.into_iter().unzip();
    Conditions { filters, asked }
}

/// What is wrong with the filters of a request on their own: their number and their values.
#[must_use]
pub fn filter_flaws(filters: &[RenderFilter], limits: &RequestLimits) -> Vec<Flaw> {
    let most = limits.query_filters_max;
    if filters.len() as u64 > most {
        return vec![Flaw {
            pointer: "/filters".to_owned(),
            message: format!("at most {most} filters are allowed"),
        }];
    }
    filters
        .iter()
        .enumerate()
        .filter_map(|(index, filter)| {
            let error = filter
                .condition()
                .operands(limits.filter_values_max)
                .err()?;
            Some(Flaw {
                pointer: format!("/filters/{index}{}", error.pointer),
                message: error.message,
            })
        })
        .collect()
}

/// All collections that a dashboard's components and filters use.
pub(crate) fn collections(tabs: &[Tab]) -> BTreeSet<CollectionId> {
    tabs.iter()
        .flat_map(|tab| {
            let components = tab
                .components
                .iter()
                .filter_map(|component| component.content.source().map(|(id, _)| id.clone()));
            components.chain(tab.filters.iter().map(|widget| widget.collection.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ColumnType;

    fn id(digit: char) -> CollectionId {
        format!("col_{}", digit.to_string().repeat(32))
            .parse()
            .unwrap()
    }

    fn columns(names: &[&str]) -> Vec<Column> {
        names
            .iter()
            .map(|name| Column {
                name: (*name).to_owned(),
                kind: ColumnType::String,
            })
            .collect()
    }

    fn filters(json: serde_json::Value) -> Vec<RenderFilter> {
        serde_json::from_value(json).unwrap()
    }

    fn scope() -> Scope {
        let mut scope = Scope::default();
        scope.add(&id('1'), &columns(&["species", "island"]));
        scope.add(&id('2'), &columns(&["species", "day"]));
        scope
    }

    #[test]
    fn a_filter_without_a_table_reaches_every_table_that_has_the_column() {
        let asked = filters(serde_json::json!([
            {"column": "species", "op": "eq", "value": "Adelie"},
            {"column": "day", "op": "not_null"},
        ]));
        let on_first = scope()
            .conditions(&asked, &id('1'), &columns(&["species", "island"]))
            .unwrap();
        assert_eq!(on_first.filters.len(), 1);
        let on_second = scope()
            .conditions(&asked, &id('2'), &columns(&["species", "day"]))
            .unwrap();
        assert_eq!(on_second.filters.len(), 2);
    }

    #[test]
    fn a_filter_nobody_can_apply_is_an_error_and_not_forgotten() {
        let cases = [
            (
                serde_json::json!([{"column": "speces", "op": "not_null"}]),
                "/filters/0/column",
            ),
            (
                serde_json::json!([{"collection": id('1'), "column": "day", "op": "not_null"}]),
                "/filters/0/column",
            ),
            (
                serde_json::json!([{"collection": id('9'), "column": "species", "op": "not_null"}]),
                "/filters/0/collection",
            ),
        ];
        for (asked, pointer) in cases {
            let flaws = scope()
                .conditions(&filters(asked), &id('1'), &columns(&["species", "island"]))
                .unwrap_err();
            assert_eq!(flaws[0].pointer, pointer);
        }
    }

    #[test]
    fn a_filter_for_another_table_leaves_this_one_alone() {
        let asked = filters(serde_json::json!([
            {"collection": id('2'), "column": "day", "op": "not_null"},
        ]));
        let conditions = scope().conditions(&asked, &id('1'), &columns(&["species"]));
        assert_eq!(conditions.unwrap(), Conditions::default());
    }

    #[test]
    fn the_same_conditions_are_the_same_question_in_any_order() {
        let one = serde_json::json!({"column": "species", "op": "eq", "value": "a"});
        let two = serde_json::json!({"column": "island", "op": "eq", "value": "b"});
        let ask = |list: serde_json::Value| {
            scope()
                .conditions(&filters(list), &id('1'), &columns(&["species", "island"]))
                .unwrap()
        };
        let (first, second) = (
            ask(serde_json::json!([one, two, one])),
            ask(serde_json::json!([two, one])),
        );
        assert_eq!(first.filters, second.filters);
        // Each still knows which filter of the request it was.
        assert_eq!((first.asked, second.asked), (vec![1, 0], vec![0, 1]));
    }

    #[test]
    fn values_that_do_not_fit_their_operator_are_found_before_any_table_is_read() {
        let asked = filters(serde_json::json!([
            {"column": "a", "op": "eq", "value": 1},
            {"column": "a", "op": "between", "values": [1]},
        ]));
        let flaws = filter_flaws(&asked, &RequestLimits::default());
        assert_eq!(flaws.len(), 1);
        assert_eq!(flaws[0].pointer, "/filters/1/values");
    }
}
