//! `POST /auth/token`: for programs, after RFC 6749 sections 4.3 and 6.

use crate::App;
use crate::http::body::JsonBody;
use crate::http::credentials::From;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::State;
use identity::SignedIn;
use keys::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a token is asked for with.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "grant_type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum TokenBody {
    /// With a password.
    Password {
        /// The address.
        email: String,
        /// The password.
        password: String,
    },
    /// With a refresh token, which is spent by it.
    RefreshToken {
        /// The token.
        refresh_token: String,
    },
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenAnswer {
    access_token: String,
    refresh_token: String,
    token_type: &'static str,
    /// Seconds the access token lives.
    expires_in: u64,
}

impl std::convert::From<&SignedIn> for TokenAnswer {
    fn from(signed_in: &SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.expose().clone(),
            refresh_token: signed_in.refresh_token.expose().clone(),
            token_type: "Bearer",
            expires_in: signed_in.expires_in_s,
        }
    }
}

pub(super) async fn token(
    State(app): State<App>,
    From(device): From,
    JsonBody(body): JsonBody<TokenBody>,
) -> Result<Json<TokenAnswer>, Problem> {
    let signed_in = match body {
        TokenBody::Password { email, password } => {
            app.identity()
                .login(&email, Secret::new(password), device)
                .await?
        }
        TokenBody::RefreshToken { refresh_token } => {
            app.identity()
                .refresh(Secret::new(refresh_token), device)
                .await?
        }
    };
    Ok(Json(TokenAnswer::from(&signed_in)))
}
