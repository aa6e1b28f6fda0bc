//! Deleting a collection: its document first, so that nobody finds it, then its files.

use super::{CollectionError, Collections};
use access::{Act, Located};
use domain::action::DeleteCollection;
use domain::entity::Collection;

impl Collections {
    /// Deletes a collection with all its versions.
    ///
    /// # Errors
    /// When it changed in between, or the store fails.
    pub async fn delete(
        &self,
        act: &Act<DeleteCollection>,
        collection: &Located<Collection, DeleteCollection>,
    ) -> Result<(), CollectionError> {
        let place = self.place(collection)?;
        act.delete(collection).await?;
        self.tables.drop_collection(&place).await?;
        Ok(())
    }
}
