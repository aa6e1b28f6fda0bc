//! The document of admins: who joins, who leaves, and that it never becomes empty.
//!
//! Whoever becomes an admin joins last, after their account says so; whoever stops being one leaves
//! first. A crash between the two leaves somebody with less, never with more.

use super::UserError;
use crate::documents::Admins;
use crate::identity::Identity;
use domain::id::{EventId, UserId};
use std::collections::BTreeSet;
use store::StoreError;

impl Identity {
    pub(super) async fn join_admins(
        &self,
        user: &UserId,
        event: &EventId,
    ) -> Result<(), UserError> {
        loop {
            let written = match self.get::<Admins>(&Admins::place()).await? {
                Some(stored) => {
                    let mut admins = stored.value;
                    if !admins.members.insert(user.clone()) {
                        return Ok(());
                    }
                    admins.changed_by = event.clone();
                    self.0.documents.replace(&admins, stored.revision).await
                }
                None => {
                    let admins = Admins {
                        members: BTreeSet::from([user.clone()]),
                        changed_by: event.clone(),
                    };
                    self.0.documents.insert(&admins).await
                }
            };
            match written {
                Ok(_) => return Ok(()),
                Err(StoreError::Stale | StoreError::Exists { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(super) async fn leave_admins(
        &self,
        user: &UserId,
        event: &EventId,
    ) -> Result<(), UserError> {
        while let Some(stored) = self.get::<Admins>(&Admins::place()).await? {
            let mut admins = stored.value;
            if !admins.members.remove(user) {
                break;
            }
            if admins.members.is_empty() {
                return Err(UserError::LastAdmin);
            }
            admins.changed_by = event.clone();
            match self.0.documents.replace(&admins, stored.revision).await {
                Ok(_) => break,
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
