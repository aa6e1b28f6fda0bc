//! Each form of the grammar, and the one text it is printed as.

use super::*;

/// Written so, printed so.
const FORMS: &[(&str, &str)] = &[
    (
        r#"age > 30 and condition in ("treated", "recovery") and sample_id like "SAMPLE_00%""#,
        r#"age > 30 and condition in ("treated", "recovery") and sample_id like "SAMPLE_00%""#,
    ),
    // Signs.
    ("age == 30", "age = 30"),
    ("age<>30", "age != 30"),
    (
        "age ≥ 30 or age ≤ 3 or age ≠ 7",
        "age >= 30 or age <= 3 or age != 7",
    ),
    ("30 < age", "age > 30"),
    ("3 >= age", "age <= 3"),
    ("age = year", "age = year"),
    // Numbers.
    ("age > -5", "age > -5"),
    ("age > - 5", "age > -5"),
    ("age > -9223372036854775808", "age > -9223372036854775808"),
    ("age < 2.50", "age < 2.5"),
    ("expression < 1e-7", "expression < 1e-7"),
    ("expression < 1E+20", "expression < 1e20"),
    ("expression < .5", "expression < 0.5"),
    ("expression = 3", "expression = 3"),
    ("expression = 3.0", "expression = 3.0"),
    // Text.
    ("sample_id = 'it''s'", r#"sample_id = "it's""#),
    (r#"sample_id = "say ""hi""""#, r#"sample_id = "say \"hi\"""#),
    (
        r#"sample_id = 'a\'b\\c\n\u{e4}'"#,
        r#"sample_id = "a'b\\c\nä""#,
    ),
    ("sample_id = \"a\u{202E}b\"", r#"sample_id = "a\u{202e}b""#),
    ("sample_id = ''", r#"sample_id = """#),
    // Names.
    ("`body mass (g)` > 4000", "`body mass (g)` > 4000"),
    ("`age` > 3", "age > 3"),
    ("`not` = 'x'", r#"`not` = "x""#),
    ("`tick``ed` = 'x'", r#"`tick``ed` = "x""#),
    ("größe.cm > 3", "größe.cm > 3"),
    // Keywords in any case.
    ("AGE_IS_NO_KEYWORD", ""),
    (
        "age > 3 AND Not age BETWEEN 5 and 7",
        "age > 3 and age not between 5 and 7",
    ),
    (
        "age IS NULL OR age is not missing",
        "age is null or age is not null",
    ),
    // Truth.
    ("paired", "paired = true"),
    ("not paired", "paired != true"),
    ("paired = FALSE", "paired = false"),
    // What binds more tightly, and parentheses that change nothing.
    (
        "age > 1 or age > 2 and age > 3",
        "age > 1 or age > 2 and age > 3",
    ),
    (
        "(age > 1 or age > 2) and age > 3",
        "(age > 1 or age > 2) and age > 3",
    ),
    ("((age > 1))", "age > 1"),
    (
        "age > 1 and (age > 2 and (age > 3))",
        "age > 1 and age > 2 and age > 3",
    ),
    // Not.
    ("not age > 30", "age <= 30"),
    ("not not age > 30", "age > 30"),
    ("not (age > 1 and age > 2)", "not (age > 1 and age > 2)"),
    ("not not (age > 1 or age > 2)", "age > 1 or age > 2"),
    ("not age in (1)", "age not in (1)"),
    ("not sample_id like 'a%'", r#"sample_id not like "a%""#),
    ("not age is null", "age is not null"),
    // Lists and ranges.
    ("age not in (1, 2.5)", "age not in (1, 2.5)"),
    (
        "age between 1 and 2 and paired",
        "age between 1 and 2 and paired = true",
    ),
    (
        "expression between mean_expression and 9",
        "expression between mean_expression and 9",
    ),
    // Patterns.
    (
        "sample_id like '100!%' escape '!'",
        r#"sample_id like "100!%" escape "!""#,
    ),
    (
        r"sample_id like '100\\%' escape '\\'",
        r#"sample_id like "100!%" escape "!""#,
    ),
    ("sample_id like 'a%%_'", r#"sample_id like "a_%""#),
    // Parts, written both ways.
    ("contains(sample_id, 'x')", r#"sample_id contains "x""#),
    (
        "not starts_with(lower(sample_id), 'x')",
        r#"lower(sample_id) not starts_with "x""#,
    ),
    (
        "sample_id not ends_with 'x'",
        r#"sample_id not ends_with "x""#,
    ),
    // Functions.
    (
        "Lower(TRIM(condition)) = 'treated'",
        r#"lower(trim(condition)) = "treated""#,
    ),
    ("length(sample_id) > 3", "length(sample_id) > 3"),
    (
        "year(taken) = 2024 and year > 3",
        "year(taken) = 2024 and year > 3",
    ),
    (
        "weekday(sent) in (6, 7) and month(seen) = 5 and day(taken) = 1",
        "",
    ),
    // Days and moments.
    ("taken >= '2024-05-01'", r#"taken >= "2024-05-01""#),
    ("taken = date('2024-05-01')", r#"taken = "2024-05-01""#),
    ("date('2024-05-01') < taken", r#"taken > "2024-05-01""#),
    ("date(sent) = taken", "date(sent) = taken"),
    ("seen = '2024-05-01'", r#"seen = "2024-05-01""#),
    (
        "seen = '2024-05-01 12:00'",
        r#"seen = "2024-05-01T12:00:00""#,
    ),
    (
        "seen = '2024-05-01T12:00:00+02:00'",
        r#"seen = "2024-05-01T10:00:00""#,
    ),
    (
        "sent = '2024-05-01T12:00:00+02:00'",
        r#"sent = "2024-05-01T10:00:00Z""#,
    ),
    (
        "sent = '2024-05-01T12:00:00.5'",
        r#"sent = "2024-05-01T12:00:00.500Z""#,
    ),
    (
        "sent < timestamp('2024-05-01T12:00:00Z')",
        r#"sent < "2024-05-01T12:00:00Z""#,
    ),
    (
        "seen < timestamp('2024-05-01T12:00:00+01:00')",
        r#"seen < "2024-05-01T11:00:00""#,
    ),
    ("seen = sent", "seen = sent"),
    (
        "sent in ('2024-05-01', '2024-05-02T00:00Z')",
        r#"sent in ("2024-05-01", "2024-05-02T00:00:00Z")"#,
    ),
    // Space.
    ("\n\tage\r\n>\n3  ", "age > 3"),
];

#[test]
fn each_form_is_read_and_printed_in_one_way() {
    for (written, printed) in FORMS {
        if *written == "AGE_IS_NO_KEYWORD" {
            assert!(read(written).is_err());
            continue;
        }
        let expression =
            read(written).unwrap_or_else(|error| panic!("{written}: {error}\n{}", error.excerpt));
        let expected = if printed.is_empty() { written } else { printed };
        assert_eq!(expression.to_string(), *expected, "{written}");
        assert_eq!(read(expected).unwrap(), expression, "{written}");
    }
}

#[test]
fn an_expression_is_plain_data() {
    let expression = read("age > 30 and not (paired or lower(condition) like 'tr%')").unwrap();
    let json = serde_json::to_value(&expression).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"kind": "and", "of": [
            {"kind": "compare", "left": {"column": "age"}, "op": "gt", "right": {"literal": {"int": 30}}},
            {"kind": "not", "of": {"kind": "or", "of": [
                {"kind": "compare", "left": {"column": "paired"}, "op": "eq", "right": {"literal": {"bool": true}}},
                {"kind": "like", "operand": {"call": {"function": "lower", "of": {"column": "condition"}}},
                 "pattern": [{"text": "tr"}, "any"], "negated": false},
            ]}},
        ]})
    );
    let again: Expression = serde_json::from_value(json).unwrap();
    assert_eq!(again, expression);
    assert_eq!(
        again
            .checked(&columns(), &RequestLimits::default())
            .unwrap(),
        expression
    );
    assert_eq!(expression.columns(), ["age", "paired", "condition"]);
    assert_eq!(expression.conditions(), 3);
}

#[test]
fn data_that_no_text_would_have_made_is_refused_or_put_right() {
    let checked = |json: serde_json::Value| {
        let expression: Expression = serde_json::from_value(json).unwrap();
        expression.checked(&columns(), &RequestLimits::default())
    };
    let column = |name: &str| serde_json::json!({"column": name});
    let literal = serde_json::json!({"literal": {"text": "x"}});
    for bad in [
        serde_json::json!({"kind": "compare", "left": column("age"), "op": "gt", "right": literal}),
        serde_json::json!({"kind": "compare", "left": literal, "op": "gt", "right": literal}),
        serde_json::json!({"kind": "compare", "left": column("gone"), "op": "gt", "right": literal}),
        serde_json::json!({"kind": "one_of", "operand": column("age"), "values": [], "negated": false}),
        serde_json::json!({"kind": "and", "of": []}),
    ] {
        assert!(checked(bad.clone()).is_err(), "{bad}");
    }
    let lone = serde_json::json!({"kind": "and", "of": [{"kind": "missing", "operand": column("age"), "negated": false}]});
    assert_eq!(checked(lone).unwrap().to_string(), "age is null");
    let unknown =
        serde_json::json!({"kind": "missing", "operand": column("age"), "negated": false, "x": 1});
    assert!(serde_json::from_value::<Expression>(unknown).is_err());
}
