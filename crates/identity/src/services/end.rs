//! Ending an account of a program.

use super::ServiceError;
use crate::identity::Identity;
use access::{Act, Changed};
use audit::{Detail, Target, TargetKind};
use domain::action::ManageServices;
use domain::entity::ServiceAccount;
use domain::id::ServiceId;

impl Identity {
    /// Ends an account of the act's project at once: what runs under it stops.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchService`] also when it is another project's.
    pub async fn end_service(
        &self,
        act: &Act<ManageServices>,
        id: &ServiceId,
    ) -> Result<(), ServiceError> {
        if act.delete_under::<ServiceAccount>(&[id.as_str()]).await? == 0 {
            return Err(ServiceError::NoSuchService);
        }
        self.0.guard.signal(&Changed::Service(id.clone()));
        act.describe(Some(Target::new(TargetKind::Service, id)), Detail::None);
        Ok(())
    }
}
