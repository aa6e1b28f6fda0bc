//! Routes of signing in and out, and of one's own account.

mod links;
mod login;
mod me;
mod password;
mod problem;
mod refresh;
mod sessions;
mod token;
mod tokens;

use crate::http::routes::{Doc, Routes};

pub(crate) fn routes() -> Routes {
    Routes::under("/api/v1/auth")
        .public(
            Doc::post("/login", "Sign in, for browsers: sets the cookies")
                .body::<login::LoginBody>()
                .answer::<login::LoginAnswer>(200),
            login::login,
        )
        .public(
            Doc::post(
                "/single-user",
                "Sign in the one person of a start with --single-user",
            )
            .body::<login::OnePersonBody>()
            .answer::<login::LoginAnswer>(200),
            login::one_person,
        )
        .public(
            Doc::post("/token", "Sign in or refresh, for programs (RFC 6749)")
                .body::<token::TokenBody>()
                .answer::<token::TokenAnswer>(200),
            token::token,
        )
        .public(
            Doc::post("/refresh", "A new pair of tokens, by cookie or body")
                .body::<refresh::RefreshBody>()
                .answer::<refresh::RefreshAnswer>(200),
            refresh::refresh,
        )
        .public(
            Doc::post(
                "/logout",
                "End the session, by cookie, body or bearer token",
            )
            .body::<refresh::RefreshBody>()
            .empty(204),
            refresh::logout,
        )
        .public(
            Doc::get("/registration", "Who may make an account")
                .answer::<links::RegistrationBody>(200),
            links::registration,
        )
        .public(
            Doc::post("/link", "What a link is for")
                .body::<links::LinkBody>()
                .answer::<links::LinkAnswer>(200),
            links::look,
        )
        .public(
            Doc::post("/reset", "Set a new password by a link, which is good once")
                .body::<links::ResetBody>()
                .empty(204),
            links::reset,
        )
        .public(
            Doc::post(
                "/register",
                "Make an account, by an invitation or where everybody may",
            )
            .body::<links::RegisterBody>()
            .answer::<crate::users::UserBody>(201),
            links::register,
        )
        .add(
            Doc::get("/me", "The caller's account").answer::<me::MeBody>(200),
            me::me,
        )
        .add(
            Doc::get("/sessions", "The caller's open sessions").paged::<sessions::SessionBody>(),
            sessions::list,
        )
        .add(
            Doc::delete("/sessions/{session}", "End one of them"),
            sessions::end,
        )
        .add(
            Doc::get("/tokens", "The caller's tokens for programs")
                .paged::<tokens::TokenViewBody>(),
            tokens::list,
        )
        .add(
            Doc::post("/tokens", "Make one; it is shown here and never again")
                .body::<tokens::NewTokenBody>()
                .answer::<tokens::MadeTokenBody>(201),
            tokens::make,
        )
        .add(
            Doc::delete("/tokens/{token}", "Revoke one of them, at once"),
            tokens::revoke,
        )
        .add(
            Doc::put(
                "/password",
                "Change the caller's password; other sessions and all tokens end",
            )
            .body::<password::PasswordBody>()
            .empty(204),
            password::change,
        )
}
