//! What one cell of text may be: which types read it, and the value each reads.

use chrono::{NaiveDate, NaiveTime};
use domain::ColumnType;

/// What stands for "no value" in a column that is not text: the markers that pandas knows.
const MISSING: [&str; 18] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan",
];

/// Whether a cell holds no value, for a column that is not text.
pub(crate) fn is_missing(text: &str) -> bool {
    // None of them ends as most numbers and days do.
    if text.as_bytes().last().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    text.len() <= 8 && (MISSING.contains(&text) || text == "null" || text == "na")
}

/// A cell without the blanks around it.
pub(crate) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b' ', ..] | [.., b' '] => text.trim_matches(' '),
        _ => text,
    }
}

/// The types that read everything seen so far, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidates(u8);

impl Candidates {
    const BOOL: u8 = 1;
    const INT: u8 = 2;
    const FLOAT: u8 = 4;
    const DATE: u8 = 8;
    const TIMESTAMP: u8 = 16;
    const TIMESTAMP_TZ: u8 = 32;
    pub(crate) const ALL: Self = Self(63);
    /// All types but text, the narrowest first.
    pub(crate) const NAMED: [(u8, ColumnType); 6] = [
        (Self::BOOL, ColumnType::Bool),
        (Self::INT, ColumnType::Int64),
        (Self::FLOAT, ColumnType::Float64),
        (Self::DATE, ColumnType::Date),
        (Self::TIMESTAMP, ColumnType::Timestamp),
        (Self::TIMESTAMP_TZ, ColumnType::TimestampTz),
    ];

    /// Keeps the types that read this cell too.
    pub(crate) fn narrow(&mut self, text: &str) {
        if self.0 != 0 && !is_missing(text) {
            self.0 &= Self::of(text);
        }
    }

    /// Keeps nothing but text: a cell that its file says is text.
    pub(crate) fn only_text(&mut self) {
        self.0 = 0;
    }

    /// The types among [`Self::NAMED`] that read a cell.
    pub(crate) fn reading(text: &str) -> impl Iterator<Item = usize> {
        let set = Self::of(text);
        Self::NAMED
            .into_iter()
            .enumerate()
            .filter_map(move |(index, (bit, _))| (set & bit != 0).then_some(index))
    }

    /// The types that read what both have seen.
    pub(crate) fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn of(text: &str) -> u8 {
        let mut set = 0;
        if parse_bool(text).is_some() {
            set |= Self::BOOL;
        }
        if parse_int(text).is_some() {
            set |= Self::INT;
        }
        if parse_float(text).is_some() {
            set |= Self::FLOAT;
        }
        if parse_date(text).is_some() {
            set |= Self::DATE | Self::TIMESTAMP;
        }
        match parse_moment(text) {
            Some(Moment { zoned: true, .. }) => set |= Self::TIMESTAMP_TZ,
            Some(_) => set |= Self::TIMESTAMP,
            None => {}
        }
        set
    }

    /// The narrowest type left; text when none is, or when nothing but missing values was seen.
    pub(crate) fn narrowest(self) -> ColumnType {
        if self == Self::ALL {
            return ColumnType::String;
        }
        Self::NAMED
            .into_iter()
            .find(|(bit, _)| self.0 & bit != 0)
            .map_or(ColumnType::String, |(_, kind)| kind)
    }
}

pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A whole number. One with leading zeros or a plus sign is rather a name (`007`, `+4930..`), so it stays text.
pub(crate) fn parse_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    if digits.len() > DIGITS_EXACT {
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        return plain.then(|| text.parse().ok()).flatten();
    }
    let mut value = 0_i64;
    for byte in digits.bytes() {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        value = value * 10 + digit;
    }
    let signed = if digits.len() < text.len() {
        -value
    } else {
        value
    };
    (!digits.is_empty()).then_some(signed)
}

/// So many digits are a whole number that a 64-bit integer and a binary64 both hold exactly.
const DIGITS_EXACT: usize = 15;

/// Powers of ten, each of which a binary64 holds exactly.
const POWERS: [f64; DIGITS_EXACT + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// A number as nearly all are written: few digits and a point among them. Both parts of the quotient are exact, so it is
/// the nearest number there is (Clinger, "How to read floating point numbers accurately", 1990).
fn short_decimal(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if digits.len() > DIGITS_EXACT + 1 {
        return None;
    }
    let (mut whole, mut point) = (0_u64, None);
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => whole = whole * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at + 1),
            _ => return None,
        }
    }
    let power = POWERS
        .get(digits.len() - point?)
        .filter(|_| digits.len() > 1)?;
    #[expect(clippy::cast_precision_loss, reason = "15 digits are exact")]
    let value = whole as f64 / power;
    Some(if digits.len() < text.len() {
        -value
    } else {
        value
    })
}

/// A number. Digits too many for a whole number stay text: as a number they would lose their last ones.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let mut bytes = unsigned.bytes();
    let (first, second) = (bytes.next()?, bytes.next());
    if first == b'0' && second.is_some_and(|b| b.is_ascii_digit()) {
        return None;
    }
    if let Some(value) = short_decimal(text) {
        return Some(value);
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit()) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a whole number in a column of numbers: the nearest one is meant"
        )]
        return parse_int(text).map(|int| int as f64);
    }
    if first.is_ascii_digit() || first == b'.' {
        return text.parse().ok();
    }
    match unsigned {
        "inf" | "Inf" | "Infinity" | "infinity" => text.parse().ok(),
        _ => None,
    }
}

/// Days since 1970 of an ISO 8601 day, `2024-02-29`.
pub(crate) fn parse_date(text: &str) -> Option<i32> {
    days_since_1970(parse_day(text.as_bytes())?)
}

/// Days since 1970 of a day as people write it where no other reading is possible: `29.02.2024`,
/// `2024/02/29`. Slashes with the year last are not read: `03/04/2024` is two different days.
pub(crate) fn parse_local_date(text: &str) -> Option<i32> {
    let (separator, year_first) = if text.contains('.') {
        ('.', false)
    } else {
        ('/', true)
    };
    let mut parts = text.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, day) = if year_first {
        (first, third)
    } else {
        (third, first)
    };
    let plain = year.len() == 4 && (1..=2).contains(&day.len()) && (1..=2).contains(&second.len());
    if !plain || parts.next().is_some() {
        return None;
    }
    days_since_1970(NaiveDate::from_ymd_opt(
        i32::try_from(digits(year.as_bytes())?).ok()?,
        digits(second.as_bytes())?,
        digits(day.as_bytes())?,
    )?)
}

fn days_since_1970(date: NaiveDate) -> Option<i32> {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    i32::try_from(date.signed_duration_since(epoch).num_days()).ok()
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

fn parse_day(bytes: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else {
        return None;
    };
    let year = digits(&[*y1, *y2, *y3, *y4])?;
    NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        digits(&[*m1, *m2])?,
        digits(&[*d1, *d2])?,
    )
}

/// A moment, in microseconds since 1970, and whether its zone was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) micros: i64,
    pub(crate) zoned: bool,
}

/// An ISO 8601 moment: `2024-02-29T12:00[:00[.000000]][Z|+02:00]`, also with a space for the `T`.
pub(crate) fn parse_moment(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let (day, rest) = bytes.split_at_checked(10)?;
    let day = parse_day(day)?;
    let (separator, rest) = rest.split_first()?;
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    let zone_at = rest
        .iter()
        .position(|b| matches!(b, b'Z' | b'z' | b'+' | b'-' | b' '))
        .unwrap_or(rest.len());
    let (time, zone) = rest.split_at_checked(zone_at)?;
    let time = parse_time(time)?;
    let offset = parse_zone(zone)?;
    let local = day.and_time(time).and_utc().timestamp_micros();
    Some(Moment {
        micros: local - offset.unwrap_or(0) * 1_000_000,
        zoned: offset.is_some(),
    })
}

fn parse_time(bytes: &[u8]) -> Option<NaiveTime> {
    let (clock, fraction) = match bytes.iter().position(|b| *b == b'.') {
        Some(dot) => {
            let (clock, fraction) = bytes.split_at_checked(dot)?;
            (clock, fraction.get(1..)?)
        }
        None => (bytes, &[][..]),
    };
    let (hour, minute, second) = match clock {
        [h1, h2, b':', m1, m2] if fraction.is_empty() => ([*h1, *h2], [*m1, *m2], [b'0', b'0']),
        [h1, h2, b':', m1, m2, b':', s1, s2] => ([*h1, *h2], [*m1, *m2], [*s1, *s2]),
        _ => return None,
    };
    if fraction.len() > 9 || (fraction.is_empty() && bytes.contains(&b'.')) {
        return None;
    }
    // Kept to the microsecond; what is finer is dropped.
    let micros = fraction
        .iter()
        .copied()
        .chain(std::iter::repeat(b'0'))
        .take(6)
        .collect::<Vec<u8>>();
    digits(fraction)?;
    NaiveTime::from_hms_micro_opt(
        digits(&hour)?,
        digits(&minute)?,
        digits(&second)?,
        digits(&micros)?,
    )
}

/// Seconds east of UTC; `Some(None)` when no zone is said.
#[expect(clippy::option_option, reason = "not a zone, no zone, a zone")]
fn parse_zone(bytes: &[u8]) -> Option<Option<i64>> {
    let zone = match bytes {
        [b' ', rest @ ..] if !rest.is_empty() => rest,
        other => other,
    };
    let (sign, hour, minute) = match zone {
        [] => return Some(None),
        [b'Z' | b'z'] => return Some(Some(0)),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, [*h1, *h2], [*m1, *m2]),
        [sign, h1, h2] => (sign, [*h1, *h2], [b'0', b'0']),
        _ => return None,
    };
    let (hour, minute) = (digits(&hour)?, digits(&minute)?);
    if hour > 18 || minute > 59 {
        return None;
    }
    let seconds = i64::from(hour * 3600 + minute * 60);
    match sign {
        b'+' => Some(Some(seconds)),
        b'-' => Some(Some(-seconds)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As the standard library reads it, under the same rules for what is a number at all.
    fn slowly(text: &str) -> (Option<i64>, Option<f64>) {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let named = digits.len() > 1 && digits.starts_with('0');
        let int = (whole && !named).then(|| text.parse().ok()).flatten();
        let leads = named && digits.as_bytes()[1].is_ascii_digit();
        let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let float = match whole {
            #[expect(clippy::cast_precision_loss, reason = "as it is read")]
            true => int.map(|int| int as f64),
            false => (begins && !leads).then(|| text.parse().ok()).flatten(),
        };
        (int, float)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn a_number_read_quickly_is_the_one_that_the_standard_library_reads(
            text in prop_oneof![
                "-?[0-9]{0,20}", "-?[0-9]{0,9}\\.[0-9]{0,9}", "-?[0-9]{0,17}\\.[0-9]{0,17}",
                "-?[0-9.]{0,8}", "-?[0-9]{1,3}(\\.[0-9]{1,3})?[eE]-?[0-9]{1,3}", "[-+0-9.e]{0,6}",
            ],
        ) {
            let (int, float) = slowly(&text);
            prop_assert_eq!(parse_int(&text), int, "{}", &text);
            let bits = |value: Option<f64>| value.map(|value| (value + 0.0).to_bits());
            prop_assert_eq!(bits(parse_float(&text)), bits(float), "{}", &text);
        }
    }
}
