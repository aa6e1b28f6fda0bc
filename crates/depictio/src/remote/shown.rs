//! Numbers, and text that others wrote, as a terminal shows them.

/// Longest text of others that is shown: a problem is a sentence or two.
const TEXT_CHARS_MAX: usize = 2_000;

/// On one line, and without what steers a terminal or turns the direction of text: names and problems are others' words.
pub(super) fn line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || disguises(c) => '\u{FFFD}',
            c => c,
        })
        .collect()
}

/// Unicode's controls of text direction (UAX 9) and its own line ends.
fn disguises(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// No longer than a problem is.
pub(super) fn bounded(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

/// The name of a file, with its middle left out when it is long, so that a line of progress stays one line.
pub(super) fn short(name: &str) -> String {
    let chars: Vec<char> = line(name).chars().collect();
    if chars.len() <= 32 {
        return chars.into_iter().collect();
    }
    let start = chars.iter().take(15);
    let end = chars.iter().skip(chars.len() - 16);
    start.chain(&['…']).chain(end).collect()
}

/// With commas between thousands.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `2,000 rows`.
pub(super) fn count(n: u64, what: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {what}{ending}", number(n))
}

/// The unit in which so many bytes are a number of two to four digits, and its size.
pub(super) fn unit(bytes: u64) -> (u64, &'static str) {
    match bytes {
        0..10_000 => (1, "bytes"),
        10_000..10_000_000 => (1_000, "kB"),
        10_000_000..10_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    }
}

/// Bytes in the unit that suits them.
pub(super) fn bytes(n: u64) -> String {
    let (size, name) = unit(n);
    format!("{} {name}", number(n / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_cannot_steer_a_terminal() {
        assert_eq!(
            line("a\x1b[31m\u{202E}b\r\nc\u{9b}"),
            "a\u{FFFD}[31m\u{FFFD}b  c\u{FFFD}"
        );
        assert_eq!(line("Größe, 42 µm"), "Größe, 42 µm");
    }

    #[test]
    fn numbers_are_grouped_and_bytes_have_the_unit_that_suits_them() {
        let told = [0, 999, 1_000, 12_011_000].map(number);
        assert_eq!(told, ["0", "999", "1,000", "12,011,000"]);
        assert_eq!(
            [count(1, "row"), count(2_000, "row")],
            ["1 row", "2,000 rows"]
        );
        let told = [9_999, 10_000, 1_081_000_000, 25_000_000_000].map(bytes);
        assert_eq!(told, ["9,999 bytes", "10 kB", "1,081 MB", "25 GB"]);
    }

    #[test]
    fn a_long_name_keeps_its_ends() {
        assert_eq!(short("features.csv"), "features.csv");
        let long = short(&format!("{}.parquet", "x".repeat(100)));
        assert_eq!(long.chars().count(), 32);
        assert!(long.ends_with(".parquet") && long.contains('…'), "{long}");
    }
}
