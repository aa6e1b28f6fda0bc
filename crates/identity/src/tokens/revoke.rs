//! Ending a token, by its person or with all the others.

use super::PersonalTokenError;
use crate::documents::PersonalToken;
use crate::error::Unavailable;
use crate::identity::Identity;
use access::{Act, Changed};
use audit::{Detail, Target, TargetKind};
use domain::action::RevokeToken;
use domain::id::{TokenId, UserId};
use domain::key::Key;
use store::{Order, PRIMARY};

/// Tokens ended in one go; a person has fewer.
const PAGE: u32 = 200;

impl Identity {
    /// Ends one of the caller's tokens, at once: what runs under it stops.
    ///
    /// # Errors
    /// [`PersonalTokenError::NoSuchToken`] also when it is somebody else's.
    pub async fn revoke_token(
        &self,
        act: &Act<RevokeToken>,
        id: &TokenId,
    ) -> Result<(), PersonalTokenError> {
        let user = act.permit().user();
        let user = user.ok_or(PersonalTokenError::NoSuchToken)?;
        let key = PersonalToken::place(user, id);
        let documents = &self.0.documents;
        if documents.delete_prefix::<PersonalToken>(&key).await? == 0 {
            return Err(PersonalTokenError::NoSuchToken);
        }
        self.0.guard.signal(&Changed::Token(id.clone()));
        act.describe(Some(Target::new(TargetKind::Token, id)), Detail::None);
        Ok(())
    }

    /// Tidies up tokens that a new epoch has ended: they go, and what runs under them stops.
    pub(crate) async fn end_tokens(&self, user: &UserId) -> Result<(), Unavailable> {
        let own = Key::new().id(user);
        let documents = &self.0.documents;
        let all = documents.list::<PersonalToken>(PRIMARY, &own, Order::Ascending, None, PAGE);
        for token in all.await?.items {
            self.0.guard.signal(&Changed::Token(token.value.id));
        }
        documents.delete_prefix::<PersonalToken>(&own).await?;
        Ok(())
    }
}
