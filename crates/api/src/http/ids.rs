//! Ids out of the path. What is not an id of its kind is answered as what does not exist.

use super::problem::Problem;
use crate::App;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

/// The path's parameters.
pub(crate) struct Ids(Vec<(String, String)>);

impl Ids {
    /// The parameter of that name, parsed.
    pub(crate) fn get<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .and_then(|(_, value)| value.parse().ok())
            .ok_or_else(Problem::not_found)
    }
}

impl FromRequestParts<App> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::not_found())?;
        Ok(Self(
            params
                .iter()
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect(),
        ))
    }
}

/// One parameter as an id; `None` when there is none, or it is none of that kind.
pub(crate) async fn parsed<T: std::str::FromStr>(
    parts: &mut Parts,
    app: &App,
    name: &str,
) -> Option<T> {
    raw(parts, app, name).await?.parse().ok()
}

/// One parameter as text.
pub(crate) async fn raw(parts: &mut Parts, app: &App, name: &str) -> Option<String> {
    let ids = Ids::from_request_parts(parts, app).await.ok()?;
    ids.0
        .into_iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}
