//! A house with people in it.

use crate::{
    AuthError, Authenticated, Device, HashCost, Identity, IdentitySettings, LoginError, NewUser,
    SignedIn, TokenKeys, UserError, UserPatch,
};
use access::{Act, ActError, Caller, Guard, Origin};
use audit::{Audit, AuditSettings, Event, EventQuery, Kind};
use domain::action::{ListUsers, ManageAccount, ManageUsers};
use domain::entity::User;
use domain::id::UserId;
use domain::limits::{AuditLimits, IdentityLimits};
use domain::time::ManualClock;
use domain::{Clock, Registration, SystemRole};
use keys::{Secret, SigningKey, SystemRng, TokenAlgorithm};
use std::sync::{Arc, OnceLock};
use store::Documents;
use store::sqlite::{SqliteSettings, open};

const CHEAP: HashCost = HashCost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) struct Bench {
    pub(super) identity: Identity,
    pub(super) guard: Guard,
    pub(super) audit: Audit,
    pub(super) clock: Arc<ManualClock>,
    pub(super) documents: Documents,
    _folder: tempfile::TempDir,
}

pub(super) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

pub(super) fn from(address: [u8; 4]) -> Device {
    Device {
        origin: Origin {
            request_id: None,
            address: Some(address.into()),
        },
        user_agent: Some("a browser\n\u{7}of some kind".to_owned()),
    }
}

/// Making an RSA key takes a while, so all stories share one.
pub(super) fn signing_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(TokenAlgorithm::Rs256).unwrap())
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::with_cost(CHEAP).await
    }

    pub(super) async fn with_cost(hash_cost: HashCost) -> Self {
        Self::with(hash_cost, Registration::Closed).await
    }

    /// One that takes new accounts this way.
    pub(super) async fn taking(registration: Registration) -> Self {
        Self::with(CHEAP, registration).await
    }

    async fn with(hash_cost: HashCost, registration: Registration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (documents, journal) = open(SqliteSettings {
            path_documents: folder.path().join("documents.db"),
            path_journal: folder.path().join("audit.db"),
            key: &Secret::new([7; 32]),
            readers: 2,
        })
        .await
        .unwrap();
        let clock = Arc::new(ManualClock::default());
        let audit = Audit::start(AuditSettings {
            journal,
            limits: AuditLimits::default(),
            enabled: true,
            clock: clock.clone(),
            rng: Arc::new(SystemRng),
        })
        .await
        .unwrap();
        let rng = Arc::new(SystemRng);
        let guard = Guard::new(documents.clone(), audit.clone(), clock.clone(), rng.clone());
        let identity = Identity::new(IdentitySettings {
            documents: documents.clone(),
            audit: audit.clone(),
            guard: guard.clone(),
            clock: clock.clone(),
            rng,
            keys: TokenKeys::new(signing_key(), &[]).unwrap(),
            issuer: "https://depictio.example".to_owned(),
            access_token_minutes: 30,
            refresh_token_days: 7,
            registration,
            hash_cost,
            limits: IdentityLimits::default(),
        })
        .unwrap();
        Self {
            identity,
            guard,
            audit,
            clock,
            documents,
            _folder: folder,
        }
    }

    /// The same house after a start with another configuration.
    pub(super) fn again(&self, registration: Registration) -> Identity {
        Identity::new(IdentitySettings {
            documents: self.documents.clone(),
            audit: self.audit.clone(),
            guard: self.guard.clone(),
            clock: self.clock.clone(),
            rng: Arc::new(SystemRng),
            keys: TokenKeys::new(signing_key(), &[]).unwrap(),
            issuer: "https://depictio.example".to_owned(),
            access_token_minutes: 30,
            refresh_token_days: 7,
            registration,
            hash_cost: CHEAP,
            limits: IdentityLimits::default(),
        })
        .unwrap()
    }

    pub(super) fn wait(&self, seconds: i64) {
        self.clock.advance(chrono::Duration::seconds(seconds));
    }

    pub(super) fn now(&self) -> domain::Timestamp {
        self.clock.now()
    }

    /// Does something to accounts as the operator.
    pub(super) async fn manage<T, F>(
        &self,
        work: impl FnOnce(Identity, Arc<Act<ManageUsers>>) -> F + Send + 'static,
    ) -> Result<T, UserError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, UserError>> + Send,
    {
        let permit = self
            .guard
            .on_system::<ManageUsers>(&Caller::operator())
            .unwrap();
        let identity = self.identity.clone();
        let acted = permit.act(None, audit::Detail::None, |act| work(identity, act));
        acted.await.map_err(|error| match error {
            ActError::Failed(error) => error,
            ActError::Refused(refusal) => panic!("{refusal}"),
        })
    }

    /// Does something to one's own account.
    pub(super) async fn as_self<T, E, F>(
        &self,
        who: &Authenticated,
        work: impl FnOnce(Identity, Arc<Act<ManageAccount>>) -> F + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: access::FailureCode + std::fmt::Debug + Send + 'static,
        F: Future<Output = Result<T, E>> + Send,
    {
        let permit = self.guard.on_account::<ManageAccount>(&who.caller).unwrap();
        let identity = self.identity.clone();
        let acted = permit.act(None, audit::Detail::None, |act| work(identity, act));
        acted.await.map_err(|error| match error {
            ActError::Failed(error) => error,
            ActError::Refused(refusal) => panic!("{refusal}"),
        })
    }

    pub(super) async fn add(&self, name: &str, role: SystemRole) -> Result<User, UserError> {
        let new = NewUser {
            email: format!("{name}@example.org"),
            display_name: name.to_owned(),
            password: secret(PASSWORD),
            role,
        };
        self.manage(|identity, act| async move { identity.create_user(&act, new).await })
            .await
    }

    pub(super) async fn patch(&self, id: &UserId, patch: UserPatch) -> Result<User, UserError> {
        let id = id.clone();
        self.manage(|identity, act| async move { identity.change_user(&act, &id, patch).await })
            .await
    }

    pub(super) async fn read(&self, id: &UserId) -> Option<User> {
        let permit = self
            .guard
            .on_system::<ListUsers>(&Caller::operator())
            .unwrap();
        self.identity.user(&permit, id).await.unwrap()
    }

    pub(super) async fn login(&self, name: &str, password: &str) -> Result<SignedIn, LoginError> {
        let email = format!("{name}@example.org");
        let device = from([192, 0, 2, 1]);
        self.identity.login(&email, secret(password), device).await
    }

    pub(super) async fn refresh(&self, token: &str) -> Result<SignedIn, crate::RefreshError> {
        let device = from([192, 0, 2, 2]);
        self.identity.refresh(secret(token), device).await
    }

    pub(super) async fn who(&self, signed_in: &SignedIn) -> Result<Authenticated, AuthError> {
        let token = signed_in.access_token.expose();
        self.identity.authenticate(token, Origin::default()).await
    }

    pub(super) async fn is_live(&self, signed_in: &SignedIn) -> bool {
        match self.who(signed_in).await {
            Ok(_) => true,
            Err(AuthError::SessionEnded) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// All events of a kind, oldest first.
    pub(super) async fn events(&self, kind: Kind) -> Vec<Event> {
        let query = EventQuery {
            kind: Some(kind),
            limit: 10_000,
            ..EventQuery::default()
        };
        let mut events = self.audit.read(query).await.unwrap();
        events.reverse();
        events.into_iter().map(|recorded| recorded.event).collect()
    }
}
