//! `PUT /projects/{project}/collections/{collection}/retention`.

use super::wire::{locate, target};
use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::ids::Ids;
use crate::http::problem::Problem;
use ::access::Detail;
use ::dashboards::pinned;
use axum::Json;
use axum::extract::State;
use domain::Span;
use domain::action::RemoveVersions;
use domain::entity::Collection;
use operations::retention::leaving;
use serde::{Deserialize, Serialize};
use tables::CollectionError;
use utoipa::ToSchema;

/// How many of the latest versions are kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionBody {
    /// At least 1; `null` for all. A version that a dashboard is pinned to is kept besides.
    keep_versions: Option<u64>,
}

/// What is kept from now on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Kept {
    /// How many of the latest versions; `null` for all.
    keep_versions: Option<u64>,
    /// Versions that are offered no longer and whose files go soon.
    leaving: Vec<SpanBody>,
    /// Versions that are gone.
    removed: Vec<SpanBody>,
    /// Versions that are kept only because a dashboard is pinned to them, or that are pinned anyway.
    pinned: Vec<u64>,
}

/// Versions that follow each other.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpanBody {
    /// The first one.
    from: u64,
    /// The last one.
    to: u64,
}

impl From<Span> for SpanBody {
    fn from(span: Span) -> Self {
        Self {
            from: span.from,
            to: span.to,
        }
    }
}

/// Follows a collection's policy, when it has one, after a version was made.
pub(super) fn follow(app: &App, collection: &Collection) {
    if !collection.retention.is_empty() {
        app.keeper().follow(&collection.project, &collection.id);
    }
}

pub(super) async fn keep(
    Allowed(permit): Allowed<RemoveVersions>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<RetentionBody>,
) -> Result<Json<Kept>, Problem> {
    let collection = locate(&permit, &ids).await?;
    let keep = body.keep_versions;
    if keep == Some(0) {
        let words = "at least the latest version is kept: 1 or more, or null for all";
        return Err(Problem::invalid("/keep_versions", words));
    }
    let (collections, id) = (app.collections().clone(), collection.id.clone());
    let (kept, pinned) = permit
        .act(target(&collection), Detail::None, move |act| async move {
            let pinned = pinned(act.permit(), &id).await?;
            let kept = collections.keep(&act, &id, keep, &pinned).await?;
            let versions = leaving(&kept.retention);
            act.describe(None, Detail::Retention { keep, versions });
            Ok::<_, CollectionError>((kept, pinned))
        })
        .await?;
    follow(&app, &kept);
    Ok(Json(Kept {
        keep_versions: keep,
        leaving: leaving(&kept.retention)
            .into_iter()
            .map(SpanBody::from)
            .collect(),
        removed: kept
            .retention
            .removed
            .into_iter()
            .map(SpanBody::from)
            .collect(),
        pinned: pinned.into_iter().collect(),
    }))
}
