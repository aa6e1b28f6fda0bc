//! The caller's own tokens for programs.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::{JsonBody, Params};
use crate::http::credentials::CallerIs;
use crate::http::ids::Ids;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use access::{Detail, Refusal, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::action::{CreateToken, ReadAccount, RevokeToken, ViewProject};
use domain::id::{ProjectId, TokenId};
use domain::{Ceiling, Timestamp, TokenScope};
use identity::{NewToken, TokenView};
use keys::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTokenBody {
    /// What it is for.
    name: String,
    /// What it may at most: `read`, `edit` or `admin`.
    scope: TokenScope,
    /// The one project it is for; absent or `null` for all that the caller may see.
    #[serde(default)]
    project: Option<ProjectId>,
    /// How many days it lives, 1 to 365.
    expires_in_days: u64,
    /// The caller's password, again.
    current_password: String,
}

/// A token, without what would open anything.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenViewBody {
    /// The id.
    id: TokenId,
    /// What it is for.
    name: String,
    /// What it may at most.
    scope: TokenScope,
    /// The one project it is for, when it is for one.
    project: Option<ProjectId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// From which address.
    last_used_from: Option<String>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeTokenBody {
    /// What is kept of it.
    #[serde(flatten)]
    view: TokenViewBody,
    /// The token itself, for `Authorization: Bearer`. It is shown here and never again.
    token: String,
}

impl From<TokenView> for TokenViewBody {
    fn from(token: TokenView) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scope: token.ceiling.scope,
            project: token.ceiling.project,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            last_used_from: token.last_used_from.map(|address| address.to_string()),
        }
    }
}

pub(super) async fn list(
    Allowed(permit): Allowed<ReadAccount>,
    State(app): State<App>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<TokenViewBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let (found, next) = app
        .identity()
        .tokens(&permit, after.as_ref(), limit)
        .await?;
    let items = found.into_iter().map(TokenViewBody::from).collect();
    Ok(ListOf::page(items, next.as_ref()))
}

pub(super) async fn make(
    Allowed(permit): Allowed<CreateToken>,
    State(app): State<App>,
    CallerIs(caller): CallerIs,
    JsonBody(body): JsonBody<NewTokenBody>,
) -> Result<(StatusCode, Json<MadeTokenBody>), Problem> {
    if let Some(project) = &body.project {
        match app
            .guard()
            .on_project::<ViewProject>(&caller, project)
            .await
        {
            Ok(_) => {}
            Err(Refusal::Failed(error)) => return Err(error.into()),
            Err(_) => return Err(Problem::invalid("/project", "you see no such project")),
        }
    }
    let new = NewToken {
        name: body.name,
        ceiling: Ceiling {
            scope: body.scope,
            project: body.project,
        },
        days: body.expires_in_days,
        current_password: Secret::new(body.current_password),
    };
    let made = permit
        .act(None, Detail::None, move |act| async move {
            app.identity().make_token(&act, new).await
        })
        .await?;
    let body = MadeTokenBody {
        view: made.view.into(),
        token: made.token.expose().clone(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

pub(super) async fn revoke(
    Allowed(permit): Allowed<RevokeToken>,
    State(app): State<App>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    let id: TokenId = ids.get("token")?;
    let target = Target::new(TargetKind::Token, &id);
    permit
        .act(Some(target), Detail::None, move |act| async move {
            app.identity().revoke_token(&act, &id).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
