//! Days and moments as people write them: ISO 8601 with four digits of year, read as tables read their cells.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// A moment as written, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) utc: NaiveDateTime,
    pub(crate) zoned: bool,
}

/// A number of ASCII digits.
fn digits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// Fields of so many digits each, with a separator between them.
fn fields<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        *number = digits(parts.next().filter(|part| part.len() == width)?)?;
    }
    parts.next().is_none().then_some(numbers)
}

/// A day, `2024-02-29`.
pub(crate) fn parse_day(text: &str) -> Option<NaiveDate> {
    let [year, month, day] = fields(text, '-', [4, 2, 2])?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// A moment, `2024-02-29T12:00[:00[.000000]][Z|+02:00]`, also with a space for the `T`; without a zone it is UTC.
/// What is finer than a microsecond is dropped. Its year in UTC has four digits too.
pub(crate) fn parse_moment(text: &str) -> Option<Moment> {
    let (day, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, zone) =
        rest.split_at_checked(rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len()))?;
    let local = parse_day(day)?.and_time(parse_time(time)?);
    let (east_seconds, zoned) = parse_zone(zone)?;
    let utc = local.checked_sub_signed(chrono::Duration::seconds(east_seconds))?;
    four_digits(utc).then_some(Moment { utc, zoned })
}

fn four_digits(moment: NaiveDateTime) -> bool {
    use chrono::Datelike as _;
    (0..=9_999).contains(&moment.year())
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let (clock, fraction) = text
        .split_once('.')
        .map_or((text, None), |(clock, rest)| (clock, Some(rest)));
    let [hour, minute, second] = match fields(clock, ':', [2, 2]) {
        Some([hour, minute]) if fraction.is_none() => [hour, minute, 0],
        _ => fields(clock, ':', [2, 2, 2])?,
    };
    let micros = match fraction {
        Some(fraction) if fraction.len() <= 9 => {
            digits(fraction)?;
            digits(format!("{fraction:0<6}").get(..6)?)?
        }
        Some(_) => return None,
        None => 0,
    };
    NaiveTime::from_hms_micro_opt(hour, minute, second, micros)
}

/// Seconds east of UTC, and whether a zone was said.
fn parse_zone(text: &str) -> Option<(i64, bool)> {
    let zone = match text.strip_prefix(' ') {
        Some("") => return None,
        Some(rest) => rest,
        None => text,
    };
    if zone.is_empty() {
        return Some((0, false));
    }
    if matches!(zone, "Z" | "z") {
        return Some((0, true));
    }
    let (sign, offset) = zone.split_at_checked(1)?;
    let [hour, minute] = match offset.len() {
        2 => [digits(offset)?, 0],
        4 => [digits(offset.get(..2)?)?, digits(offset.get(2..)?)?],
        _ => fields(offset, ':', [2, 2])?,
    };
    if hour > 18 || minute > 59 {
        return None;
    }
    let seconds = i64::from(hour * 3_600 + minute * 60);
    match sign {
        "+" => Some((seconds, true)),
        "-" => Some((-seconds, true)),
        _ => None,
    }
}

/// A day as it is printed.
pub(crate) fn print_day(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

/// A moment without a zone as it is printed.
pub(crate) fn print_naive(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string()
}

/// A moment in UTC as it is printed (RFC 3339).
pub(crate) fn print_utc(moment: DateTime<Utc>) -> String {
    format!("{}Z", print_naive(moment.naive_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_each_spelling_and_printed_in_one() {
        for (written, printed) in [
            ("2024-02-29T12:00", "2024-02-29T12:00:00"),
            ("2024-02-29 12:00:01.5", "2024-02-29T12:00:01.500"),
            ("2024-02-29T12:00:00.1234567", "2024-02-29T12:00:00.123456"),
            ("2024-02-29T12:00:00+02:00", "2024-02-29T10:00:00"),
            ("2024-02-29T23:30:00 -0130", "2024-03-01T01:00:00"),
            ("2024-02-29t12:00z", "2024-02-29T12:00:00"),
        ] {
            let moment = parse_moment(written).unwrap();
            assert_eq!(print_naive(moment.utc), printed, "{written}");
            assert_eq!(parse_moment(printed).unwrap().utc, moment.utc);
        }
    }

    #[test]
    fn what_is_no_day_or_moment_is_refused() {
        for text in [
            "2023-02-29",
            "24-02-29",
            "2024-2-29",
            "2024-02-29 ",
            "+024-02-29",
            "2024–02–29",
            "",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
        for text in [
            "2024-02-29",
            "2024-02-29T24:00",
            "2024-02-29T12:00:60",
            "2024-02-29T12:00.5",
            "2024-02-29T12:00:00.",
            "2024-02-29T12:00:00.1234567890",
            "2024-02-29T12:00:00+19:00",
            "2024-02-29T12:00:00 ",
            "2024-02-29Tä",
            "9999-12-31T23:00:00-02:00",
            "0000-01-01T00:00:00+02:00",
        ] {
            assert_eq!(parse_moment(text), None, "{text}");
        }
    }
}
