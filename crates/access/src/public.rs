//! What everyone may see, signed in or not. It takes no permit, because it decides the same for all.

use crate::error::AccessError;
use crate::guard::Guard;
use domain::entity::{Principal, Project};
use store::{Cursor, Order, Page};

impl Guard {
    /// The projects that are open to everyone, oldest first; none while public projects are off.
    ///
    /// # Errors
    /// When the cursor is not one, or the store fails.
    pub async fn public_projects(
        &self,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Project>, AccessError> {
        let documents = &self.0.documents;
        if !crate::settings::public_projects(documents).await? {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        }
        let everyone = Principal::Anyone.key();
        Ok(documents
            .list("principal", &everyone, Order::Ascending, after, limit)
            .await?)
    }
}
