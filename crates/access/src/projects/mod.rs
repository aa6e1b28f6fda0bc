//! Projects and who may do what in them. A project and its grants are one document, so what must
//! hold across people (an owner remains) is checked and written in one step.

mod audience;
mod create;
mod data_key;
mod delete;
mod explain;
mod members;
mod orphans;
mod update;

pub use audience::{Audience, Reaching, audience};
pub use create::{NewProject, create};
pub use data_key::replace_data_key;
pub use delete::delete;
pub use explain::{Explained, explain, explain_caller};
pub use members::{Member, is_member, members, remove_member, set_member};
pub use update::{ProjectPatch, update};

pub(crate) use orphans::orphans;

use crate::act::{Act, FailureCode};
use crate::error::{AccessError, Refusal};
use domain::action::{self, Action, Change};
use domain::dashboard::Flaw;
use domain::entity::Project;
use domain::key::Key;
use domain::limits::RequestLimits;
use domain::name::{self, NameError};
use store::StoreError;

/// Why a change of a project did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A name or description that cannot be kept.
    #[error("{source}")]
    Text {
        /// Which field, as a JSON pointer.
        pointer: &'static str,
        /// What is wrong.
        source: NameError,
    },
    /// Limits on code that this installation does not allow, each by its place in the limits.
    #[error("the limits on code have errors")]
    CodeLimits(Vec<Flaw>),
    /// The change would leave the project without a person who owns it.
    #[error("a project keeps at least one person as owner: make somebody else an owner first")]
    LastOwner,
    /// There is no such person or group.
    #[error("there is no such person or group")]
    NoSuchPrincipal,
    /// Everyone may look and nothing more.
    #[error("everyone can be given the role viewer and no other")]
    EveryoneViews,
    /// Public projects are switched off.
    #[error("public projects are switched off here; an admin switches them on in the settings")]
    PublicOff,
    /// That person or group has no role in the project.
    #[error("it has no role in this project")]
    NoSuchMember,
    /// The keys of its data cannot be replaced.
    #[error("{0}")]
    Key(String),
    /// Others changed it again and again in between.
    #[error("others are changing this project right now; nothing was changed")]
    Busy,
    /// The permit's reason went away in between.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What stands below failed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl From<StoreError> for ProjectError {
    fn from(error: StoreError) -> Self {
        Self::Access(error.into())
    }
}

impl FailureCode for ProjectError {
    fn code(&self) -> &'static str {
        match self {
            Self::Text { .. } | Self::CodeLimits(_) => "invalid",
            Self::LastOwner => "last_owner",
            Self::NoSuchPrincipal => "no_such_principal",
            Self::EveryoneViews => "invalid",
            Self::PublicOff => "public_projects_off",
            Self::NoSuchMember => "not_found",
            Self::Key(_) => "sealed",
            Self::Busy => "busy",
            Self::Refused(_) => "refused",
            Self::Access(_) => "unavailable",
        }
    }
}

fn checked_name(text: &str) -> Result<String, ProjectError> {
    name::line(text, RequestLimits::default().name_chars_max).map_err(|source| ProjectError::Text {
        pointer: "/name",
        source,
    })
}

fn checked_description(text: &str) -> Result<String, ProjectError> {
    name::text(text, RequestLimits::default().description_chars_max).map_err(|source| {
        ProjectError::Text {
            pointer: "/description",
            source,
        }
    })
}

/// Reads the project, changes it and writes it back, again from the start when somebody was faster.
/// On each further round the permit is decided again, since what was faster may have ended it.
async fn change<A>(
    act: &Act<A>,
    edit: impl Fn(&mut Project) -> Result<(), ProjectError>,
) -> Result<Project, ProjectError>
where
    A: Change + Action<On = action::Project>,
{
    let key = Key::new().id(act.permit().project_id()?);
    for round in 0..8 {
        if round > 0 {
            act.permit()
                .inner
                .shared
                .still_allows(&act.permit().inner)
                .await?;
        }
        let Some(stored) = act.documents().get::<Project>(&key).await? else {
            return Err(Refusal::Hidden.into());
        };
        let mut project = stored.value;
        edit(&mut project)?;
        project.updated_at = act.now();
        project.changed_by = act.event().clone();
        match act.documents().replace(&project, stored.revision).await {
            Ok(_) => return Ok(project),
            Err(StoreError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ProjectError::Busy)
}
