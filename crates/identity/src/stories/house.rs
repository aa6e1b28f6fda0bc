//! A house whose store does one step at a time, a person in it, and what can be done about them.

use super::bench::{PASSWORD, from, secret};
use super::memory::{Memory, Nothing, Snapshot};
use crate::{
    AuthError, HashCost, Identity, IdentitySettings, NewUser, SignedIn, TokenKeys, UserPatch,
};
use access::{Caller, Guard, Origin};
use audit::{Audit, AuditSettings, Detail};
use domain::action::{ManageAccount, ManageUsers};
use domain::entity::User;
use domain::limits::{AuditLimits, IdentityLimits};
use domain::time::ManualClock;
use domain::{Registration, SystemRole};
use keys::{SigningKey, SystemRng, TokenAlgorithm};
use std::pin::Pin;
use std::sync::Arc;
use store::{Documents, Journal};

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Shows the token that is good.
    Refresh,
    /// Shows the one before it, which another tab has just exchanged.
    RefreshPrevious,
    /// Shows the one before that.
    RefreshOlder,
    /// Shows, long after it was exchanged, the token before the good one.
    RefreshLate,
    Logout,
    End,
    Disable,
    ChangePassword,
    RotateKeys,
}

impl Act {
    pub(super) fn ends(self) -> bool {
        matches!(self, Self::Logout | Self::End | Self::Disable)
    }
}

/// A house with a person who has refreshed twice.
pub(super) struct House {
    pub(super) identity: Identity,
    guard: Guard,
    clock: Arc<ManualClock>,
    pub(super) memory: Arc<Memory>,
    pub(super) start: Snapshot,
    user: User,
    /// The pairs of the session, oldest first; the last is good.
    pub(super) pairs: Vec<SignedIn>,
    pub(super) key: SigningKey,
    next_key: SigningKey,
}

pub(super) type Running = Pin<Box<dyn Future<Output = Done> + Send>>;

/// What came of an act.
pub(super) enum Done {
    Pair(Option<SignedIn>),
    Other(bool),
}

impl House {
    pub(super) async fn new(late: bool) -> Self {
        let memory = Arc::new(Memory::default());
        let documents = Documents::new(memory.clone());
        let clock = Arc::new(ManualClock::default());
        let rng = Arc::new(SystemRng);
        let audit = Audit::start(AuditSettings {
            journal: Journal::new(Arc::new(Nothing)),
            limits: AuditLimits::default(),
            enabled: false,
            clock: clock.clone(),
            rng: rng.clone(),
        });
        let audit = audit.await.unwrap();
        let guard = Guard::new(documents.clone(), audit.clone(), clock.clone(), rng.clone());
        let make = || SigningKey::generate(TokenAlgorithm::EdDsa).unwrap();
        let (key, next_key) = (make(), make());
        let identity = Identity::new(IdentitySettings {
            documents,
            audit,
            guard: guard.clone(),
            clock: clock.clone(),
            rng,
            keys: TokenKeys::new(&key, &[]).unwrap(),
            issuer: "https://depictio.example".to_owned(),
            access_token_minutes: 30,
            refresh_token_days: 7,
            registration: Registration::Closed,
            hash_cost: HashCost {
                memory_kib: 8,
                passes: 1,
                lanes: 1,
            },
            limits: IdentityLimits::default(),
        });
        let mut house = Self {
            identity: identity.unwrap(),
            guard,
            clock,
            memory,
            start: Snapshot::default(),
            user: User {
                id: domain::UserId::generate(&ManualClock::default(), &SystemRng),
                email: String::new(),
                display_name: String::new(),
                role: SystemRole::User,
                disabled: false,
                created_at: domain::Timestamp::MAX_UTC,
            },
            pairs: Vec::new(),
            key,
            next_key,
        };
        // Another admin is there, and another session of the same person: neither may be touched.
        house.add("root", SystemRole::Admin).await;
        house.user = house.add("ada", SystemRole::User).await;
        house.pairs.push(house.login().await);
        for _ in 0..2 {
            let last = house.pairs.last().unwrap().refresh_token.clone();
            let next = house.identity.refresh(last, from([192, 0, 2, 2])).await;
            house.pairs.push(next.unwrap());
        }
        if late {
            house.clock.advance(chrono::Duration::seconds(11));
        }
        house.start = house.memory.snapshot();
        house
    }

    async fn add(&self, name: &str, role: SystemRole) -> User {
        let permit = self
            .guard
            .on_system::<ManageUsers>(&Caller::operator())
            .unwrap();
        let (identity, new) = (
            self.identity.clone(),
            NewUser {
                email: format!("{name}@example.org"),
                display_name: name.to_owned(),
                password: secret(PASSWORD),
                role,
            },
        );
        let made = permit.act(None, Detail::None, |act| async move {
            identity.create_user(&act, new).await
        });
        made.await.unwrap()
    }

    async fn login(&self) -> SignedIn {
        let device = from([192, 0, 2, 1]);
        let made = self
            .identity
            .login("ada@example.org", secret(PASSWORD), device);
        made.await.unwrap()
    }

    pub(super) fn run(&self, act: Act) -> Running {
        let identity = self.identity.clone();
        let last = self.pairs.len() - 1;
        let shown = match act {
            Act::Refresh => Some(last),
            Act::RefreshPrevious | Act::RefreshLate => Some(last - 1),
            Act::RefreshOlder => Some(last - 2),
            _ => None,
        };
        if let Some(shown) = shown {
            let token = self.pairs[shown].refresh_token.clone();
            return Box::pin(async move {
                Done::Pair(identity.refresh(token, from([192, 0, 2, 3])).await.ok())
            });
        }
        let session = self.pairs[last].session.clone();
        let caller = Caller::signed_in(&self.user, session.clone(), Origin::default());
        let (guard, user) = (self.guard.clone(), self.user.id.clone());
        match act {
            Act::Logout => {
                let token = self.pairs[last].refresh_token.clone();
                Box::pin(async move {
                    let done = identity.logout_by_token(&token, Origin::default()).await;
                    Done::Other(done.is_ok())
                })
            }
            Act::End => Box::pin(async move {
                let permit = guard.on_account::<ManageAccount>(&caller).unwrap();
                let done = permit.act(None, Detail::None, |act| async move {
                    identity.end_session(&act, &session).await
                });
                Done::Other(done.await.is_ok())
            }),
            Act::Disable => Box::pin(async move {
                let permit = guard.on_system::<ManageUsers>(&Caller::operator()).unwrap();
                let patch = UserPatch {
                    disabled: Some(true),
                    ..UserPatch::default()
                };
                let done = permit.act(None, Detail::None, |act| async move {
                    identity.change_user(&act, &user, patch).await
                });
                Done::Other(done.await.is_ok())
            }),
            Act::ChangePassword => Box::pin(async move {
                let permit = guard.on_account::<ManageAccount>(&caller).unwrap();
                let (old, new) = (secret(PASSWORD), secret("another horse, another stable"));
                let done = permit.act(None, Detail::None, |act| async move {
                    identity.change_password(&act, old, new).await
                });
                Done::Other(done.await.is_ok())
            }),
            _ => {
                let memory = self.memory.clone();
                let both = TokenKeys::new(&self.next_key, &[self.key.public().clone()]).unwrap();
                Box::pin(async move {
                    memory.step().await;
                    identity.rotate_keys(both);
                    Done::Other(true)
                })
            }
        }
    }

    pub(super) async fn lives(&self, pair: &SignedIn) -> bool {
        let token = pair.access_token.expose();
        match self.identity.authenticate(token, Origin::default()).await {
            Ok(_) => true,
            Err(AuthError::SessionEnded) => false,
            Err(error) => panic!("{error}"),
        }
    }
}
