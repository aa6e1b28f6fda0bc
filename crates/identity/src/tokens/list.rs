//! The caller's own tokens, without what would open anything.

use crate::documents::PersonalToken;
use crate::error::Unavailable;
use crate::identity::Identity;
use access::Permit;
use domain::action::ReadAccount;
use domain::id::TokenId;
use domain::key::Key;
use domain::{Ceiling, Timestamp};
use store::{Cursor, Order, PRIMARY};

/// A token as its person sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenView {
    /// The id.
    pub id: TokenId,
    /// What its person calls it.
    pub name: String,
    /// What it may at most.
    pub ceiling: Ceiling,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From which address.
    pub last_used_from: Option<std::net::IpAddr>,
}

impl From<PersonalToken> for TokenView {
    fn from(token: PersonalToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            ceiling: token.ceiling,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            last_used_from: token.last_used_from,
        }
    }
}

impl Identity {
    /// A page of the caller's tokens, newest first; what has expired is among them until the next
    /// one is made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tokens(
        &self,
        permit: &Permit<ReadAccount>,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<TokenView>, Option<Cursor>), Unavailable> {
        let Some(user) = permit.user() else {
            return Ok((Vec::new(), None));
        };
        let own = Key::new().id(user);
        let documents = &self.0.documents;
        let page = documents
            .list::<PersonalToken>(PRIMARY, &own, Order::Descending, after, limit)
            .await?;
        let views = page.items.into_iter().map(|stored| stored.value.into());
        Ok((views.collect(), page.next))
    }
}
