//! What narrowing leaves of the dashboards of a project for one person: in lists and in counts, as in
//! a single look. All three ask the same question, so they cannot drift apart.

use crate::error::AccessError;
use crate::permit::Granted;
use domain::Subject;
use domain::decision::effective_role;
use domain::entity::Dashboard;
use domain::id::{GroupId, ProjectId, UserId};
use domain::key::Key;
use domain::narrowing::Narrowing;
use store::{Cursor, Documents, Order};

const PAGE: u32 = 200;

/// Whether somebody whom these grants reach may know of a dashboard narrowed like this.
pub(crate) fn passes(
    subject: &Subject,
    user: Option<&UserId>,
    groups: &[GroupId],
    narrowing: &Narrowing,
) -> bool {
    let met = narrowing.met_by(user, groups);
    let there = Subject {
        narrowed: Some(match subject.viewing {
            Some(_) => met.met_by_role(),
            None => met,
        }),
        ..subject.clone()
    };
    subject.maintenance || effective_role(&there).is_some()
}

/// How many dashboards of a project somebody may not know of.
pub(crate) async fn hidden(
    documents: &Documents,
    project: &ProjectId,
    passes: impl Fn(&Narrowing) -> bool,
) -> Result<u64, AccessError> {
    let prefix = Key::new().id(project);
    let (mut hidden, mut after) = (0, None::<Cursor>);
    loop {
        let page = documents
            .list::<Dashboard>(
                Dashboard::NARROWED,
                &prefix,
                Order::Ascending,
                after.as_ref(),
                PAGE,
            )
            .await?;
        let narrowed = page
            .items
            .iter()
            .filter_map(|it| it.value.narrowing.as_ref());
        hidden += narrowed.filter(|narrowing| !passes(narrowing)).count() as u64;
        after = page.next;
        if after.is_none() {
            return Ok(hidden);
        }
    }
}

impl Granted {
    /// Whether what is narrowed like this may be known of under this permit.
    pub(crate) fn sees(&self, narrowing: Option<&Narrowing>) -> bool {
        narrowing.is_none_or(|narrowing| {
            passes(&self.subject, self.caller.user(), &self.groups, narrowing)
        })
    }
}
