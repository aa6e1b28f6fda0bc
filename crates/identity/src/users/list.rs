//! Reading accounts, with the roles in force.

use crate::documents::Admins;
use crate::email;
use crate::error::Unavailable;
use crate::identity::{Identity, with_role_in_force};
use access::Permit;
use domain::action::ListUsers;
use domain::entity::User;
use domain::id::UserId;
use domain::key::Key;
use store::{Cursor, Order};

impl Identity {
    /// A page of all accounts, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn users(
        &self,
        _permit: &Permit<ListUsers>,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<User>, Option<Cursor>), Unavailable> {
        let documents = &self.0.documents;
        let page = documents
            .list::<User>("name", &Key::new(), Order::Ascending, after, limit)
            .await?;
        let admins = self.admins().await?;
        let users = page.items.into_iter().map(|stored| stored.value);
        let users = users.map(|user| with_role_in_force(user, admins.as_ref()));
        Ok((users.collect(), page.next))
    }

    /// One account.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn user(
        &self,
        _permit: &Permit<ListUsers>,
        id: &UserId,
    ) -> Result<Option<User>, Unavailable> {
        let found = self.get::<User>(&Key::new().id(id)).await?;
        self.in_force(found).await
    }

    /// The account with this address.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn user_by_email(
        &self,
        _permit: &Permit<ListUsers>,
        email: &str,
    ) -> Result<Option<User>, Unavailable> {
        let Ok(email) = email::normalise(email) else {
            return Ok(None);
        };
        let at = Key::new().text(&email);
        let found = self.0.documents.find::<User>("email", &at).await?;
        self.in_force(found).await
    }

    async fn in_force(
        &self,
        found: Option<store::Stored<User>>,
    ) -> Result<Option<User>, Unavailable> {
        let admins = self.admins().await?;
        Ok(found.map(|stored| with_role_in_force(stored.value, admins.as_ref())))
    }

    async fn admins(&self) -> Result<Option<Admins>, Unavailable> {
        let admins = self.get::<Admins>(&Admins::place()).await?;
        Ok(admins.map(|admins| admins.value))
    }
}
