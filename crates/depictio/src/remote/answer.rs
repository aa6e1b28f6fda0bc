//! What a server answers, and what is said when it is not what was asked for.

use super::body::FileError;
use super::shown;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::error::Error;
use url::Url;

/// Longest answer that is read as a whole: a page of a list of wide tables. What is longer is none of ours.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Wrong fields that are told beside the sentence.
const FIELDS_MAX: usize = 5;

const NOT_ACCEPTED: &str = "DEPICTIO_TOKEN is not accepted: it is unknown, has expired or was ended; make another on \
                            the page Account, under Tokens for programs";

/// Why something was not done, in words for a person.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub(super) struct Failure {
    /// What the server answered; none where it did not.
    pub(super) status: Option<StatusCode>,
    words: String,
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.words
    }
}

/// What is read of a problem (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    detail: String,
    #[serde(default)]
    errors: Vec<WrongField>,
}

#[derive(Deserialize)]
struct WrongField {
    pointer: String,
    message: String,
}

impl Problem {
    /// Its sentence, and the wrong fields that the sentence does not tell already.
    fn words(&self) -> String {
        let fields = self.errors.iter();
        let untold = fields.filter(|field| !self.detail.contains(&field.message));
        let words = untold
            .take(FIELDS_MAX)
            .fold(self.detail.clone(), |words, field| {
                format!("{words} {}: {}.", field.pointer, field.message)
            });
        shown::bounded(&words)
    }
}

/// Reads an answer as JSON.
///
/// # Errors
/// When it is a refusal, comes from something else than Depictio, or is cut.
pub(super) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    let response = accepted(response).await?;
    let (status, at) = (response.status(), origin(response.url()));
    if kind(&response) != "application/json" {
        return Err(stranger(&response));
    }
    let failure = |words: String| Failure {
        status: Some(status),
        words,
    };
    let Some(bytes) = whole(response).await else {
        return Err(failure(format!(
            "{at} answered {status}, and the connection ended before the answer was whole"
        )));
    };
    serde_json::from_slice(&bytes)
        .map_err(|error| failure(format!("{at} answered what is not understood: {error}")))
}

/// The answer, when it is none of a refusal.
///
/// # Errors
/// The words of the refusal.
pub(super) async fn accepted(response: Response) -> Result<Response, Failure> {
    match response.status().is_success() {
        true => Ok(response),
        false => Err(refused(response).await),
    }
}

async fn refused(response: Response) -> Failure {
    let (status, at) = (response.status(), origin(response.url()));
    if kind(&response) != "application/problem+json" {
        return stranger(&response);
    }
    let problem = whole(response).await;
    let problem = problem.and_then(|bytes| serde_json::from_slice::<Problem>(&bytes).ok());
    let words = match (status, problem) {
        (StatusCode::UNAUTHORIZED, _) => NOT_ACCEPTED.to_owned(),
        (_, Some(problem)) => problem.words(),
        // A connection that ends while we still send can take the last words with it.
        (StatusCode::PAYLOAD_TOO_LARGE, None) => {
            format!("{at} takes no upload of this size")
        }
        (_, None) => {
            format!("{at} answered {status}, and the connection ended before it said why")
        }
    };
    Failure {
        status: Some(status),
        words,
    }
}

/// An answer that Depictio does not give.
pub(super) fn stranger(response: &Response) -> Failure {
    let (status, at) = (response.status(), origin(response.url()));
    let elsewhere = response.headers().get(LOCATION);
    let elsewhere = elsewhere.and_then(|value| value.to_str().ok());
    let words = match elsewhere {
        Some(elsewhere) if status.is_redirection() => format!(
            "{at} sends on to {}, where the token is not sent; set DEPICTIO_URL to where the server is",
            shown::bounded(elsewhere)
        ),
        _ => {
            let kind = match kind(response) {
                "" => "nothing that says what it is",
                kind => kind,
            };
            format!(
                "{at} answered {status} with {kind}, which is not Depictio: is DEPICTIO_URL right, and no proxy in the way?"
            )
        }
    };
    Failure {
        status: None,
        words,
    }
}

/// Why there is no answer at all.
pub(super) fn none(server: &Url, error: &reqwest::Error) -> Failure {
    let at = origin(server);
    let words = match file_error(error) {
        Some(file) => file.to_string(),
        None if error.is_connect() => {
            format!("{at} cannot be reached: {}", last_cause(error))
        }
        None => format!(
            "the connection to {at} ended before there was an answer: {}",
            last_cause(error)
        ),
    };
    Failure {
        status: None,
        words,
    }
}

/// The file that could not be sent, when that is why.
fn file_error(error: &reqwest::Error) -> Option<&FileError> {
    let mut cause: &(dyn Error + 'static) = error;
    loop {
        if let Some(file) = cause.downcast_ref::<FileError>() {
            return Some(file);
        }
        cause = cause.source()?;
    }
}

/// What was at the bottom of it: the layers above only say that something went wrong.
pub(super) fn last_cause(error: &reqwest::Error) -> String {
    let mut cause: &(dyn Error + 'static) = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Scheme, host and port: all that is shown of an address.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The media type, without its parameters.
fn kind(response: &Response) -> &str {
    let value = response.headers().get(CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    let kind = text.and_then(|text| text.split(';').next());
    kind.unwrap_or_default().trim()
}

/// All of an answer; none when it is cut, or too long to be one.
async fn whole(mut response: Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.ok()? {
        if bytes.len() + piece.len() > ANSWER_BYTES_MAX {
            return None;
        }
        bytes.extend_from_slice(&piece);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(problem: &str) -> String {
        serde_json::from_str::<Problem>(problem).unwrap().words()
    }

    #[test]
    fn a_problem_is_told_once_with_its_places() {
        let told = r#"{"detail":"a.csv, line 3: no. Nothing was changed.","errors":[{"pointer":"/file","message":"a.csv, line 3: no"}]}"#;
        assert_eq!(words(told), "a.csv, line 3: no. Nothing was changed.");
        let more = r#"{"detail":"Two fields.","status":422,"errors":[{"pointer":"/a","message":"empty"},{"pointer":"/b","message":"long"}]}"#;
        assert_eq!(words(more), "Two fields. /a: empty. /b: long.");
        assert_eq!(words(r#"{"detail":"No."}"#), "No.");
        let long = format!("{{\"detail\":\"{}\"}}", "x".repeat(100_000));
        assert_eq!(words(&long).len(), 2_000);
    }
}
