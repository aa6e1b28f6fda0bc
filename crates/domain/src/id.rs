//! Ids: a prefix that names the kind, then 128 bits as 32 lower-case hexadecimal digits.
//!
//! A prefix makes a wrong id visible to people and impossible to confuse in code. The bits follow
//! UUID version 7 (RFC 9562), so ids made later sort later.

use crate::time::{Clock, Rng};
use serde::{Deserialize, Serialize};

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not an id of a {kind}: it has the form {prefix} and 32 hexadecimal digits")]
pub struct IdError {
    /// What the id should have named.
    pub kind: &'static str,
    /// The prefix it should have had.
    pub prefix: &'static str,
}

fn version_7(clock: &dyn Clock, rng: &dyn Rng) -> String {
    let mut random = [0_u8; 10];
    rng.fill(&mut random);
    let millis = u64::try_from(clock.now().timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .simple()
        .to_string()
}

fn has_form(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        digits.len() == 32
            && digits
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What precedes the digits.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, never seen before.
            #[must_use]
            pub fn generate(clock: &dyn Clock, rng: &dyn Rng) -> Self {
                Self(format!("{}{}", $prefix, version_7(clock, rng)))
            }

            /// The id as text, as clients see it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if has_form(text, $prefix) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { kind: $kind, prefix: $prefix })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A person.
    UserId = "usr_", "user";
    /// A group of people.
    GroupId = "grp_", "group";
    /// A project.
    ProjectId = "prj_", "project";
    /// A table within a project.
    CollectionId = "col_", "collection";
    /// A dashboard within a project.
    DashboardId = "dsh_", "dashboard";
    /// One sign-in, from its first token to its end.
    SessionId = "ses_", "session";
    /// A token that a person made for a program.
    TokenId = "tok_", "token";
    /// A program's account in a project.
    ServiceId = "svc_", "service account";
    /// A link that is good once.
    LinkId = "lnk_", "link";
    /// One entry of the audit log.
    EventId = "evt_", "event";
    /// One HTTP request.
    RequestId = "req_", "request";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{CountingRng, ManualClock};

    #[test]
    fn an_id_reads_back_and_a_foreign_one_does_not() {
        let (clock, rng) = (ManualClock::default(), CountingRng::default());
        let id = ProjectId::generate(&clock, &rng);
        assert_eq!(id.as_str().parse::<ProjectId>(), Ok(id.clone()));
        assert!(id.as_str().parse::<UserId>().is_err());
        assert!("prj_".parse::<ProjectId>().is_err());
        assert!(format!("{id}0").parse::<ProjectId>().is_err());
        assert!(id.as_str().to_uppercase().parse::<ProjectId>().is_err());
        assert!(
            "prj_../../../../etc/passwd00000000000"
                .parse::<ProjectId>()
                .is_err()
        );
    }

    #[test]
    fn ids_of_a_later_time_sort_later() {
        let (clock, rng) = (ManualClock::default(), CountingRng::default());
        let earlier = UserId::generate(&clock, &rng);
        clock.advance(chrono::Duration::milliseconds(2));
        assert!(earlier < UserId::generate(&clock, &rng));
    }
}
