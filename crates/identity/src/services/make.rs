//! Making an account of a program, and giving it a new token. A token is shown once and nowhere else.

use super::{PREFIX, ServiceError};
use crate::error::Unavailable;
use crate::identity::Identity;
use access::{AccessError, Act, Changed, StoreError};
use audit::{Detail, Target, TargetKind};
use chrono::Duration;
use domain::action::ManageServices;
use domain::entity::ServiceAccount;
use domain::id::ServiceId;
use domain::limits::RequestLimits;
use domain::{ProjectRole, Timestamp, name};
use keys::Secret;

/// Tries to change an account that is in use.
const ROUNDS: u32 = 8;

/// How long a token lives, and the password of who says so.
pub struct ServiceLife {
    /// How many days.
    pub days: u64,
    /// The password of the owner who asks.
    pub current_password: Secret<String>,
}

/// What an account of a program is made from.
pub struct NewService {
    /// What it is called.
    pub name: String,
    /// Its role in the project.
    pub role: ProjectRole,
    /// The life of its token.
    pub life: ServiceLife,
}

/// An account with a token that was just made.
pub struct MadeService {
    /// What is kept of it.
    pub account: ServiceAccount,
    /// The token. It is nowhere else and must be shown once.
    pub token: Secret<String>,
}

impl Identity {
    /// Makes an account of a program in the act's project.
    ///
    /// # Errors
    /// When the password is wrong, or name, role or life are not accepted.
    pub async fn make_service(
        &self,
        act: &Act<ManageServices>,
        new: NewService,
    ) -> Result<MadeService, ServiceError> {
        let name = name::line(&new.name, RequestLimits::default().name_chars_max)?;
        if new.role == ProjectRole::Owner {
            return Err(ServiceError::Role);
        }
        let expires_at = self.end_of(act, &new.life).await?;
        let max = self.0.limits.service_accounts_per_project_max;
        if act.permit().count::<ServiceAccount>().await? >= max {
            return Err(ServiceError::TooMany { max });
        }
        let token = self.service_token();
        let account = ServiceAccount {
            id: ServiceId::generate(act.clock(), act.rng()),
            project: act.permit().project_id()?.clone(),
            name,
            role: new.role,
            sha256: keys::sha256(token.expose().as_bytes()),
            created_at: act.now(),
            created_by: act.permit().user().cloned(),
            expires_at,
            last_used_at: None,
            last_used_from: None,
            changed_by: act.event().clone(),
        };
        match act.insert(&account).await {
            Ok(_) => {}
            Err(AccessError::Store(StoreError::Duplicate { .. })) => {
                return Err(ServiceError::NameTaken);
            }
            Err(error) => return Err(error.into()),
        }
        describe(act, &account);
        Ok(MadeService { account, token })
    }

    /// Gives an account of the act's project a new token. The old one ends at once, and what runs under
    /// it.
    ///
    /// # Errors
    /// When the password is wrong, the life is not accepted, or there is no such account.
    pub async fn renew_service(
        &self,
        act: &Act<ManageServices>,
        id: &ServiceId,
        life: ServiceLife,
    ) -> Result<MadeService, ServiceError> {
        let expires_at = self.end_of(act, &life).await?;
        let token = self.service_token();
        // Its use is noted in the same document, which may come in between.
        for _ in 0..ROUNDS {
            let found = act.permit().locate::<ServiceAccount>(id).await?;
            let found = found.ok_or(ServiceError::NoSuchService)?;
            let account = ServiceAccount {
                sha256: keys::sha256(token.expose().as_bytes()),
                expires_at,
                changed_by: act.event().clone(),
                ..ServiceAccount::clone(&found)
            };
            match act.replace(&found, &account).await {
                Ok(_) => {
                    self.0.guard.signal(&Changed::Service(id.clone()));
                    describe(act, &account);
                    return Ok(MadeService { account, token });
                }
                Err(AccessError::Store(StoreError::Stale)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }

    /// When a new token ends, for an owner who knows their password.
    async fn end_of(
        &self,
        act: &Act<ManageServices>,
        life: &ServiceLife,
    ) -> Result<Timestamp, ServiceError> {
        let max = self.0.limits.token_days_max;
        if !(1..=max).contains(&life.days) {
            return Err(ServiceError::Days { max });
        }
        let missing = || Unavailable::Inside("a caller without an account");
        let owner = act.permit().user().cloned().ok_or_else(missing)?;
        self.prove(&owner, &life.current_password).await?;
        let days = i64::try_from(life.days).unwrap_or(i64::MAX);
        Ok(act.now() + Duration::days(days))
    }

    fn service_token(&self) -> Secret<String> {
        Secret::new(format!("{PREFIX}{}", keys::token(self.0.rng.as_ref())))
    }
}

fn describe(act: &Act<ManageServices>, account: &ServiceAccount) {
    let detail = Detail::Service {
        role: account.role,
        expires_at: account.expires_at,
    };
    act.describe(Some(Target::new(TargetKind::Service, &account.id)), detail);
}
