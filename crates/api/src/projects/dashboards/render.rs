//! `POST /projects/{project}/dashboards/{dashboard}/render`: each component as it is ready.

use super::problem::failure;
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::credentials::CallerIs;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use dashboards::{Line, RenderRequest};
use domain::action::{ViewDashboard, WriteCode};
use domain::dashboard::{RenderFilter, Tab};
use domain::id::RequestId;
use futures::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use utoipa::ToSchema;

/// What to render.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenderBody {
    /// The conditions.
    #[serde(default)]
    filters: Vec<RenderFilter>,
    /// Only these components; all when absent.
    components: Option<Vec<String>>,
    /// As of this revision; the latest when absent.
    revision: Option<u64>,
    /// Instead of what is saved, this tab as it is being edited.
    draft: Option<Tab>,
}

pub(super) async fn render(
    Allowed(permit): Allowed<ViewDashboard>,
    State(app): State<App>,
    CallerIs(caller): CallerIs,
    (ids, Extension(request_id)): (Ids, Extension<RequestId>),
    JsonBody(body): JsonBody<RenderBody>,
) -> Result<Response, Problem> {
    let code = match &body.draft {
        Some(_) if permit.would_allow(domain::ActionName::WriteCode) => {
            let project = permit.project_id()?;
            Some(
                app.guard()
                    .on_project::<WriteCode>(&caller, project)
                    .await?,
            )
        }
        _ => None,
    };
    let request = RenderRequest {
        filters: body.filters,
        components: body.components,
        revision: body.revision,
        draft: body.draft,
    };
    let id = ids.get("dashboard")?;
    let lines = app
        .dashboards()
        .render(&permit, &id, request, code.as_ref())
        .await?;
    // The stream owns the permit and ends with it.
    let ended = async move { permit.ended().await };
    let body = Body::from_stream(lines_as_json(lines, request_id).take_until(ended));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

fn lines_as_json(
    lines: impl Stream<Item = Line> + Send,
    request_id: RequestId,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    lines.map(move |line| {
        let mut text = line_as_json(line, &request_id).to_string();
        text.push('\n');
        Ok(Bytes::from(text))
    })
}

fn line_as_json(line: Line, request_id: &RequestId) -> Value {
    let (status, name, value, cached, truncated) = match line.outcome {
        Ok(drawn) => {
            let shown = serde_json::to_value(&*drawn.shown).unwrap_or(Value::Null);
            ("ok", "result", shown, drawn.cached, drawn.truncated)
        }
        Err(error) => {
            let problem = failure(error).to_value(request_id.as_str());
            ("error", "problem", problem, false, false)
        }
    };
    json!({
        "component": line.component,
        "status": status,
        name: value,
        "versions": line.versions,
        "cached": cached,
        "truncated": truncated,
        "duration_ms": line.duration_ms,
    })
}
