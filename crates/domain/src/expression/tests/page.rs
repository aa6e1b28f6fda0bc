//! docs/filters.md against the language: its examples are read, its forms are kept as it says, its errors are these.

use super::*;

const PAGE: &str = include_str!("../../../../../docs/filters.md");

/// The blocks of a kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("\n```{kind}\n");
    PAGE.split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect()
}

#[test]
fn the_examples_are_filters() {
    let lines: Vec<&str> = blocks("filter").into_iter().flat_map(str::lines).collect();
    assert!(lines.len() > 35, "{}", lines.len());
    for line in lines {
        read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

#[test]
fn each_form_is_kept_as_the_page_says() {
    let (_, table) = PAGE.split_once("| written | kept |\n|---|---|\n").unwrap();
    let rows: Vec<&str> = table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() > 5);
    for row in rows {
        let [_, written, _, kept, _] = row.split('`').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        assert_eq!(read(written).unwrap().to_string(), kept);
    }
}

#[test]
fn the_errors_are_told_as_the_page_shows_them() {
    let shown = blocks("filter-error");
    assert!(shown.len() > 9);
    for block in shown {
        let text = block.lines().next().unwrap();
        let error = read(text).unwrap_err();
        assert_eq!(format!("{}\n{error}", error.excerpt), block);
    }
}

#[test]
fn the_page_names_every_keyword_function_and_kind_of_mistake() {
    assert!(PAGE.contains(&format!("`{}`", super::super::operands::KEYWORDS.join(" "))));
    for function in Function::ALL {
        assert!(
            PAGE.contains(&format!("`{}`", function.as_str())),
            "{function:?}"
        );
    }
    use ExpressionFault::{
        Column, Deep, Function as NoFunction, Long, Many, Quotes, Syntax, Type, Value,
    };
    let kinds = [
        Long, Deep, Many, Quotes, Syntax, Column, NoFunction, Type, Value,
    ];
    let names = kinds.map(|kind| {
        serde_json::to_value(kind)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    });
    assert!(PAGE.contains(&format!("`{}`", names.join(" "))));
}
