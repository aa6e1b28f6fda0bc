//! `GET /auth/me`.

use crate::http::allowed::Allowed;
use crate::http::credentials::Me;
use crate::http::problem::Problem;
use crate::users::UserBody;
use access::Detail;
use axum::Json;
use domain::action::{CreateProject, ManageUsers, ReadAccount};
use serde::Serialize;
use utoipa::ToSchema;

/// What the caller may do on the installation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Permissions {
    /// Make projects.
    create_project: bool,
    /// Administer.
    admin: bool,
}

/// The caller's account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeBody {
    /// The account itself, as `GET /users/{user}` gives it.
    #[serde(flatten)]
    account: UserBody,
    /// The same, under the name that signing in uses.
    user: UserBody,
    /// Seconds the token lives on.
    expires_in: u64,
    /// What the page may offer.
    permissions: Permissions,
}

pub(super) async fn me(
    Allowed(permit): Allowed<ReadAccount>,
    Me(me): Me,
) -> Result<Json<MeBody>, Problem> {
    permit.note(None, Detail::None)?;
    Ok(Json(MeBody {
        account: UserBody::from(&me.user),
        user: UserBody::from(&me.user),
        expires_in: me.expires_in_s,
        permissions: Permissions {
            create_project: me.caller.would_allow::<CreateProject>(),
            admin: me.caller.would_allow::<ManageUsers>(),
        },
    }))
}
