//! `POST /auth/login`: for browsers. Tokens go into cookies that no script can read.

use crate::App;
use crate::http::body::JsonBody;
use crate::http::credentials::{From, set_cookies};
use crate::http::problem::Problem;
use crate::users::UserBody;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
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
    let signed_in = app
        .identity()
        .login(&body.email, Secret::new(body.password), device)
        .await?;
    let headers = set_cookies(&signed_in, app.is_secure());
    let expires_in = signed_in.expires_in_s;
    let user = UserBody::from(&signed_in.user);
    Ok((headers, Json(LoginAnswer { user, expires_in })))
}
