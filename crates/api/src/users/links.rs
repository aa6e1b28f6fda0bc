//! Links and invitations that admins make, and the end of all that somebody has open.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::{JsonBody, Params};
use crate::http::ids::Ids;
use crate::http::list::{ListOf, Paging};
use crate::http::problem::Problem;
use crate::http::routes::{Doc, Routes};
use access::{Detail, Target, TargetKind};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::action::{CreateResetLink, Invite, ListUsers, ManageUsers};
use domain::id::{LinkId, UserId};
use domain::{SystemRole, Timestamp};
use identity::{InvitationView, MadeLink, NewInvitation};
use operations::mail::Occasion;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of a mail.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mailed {
    /// The server for mail has taken it.
    Sent,
    /// It has not: hand the link on yourself.
    Failed,
    /// There is no server for mail, or nobody in particular to write to.
    Off,
}

/// A link that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeLinkBody {
    /// The id.
    id: LinkId,
    /// The page's path with what opens the link behind the `#`, where browsers keep it to
    /// themselves. It is shown here and never again.
    path: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether it was also sent to the person by mail: `sent`, `failed`, or `off`.
    mailed: Mailed,
}

impl MadeLinkBody {
    /// Sends the link to whom it is for, when it can be sent, and shows it.
    async fn of(app: &App, occasion: Occasion, made: &MadeLink) -> Self {
        let page = match occasion {
            Occasion::Reset => "reset",
            Occasion::Invitation => "invitation",
        };
        let path = format!("/{page}#{}", made.token.expose());
        Self {
            id: made.id.clone(),
            mailed: app.mail(occasion, made.email.as_deref(), &path).await,
            path,
            expires_at: made.expires_at,
        }
    }
}

/// A new invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvitationBody {
    /// The address it is for; absent or `null` for whoever has the link.
    #[serde(default)]
    email: Option<String>,
    /// The role of the account that comes of it.
    role: SystemRole,
}

/// An invitation that waits, without what opens it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationBody {
    /// The id.
    id: LinkId,
    /// The address it is for, when it is for one.
    email: Option<String>,
    /// The role of the account that comes of it.
    role: SystemRole,
    /// Who invites.
    created_by: Option<UserId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<InvitationView> for InvitationBody {
    fn from(view: InvitationView) -> Self {
        Self {
            id: view.id,
            email: view.email,
            role: view.role,
            created_by: view.created_by,
            created_at: view.created_at,
            expires_at: view.expires_at,
        }
    }
}

pub(super) fn routes() -> Routes {
    Routes::under("/api/v1")
        .add(
            Doc::post(
                "/users/{user}/reset-link",
                "Make a link by which somebody sets a new password; it is shown here and never again",
            )
            .answer::<MadeLinkBody>(201),
            reset_link,
        )
        .add(
            Doc::delete(
                "/users/{user}/sessions",
                "End all sessions and tokens that somebody has",
            ),
            end_all,
        )
        .add(
            Doc::get("/invitations", "The invitations that wait").paged::<InvitationBody>(),
            list,
        )
        .add(
            Doc::post("/invitations", "Invite somebody to make an account; the link is shown here and never again")
                .body::<NewInvitationBody>()
                .answer::<MadeLinkBody>(201),
            invite,
        )
        .add(
            Doc::delete("/invitations/{invitation}", "Withdraw an invitation"),
            withdraw,
        )
}

async fn reset_link(
    Allowed(permit): Allowed<CreateResetLink>,
    State(app): State<App>,
    ids: Ids,
) -> Result<(StatusCode, Json<MadeLinkBody>), Problem> {
    let id: UserId = ids.get("user")?;
    let target = Target::new(TargetKind::User, &id);
    let identity = app.identity().clone();
    let made = permit
        .act(Some(target), Detail::None, move |act| async move {
            identity.make_reset_link(&act, &id).await
        })
        .await?;
    let body = MadeLinkBody::of(&app, Occasion::Reset, &made).await;
    Ok((StatusCode::CREATED, Json(body)))
}

async fn end_all(
    Allowed(permit): Allowed<ManageUsers>,
    State(app): State<App>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    let id: UserId = ids.get("user")?;
    let target = Target::new(TargetKind::User, &id);
    permit
        .act(Some(target), Detail::None, move |act| async move {
            app.identity().end_all(&act, &id).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list(
    Allowed(permit): Allowed<ListUsers>,
    State(app): State<App>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<InvitationBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let (found, next) = app
        .identity()
        .invitations(&permit, after.as_ref(), limit)
        .await?;
    let items = found.into_iter().map(InvitationBody::from).collect();
    Ok(ListOf::page(items, next.as_ref()))
}

async fn invite(
    Allowed(permit): Allowed<Invite>,
    State(app): State<App>,
    JsonBody(body): JsonBody<NewInvitationBody>,
) -> Result<(StatusCode, Json<MadeLinkBody>), Problem> {
    let new = NewInvitation {
        email: body.email,
        role: body.role,
    };
    let identity = app.identity().clone();
    let made = permit
        .act(None, Detail::None, move |act| async move {
            identity.invite(&act, new).await
        })
        .await?;
    let body = MadeLinkBody::of(&app, Occasion::Invitation, &made).await;
    Ok((StatusCode::CREATED, Json(body)))
}

async fn withdraw(
    Allowed(permit): Allowed<Invite>,
    State(app): State<App>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    let id: LinkId = ids.get("invitation")?;
    let target = Target::new(TargetKind::Invitation, &id);
    permit
        .act(Some(target), Detail::None, move |act| async move {
            app.identity().withdraw_invitation(&act, &id).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
