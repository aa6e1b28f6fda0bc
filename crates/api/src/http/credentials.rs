//! Who calls: a bearer token or a cookie, resolved once a request against the store.

use super::problem::Problem;
use crate::App;
use access::{Caller, Origin};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use domain::ProjectRole;
use domain::id::RequestId;
use identity::{AuthError, Authenticated, Device, SignedIn};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The two cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

impl Cookie {
    /// With TLS the `__Host-` prefix keeps other hosts and paths from setting it (RFC 6265bis 4.1.3.2).
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Access, true) => "__Host-depictio_access",
            (Self::Refresh, true) => "__Host-depictio_refresh",
            (Self::Access, false) => "depictio_access",
            (Self::Refresh, false) => "depictio_refresh",
        }
    }

    /// The cookie's value in a request.
    pub(crate) fn of(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        let name = self.name(secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value.to_owned())
    }

    fn set(self, value: &str, seconds: u64, secure: bool) -> Option<HeaderValue> {
        let name = self.name(secure);
        let more = if secure { "; Secure" } else { "" };
        HeaderValue::try_from(format!(
            "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{more}"
        ))
        .ok()
    }
}

/// The headers that hand a browser its tokens.
pub(crate) fn set_cookies(signed_in: &SignedIn, secure: bool) -> HeaderMap {
    let access = (
        Cookie::Access,
        signed_in.access_token.expose(),
        signed_in.expires_in_s,
    );
    let refresh = (
        Cookie::Refresh,
        signed_in.refresh_token.expose(),
        signed_in.session_expires_in_s,
    );
    cookies([access, refresh], secure)
}

/// The headers that take them away.
pub(crate) fn clear_cookies(secure: bool) -> HeaderMap {
    let none = String::new();
    cookies(
        [(Cookie::Access, &none, 0), (Cookie::Refresh, &none, 0)],
        secure,
    )
}

fn cookies(each: [(Cookie, &String, u64); 2], secure: bool) -> HeaderMap {
    each.into_iter()
        .filter_map(|(cookie, value, seconds)| cookie.set(value, seconds, secure))
        .map(|value| (header::SET_COOKIE, value))
        .collect()
}

/// From where a request comes.
pub(crate) fn origin_of(parts: &Parts, app: &App) -> Origin {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let address = peer.map(|peer| client(peer.to_canonical(), &parts.headers, app));
    Origin {
        request_id: parts.extensions.get::<RequestId>().cloned(),
        address,
    }
}

/// The client behind trusted proxies: the last address of `X-Forwarded-For` that is none of them.
fn client(peer: IpAddr, headers: &HeaderMap, app: &App) -> IpAddr {
    if !app.trusts(peer) {
        return peer;
    }
    let forwarded: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|text| text.trim().parse().ok())
        .collect();
    forwarded
        .into_iter()
        .rev()
        .find(|address| !app.trusts(*address))
        .unwrap_or(peer)
}

/// From where and with what somebody signs in.
pub(crate) fn device_of(parts: &Parts, app: &App) -> Device {
    let user_agent = parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    Device {
        origin: origin_of(parts, app),
        user_agent,
    }
}

/// Refuses a request that another site made a browser send. `proven` asks for proof that it comes
/// from our own page; without it only what is known to be foreign is refused.
pub(crate) fn refuse_cross_site(
    method: &Method,
    headers: &HeaderMap,
    app: &App,
    proven: bool,
) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let site = headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    let same = match (site, text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => app.is_own_origin(origin, text(header::HOST)),
        (None, None) => !proven,
    };
    if same {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        "A change with cookies must come from our own page: send Origin or Sec-Fetch-Site, or use a \
         bearer token.",
    ))
}

/// Whoever a valid token names.
#[derive(Clone)]
enum Resolved {
    Nobody,
    Person(Arc<Authenticated>),
    Service(Caller),
}

/// Whoever a valid token names; nobody without credentials.
async fn resolve(parts: &Parts, app: &App) -> Result<Resolved, Problem> {
    let bearer = match parts.headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let text = value.to_str().map_err(|_| Problem::unauthenticated())?;
            let (scheme, token) = text.split_once(' ').ok_or_else(Problem::unauthenticated)?;
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(Problem::unauthenticated());
            }
            Some(token.trim().to_owned())
        }
        None => None,
    };
    let origin = origin_of(parts, app);
    let found = match bearer {
        Some(token) if identity::is_service_token(&token) => {
            let caller = app.identity().authenticate_service(&token, origin).await;
            return caller.map(Resolved::Service).map_err(refused);
        }
        Some(token) => app.identity().authenticate_bearer(&token, origin).await,
        None => match Cookie::Access.of(&parts.headers, app.is_secure()) {
            Some(token) => {
                refuse_cross_site(&parts.method, &parts.headers, app, true)?;
                app.identity().authenticate(&token, origin).await
            }
            None => return Ok(Resolved::Nobody),
        },
    };
    found
        .map(|found| Resolved::Person(Arc::new(found)))
        .map_err(refused)
}

fn refused(error: AuthError) -> Problem {
    match error {
        AuthError::Unavailable(error) => Problem::unavailable(&error),
        AuthError::Token(_) | AuthError::SessionEnded | AuthError::TokenEnded => {
            Problem::unauthenticated()
        }
    }
}

/// Whoever calls, found out once a request.
async fn resolved(parts: &mut Parts, app: &App) -> Result<Resolved, Problem> {
    if let Some(known) = parts.extensions.get::<Resolved>() {
        return Ok(known.clone());
    }
    let found = resolve(parts, app).await?;
    parts.extensions.insert(found.clone());
    Ok(found)
}

/// The header by which an owner or admin looks at a project as one of its roles.
const VIEW_AS: &str = "depictio-view-as";

/// The caller, signed in or not.
pub(crate) async fn caller_of(parts: &mut Parts, app: &App) -> Result<Caller, Problem> {
    let caller = match resolved(parts, app).await? {
        Resolved::Nobody => return Ok(Caller::anyone(origin_of(parts, app))),
        Resolved::Person(found) => found.caller.clone(),
        Resolved::Service(caller) => caller,
    };
    let Some(named) = parts.headers.get(VIEW_AS) else {
        return Ok(caller);
    };
    let role = ProjectRole::ALL
        .into_iter()
        .find(|role| named.as_bytes() == role.as_str().as_bytes());
    let role = role.ok_or_else(|| {
        Problem::invalid(
            "",
            "the header Depictio-View-As names a role of a project: viewer, editor or owner",
        )
    })?;
    Ok(caller.viewing_as(role))
}

/// The caller as an extractor, for handlers that need a second permit.
pub(crate) struct CallerIs(pub(crate) Caller);

impl FromRequestParts<App> for CallerIs {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        caller_of(parts, app).await.map(Self)
    }
}

/// The signed-in person as an extractor, for what is their own.
pub(crate) struct Me(pub(crate) Arc<Authenticated>);

impl FromRequestParts<App> for Me {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match resolved(parts, app).await? {
            Resolved::Person(found) => Ok(Self(found)),
            Resolved::Nobody => Err(Problem::unauthenticated()),
            Resolved::Service(_) => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "service_account",
                "A service account belongs to a project and not to a person: there is no account of \
                 its own to show. Its project is the one that GET /projects lists.",
            )),
        }
    }
}

/// From where and with what somebody signs in, as an extractor; refuses what another site sent.
pub(crate) struct From(pub(crate) Device);

impl FromRequestParts<App> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        refuse_cross_site(&parts.method, &parts.headers, app, false)?;
        Ok(Self(device_of(parts, app)))
    }
}

/// The same for a sign-in without a password: it must come from our own page, shown by this machine
/// under its own name. A page of another site that has its name point here (DNS rebinding) is refused.
pub(crate) struct FromOwnPage(pub(crate) Device);

impl FromRequestParts<App> for FromOwnPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        refuse_cross_site(&parts.method, &parts.headers, app, true)?;
        let host = parts.headers.get(header::HOST);
        let host = host.and_then(|value| value.to_str().ok()?.parse::<Authority>().ok());
        if !host.is_some_and(|host| is_this_machine(host.host())) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "cross_site",
                "Open the page as localhost, 127.0.0.1 or [::1].",
            ));
        }
        Ok(Self(device_of(parts, app)))
    }
}

/// Whether a host is this machine's own name or address for itself.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
