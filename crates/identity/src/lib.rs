//! Who somebody is: accounts, passwords, sessions and the tokens that prove them.
//!
//! [`Identity`] has the use cases. Signing in, refreshing and signing out need no permit, since
//! nobody is known yet; everything else takes the guard's: `&Permit<ListUsers>`,
//! `&Act<ManageUsers>`, `&Act<ManageAccount>`. [`Identity::authenticate`] turns an access token
//! into a caller, reading session, account and role from the store at each request: a token says
//! who, never what they may.
//!
//! | for | call |
//! |---|---|
//! | `POST /auth/login`, `/auth/token` by password | [`Identity::login`] |
//! | `POST /auth/refresh`, `/auth/token` by refresh token | [`Identity::refresh`] |
//! | `POST /auth/logout` | [`Identity::logout`], [`Identity::logout_by_token`] |
//! | every request | [`Identity::authenticate`] for a cookie, [`Identity::authenticate_bearer`] for a header, then the guard with its `caller` |
//! | one's own sessions | [`Identity::sessions`], [`Identity::end_session`] |
//! | one's own tokens for programs | [`Identity::tokens`], [`Identity::make_token`], [`Identity::revoke_token`] |
//! | accounts of programs in a project | [`Identity::make_service`], [`Identity::renew_service`], [`Identity::end_service`], [`Identity::authenticate_service`] |
//! | `PUT /auth/password` | [`Identity::change_password`] |
//! | accounts | [`Identity::create_user`], [`Identity::change_user`], [`Identity::delete_user`], [`Identity::users`], [`Identity::user`], [`Identity::user_by_email`], [`Identity::reset_password`] |
//! | a link for a new password | [`Identity::make_reset_link`], [`Identity::look_at_link`], [`Identity::reset_by_link`] |
//! | invitations | [`Identity::invite`], [`Identity::invitations`], [`Identity::withdraw_invitation`], [`Identity::register`] |
//! | an admin ends what somebody has open | [`Identity::end_all`] |
//! | the first start | [`Identity::first_admin`] |
//! | `/.well-known/jwks.json`, `keys rotate` | [`Identity::public_keys`], [`Identity::rotate_keys`] |
//!
//! What makes a session live lies in the store alone: its document is there, has not ended or
//! expired, its account is there and not disabled, and it was opened under the present epoch of
//! the account's password. So whatever ends a session is one write, and no race brings it back.

mod account;
mod authenticate;
mod common;
mod documents;
mod email;
mod error;
mod identity;
mod jwt;
mod links;
mod login;
mod logout;
mod password;
mod record;
mod refresh;
mod services;
mod sessions;
#[cfg(test)]
mod stories;
mod throttle;
mod tokens;
mod users;

pub use account::{PasswordChangeError, ProofError};
pub use authenticate::{AuthError, Authenticated};
pub use email::EmailError;
pub use error::{LoginError, RefreshError, Unavailable};
pub use identity::{Identity, IdentitySettings, TokenKeys};
pub use jwt::TokenError;
pub use links::{InvitationView, LinkError, LinkView, MadeLink, NewAccount, NewInvitation};
pub use login::{Device, SignedIn};
pub use password::{HashCost, PasswordError};
pub use services::{MadeService, NewService, ServiceError, ServiceLife, is_service_token};
pub use sessions::{SessionError, SessionView};
pub use tokens::{MadeToken, NewToken, PersonalTokenError, TokenView};
pub use users::{FirstAdmin, NewUser, UserError, UserPatch};
