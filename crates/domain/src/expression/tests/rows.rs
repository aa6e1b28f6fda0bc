//! What is true of one row.

use super::super::moment::{parse_day, parse_moment};
use super::*;

fn cell(column: &str) -> Option<Literal> {
    Some(match column {
        "sample_id" => Literal::Text(" SAMPLE_007\t".to_owned()),
        "condition" => Literal::Text("Treated".to_owned()),
        "age" => Literal::Int(30),
        "expression" => Literal::Float(2.5),
        "paired" => Literal::Bool(true),
        "taken" => Literal::Date(parse_day("2024-05-01").unwrap()),
        "seen" => Literal::Timestamp(parse_moment("2024-05-01T23:59:59.999999").unwrap().utc),
        "sent" => Literal::TimestampTz(
            parse_moment("2024-05-01T23:30:00-02:00")
                .unwrap()
                .utc
                .and_utc(),
        ),
        _ => return None,
    })
}

#[test]
fn each_condition_is_true_false_or_unknown() {
    let (yes, no, unknown) = (Some(true), Some(false), None);
    for (text, meets) in [
        ("age = 30", yes),
        ("age > 29.5", yes),
        ("age = 30.5", no),
        ("age < 1e30", yes),
        ("expression between 2.5 and 3", yes),
        ("expression not between 2.5 and 3", no),
        ("age in (1, 30.0)", yes),
        // Text by its bytes: capitals come first.
        ("condition = 'treated'", no),
        ("lower(condition) = 'treated'", yes),
        ("upper(condition) = 'TREATED'", yes),
        ("condition < 'a'", yes),
        ("condition like 'Tr%'", yes),
        ("condition like 'tr%'", no),
        ("condition not like 'tr%'", yes),
        (
            "condition ends_with 'ted' and condition contains 'eat'",
            yes,
        ),
        (
            "length(sample_id) = 12 and length(trim(sample_id)) = 10",
            yes,
        ),
        ("paired and not paired", no),
        // A day is all its moments; a moment is on a day in UTC.
        (
            "taken = '2024-05-01' and weekday(taken) = 3 and day(taken) = 1 and month(taken) = 5",
            yes,
        ),
        (
            "seen = '2024-05-01' and seen < '2024-05-02' and not seen > '2024-05-01'",
            yes,
        ),
        ("seen > '2024-05-01T12:00' and seen in ('2024-05-01')", yes),
        ("date(sent) = '2024-05-02' and year(sent) = 2024", yes),
        ("sent = '2024-05-02T01:30:00Z' and sent > seen", yes),
        ("taken = date(seen)", yes),
        // A missing value is met by no comparison; only what asks for it finds it.
        ("year > 3", unknown),
        ("year != 3", unknown),
        ("not year = 3", unknown),
        ("year not in (3)", unknown),
        ("year between 3 and 4", unknown),
        ("year is null and length(`not`) is null", yes),
        ("age is not null", yes),
        ("not `not` like 'x'", unknown),
        ("age > year", unknown),
        // Kleene's and, or, not.
        ("year > 3 and age = 1", no),
        ("year > 3 and age = 30", unknown),
        ("year > 3 or age = 30", yes),
        ("year > 3 or age = 1", unknown),
        ("not (year > 3 or age = 30)", no),
        ("not (year > 3 and age = 30)", unknown),
        // Below a known end, whatever the other one is.
        ("age between 40 and year", no),
        ("age between 20 and year", unknown),
    ] {
        assert_eq!(read(text).unwrap().evaluate(&cell), meets, "{text}");
    }
}

#[test]
fn whole_numbers_are_compared_exactly() {
    let big = |_: &str| Some(Literal::Int(i64::MAX));
    for (text, meets) in [
        ("age = 9223372036854775807", true),
        ("age = 9223372036854775806", false),
        ("age < 9.3e18", true),
        ("age > 9.2e18", true),
        ("age > -1e300", true),
        ("age = 9.223372036854775807e18", false),
    ] {
        assert_eq!(read(text).unwrap().evaluate(&big), Some(meets), "{text}");
    }
}
