//! `POST /projects/{project}/dashboards`.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::precondition::etag;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use dashboards::Draft;
use domain::action::CreateDashboard;
use domain::dashboard::Tab;
use serde::Deserialize;
use utoipa::ToSchema;

/// A new dashboard.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDashboardBody {
    /// What it is called.
    title: String,
    /// What is on it; one empty tab when absent.
    tabs: Option<Vec<Tab>>,
}

pub(super) async fn create(
    Allowed(permit): Allowed<CreateDashboard>,
    State(app): State<App>,
    JsonBody(body): JsonBody<NewDashboardBody>,
) -> Result<impl IntoResponse, Problem> {
    let draft = Draft {
        title: body.title,
        tabs: body.tabs,
    };
    let made = dashboards::create(&permit, draft, app.code_limits()).await?;
    Ok((StatusCode::CREATED, etag(made.revision), Json(made)))
}
