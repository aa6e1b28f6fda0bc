//! What can go wrong with accounts and sessions, in words for a client.

use crate::http::problem::{Problem, sentence};
use axum::http::StatusCode;
use identity::{
    LinkError, LoginError, PasswordChangeError, PasswordError, PersonalTokenError, ProofError,
    RefreshError, ServiceError, SessionError, Unavailable, UserError,
};

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        Self::unavailable(&error)
    }
}

fn throttled(seconds: u64) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "throttled",
        format!("Too many attempts. Try again in {seconds} s."),
    )
    .retry_after(seconds)
}

fn weak(pointer: &str, error: &PasswordError) -> Problem {
    Problem::invalid(pointer, error.to_string())
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::BadCredentials => Self::new(
                StatusCode::UNAUTHORIZED,
                "bad_credentials",
                "The e-mail or the password is wrong.",
            ),
            LoginError::Throttled { retry_after_s } => throttled(retry_after_s),
            LoginError::Unavailable(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::InvalidGrant => Self::new(
                StatusCode::UNAUTHORIZED,
                "invalid_grant",
                "This refresh token is not valid. Sign in again.",
            ),
            RefreshError::Unavailable(error) => error.into(),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NoSuchSession => Self::not_found(),
            SessionError::Unavailable(error) => error.into(),
        }
    }
}

impl From<PasswordChangeError> for Problem {
    fn from(error: PasswordChangeError) -> Self {
        use PasswordChangeError as E;
        let words = error.to_string();
        match error {
            E::Proof(error) => error.into(),
            E::Refused(error) => weak("/new_password", &error),
            E::Same => Self::invalid("/new_password", words),
            E::Busy => Self::conflict("busy", sentence(&words)),
            E::Unavailable(error) => error.into(),
        }
    }
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::WrongPassword => {
                Self::invalid("/current_password", error.to_string()).with_code("bad_credentials")
            }
            ProofError::Throttled { retry_after_s } => throttled(retry_after_s),
            ProofError::Unavailable(error) => error.into(),
        }
    }
}

impl From<PersonalTokenError> for Problem {
    fn from(error: PersonalTokenError) -> Self {
        use PersonalTokenError as E;
        let words = error.to_string();
        match error {
            E::Name(error) => Self::invalid("/name", error.to_string()),
            E::Days { .. } => Self::invalid("/expires_in_days", words),
            E::TooMany { .. } => Self::conflict("too_many_tokens", sentence(&words)),
            E::Proof(error) => error.into(),
            E::NoSuchToken => Self::not_found(),
            E::Unavailable(error) => error.into(),
        }
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        use ServiceError as E;
        let words = error.to_string();
        match error {
            E::Name(error) => Self::invalid("/name", error.to_string()),
            E::Role => Self::invalid("/role", words),
            E::Days { .. } => Self::invalid("/expires_in_days", words),
            E::NameTaken => Self::conflict("name_taken", sentence(&words)),
            E::TooMany { .. } => Self::conflict("too_many_service_accounts", sentence(&words)),
            E::Busy => Self::conflict("busy", sentence(&words)),
            E::NoSuchService => Self::not_found(),
            E::Proof(error) => error.into(),
            E::Access(error) => error.into(),
            E::Unavailable(error) => error.into(),
        }
    }
}

/// What went wrong with a link; `password` is the field that a refused password was in.
pub(super) fn link(error: LinkError, password: &str) -> Problem {
    match error {
        LinkError::User(UserError::Password(error)) => weak(password, &error),
        other => other.into(),
    }
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        use LinkError as E;
        let words = sentence(&error.to_string());
        match error {
            E::NotValid => Self::new(StatusCode::GONE, "link_not_valid", words),
            E::Closed | E::InvitationNeeded => {
                Self::new(StatusCode::FORBIDDEN, "registration_closed", words)
            }
            E::OtherEmail => Self::invalid("/email", words),
            E::NoSuchUser | E::NoSuchInvitation => Self::not_found(),
            E::TooMany { .. } => Self::conflict("too_many_invitations", words),
            E::Throttled { retry_after_s } => throttled(retry_after_s),
            E::User(error) => error.into(),
            E::Unavailable(error) => error.into(),
        }
    }
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        use UserError as E;
        let words = error.to_string();
        match error {
            E::Email(error) => Self::invalid("/email", error.to_string()),
            E::Name(error) => Self::invalid("/display_name", error.to_string()),
            E::Password(error) => weak("/password", &error),
            E::EmailTaken => Self::conflict("email_taken", sentence(&words)),
            E::NoSuchUser => Self::not_found(),
            E::LastAdmin => Self::conflict("last_admin", sentence(&words)),
            E::OwnsProjects(projects) => {
                Self::conflict("owns_projects", sentence(&words)).with("projects", projects)
            }
            E::Busy => Self::conflict("busy", sentence(&words)),
            E::Unavailable(error) => error.into(),
        }
    }
}
