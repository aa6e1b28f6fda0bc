//! `POST /auth/refresh` and `POST /auth/logout`: by cookie, or by a refresh token in the body.

use super::token::TokenAnswer;
use crate::App;
use crate::http::body::{parse_object, read};
use crate::http::credentials::{
    Cookie, clear_cookies, device_of, origin_of, refuse_cross_site, set_cookies,
};
use crate::http::problem::Problem;
use crate::users::UserBody;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use identity::{AuthError, RefreshError};
use keys::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The refresh token, for programs; browsers send it as a cookie and nothing here.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshBody {
    /// The token.
    #[serde(default)]
    refresh_token: Option<String>,
}

/// Who is still signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefreshAnswer {
    /// The account.
    user: UserBody,
    /// Seconds until the page must refresh again.
    expires_in: u64,
}

/// The refresh token of a request and whether it came as a cookie.
async fn shown(
    app: &App,
    parts: &axum::http::request::Parts,
    body: axum::body::Body,
) -> Result<(Option<Secret<String>>, bool), Problem> {
    let bytes = read(body, app.limits().json_body_bytes_max).await?;
    let body: RefreshBody = match bytes.iter().all(u8::is_ascii_whitespace) {
        true => RefreshBody::default(),
        false => parse_object(&bytes)?,
    };
    if let Some(token) = body.refresh_token {
        return Ok((Some(Secret::new(token)), false));
    }
    let cookie = Cookie::Refresh.of(&parts.headers, app.is_secure());
    if cookie.is_some() {
        refuse_cross_site(&parts.method, &parts.headers, app, true)?;
    }
    Ok((cookie.map(Secret::new), true))
}

pub(super) async fn refresh(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    refuse_cross_site(&parts.method, &parts.headers, &app, false)?;
    let (token, by_cookie) = shown(&app, &parts, body).await?;
    let Some(token) = token else {
        return Err(RefreshError::InvalidGrant.into());
    };
    let signed_in = app
        .identity()
        .refresh(token, device_of(&parts, &app))
        .await?;
    if !by_cookie {
        return Ok(Json(TokenAnswer::from(&signed_in)).into_response());
    }
    let headers = set_cookies(&signed_in, app.is_secure());
    let user = UserBody::from(&signed_in.user);
    Ok((
        headers,
        Json(RefreshAnswer {
            user,
            expires_in: signed_in.expires_in_s,
        }),
    )
        .into_response())
}

pub(super) async fn logout(
    State(app): State<App>,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let (parts, body) = request.into_parts();
    refuse_cross_site(&parts.method, &parts.headers, &app, false)?;
    let (token, _) = shown(&app, &parts, body).await?;
    let origin = origin_of(&parts, &app);
    let bearer = parts
        .headers
        .get(axum::http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .map(|(_, token)| token.trim().to_owned())
        .or_else(|| Cookie::Access.of(&parts.headers, app.is_secure()));
    // A token for programs is none of a session: it has nothing to end here, and lives on.
    if let Some(token) = &token {
        app.identity()
            .logout_by_token(token, origin.clone())
            .await
            .map_err(|error| Problem::unavailable(&error))?;
    }
    if let Some(bearer) = bearer {
        match app.identity().authenticate(&bearer, origin).await {
            Ok(who) => app
                .identity()
                .logout(&who)
                .await
                .map_err(|error| Problem::unavailable(&error))?,
            // Signing out twice is no error, and a token that is spent has nothing to end.
            Err(AuthError::Token(_) | AuthError::SessionEnded | AuthError::TokenEnded) => {}
            Err(AuthError::Unavailable(error)) => return Err(Problem::unavailable(&error)),
        }
    }
    Ok((StatusCode::NO_CONTENT, clear_cookies(app.is_secure())))
}
