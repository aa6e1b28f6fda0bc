//! `POST /auth/login`: for browsers. Tokens go into cookies that no script can read.

use crate::App;
use crate::http::body::JsonBody;
use crate::http::credentials::{From, FromOwnPage, set_cookies};
use crate::http::problem::Problem;
use crate::users::UserBody;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use identity::SignedIn;
use keys::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginBody {
    /// The address.
    email: String,
    /// The password.
    password: String,
}

/// Who has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoginAnswer {
    /// The account.
    user: UserBody,
    /// Seconds until the page must refresh.
    expires_in: u64,
}

pub(super) async fn login(
    State(app): State<App>,
    From(device): From,
    JsonBody(body): JsonBody<LoginBody>,
) -> Result<impl IntoResponse, Problem> {
    let password = Secret::new(body.password);
    let signed_in = app.identity().login(&body.email, password, device).await?;
    Ok(answer(&app, &signed_in))
}

fn answer(app: &App, signed_in: &SignedIn) -> impl IntoResponse + use<> {
    let headers = set_cookies(signed_in, app.is_secure());
    let expires_in = signed_in.expires_in_s;
    let user = UserBody::from(&signed_in.user);
    (headers, Json(LoginAnswer { user, expires_in }))
}

/// Nothing: there is one person, and whoever reaches this machine's own page is it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnePersonBody {}

/// `POST /auth/single-user`, where the server was started for one person.
pub(super) async fn one_person(
    State(app): State<App>,
    FromOwnPage(device): FromOwnPage,
    JsonBody(OnePersonBody {}): JsonBody<OnePersonBody>,
) -> Result<impl IntoResponse, Problem> {
    if !app.is_for_one_person() {
        return Err(Problem::not_found());
    }
    let signed_in = app.identity().login_alone(device).await?;
    Ok(answer(&app, &signed_in))
}
