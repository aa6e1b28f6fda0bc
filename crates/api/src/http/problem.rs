//! Errors as RFC 9457 problems. The one place where a failure becomes words for a client.

use access::{AccessError, ActError, Refusal};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::dashboard::Flaw;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Where, as a JSON pointer (RFC 6901).
    pub(crate) pointer: String,
    /// What is wrong and what would be right.
    pub(crate) message: String,
}

/// What went wrong. Boxed, since every fallible function here returns one.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Problem(Box<ProblemBody>);

/// The fields of a problem.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// A name for this kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened, in a sentence for a person.
    detail: String,
    /// A word for programs.
    code: String,
    /// The request, for the person who looks into the logs.
    request_id: String,
    /// Which fields are wrong, for input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// More fields of this kind of problem.
    #[serde(flatten)]
    more: Map<String, Value>,
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem of a status and code, with a sentence.
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self(Box::new(ProblemBody {
            kind: format!("urn:depictio:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            request_id: String::new(),
            errors: Vec::new(),
            more: Map::new(),
            retry_after: None,
        }))
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in first.",
        )
    }

    /// The same words for what is hidden, what is absent and what is no id at all.
    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "It does not exist, or you may not see it.",
        )
    }

    pub(crate) fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub(crate) fn stale() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "stale",
            "Somebody else saved in between. Nothing was changed.",
        )
    }

    /// One wrong field.
    pub(crate) fn invalid(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        let pointer = pointer.into();
        let detail = if pointer.is_empty() {
            format!("The input is not valid: {message}.")
        } else {
            format!("{pointer}: {message}.")
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
            .with_errors(vec![FieldError { pointer, message }])
    }

    /// Wrong fields, each by its place under one of the body's.
    pub(crate) fn flawed(under: &str, flaws: Vec<Flaw>) -> Self {
        let errors: Vec<FieldError> = flaws
            .into_iter()
            .map(|flaw| FieldError {
                pointer: format!("{under}{}", flaw.pointer),
                message: flaw.message,
            })
            .collect();
        match errors.first() {
            Some(first) => {
                Self::invalid(first.pointer.clone(), first.message.clone()).with_errors(errors)
            }
            None => Self::invalid("", "the input is not valid"),
        }
    }

    /// Something below failed; the cause is in the server's own log and not here.
    pub(crate) fn unavailable(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The server cannot do this right now. Nothing was changed; try again in a moment.",
        )
    }

    pub(crate) fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.more.insert(name.to_owned(), value);
        }
        self
    }

    /// The same problem in other words.
    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = detail.into();
        self
    }

    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.0.kind = format!("urn:depictio:problem:{code}");
        code.clone_into(&mut self.0.code);
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The problem as a value, for a line of a stream.
    pub(crate) fn to_value(&self, request_id: &str) -> Value {
        let mut problem = self.clone();
        request_id.clone_into(&mut problem.0.request_id);
        serde_json::to_value(problem).unwrap_or(Value::Null)
    }
}

impl Problem {
    /// A refusal of somebody who looks at a project as one of its roles.
    fn viewing(decision: &domain::Decision, role: domain::ProjectRole, permitted: bool) -> Self {
        let words = if permitted {
            format!(
                "You look at this project as its {}: nothing can be changed until you stop.",
                role.as_str()
            )
        } else {
            "Only owners and admins look at a project as one of its roles.".to_owned()
        };
        Self::new(StatusCode::FORBIDDEN, "forbidden", words)
            .with("action", decision.action.as_str())
            .with("because", &decision.because)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after;
        // The layer that knows the request's id fills it in and writes the body.
        let mut response = status.into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated => Self::unauthenticated(),
            Refusal::Hidden => Self::not_found(),
            Refusal::Denied(decision) => {
                if let domain::Because::ViewAs { role, permitted } = &decision.because {
                    return Self::viewing(&decision, *role, *permitted);
                }
                let action = decision.action;
                if decision.because == domain::Because::SharingClosed {
                    let words = "Only admins give roles in projects here. Ask one of them.";
                    return Self::new(StatusCode::FORBIDDEN, "sharing_closed", words)
                        .with("action", action.as_str())
                        .with("because", &decision.because);
                }
                if matches!(decision.because, domain::Because::TokenScope { .. }) {
                    let words = "This token's scope does not allow it. Use one with a wider scope, or sign in.";
                    return Self::new(StatusCode::FORBIDDEN, "token_scope", words)
                        .with("action", action.as_str())
                        .with("because", &decision.because);
                }
                let needs = match action.rule() {
                    domain::matrix::Rule::Role(role) => {
                        format!("It needs the role {} in this project.", role.as_str())
                    }
                    domain::matrix::Rule::Maintainer => {
                        "It needs an admin or a maintainer of the group.".to_owned()
                    }
                    domain::matrix::Rule::Admin => "It needs an admin.".to_owned(),
                    domain::matrix::Rule::Standard => {
                        "It needs an account that is not a viewer's.".to_owned()
                    }
                    domain::matrix::Rule::SignedIn => String::new(),
                };
                Self::new(
                    StatusCode::FORBIDDEN,
                    "forbidden",
                    format!("Your role does not allow this. {needs}")
                        .trim_end()
                        .to_owned(),
                )
                .with("action", action.as_str())
                .with("because", &decision.because)
            }
            Refusal::Failed(error) => error.into(),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Store(access::StoreError::Stale) => Self::stale(),
            AccessError::Store(access::StoreError::BadCursor) => {
                Self::invalid("/cursor", "this is not a cursor of this list")
            }
            other => Self::unavailable(&other),
        }
    }
}

impl<E: Into<Problem>> From<ActError<E>> for Problem {
    fn from(error: ActError<E>) -> Self {
        match error {
            ActError::Refused(refusal) => refusal.into(),
            ActError::Failed(error) => error.into(),
        }
    }
}

impl From<access::projects::ProjectError> for Problem {
    fn from(error: access::projects::ProjectError) -> Self {
        use access::projects::ProjectError as E;
        let words = error.to_string();
        match error {
            E::Text { pointer, source } => Self::invalid(pointer, source.to_string()),
            E::CodeLimits(flaws) => Self::flawed("/code_limits", flaws),
            E::LastOwner => Self::conflict("last_owner", sentence(&words)),
            E::EveryoneViews => Self::invalid("/role", words),
            E::PublicOff => Self::conflict("public_projects_off", sentence(&words)),
            // It stands in the path, where absent is 404.
            E::NoSuchPrincipal | E::NoSuchMember => Self::not_found(),
            E::Key(words) => Self::unavailable(&words),
            E::Busy => Self::conflict("busy", sentence(&words)),
            E::Refused(refusal) => refusal.into(),
            E::Access(error) => error.into(),
        }
    }
}

impl From<access::GroupError> for Problem {
    fn from(error: access::GroupError) -> Self {
        use access::GroupError as E;
        let words = error.to_string();
        match error {
            E::Name(error) => Self::invalid("/name", error.to_string()),
            E::Taken => Self::conflict("name_taken", sentence(&words)),
            E::NoSuchGroup | E::NoSuchUser => Self::not_found(),
            E::Busy => Self::conflict("busy", sentence(&words)),
            E::Refused(refusal) => refusal.into(),
            E::Access(error) => error.into(),
        }
    }
}

/// An error's words as a sentence.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    // What user code is told is written as sentences already.
    let end = if words.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{end}", letters.as_str())
}
