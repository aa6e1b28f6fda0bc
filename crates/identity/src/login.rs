//! Signing in with a password.

use crate::documents::Admins;
use crate::documents::{Credentials, Ending, Link, RefreshToken, Session};
use crate::email;
use crate::error::{LoginError, Unavailable};
use crate::identity::{AUDIENCE, Identity, with_role_in_force};
use crate::jwt::Claims;
use crate::record::Announcement;
use audit::{Detail, Kind, Origin, Target, TargetKind};
use chrono::SubsecRound;
use domain::Actor;
use domain::entity::User;
use domain::id::{EventId, SessionId};
use domain::key::Key;
use keys::Secret;
use store::{Order, Stored};

/// Longest description of a device that is kept, in characters.
const USER_AGENT_CHARS_MAX: usize = 200;
/// Expired sessions swept away with each login, so that no job is needed for it.
const SWEPT_PER_LOGIN: u32 = 20;

/// From where and with what somebody signs in.
#[derive(Debug, Clone, Default)]
pub struct Device {
    /// Request and address, for the log.
    pub origin: Origin,
    /// What the client calls itself, for the list of one's sessions.
    pub user_agent: Option<String>,
}

/// A session's new pair of tokens.
pub struct SignedIn {
    /// The account, with the role in force now.
    pub user: User,
    /// The session.
    pub session: SessionId,
    /// The access token.
    pub access_token: Secret<String>,
    /// Whole seconds it lives.
    pub expires_in_s: u64,
    /// The refresh token, good once.
    pub refresh_token: Secret<String>,
    /// Whole seconds until the session ends, refreshed or not.
    pub session_expires_in_s: u64,
}

impl Identity {
    /// Signs somebody in. The answer and the time it takes are the same for an unknown address, a
    /// wrong password and a disabled account.
    ///
    /// # Errors
    /// [`LoginError::BadCredentials`], or [`LoginError::Throttled`] after too many of those.
    pub async fn login(
        &self,
        email: &str,
        password: Secret<String>,
        device: Device,
    ) -> Result<SignedIn, LoginError> {
        // What is no address is nobody's address, and is treated like an unknown one.
        let email = email::normalise(email).unwrap_or_default();
        let mut attempt = Announcement {
            kind: Kind::Login,
            actor: Actor::Anyone,
            origin: device.origin.clone(),
            target: None,
            detail: Detail::None,
        };
        let refuse = |mut attempt: Announcement, error: LoginError| {
            attempt.detail = Detail::Login {
                method: "password".to_owned(),
                refused: Some(access::FailureCode::code(&error).to_owned()),
            };
            self.refused(&attempt)?;
            Err(error)
        };

        let address = device.origin.address;
        let throttled = || {
            let wait = self.0.throttle.wait_s(&email, address, self.now());
            wait.map(|retry_after_s| LoginError::Throttled { retry_after_s })
        };
        if let Some(error) = throttled() {
            return refuse(attempt, error);
        }
        let Some(turn) = self.0.hasher.turn().await else {
            return refuse(attempt, LoginError::Throttled { retry_after_s: 5 });
        };
        // Whoever sends a thousand guesses at once has them all pass the first look, not this one.
        if let Some(error) = throttled() {
            return refuse(attempt, error);
        }

        let at = Key::new().text(&email);
        let user = self.0.documents.find::<User>("email", &at).await?;
        // For an unknown address too something is read, from a place where nothing is.
        let person = user.as_ref().map_or(Key::new().text("nobody"), |user| {
            Key::new().id(&user.value.id)
        });
        let credentials = self.get::<Credentials>(&person).await?;
        let hash = credentials.as_ref().map(|c| c.value.password.clone());
        let (is_right, turn) = self.0.hasher.verify(turn, password.clone(), hash).await?;

        attempt.target = user
            .as_ref()
            .map(|user| Target::new(TargetKind::User, &user.value.id));
        let user = user.filter(|user| is_right && !user.value.disabled);
        let (Some(user), Some(credentials)) = (user, credentials) else {
            self.0.throttle.failed(&email, address, self.now());
            return refuse(attempt, LoginError::BadCredentials);
        };
        self.0.throttle.succeeded(&email);
        drop(turn);
        self.open_session(attempt, user.value, credentials, Some(password), device)
            .await
    }

    /// Signs in the one person of an installation that nobody else reaches: its first admin who can
    /// sign in.
    ///
    /// # Errors
    /// [`LoginError::BadCredentials`] when there is none.
    pub async fn login_alone(&self, device: Device) -> Result<SignedIn, LoginError> {
        let attempt = Announcement {
            kind: Kind::Login,
            actor: Actor::Anyone,
            origin: device.origin.clone(),
            target: None,
            detail: Detail::None,
        };
        let admins = self.get::<Admins>(&Admins::place()).await?;
        let first = admins.and_then(|admins| admins.value.members.first().cloned());
        let person = Key::new().id(&first.ok_or(LoginError::BadCredentials)?);
        let user = self.get::<User>(&person).await?;
        let credentials = self.get::<Credentials>(&person).await?;
        let (Some(user), Some(credentials)) = (user, credentials) else {
            return Err(LoginError::BadCredentials);
        };
        self.open_session(attempt, user.value, credentials, None, device)
            .await
    }

    async fn open_session(
        &self,
        mut attempt: Announcement,
        user: User,
        credentials: Stored<Credentials>,
        password: Option<Secret<String>>,
        device: Device,
    ) -> Result<SignedIn, LoginError> {
        let id = SessionId::generate(self.0.clock.as_ref(), self.0.rng.as_ref());
        attempt.actor = Actor::User {
            id: user.id.clone(),
            session: id.clone(),
        };
        attempt.target = Some(Target::new(TargetKind::Session, &id));
        let method = password.as_ref().map_or("single_user", |_| "password");
        attempt.detail = Detail::Login {
            method: method.to_owned(),
            refused: None,
        };
        self.announced(attempt, move |identity, event| async move {
            let now = identity.now();
            let session = Session {
                id,
                user: user.id.clone(),
                epoch: credentials.value.epoch,
                created_at: now,
                last_used_at: now,
                expires_at: now + identity.0.session_life,
                user_agent: device.user_agent.as_deref().map(described),
                address: device.origin.address,
                ended: None,
                changed_by: event.clone(),
            };
            let refresh_token = keys::token(identity.0.rng.as_ref());
            identity.0.documents.insert(&session).await?;
            let token = RefreshToken::fresh(&session.id, &refresh_token);
            identity.0.documents.insert(&token).await?;
            if let Some(password) = password {
                identity.rehash(credentials, password, &event).await?;
            }
            identity.end_crowded(&session, &event).await?;
            identity.sweep().await?;
            let admins = identity.get::<Admins>(&Admins::place()).await?;
            let admins = admins.map(|admins| admins.value);
            let user = with_role_in_force(user, admins.as_ref());
            Ok(identity.pair(user, &session, refresh_token).await?)
        })
        .await
    }

    /// Makes a hash anew when the cost of hashes has been raised since. Somebody else's change of
    /// the password at the same moment goes first.
    async fn rehash(
        &self,
        credentials: Stored<Credentials>,
        password: Secret<String>,
        event: &EventId,
    ) -> Result<(), Unavailable> {
        if !self.0.hasher.is_outdated(&credentials.value.password) {
            return Ok(());
        }
        let Some(turn) = self.0.hasher.turn().await else {
            return Ok(());
        };
        let mut changed = credentials.value;
        let rng = self.0.rng.as_ref();
        changed.password = self.0.hasher.hash(turn, password, rng).await?;
        changed.changed_by = event.clone();
        match self
            .0
            .documents
            .replace(&changed, credentials.revision)
            .await
        {
            Ok(_) | Err(store::StoreError::Stale) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends a person's oldest sessions when they have more than are allowed.
    async fn end_crowded(&self, newest: &Session, event: &EventId) -> Result<(), Unavailable> {
        let own = Key::new().id(&newest.user);
        let open = self.0.documents.count::<Session>("user", &own).await?;
        let beyond = open.saturating_sub(self.0.limits.sessions_per_user_max);
        let beyond = u32::try_from(beyond).unwrap_or(u32::MAX);
        if beyond > 0 {
            let documents = &self.0.documents;
            let oldest = documents.list::<Session>("user", &own, Order::Ascending, None, beyond);
            for session in oldest.await?.items {
                self.end(&session.value.id, Ending::Crowded, event).await?;
            }
        }
        Ok(())
    }

    /// Deletes sessions that expired, with their tokens, and links.
    async fn sweep(&self) -> Result<(), Unavailable> {
        let documents = &self.0.documents;
        let past = store::Span::between(&Key::new(), &Key::new().time(self.now()));
        let expired = documents
            .list::<Session>("expires", past, Order::Ascending, None, SWEPT_PER_LOGIN)
            .await?;
        for session in expired.items {
            let key = Session::place(&session.value.id);
            documents.delete_prefix::<RefreshToken>(&key).await?;
            documents.delete_prefix::<Session>(&key).await?;
        }
        let past = store::Span::between(&Key::new(), &Key::new().time(self.now()));
        let links = documents
            .list::<Link>("expires", past, Order::Ascending, None, SWEPT_PER_LOGIN)
            .await?;
        for link in links.items {
            let key = Key::new().id(&link.value.id);
            documents.delete_prefix::<Link>(&key).await?;
        }
        Ok(())
    }

    /// Signs an access token for a session, beside a refresh token that is stored already.
    pub(crate) async fn pair(
        &self,
        user: User,
        session: &Session,
        refresh_token: String,
    ) -> Result<SignedIn, Unavailable> {
        let now = self.now().trunc_subsecs(0);
        // No token outlives its session.
        let expires_at = (now + self.0.access_life).min(session.expires_at);
        let mut token_id = [0; 16];
        self.0.rng.fill(&mut token_id);
        let claims = Claims {
            iss: self.0.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user.id.clone(),
            sid: session.id.clone(),
            jti: token_id.iter().map(|byte| format!("{byte:02x}")).collect(),
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        // An RSA signature takes milliseconds, too long for the runtime's own threads.
        let keys = self.keys();
        let signed = tokio::task::spawn_blocking(move || keys.sign(&claims));
        let access_token = signed.await.map_err(|_| Unavailable::Inside("signing"))??;
        let seconds = |until: domain::Timestamp| u64::try_from((until - now).num_seconds());
        Ok(SignedIn {
            user,
            session: session.id.clone(),
            access_token: Secret::new(access_token),
            expires_in_s: seconds(expires_at).unwrap_or(0),
            refresh_token: Secret::new(refresh_token),
            session_expires_in_s: seconds(session.expires_at).unwrap_or(0),
        })
    }
}

impl RefreshToken {
    /// A token that was never shown.
    pub(crate) fn fresh(session: &SessionId, token: &str) -> Self {
        Self {
            session: session.clone(),
            sha256: keys::sha256(token.as_bytes()),
            spent_at: None,
            parent: None,
        }
    }
}

/// A client's name for itself, cut to what a list can show.
pub(crate) fn described(user_agent: &str) -> String {
    user_agent
        .chars()
        .filter(|c| !c.is_control())
        .take(USER_AGENT_CHARS_MAX)
        .collect()
}
