//! Which name was perhaps meant.

/// Names offered for one that is not there.
const NEAR_MAX: usize = 3;
/// A longer name is no typing error of a column's; comparing it with thousands of names would take too long.
const COMPARED_CHARS_MAX: usize = 64;

/// The nearest of some names, nearest first, none when all are far.
#[must_use]
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = wanted
        .chars()
        .take(COMPARED_CHARS_MAX + 1)
        .flat_map(char::to_lowercase)
        .collect();
    if wanted.len() > COMPARED_CHARS_MAX {
        return Vec::new();
    }
    let allowed = (wanted.len() / 3).max(1);
    let mut scored: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let letters: Vec<char> = name
                .chars()
                .take(2 * COMPARED_CHARS_MAX)
                .flat_map(char::to_lowercase)
                .collect();
            let within = letters.len().abs_diff(wanted.len()) <= allowed;
            let distance = within.then(|| distance(&wanted, &letters))?;
            (distance <= allowed).then_some((distance, name))
        })
        .collect();
    scored.sort_unstable();
    scored
        .into_iter()
        .take(NEAR_MAX)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// How many letters must be put in, taken out or changed (Levenshtein 1966).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y))
                .min(above + 1)
                .min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_comes_first_and_a_far_one_not_at_all() {
        let names = ["condition", "conditions", "age", "Größe"];
        let near = |wanted: &str| nearest(wanted, names.into_iter());
        assert_eq!(near("conditoin"), ["condition", "conditions"]);
        assert_eq!(near("AGE"), ["age"]);
        assert_eq!(near("grösse"), ["Größe"]);
        assert!(near("temperature").is_empty());
        assert!(near(&"x".repeat(100_000)).is_empty());
    }
}
