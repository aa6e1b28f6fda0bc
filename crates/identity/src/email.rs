//! Addresses people sign in with. Whether one can be reached, only a letter could tell.

/// Why a text cannot be an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an e-mail address: it has the form name@host, in at most 254 characters")]
pub struct EmailError;

/// The address in the one form it is kept and looked for: without outer blanks, in lower case.
///
/// # Errors
/// When it has no name or host, a blank, a control character, or more than 254 bytes (RFC 5321
/// section 4.5.3.1.3, less the brackets).
pub(crate) fn normalise(text: &str) -> Result<String, EmailError> {
    let email = text.trim().to_lowercase();
    let (name, host) = email.rsplit_once('@').ok_or(EmailError)?;
    let is_bad = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"@".contains(c);
    let host_is_bad = host.starts_with('.') || host.ends_with('.') || host.contains("..");
    if name.is_empty()
        || host.is_empty()
        || host_is_bad
        || name.contains(is_bad)
        || host.contains(is_bad)
        || email.len() > 254
    {
        return Err(EmailError);
    }
    Ok(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_form() {
        assert_eq!(normalise(" Ada@Example.ORG "), Ok("ada@example.org".into()));
        assert_eq!(normalise("admin@localhost"), Ok("admin@localhost".into()));
        let long = format!("{}@example.org", "a".repeat(250));
        let bad = [
            "",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a@b c",
            "a@@b",
            "a@b@c",
            "a\0@b",
            "a@.b",
            "<a@b>",
            "a@b\nBcc:c",
            &long,
        ];
        for text in bad {
            assert_eq!(normalise(text), Err(EmailError), "{text:?}");
        }
    }
}
