//! Routes of accounts, for admins.

mod links;

pub(crate) use links::Mailed;

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
use domain::action::{ListUsers, ManageUsers};
use domain::entity::User;
use domain::id::UserId;
use domain::{SystemRole, Timestamp};
use identity::{NewUser, UserPatch};
use keys::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserBody {
    /// The id.
    id: UserId,
    /// The address they sign in with.
    email: String,
    /// What others see.
    display_name: String,
    /// Role in the system.
    role: SystemRole,
    /// May not sign in.
    disabled: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<&User> for UserBody {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            role: user.role,
            disabled: user.disabled,
            created_at: user.created_at,
        }
    }
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUserBody {
    /// The address they sign in with.
    email: String,
    /// What others see.
    display_name: String,
    /// The password, 8 to 128 characters.
    password: String,
    /// Role in the system.
    role: SystemRole,
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPatchBody {
    /// What others see.
    display_name: Option<String>,
    /// Role in the system.
    role: Option<SystemRole>,
    /// May not sign in; open sessions end at once.
    disabled: Option<bool>,
}

pub(crate) fn routes() -> Routes {
    Routes::under("/api/v1")
        .add(Doc::get("/users", "All accounts").paged::<UserBody>(), list)
        .add(
            Doc::post("/users", "Make an account, which can sign in at once")
                .body::<NewUserBody>()
                .answer::<UserBody>(201),
            create,
        )
        .add(
            Doc::get("/users/{user}", "One account").answer::<UserBody>(200),
            show,
        )
        .add(
            Doc::patch(
                "/users/{user}",
                "Rename, promote, demote, disable or enable an account",
            )
            .body::<UserPatchBody>()
            .answer::<UserBody>(200),
            change,
        )
        .add(Doc::delete("/users/{user}", "Delete an account"), delete)
        .merge(links::routes())
}

async fn list(
    Allowed(permit): Allowed<ListUsers>,
    State(app): State<App>,
    Params(paging): Params<Paging>,
) -> Result<Json<ListOf<UserBody>>, Problem> {
    permit.note(None, Detail::None)?;
    let (after, limit) = (paging.cursor()?, paging.limit()?);
    let (users, next) = app.identity().users(&permit, after.as_ref(), limit).await?;
    Ok(ListOf::page(
        users.iter().map(UserBody::from).collect(),
        next.as_ref(),
    ))
}

async fn create(
    Allowed(permit): Allowed<ManageUsers>,
    State(app): State<App>,
    JsonBody(body): JsonBody<NewUserBody>,
) -> Result<(StatusCode, Json<UserBody>), Problem> {
    let new = NewUser {
        email: body.email,
        display_name: body.display_name,
        password: Secret::new(body.password),
        role: body.role,
    };
    let user = permit
        .act(None, Detail::None, move |act| async move {
            app.identity().create_user(&act, new).await
        })
        .await?;
    Ok((StatusCode::CREATED, Json(UserBody::from(&user))))
}

async fn show(
    Allowed(permit): Allowed<ListUsers>,
    State(app): State<App>,
    ids: Ids,
) -> Result<Json<UserBody>, Problem> {
    let id: UserId = ids.get("user")?;
    permit.note(Some(Target::new(TargetKind::User, &id)), Detail::None)?;
    let user = app
        .identity()
        .user(&permit, &id)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Json(UserBody::from(&user)))
}

async fn change(
    Allowed(permit): Allowed<ManageUsers>,
    State(app): State<App>,
    ids: Ids,
    JsonBody(body): JsonBody<UserPatchBody>,
) -> Result<Json<UserBody>, Problem> {
    let id: UserId = ids.get("user")?;
    let patch = UserPatch {
        display_name: body.display_name,
        role: body.role,
        disabled: body.disabled,
    };
    let target = Target::new(TargetKind::User, &id);
    let user = permit
        .act(Some(target), Detail::None, move |act| async move {
            app.identity().change_user(&act, &id, patch).await
        })
        .await?;
    Ok(Json(UserBody::from(&user)))
}

async fn delete(
    Allowed(permit): Allowed<ManageUsers>,
    State(app): State<App>,
    ids: Ids,
) -> Result<StatusCode, Problem> {
    let id: UserId = ids.get("user")?;
    let target = Target::new(TargetKind::User, &id);
    permit
        .act(Some(target), Detail::None, move |act| async move {
            app.identity().delete_user(&act, &id).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
