//! What every route shares: problems, permits as extractors, bodies, lists, headers, and the table
//! of routes from which the OpenAPI document is made.

pub(crate) mod allowed;
pub(crate) mod body;
pub(crate) mod credentials;
pub(crate) mod headers;
pub(crate) mod ids;
pub(crate) mod list;
pub(crate) mod precondition;
pub(crate) mod problem;
pub(crate) mod routes;
pub(crate) mod unread;

/// A path that is there, asked by a method that is not.
pub(crate) async fn not_allowed() -> problem::Problem {
    problem::Problem::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This path does not answer that method.",
    )
}
