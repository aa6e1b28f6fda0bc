//! What all use cases of identity share.

use crate::documents::{Admins, Credentials, Session};
use crate::error::Unavailable;
pub use crate::jwt::TokenKeys;
use crate::password::{HashCost, Hasher};
use crate::throttle::Throttle;
use access::Guard;
use audit::Audit;
use chrono::Duration;
use domain::document::Document;
use domain::entity::User;
use domain::id::{SessionId, UserId};
use domain::key::Key;
use domain::limits::IdentityLimits;
use domain::{Clock, Registration, Rng, SystemRole, Timestamp};
use keys::PublicKey;
use std::sync::{Arc, PoisonError, RwLock};
use store::{Documents, StoreError};

/// What identity needs.
pub struct IdentitySettings {
    /// Where accounts and sessions are kept.
    pub documents: Documents,
    /// Where acts are recorded.
    pub audit: Audit,
    /// The guard, which is told when the reason of living permits goes.
    pub guard: Guard,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// The system's generator.
    pub rng: Arc<dyn Rng>,
    /// The keys of access tokens.
    pub keys: TokenKeys,
    /// Who makes the tokens: the public address of the installation.
    pub issuer: String,
    /// Life of an access token: `JWT_ACCESS_TOKEN_EXPIRE_MINUTES`.
    pub access_token_minutes: u32,
    /// Life of a session, refreshed or not: `JWT_REFRESH_TOKEN_EXPIRE_DAYS`.
    pub refresh_token_days: u32,
    /// Who may make an account: `DEPICTIO_REGISTRATION`.
    pub registration: Registration,
    /// What a password's hash costs.
    pub hash_cost: HashCost,
    /// The limits.
    pub limits: IdentityLimits,
}

/// Accounts and sessions. Cheap to clone.
#[derive(Clone)]
pub struct Identity(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) documents: Documents,
    pub(crate) audit: Audit,
    pub(crate) guard: Guard,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) keys: RwLock<Arc<TokenKeys>>,
    pub(crate) issuer: String,
    pub(crate) access_life: Duration,
    pub(crate) session_life: Duration,
    pub(crate) session_idle: Duration,
    pub(crate) registration: Registration,
    pub(crate) hasher: Hasher,
    pub(crate) throttle: Throttle,
    pub(crate) limits: IdentityLimits,
}

/// Whom tokens are for. One installation has one.
pub(crate) const AUDIENCE: &str = "depictio";

/// A session that is live, with all that makes it so, read as of one moment.
pub(crate) struct Live {
    pub(crate) session: Session,
    pub(crate) session_revision: u64,
    pub(crate) user: User,
}

impl Identity {
    /// Sets identity up. Makes one hash, so it takes as long as a login.
    ///
    /// # Errors
    /// When no hash can be made at this cost.
    pub fn new(settings: IdentitySettings) -> Result<Self, Unavailable> {
        let hasher = Hasher::new(settings.hash_cost, settings.rng.as_ref())?;
        let access_life = Duration::minutes(settings.access_token_minutes.into());
        let idle_hours = i64::try_from(settings.limits.session_idle_hours).unwrap_or(i64::MAX);
        Ok(Self(Arc::new(Shared {
            documents: settings.documents,
            audit: settings.audit,
            guard: settings.guard,
            clock: settings.clock,
            rng: settings.rng,
            keys: RwLock::new(Arc::new(settings.keys)),
            issuer: settings.issuer,
            access_life,
            session_life: Duration::days(settings.refresh_token_days.into()),
            // Use is noted when a session is refreshed, so whoever holds a good access token is not idle.
            session_idle: Duration::hours(idle_hours).max(access_life),
            registration: settings.registration,
            hasher,
            throttle: Throttle::new(settings.limits),
            limits: settings.limits,
        })))
    }

    /// The public keys that verify tokens, for `/.well-known/jwks.json`.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.keys().public()
    }

    /// Replaces the keys, without a pause: requests that run keep those they began with.
    pub fn rotate_keys(&self, keys: TokenKeys) {
        let mut place = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        *place = Arc::new(keys);
    }

    pub(crate) fn keys(&self) -> Arc<TokenKeys> {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&keys)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Reads a session and decides whether it lives. Every way into the house ends here.
    pub(crate) async fn live(
        &self,
        session: &SessionId,
        user: Option<&UserId>,
    ) -> Result<Option<Live>, StoreError> {
        let documents = &self.0.documents;
        let user = match user {
            Some(user) => user.clone(),
            // A refresh token names its session only.
            None => match documents.get::<Session>(&Session::place(session)).await? {
                Some(stored) => stored.value.user,
                None => return Ok(None),
            },
        };
        let person = Key::new().id(&user);
        let mut batch = documents.batch();
        let session = batch.add::<Session>(&Session::place(session));
        let account = batch.add::<User>(&person);
        let credentials = batch.add::<Credentials>(&person);
        let admins = batch.add::<Admins>(&Admins::place());
        let mut read = batch.read().await?;
        let (Some(session), Some(account), Some(credentials)) = (
            read.take(session)?,
            read.take(account)?,
            read.take(credentials)?,
        ) else {
            return Ok(None);
        };
        let admins = read.take(admins)?.map(|admins| admins.value);
        let is_live = session.value.user == user
            && session.value.ended.is_none()
            && session.value.expires_at > self.now()
            && !self.is_idle(&session.value)
            && session.value.epoch == credentials.value.epoch
            && !account.value.disabled;
        Ok(is_live.then(|| Live {
            session_revision: session.revision,
            session: session.value,
            user: with_role_in_force(account.value, admins.as_ref()),
        }))
    }

    /// Whether nobody has used a session for longer than it may be left alone.
    pub(crate) fn is_idle(&self, session: &Session) -> bool {
        self.now() - session.last_used_at >= self.0.session_idle
    }

    pub(crate) async fn get<T: Document>(
        &self,
        key: &Key,
    ) -> Result<Option<store::Stored<T>>, StoreError> {
        self.0.documents.get(key).await
    }
}

/// The account with the role it has now: the document of admins is the truth of who is one, so an
/// account that a crash left between the two is an admin only when it stands there.
pub(crate) fn with_role_in_force(mut user: User, admins: Option<&Admins>) -> User {
    let listed = admins.is_some_and(|admins| admins.members.contains(&user.id));
    user.role = match (listed, user.role) {
        (true, _) => SystemRole::Admin,
        // A disabled admin stands in no list and is shown as what they were.
        (false, SystemRole::Admin) if !user.disabled => SystemRole::User,
        (false, role) => role,
    };
    user
}
