//! SPDX licence expressions, as far as crates use them: `OR` (also written `/`), `AND`, `WITH`, parentheses.

/// Whether the expression can be met with allowed licences alone. One that cannot be read is not met.
pub(crate) fn is_met(expression: &str, allowed: &impl Fn(&str) -> bool) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest, allowed) == Some(true) && rest.is_empty()
}

/// `AND` binds tighter than `OR`, by the SPDX specification, annex D.
fn any(rest: &mut &[&str], allowed: &impl Fn(&str) -> bool) -> Option<bool> {
    let mut met = all(rest, allowed)?;
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        met |= all(rest, allowed)?;
    }
    Some(met)
}

fn all(rest: &mut &[&str], allowed: &impl Fn(&str) -> bool) -> Option<bool> {
    let mut met = one(rest, allowed)?;
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        met &= one(rest, allowed)?;
    }
    Some(met)
}

fn one(rest: &mut &[&str], allowed: &impl Fn(&str) -> bool) -> Option<bool> {
    match *rest {
        ["(", after @ ..] => {
            *rest = after;
            let met = any(rest, allowed)?;
            let [")", after @ ..] = *rest else {
                return None;
            };
            *rest = after;
            Some(met)
        }
        [")" | "OR" | "AND" | "WITH", ..] | [] => None,
        // An exception only ever grants more than the licence it is added to.
        [licence, "WITH", _, after @ ..] | [licence, after @ ..] => {
            *rest = after;
            Some(allowed(licence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(expression: &str) -> bool {
        is_met(expression, &|licence| {
            ["MIT", "Apache-2.0", "ISC"].contains(&licence)
        })
    }

    #[test]
    fn reads_what_crates_write() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "Apache-2.0 / MIT",
            "MIT AND (GPL-2.0 OR ISC)",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "GPL-3.0 OR MIT AND ISC",
        ] {
            assert!(met(good), "{good}");
        }
    }

    #[test]
    fn refuses_what_is_not_allowed_or_not_readable() {
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "MIT AND (GPL-3.0)",
            "",
            "MIT OR",
            "(MIT",
            "MIT ISC",
            "MIT )",
        ] {
            assert!(!met(bad), "{bad}");
        }
    }
}
