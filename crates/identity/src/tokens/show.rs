//! From a token to a caller: read from the store at each request, as for sessions.

use super::PREFIX;
use crate::authenticate::{AuthError, Authenticated};
use crate::documents::{Admins, Credentials, PersonalToken};
use crate::identity::{Identity, with_role_in_force};
use access::Caller;
use audit::Origin;
use domain::entity::User;
use domain::key::Key;
use store::{StoreError, Stored};

/// How exact the record of the last use is: a write with every request would be wasted.
const USE_NOTED_S: i64 = 60;

impl Identity {
    /// Finds out who calls with what stands after `Bearer`: an access token or a token for programs.
    ///
    /// # Errors
    /// As [`Identity::authenticate`].
    pub async fn authenticate_bearer(
        &self,
        bearer: &str,
        origin: Origin,
    ) -> Result<Authenticated, AuthError> {
        if bearer.starts_with(PREFIX) {
            self.authenticate_token(bearer, origin).await
        } else {
            self.authenticate(bearer, origin).await
        }
    }

    async fn authenticate_token(
        &self,
        token: &str,
        origin: Origin,
    ) -> Result<Authenticated, AuthError> {
        let documents = &self.0.documents;
        let at = PersonalToken::at(&keys::sha256(token.as_bytes()));
        let found = documents.find::<PersonalToken>("sha256", &at).await?;
        let found = found.ok_or(AuthError::TokenEnded)?;
        let person = Key::new().id(&found.value.user);
        let mut batch = documents.batch();
        let account = batch.add::<User>(&person);
        let credentials = batch.add::<Credentials>(&person);
        let admins = batch.add::<Admins>(&Admins::place());
        let mut read = batch.read().await?;
        let (Some(account), Some(credentials)) = (read.take(account)?, read.take(credentials)?)
        else {
            return Err(AuthError::TokenEnded);
        };
        let admins = read.take(admins)?.map(|admins| admins.value);
        let left = (found.value.expires_at - self.now()).num_milliseconds();
        let is_live =
            left > 0 && found.value.epoch == credentials.value.epoch && !account.value.disabled;
        if !is_live {
            return Err(AuthError::TokenEnded);
        }
        let user = with_role_in_force(account.value, admins.as_ref());
        let (id, ceiling) = (found.value.id.clone(), found.value.ceiling.clone());
        self.note_use(found, &origin).await?;
        Ok(Authenticated {
            caller: Caller::with_token(&user, id, ceiling, origin),
            user,
            session: None,
            expires_in_s: u64::try_from(left / 1_000).unwrap_or(0),
        })
    }

    async fn note_use(
        &self,
        found: Stored<PersonalToken>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let is_noted = |at| (now - at) < chrono::Duration::seconds(USE_NOTED_S);
        if found.value.last_used_at.is_some_and(is_noted) {
            return Ok(());
        }
        let used = PersonalToken {
            last_used_at: Some(now),
            last_used_from: origin.address,
            ..found.value
        };
        match self.0.documents.replace(&used, found.revision).await {
            // Stale: another request noted it, or it was revoked; what is gone stays gone.
            Ok(_) | Err(StoreError::Stale) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
