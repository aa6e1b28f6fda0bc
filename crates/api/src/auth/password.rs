//! `PUT /auth/password`: needs the present one; other sessions end.

use crate::App;
use crate::http::allowed::Allowed;
use crate::http::body::JsonBody;
use crate::http::problem::Problem;
use access::Detail;
use axum::extract::State;
use axum::http::StatusCode;
use domain::action::ManageAccount;
use keys::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// The present and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    /// The present one.
    current_password: String,
    /// The new one, 8 to 128 characters.
    new_password: String,
}

pub(super) async fn change(
    Allowed(permit): Allowed<ManageAccount>,
    State(app): State<App>,
    JsonBody(body): JsonBody<PasswordBody>,
) -> Result<StatusCode, Problem> {
    let (current, new) = (
        Secret::new(body.current_password),
        Secret::new(body.new_password),
    );
    permit
        .act(None, Detail::None, move |act| async move {
            app.identity().change_password(&act, current, new).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
