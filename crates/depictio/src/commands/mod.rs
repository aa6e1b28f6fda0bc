//! Commands of the operator: the same use cases through the same guard, in the running server or,
//! without one, under the data directory's lock.

mod access;
mod audit;
mod doctor;
mod keys;
mod users;

pub(crate) use doctor::{State, doctor};
pub(crate) use keys::rotate_master;

use crate::house::Office;
use ::access::blueprint::Blueprint;
use domain::SystemRole;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an operator may ask for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Makes an account with a random password.
    UserAdd {
        /// The address.
        email: String,
        /// What others see.
        name: String,
        /// Role in the system.
        role: SystemRole,
    },
    /// Lists accounts.
    UserList,
    /// Disables an account.
    UserDisable {
        /// The address.
        email: String,
    },
    /// Gives an account a new random password.
    UserResetPassword {
        /// The address.
        email: String,
    },
    /// Puts a new pair of signing keys in force.
    KeysRotate,
    /// Puts a new master key in force.
    KeysRotateMaster,
    /// Puts a new key in force for the data of one project.
    KeysRotateData {
        /// Its id.
        project: String,
    },
    /// Lists events, newest first.
    AuditList {
        /// Of this kind.
        kind: Option<String>,
        /// How many.
        limit: u32,
        /// Before this number.
        before: Option<u64>,
    },
    /// Makes every hash of the log again.
    AuditVerify,
    /// Groups, projects and grants as a file.
    AccessExport,
    /// What a file would change.
    AccessPlan {
        /// The file.
        file: Blueprint,
    },
    /// Changes what a plan said.
    AccessApply {
        /// The file.
        file: Blueprint,
        /// What the plan said.
        agreed: Vec<String>,
    },
}

/// Does what was asked for.
///
/// # Errors
/// One sentence.
pub(crate) async fn handle(office: &Office, request: Request) -> Result<Value, String> {
    match request {
        Request::UserAdd { email, name, role } => users::add(office, email, name, role).await,
        Request::UserList => users::list(office).await,
        Request::UserDisable { email } => users::disable(office, &email).await,
        Request::UserResetPassword { email } => users::reset_password(office, &email).await,
        Request::KeysRotate => audit::keys_rotated(office).await,
        // It needs the configuration, so who has it does it.
        Request::KeysRotateMaster => Err("the master key is rotated by its own command".to_owned()),
        Request::KeysRotateData { project } => keys::rotate_data(office, &project).await,
        Request::AuditList {
            kind,
            limit,
            before,
        } => audit::list(office, kind.as_deref(), limit, before).await,
        Request::AuditVerify => audit::verify(office).await,
        Request::AccessExport => access::export(office).await,
        Request::AccessPlan { file } => access::plan(office, &file).await,
        Request::AccessApply { file, agreed } => access::apply(office, &file, &agreed).await,
    }
}
