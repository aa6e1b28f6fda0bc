//! `PUT|DELETE /projects/{project}/dashboards/{dashboard}/narrowing`.

use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::precondition::etag;
use crate::http::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Narrowing;
use domain::action::NarrowDashboard;
use domain::id::{GroupId, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum To {
    /// To editors.
    Editors,
    /// To those who are named.
    Named,
}

/// For whom a dashboard is to be, besides owners.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NarrowingBody {
    /// `editors` or `named`.
    to: To,
    /// The people, with `named`; each has a role in the project.
    #[serde(default)]
    users: Vec<UserId>,
    /// The groups, with `named`; each has a role in the project.
    #[serde(default)]
    groups: Vec<GroupId>,
}

impl NarrowingBody {
    fn narrowing(self) -> Result<Narrowing, Problem> {
        let Self { to, users, groups } = self;
        match to {
            To::Named => Ok(Narrowing::Named { users, groups }),
            To::Editors if users.is_empty() && groups.is_empty() => Ok(Narrowing::Editors),
            To::Editors => Err(Problem::invalid(
                "/to",
                "people and groups are named with `named` only",
            )),
        }
    }
}

pub(super) async fn narrow(
    Allowed(permit): Allowed<NarrowDashboard>,
    ids: Ids,
    JsonBody(body): JsonBody<NarrowingBody>,
) -> Result<impl IntoResponse, Problem> {
    let narrowing = body.narrowing()?;
    let saved = dashboards::narrow(&permit, &ids.get("dashboard")?, Some(narrowing)).await?;
    Ok((etag(saved.revision), Json(saved)))
}

pub(super) async fn open(
    Allowed(permit): Allowed<NarrowDashboard>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    dashboards::narrow(&permit, &ids.get("dashboard")?, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
