//! From a token to the account of a program: read from the store at each request.

use crate::authenticate::AuthError;
use crate::identity::Identity;
use access::Caller;
use audit::Origin;
use domain::entity::ServiceAccount;
use store::{StoreError, Stored};

/// How exact the record of the last use is: a write with every request would be wasted.
const USE_NOTED_S: i64 = 60;

impl Identity {
    /// Finds out which program calls.
    ///
    /// # Errors
    /// When there is no such token or its time is over, or when the store cannot be read.
    pub async fn authenticate_service(
        &self,
        token: &str,
        origin: Origin,
    ) -> Result<Caller, AuthError> {
        let at = ServiceAccount::at(&keys::sha256(token.as_bytes()));
        let documents = &self.0.documents;
        let found = documents.find::<ServiceAccount>("sha256", &at).await?;
        let found = found.filter(|found| found.value.expires_at > self.now());
        let found = found.ok_or(AuthError::TokenEnded)?;
        let caller = Caller::service(&found.value, origin.clone());
        self.note_service(found, &origin).await?;
        Ok(caller)
    }

    async fn note_service(
        &self,
        found: Stored<ServiceAccount>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let is_noted = |at| (now - at) < chrono::Duration::seconds(USE_NOTED_S);
        if found.value.last_used_at.is_some_and(is_noted) {
            return Ok(());
        }
        let used = ServiceAccount {
            last_used_at: Some(now),
            last_used_from: origin.address,
            ..found.value
        };
        match self.0.documents.replace(&used, found.revision).await {
            // Stale: another request noted it, or it ended; what is gone stays gone.
            Ok(_) | Err(StoreError::Stale) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
