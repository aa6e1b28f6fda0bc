//! What is refused, where the caret stands and what is said.

use super::*;
use ExpressionFault::{
    Column as NoColumn, Deep, Function as NoFunction, Long, Many, Quotes, Syntax, Type, Value,
};

/// Text, kind of mistake, what the place holds, and a part of the sentence.
const MISTAKES: &[(&str, ExpressionFault, &str, &str)] = &[
    // Unknown names.
    ("ag > 30", NoColumn, "ag", "perhaps \"age\" is meant"),
    (
        "condition = treated",
        NoColumn,
        "treated",
        "text stands in quotes",
    ),
    (
        "`body mass` > 3",
        NoColumn,
        "`body mass`",
        "there is no column \"body mass\"",
    ),
    (
        "lowercase(condition) = 'x'",
        NoFunction,
        "lowercase",
        "no function lowercase()",
    ),
    (
        "uper(condition) = 'x'",
        NoFunction,
        "uper",
        "perhaps upper() is meant",
    ),
    (
        "taken > today()",
        NoFunction,
        "today",
        "write the day itself",
    ),
    ("max(age) > 3", NoFunction, "max", "one row at a time"),
    // Types.
    (
        "age > \"x\"",
        Type,
        "\"x\"",
        "age is a whole number, and this is text",
    ),
    (
        "age > '30'",
        Type,
        "'30'",
        "write the number without quotes",
    ),
    (
        "condition = 5",
        Type,
        "5",
        "condition is text, and this is a number: write it in quotes",
    ),
    ("paired = 1", Type, "1", "write true or false"),
    ("paired > true", Type, "paired > true", "have no order"),
    (
        "paired between true and false",
        Type,
        "paired between true and false",
        "have no order",
    ),
    (
        "age = condition",
        Type,
        "condition",
        "age is a whole number, and condition is text",
    ),
    (
        "taken = seen",
        Type,
        "seen",
        "date(..) makes a day of a moment",
    ),
    ("taken > 2024", Type, "2024", "compare year(..)"),
    (
        "taken = timestamp('2024-01-01T00:00:00')",
        Type,
        "timestamp('2024-01-01T00:00:00')",
        "write the day alone",
    ),
    ("age like '3%'", Type, "age", "`like` looks at text"),
    ("age contains '3'", Type, "age", "`contains` looks at text"),
    ("lower(age) = 'x'", Type, "age", "lower() takes text"),
    (
        "year(condition) = 3",
        Type,
        "condition",
        "year() takes a day or moment",
    ),
    ("age in (1, 'x')", Type, "'x'", "this is text"),
    ("1 = 1", Type, "1 = 1", "one side must be a column"),
    (
        "lower('X') = condition",
        Type,
        "'X'",
        "a column, or a function of one",
    ),
    ("5 in (5)", Type, "5", "a column, or a function of one"),
    ("age", Type, "age", "what is it compared with?"),
    ("true", Type, "true", "a value alone is no condition"),
    ("(age) > 3", Type, "age", "what is it compared with?"),
    // Values.
    (
        "taken > '01.05.2024'",
        Value,
        "'01.05.2024'",
        "not a day like 2024-02-29",
    ),
    (
        "taken > '2023-02-29'",
        Value,
        "'2023-02-29'",
        "not a day like 2024-02-29",
    ),
    ("sent > 'soon'", Value, "'soon'", "not a day or moment"),
    ("taken = date('x')", Value, "'x'", "not a day"),
    (
        "sent > timestamp('2024-05-01')",
        Value,
        "'2024-05-01'",
        "not a moment",
    ),
    (
        "age > 9223372036854775808",
        Value,
        "9223372036854775808",
        "too large",
    ),
    ("expression > -1e999", Value, "-1e999", "too large"),
    (
        "age > 30kg",
        Value,
        "30kg",
        "a number ends where this goes on",
    ),
    ("10x > 3", Value, "10x", "stands in backticks"),
    (
        "age > 1.",
        Value,
        "1.",
        "digits are missing after the point",
    ),
    (
        "age > 1e",
        Value,
        "1e",
        "digits are missing in the exponent",
    ),
    (
        "sample_id like 'a!b' escape '!'",
        Value,
        "'a!b'",
        "the escape at character 2",
    ),
    // Quotes.
    (
        "condition = \"treated",
        Quotes,
        "\"",
        "this quote is not closed",
    ),
    (
        "condition = 'it's'",
        Quotes,
        "'",
        "this quote is not closed",
    ),
    ("`age > 3", Quotes, "`", "this backtick is not closed"),
    (
        r#"condition = "C:\data""#,
        Quotes,
        r"\d",
        "a backslash in text stands before",
    ),
    (
        r#"condition = "\u{d800}""#,
        Quotes,
        r"\u{d800}",
        "a backslash in text stands before",
    ),
    ("(age > 3", Quotes, "(", "this parenthesis is not closed"),
    ("age in (3", Quotes, "(", "this parenthesis is not closed"),
    // Grammar.
    ("", Syntax, "", "the filter ends"),
    ("   ", Syntax, "", "the filter ends"),
    ("age >", Syntax, "", "the filter ends"),
    ("age > 3 and", Syntax, "", "the filter ends"),
    ("age > > 3", Syntax, ">", "not `>`"),
    (
        "and age > 3",
        Syntax,
        "and",
        "a column or a value is expected here",
    ),
    (
        "age > 3 age < 5",
        Syntax,
        "age",
        "`and` or `or` is expected",
    ),
    ("body mass > 3", NoColumn, "body", "there is no column"),
    ("1 < age < 3", Syntax, "<", "one comparison"),
    ("age > 3)", Syntax, ")", "never opened"),
    ("age in ()", Syntax, "()", "this list is empty"),
    ("age in 3", Syntax, "3", "`(` is expected here"),
    ("age in (1 2)", Syntax, "2", "`,` between them"),
    ("age in (1,)", Syntax, ")", "a column or a value"),
    ("age in (year)", Syntax, "year", "a list holds values"),
    ("age between 1", Syntax, "", "two ends"),
    ("age between 1 or 2", Syntax, "or", "two ends"),
    ("age = null", Syntax, "null", "write `is null`"),
    ("age is 3", Syntax, "3", "after `is`"),
    ("age not 3", Type, "age", "what is it compared with?"),
    ("paired not 3", Syntax, "not", "after `not` here"),
    ("sample_id like 3", Syntax, "3", "a pattern in quotes"),
    (
        "sample_id like 'a' escape 'ab'",
        Syntax,
        "'ab'",
        "the escape is one character",
    ),
    (
        "sample_id like 'a' escape '%'",
        Syntax,
        "'%'",
        "the escape is one character",
    ),
    ("sample_id contains year", Syntax, "year", "text in quotes"),
    ("contains(sample_id)", Syntax, ")", "`,` is expected here"),
    (
        "lower(sample_id, 'x') = 'x'",
        Syntax,
        ",",
        "takes one value",
    ),
    ("lower() = 'x'", Syntax, ")", "a column or a value"),
    (
        "age > (3)",
        Syntax,
        "(",
        "parentheses hold whole conditions",
    ),
    (
        "(paired) = true",
        Syntax,
        "=",
        "parentheses hold whole conditions",
    ),
    ("age > 3 && age < 5", Syntax, "&&", "write `and`"),
    ("age > 3 || age < 5", Syntax, "||", "write `or`"),
    ("!paired", Syntax, "!", "write `not`"),
    ("age > 3;", Syntax, ";", "without a semicolon"),
    ("age + 1 > 3", Syntax, "+", "filters do not calculate"),
    ("paired - 1", Syntax, "-", "stands in backticks"),
    ("condition = “treated”", Syntax, "“", "straight quotes"),
    ("age > 3 -- all", Syntax, "-", "filters do not calculate"),
    ("age > $1", Syntax, "$", "stands in backticks"),
    (
        "age > -",
        Syntax,
        "",
        "a number is expected after the minus",
    ),
    ("`` = 3", NoColumn, "``", "there is no column"),
    (
        "and(age) > 3",
        Syntax,
        "and",
        "a column called `and` stands in backticks",
    ),
];

#[test]
fn each_mistake_has_its_kind_its_place_and_its_sentence() {
    for (text, fault, place, said) in MISTAKES {
        let error = read(text).expect_err(text);
        let held: String = text
            .chars()
            .skip(error.start)
            .take(error.end - error.start)
            .collect();
        assert_eq!(
            (error.fault, held.as_str()),
            (*fault, *place),
            "{text}: {error}"
        );
        assert!(error.message.contains(said), "{text}: {error}");
        let lines: Vec<&str> = error.excerpt.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(
            lines[1].chars().filter(|c| *c == '^').count(),
            place.chars().count().max(1),
            "{text}"
        );
    }
}

#[test]
fn the_caret_stands_under_the_place() {
    insta::assert_snapshot!(shown("age > 30 and\n  conditoin in (\"treated\")"), @r#"
    line 2, character 3: there is no column "conditoin"; perhaps "condition" is meant
      conditoin in ("treated")
      ^^^^^^^^^
    "#);
    insta::assert_snapshot!(shown("taken > \"01.05.2024\""), @r#"
    line 1, character 9: taken is a day, and this is not a day like 2024-02-29
    taken > "01.05.2024"
            ^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(shown("age between 18"), @r"
    line 1, character 15: `and` is expected here: `between` has two ends, both in
    age between 18
                  ^
    ");
}

fn shown(text: &str) -> String {
    let error = read(text).unwrap_err();
    format!(
        "line {}, character {}: {error}\n{}",
        error.line, error.column, error.excerpt
    )
}

#[test]
fn limits_are_told_not_overrun() {
    let limits = RequestLimits {
        filter_expression_chars_max: 80,
        filter_expression_depth_max: 3,
        filter_expression_conditions_max: 4,
        filter_values_max: 3,
        filter_pattern_chars_max: 5,
        ..RequestLimits::default()
    };
    let read = |text: &str| Expression::read(text, &columns(), &limits);
    let fault = |text: &str| read(text).unwrap_err().fault;
    assert!(read(&format!("age > 3{}", " ".repeat(73))).is_ok());
    assert_eq!(fault(&format!("age > 3{}", " ".repeat(74))), Long);
    // Short as written, long as printed: `\u{1}` is five characters.
    assert_eq!(
        fault(&format!("sample_id = '{}'", "\u{1}".repeat(20))),
        Long
    );
    assert!(read("sample_id like 'ääää%'").is_ok());
    assert_eq!(fault("sample_id like 'äääää%'"), Long);
    assert!(read("(((age > 3)))").is_ok());
    assert_eq!(fault("((((age > 3))))"), Deep);
    assert_eq!(fault("not not not not age > 3"), Deep);
    assert_eq!(fault("lower(lower(lower(lower(condition)))) = ''"), Deep);
    assert!(read("paired or paired or paired or paired").is_ok());
    assert_eq!(
        fault("paired or paired or paired or paired or paired"),
        Many
    );
    assert!(read("age in (1, 2, 3)").is_ok());
    assert_eq!(fault("age in (1, 2, 3, 4)"), Many);
}

#[test]
fn what_is_long_or_deep_is_refused_quickly() {
    let limits = RequestLimits::default();
    let size = usize::try_from(limits.filter_expression_chars_max).unwrap();
    let start = std::time::Instant::now();
    for text in [
        "(".repeat(size),
        "not ".repeat(size / 4),
        "lower(".repeat(size / 6),
        "`".repeat(size - 1),
        "'".repeat(size - 1),
        "\\".repeat(size),
        "x".repeat(size),
        "paired or ".repeat(size / 10),
        format!("sample_id = '{}", r"\u{".repeat(size / 4)),
        format!("age in ({}", "1,".repeat(size / 2 - 10)),
        format!("sample_id like '{}", "%_".repeat(size / 2 - 10)),
        "-".repeat(size),
        " ".repeat(size),
        "x".repeat(100 * size),
    ] {
        assert!(read(&text).is_err());
    }
    let values = (0..9_000)
        .map(|n| format!("'S{n}'"))
        .collect::<Vec<_>>()
        .join(", ");
    assert!(read(&format!("sample_id in ({values})")).is_ok());
    let pattern_max = usize::try_from(limits.filter_pattern_chars_max).unwrap();
    let like = |times| format!("sample_id like '{}'", "%_a".repeat(times));
    assert!(read(&like(pattern_max / 3)).is_ok());
    assert!(read(&like(pattern_max / 3 + 1)).is_err());
    // Generous, for a machine under load without optimisation: all of it together takes a tenth of this.
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
