//! A new data key for a project: what is written from now on is sealed under it, what lies there
//! names the older key that opens it.

use ::keys::{DataKeys, MasterKey};
use access::Act;
use access::projects::{ProjectError, replace_data_key};
use domain::action::ManageProject;
use domain::entity::Project;

/// The keys of a project after a rotation, by name and count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKeysInForce {
    /// The name of the key that seals what is written now.
    pub newest: String,
    /// How many older keys still open what was written before.
    pub past: usize,
}

fn keys_of(master: &MasterKey, project: &Project) -> Result<DataKeys, String> {
    let keys = master.unwrap_all(&project.data_key, project.id.as_str());
    keys.map_err(|error| error.to_string())
}

/// Puts a new data key in force for the act's project, wrapped under the same key as the others.
///
/// # Errors
/// When the project holds as many keys as it may, or is gone.
pub async fn rotate_data_key(
    act: &Act<ManageProject>,
    master: &MasterKey,
) -> Result<DataKeysInForce, ProjectError> {
    let next = |project: &Project| {
        let keys = keys_of(master, project)?;
        let keys = keys.rotated(act.rng()).map_err(|error| error.to_string())?;
        master
            .wrap_all(&keys, project.id.as_str(), act.rng())
            .map_err(|error| error.to_string())
    };
    let named = |project: &Project| {
        let keys = keys_of(master, project);
        keys.map_or_else(|error| error, |keys| keys.newest().id().to_owned())
    };
    let project = replace_data_key(act, next, named).await?;
    let keys = keys_of(master, &project).map_err(ProjectError::Key)?;
    Ok(DataKeysInForce {
        newest: keys.newest().id().to_owned(),
        past: keys.past().len(),
    })
}
