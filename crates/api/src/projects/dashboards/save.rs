//! `PUT /projects/{project}/dashboards/{dashboard}`: the document as GET gave it; what the server
//! sets is ignored.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::precondition::{IfMatch, etag};
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use dashboards::Draft;
use domain::action::EditDashboard;
use domain::dashboard::Tab;
use serde::Deserialize;
use serde::de::IgnoredAny;
use utoipa::ToSchema;

/// A dashboard to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DashboardBody {
    /// What it is called.
    title: String,
    /// What is on it.
    tabs: Vec<Tab>,
    /// Set by the server.
    #[serde(default, rename = "id")]
    #[schema(value_type = Object, required = false)]
    _id: Option<IgnoredAny>,
    /// Set by the server.
    #[serde(default, rename = "project")]
    #[schema(value_type = Object, required = false)]
    _project: Option<IgnoredAny>,
    /// Set by the server.
    #[serde(default, rename = "revision")]
    #[schema(value_type = Object, required = false)]
    _revision: Option<IgnoredAny>,
    /// Set by the server.
    #[serde(default, rename = "created_at")]
    #[schema(value_type = Object, required = false)]
    _created_at: Option<IgnoredAny>,
    /// Set by the server.
    #[serde(default, rename = "created_by")]
    #[schema(value_type = Object, required = false)]
    _created_by: Option<IgnoredAny>,
    /// Set by the server.
    #[serde(default, rename = "updated_at")]
    #[schema(value_type = Object, required = false)]
    _updated_at: Option<IgnoredAny>,
    /// Set by the server.
    #[serde(default, rename = "updated_by")]
    #[schema(value_type = Object, required = false)]
    _updated_by: Option<IgnoredAny>,
    /// Set by the server.
    #[serde(default, rename = "narrowing")]
    #[schema(value_type = Object, required = false)]
    _narrowing: Option<IgnoredAny>,
}

pub(super) async fn save(
    Allowed(permit): Allowed<EditDashboard>,
    State(app): State<App>,
    ids: Ids,
    IfMatch(seen): IfMatch,
    JsonBody(body): JsonBody<DashboardBody>,
) -> Result<impl IntoResponse, Problem> {
    let id = ids.get("dashboard")?;
    let draft = Draft {
        title: body.title,
        tabs: Some(body.tabs),
    };
    let saved = dashboards::save(&permit, &id, seen, draft, app.code_limits()).await?;
    Ok((etag(saved.revision), Json(saved)))
}
