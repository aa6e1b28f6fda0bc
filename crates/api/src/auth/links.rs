//! Links that are good once, for whoever holds one: nobody has signed in here. What opens a link
//! comes in the body, never in an address.

use crate::App;
use crate::http::body::JsonBody;
use crate::http::credentials::From;
use crate::http::problem::Problem;
use crate::users::UserBody;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Registration;
use identity::{LinkView, NewAccount};
use keys::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who may make an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationBody {
    /// `closed`, `invite` or `open`.
    registration: Registration,
    /// Whether whoever opens the page is signed in by `POST /auth/single-user`.
    single_user: bool,
}

/// What stands behind the `#` of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkBody {
    /// The token.
    token: String,
}

/// What a link is for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkAnswer {
    /// `reset` or `invitation`.
    purpose: &'static str,
    /// The account's address, or the one that is invited when it is one.
    email: Option<String>,
}

/// A new password, by a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetBody {
    /// The token of the link.
    token: String,
    /// The new password, 8 to 128 characters.
    new_password: String,
}

/// A new account, of whoever sends this.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterBody {
    /// The token of the invitation; absent where everybody may.
    #[serde(default)]
    token: Option<String>,
    /// The address to sign in with; absent when the invitation names one.
    #[serde(default)]
    email: Option<String>,
    /// What others see.
    display_name: String,
    /// The password, 8 to 128 characters.
    password: String,
}

pub(super) async fn registration(
    State(app): State<App>,
) -> Result<Json<RegistrationBody>, Problem> {
    let registration = app.identity().registration().await?;
    Ok(Json(RegistrationBody {
        registration,
        single_user: app.is_for_one_person(),
    }))
}

pub(super) async fn look(
    State(app): State<App>,
    From(_): From,
    JsonBody(body): JsonBody<LinkBody>,
) -> Result<Json<LinkAnswer>, Problem> {
    let token = Secret::new(body.token);
    let (purpose, email) = match app.identity().look_at_link(&token).await? {
        LinkView::Reset { email } => ("reset", Some(email)),
        LinkView::Invitation { email } => ("invitation", email),
    };
    Ok(Json(LinkAnswer { purpose, email }))
}

pub(super) async fn reset(
    State(app): State<App>,
    From(device): From,
    JsonBody(body): JsonBody<ResetBody>,
) -> Result<StatusCode, Problem> {
    let (token, password) = (Secret::new(body.token), Secret::new(body.new_password));
    app.identity()
        .reset_by_link(&token, password, device.origin)
        .await
        .map_err(|error| super::problem::link(error, "/new_password"))?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn register(
    State(app): State<App>,
    From(device): From,
    JsonBody(body): JsonBody<RegisterBody>,
) -> Result<(StatusCode, Json<UserBody>), Problem> {
    let new = NewAccount {
        invitation: body.token.map(Secret::new),
        email: body.email,
        display_name: body.display_name,
        password: Secret::new(body.password),
    };
    let user = app.identity().register(new, device.origin).await?;
    Ok((StatusCode::CREATED, Json(UserBody::from(&user))))
}
