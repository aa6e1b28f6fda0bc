//! `GET /directory?q=`: people and groups by name, for who grants roles.

use crate::http::allowed::Allowed;
use crate::http::body::Params;
use crate::http::list::{ListOf, limit};
use crate::http::problem::Problem;
use access::Detail;
use axum::Json;
use domain::action::SearchDirectory;
use domain::entity::Principal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody whom a grant can reach.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DirectoryEntry {
    /// `user` or `group`.
    kind: &'static str,
    /// The id.
    id: String,
    /// What others see.
    name: String,
}

/// What to look for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
    limit: Option<u64>,
}

pub(super) async fn search(
    Allowed(permit): Allowed<SearchDirectory>,
    Params(search): Params<Search>,
) -> Result<Json<ListOf<DirectoryEntry>>, Problem> {
    permit.note(None, Detail::None)?;
    let found = permit
        .directory(search.q.trim(), limit(search.limit)?)
        .await?;
    let items = found
        .into_iter()
        .filter_map(|(principal, name)| match principal {
            Principal::User(id) => Some(DirectoryEntry {
                kind: "user",
                id: id.into(),
                name,
            }),
            Principal::Group(id) => Some(DirectoryEntry {
                kind: "group",
                id: id.into(),
                name,
            }),
            Principal::Anyone => None,
        })
        .collect();
    Ok(ListOf::all(items))
}
