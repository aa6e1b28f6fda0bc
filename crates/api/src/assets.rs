//! The page, embedded in the program. Files with a digest in their name never change; everything
//! else that is no file is the page itself, which finds its own way.

use crate::http::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Page;

const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

pub(crate) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" {
        return Problem::not_found().into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "Only GET is answered here.",
        )
        .into_response();
    }
    match Page::get(path).filter(|_| !path.is_empty()) {
        Some(file) => answer(path, file, &headers),
        // A missing file must not be answered with the page: a script would then fail to parse.
        None if path.starts_with("assets/") => Problem::not_found().into_response(),
        None => match Page::get("index.html") {
            Some(file) => answer("index.html", file, &headers),
            None => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The page was not built into this program. Build it with: make build\n",
            )
                .into_response(),
        },
    }
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let digest: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{digest}\"");
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value == tag.as_str());
    let cache = if path.starts_with("assets/") {
        FOREVER
    } else {
        ASK_AGAIN
    };
    let common = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, cache.to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = mime_guess::from_path(path)
        .first_or_octet_stream()
        .to_string();
    (
        common,
        [(header::CONTENT_TYPE, kind)],
        Body::from(file.data.into_owned()),
    )
        .into_response()
}
