//! Changing one's own password, which ends all one's other sessions and one's tokens for programs.

use crate::documents::{Credentials, Ending, Session};
use crate::error::{Unavailable, from_below};
use crate::identity::Identity;
use crate::password::{PasswordError, Turn, check_strength};
use access::{Act, FailureCode};
use audit::{AuditError, Detail, EventOutcome, Kind, Target, TargetKind};
use domain::Actor;
use domain::action::ManageAccount;
use domain::entity::User;
use domain::id::{EventId, SessionId, UserId};
use domain::key::Key;
use keys::Secret;
use store::{Order, StoreError, Stored};

/// Why somebody did not prove that they are who their session says.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The present password is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Too many wrong ones.
    #[error("too many attempts; try again in {retry_after_s} s")]
    Throttled {
        /// Whole seconds to wait, at least 1.
        retry_after_s: u64,
    },
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
from_below!(ProofError);

impl FailureCode for ProofError {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongPassword => "bad_credentials",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable(below) => below.code(),
        }
    }
}

/// Somebody who knows their password, and the turn of the hasher it was found out in.
pub(crate) struct Proven {
    pub(crate) user: User,
    pub(crate) credentials: Stored<Credentials>,
    pub(crate) turn: Turn,
}

/// Why a password did not change.
#[derive(Debug, thiserror::Error)]
pub enum PasswordChangeError {
    /// The present password was not proven.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The new one is not accepted.
    #[error(transparent)]
    Refused(#[from] PasswordError),
    /// The new one is the old one.
    #[error("the new password is the current one")]
    Same,
    /// It was changed elsewhere at the same moment.
    #[error("the password was changed elsewhere at the same moment")]
    Busy,
    /// What stands below failed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
from_below!(PasswordChangeError);

impl FailureCode for PasswordChangeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Proof(proof) => proof.code(),
            Self::Refused(_) | Self::Same => "invalid",
            Self::Busy => "busy",
            Self::Unavailable(below) => below.code(),
        }
    }
}

impl Identity {
    /// Changes the caller's password. The session that asks goes on; all others end, and so do the
    /// caller's tokens for programs.
    ///
    /// # Errors
    /// When the present one is wrong, or the new one is not accepted.
    pub async fn change_password(
        &self,
        act: &Act<ManageAccount>,
        current: Secret<String>,
        new: Secret<String>,
    ) -> Result<(), PasswordChangeError> {
        let missing = || Unavailable::Inside("a caller without an account");
        let Actor::User { id, session } = act.permit().actor().clone() else {
            return Err(missing().into());
        };
        let Proven {
            user,
            credentials,
            turn,
        } = self.prove(&id, &current).await?;
        if current.expose() == new.expose() {
            return Err(PasswordChangeError::Same);
        }
        check_strength(&new, &[&user.email, &user.display_name], &self.0.limits)?;
        let password = self.0.hasher.hash(turn, new, self.0.rng.as_ref()).await?;
        let changed = Credentials {
            user: id.clone(),
            password,
            epoch: credentials.value.epoch + 1,
            changed_by: act.event().clone(),
        };
        // From here on no session lives; then this one is taken along into the new epoch.
        match self
            .0
            .documents
            .replace(&changed, credentials.revision)
            .await
        {
            Ok(_) => {}
            Err(StoreError::Stale) => return Err(PasswordChangeError::Busy),
            Err(error) => return Err(error.into()),
        }
        self.keep(
            &session,
            credentials.value.epoch,
            changed.epoch,
            act.event(),
        )
        .await?;
        self.end_others(&id, Some(&session), act.event()).await?;
        let target = Some(Target::new(TargetKind::User, &id));
        act.describe(target.clone(), Detail::None);
        act.permit()
            .also(
                Kind::PasswordChange,
                EventOutcome::Done,
                target,
                Detail::None,
            )
            .map_err(|_| Unavailable::Inside("the audit log"))?;
        Ok(())
    }

    /// Asks for the password again. A stolen session must not become a way to guess it, so guesses
    /// count as they do at the door.
    pub(crate) async fn prove(
        &self,
        id: &UserId,
        current: &Secret<String>,
    ) -> Result<Proven, ProofError> {
        let missing = || Unavailable::Inside("a caller without an account");
        let person = Key::new().id(id);
        let user = self.get::<User>(&person).await?.ok_or_else(missing)?.value;
        let credentials = self
            .get::<Credentials>(&person)
            .await?
            .ok_or_else(missing)?;
        let Some(turn) = self.0.hasher.turn().await else {
            return Err(ProofError::Throttled { retry_after_s: 5 });
        };
        // Looked at when the turn has come, so that many guesses at once do not all pass.
        let wait = self.0.throttle.wait_s(&user.email, None, self.now());
        if let Some(retry_after_s) = wait {
            return Err(ProofError::Throttled { retry_after_s });
        }
        let hash = Some(credentials.value.password.clone());
        let (is_right, turn) = self.0.hasher.verify(turn, current.clone(), hash).await?;
        if !is_right {
            self.0.throttle.failed(&user.email, None, self.now());
            return Err(ProofError::WrongPassword);
        }
        self.0.throttle.succeeded(&user.email);
        Ok(Proven {
            user,
            credentials,
            turn,
        })
    }

    /// Takes a session from one epoch into the next, unless it has ended.
    async fn keep(
        &self,
        id: &SessionId,
        from: u64,
        to: u64,
        event: &EventId,
    ) -> Result<(), Unavailable> {
        while let Some(stored) = self.get::<Session>(&Session::place(id)).await? {
            let mut session = stored.value;
            if session.ended.is_some() || session.epoch != from {
                break;
            }
            session.epoch = to;
            session.changed_by = event.clone();
            match self.0.documents.replace(&session, stored.revision).await {
                Ok(_) => break,
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Tidies up sessions and tokens that a new epoch has ended: they go, and what runs under them
    /// stops.
    pub(crate) async fn end_others(
        &self,
        user: &UserId,
        but: Option<&SessionId>,
        event: &EventId,
    ) -> Result<(), Unavailable> {
        let own = Key::new().id(user);
        let all = u32::try_from(self.0.limits.sessions_per_user_max).unwrap_or(u32::MAX);
        let documents = &self.0.documents;
        let open = documents
            .list::<Session>("user", &own, Order::Ascending, None, all.saturating_mul(2))
            .await?;
        for session in open.items {
            if Some(&session.value.id) != but {
                self.end(&session.value.id, Ending::Epoch, event).await?;
            }
        }
        self.end_tokens(user).await
    }
}
