//! Bodies and query strings as typed models: counted while they stream, and refused with the place
//! of what is wrong.

use super::problem::Problem;
use crate::App;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, IgnoredAny};

/// A JSON body.
pub(crate) struct JsonBody<T>(pub(crate) T);

fn is_json(content_type: Option<&header::HeaderValue>) -> bool {
    let Some(text) = content_type.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let kind = text.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Reads a whole body, at most so many bytes.
pub(crate) async fn read(body: Body, max: u64) -> Result<Vec<u8>, Problem> {
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(too_large(max)),
        Err(_) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "body_cut",
            "The body ended before it was complete. Nothing was changed.",
        )),
    }
}

/// Tells a field that is null from one that is not there.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

fn too_large(max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("The body has more than {max} bytes, which is the most that is allowed here."),
    )
}

/// The model in a text, which must be an object: serde would take an array as well, field by field.
pub(crate) fn parse_object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let is_array = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if is_array && serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        return Err(Problem::invalid("", "an object belongs here, not an array"));
    }
    parse(bytes)
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "not_json",
        format!("This is not JSON: {error}."),
    )
}

/// Why a text is not the model: 400 when it is no JSON at all, 422 with the field otherwise.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Looked at first, so that a text cut short is 400 whatever its first fields are.
    serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| not_json(&error))?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = pointer(error.path());
        let inner = error.inner();
        // What serde says of a list where one word of several belongs; that it is JSON is known.
        if inner.to_string().starts_with("expected value at ") {
            return Problem::invalid(path, "a value of another type belongs here");
        }
        if inner.is_syntax() || inner.is_eof() {
            return not_json(inner);
        }
        let words = inner.to_string();
        let words = words
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        Problem::invalid(path, words)
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |mut out, segment| {
        match segment {
            Segment::Seq { index } => out.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                out.push('/');
                out.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        out
    })
}

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let max = app.limits().json_body_bytes_max;
        let declared = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse::<u64>().ok());
        if declared.is_some_and(|length| length > max) {
            return Err(too_large(usize::try_from(max).unwrap_or(usize::MAX)));
        }
        if !is_json(request.headers().get(header::CONTENT_TYPE)) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "Send a body of type application/json.",
            ));
        }
        let bytes = read(request.into_body(), max).await?;
        Ok(Self(parse_object(&bytes)?))
    }
}

/// The query string. Unknown parameters are refused.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|rejection| {
                let words = rejection.body_text();
                let words = words
                    .rsplit("query string: ")
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                Problem::invalid("", words)
            })
    }
}
