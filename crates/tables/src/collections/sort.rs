//! Copies of a table's files, sorted by what people filter by.

use super::{CollectionError, Collections};
use crate::copies::{Due, Sorted, WishList};
use access::{Act, Located};
use domain::action::SortCollection;
use domain::entity::Collection;

impl Collections {
    /// All wishes for sorted copies from now on; `None` when someone has asked for them before.
    #[must_use]
    pub fn wishes(&self) -> Option<WishList> {
        self.tables.wishes()
    }

    /// The sorted copies that a table should have and has not; `None` when there is nothing to do.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due(
        &self,
        collection: &Located<Collection, SortCollection>,
    ) -> Result<Option<Due>, CollectionError> {
        Ok(self.tables.due(&self.place(collection)?).await?)
    }

    /// Makes sorted copies that are due.
    ///
    /// # Errors
    /// When the store fails; copies made so far stay.
    pub async fn sort(
        &self,
        _: &Act<SortCollection>,
        collection: &Located<Collection, SortCollection>,
        due: Due,
    ) -> Result<Sorted, CollectionError> {
        Ok(self.tables.sort(&self.place(collection)?, due).await?)
    }
}
