//! The guard: the one gate. It decides, records the decision, and makes the permit.

use crate::caller::Caller;
use crate::error::{AccessError, Refusal};
use crate::living::{Changed, Living};
use crate::permit::{Granted, Permit};
use audit::{Audit, Event, EventOutcome, Kind, Target, TargetKind};
use domain::action::{self, Action};
use domain::decision::{self, Decision, GrantUsed, Outcome, Subject, Via};
use domain::entity::{Dashboard, Group, Principal, Project, ServiceAccount, Settings};
use domain::id::{DashboardId, GroupId, ProjectId, UserId};
use domain::key::Key;
use domain::{ActionName, Actor, Because, Clock, Rng, Timestamp};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use store::{Documents, Stored};

/// Most groups of one person that count; a page of the index.
const GROUPS_MAX: u32 = 500;

/// The one gate. Cheap to clone.
#[derive(Clone)]
pub struct Guard(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) documents: Documents,
    pub(crate) audit: Audit,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) living: Living,
}

/// What a caller named.
#[derive(Clone, Copy)]
enum Asked<'a> {
    Nothing,
    Project(&'a ProjectId),
    /// A dashboard of a project; `None` is what is no id at all.
    Dashboard(&'a ProjectId, Option<&'a DashboardId>),
    Group(&'a GroupId),
}

/// What the store knows of a caller in a project.
struct Known {
    project: Option<Stored<Project>>,
    /// The dashboard asked about is not there.
    absent: bool,
    groups: Vec<GroupId>,
    subject: Subject,
}

impl Known {
    /// Decides. What does not exist is refused exactly as what is hidden.
    fn decide(&self, action: ActionName) -> Decision {
        let decision = decision::decide(action, &self.subject);
        let reached = self.subject.maintenance || decision::effective_role(&self.subject).is_some();
        let gone = match self.project {
            None => decision.outcome == Outcome::Allowed,
            Some(_) => self.absent && reached,
        };
        if gone {
            return Decision {
                outcome: Outcome::Hidden,
                because: Because::Absent,
                ..decision
            };
        }
        decision
    }
}

impl Guard {
    /// A guard over these documents and this log.
    #[must_use]
    pub fn new(
        documents: Documents,
        audit: Audit,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        Self(Arc::new(Shared {
            documents,
            audit,
            clock,
            rng,
            living: Living::default(),
        }))
    }

    /// May this caller do `A` in this project?
    ///
    /// # Errors
    /// The refusal, which is recorded.
    pub async fn on_project<A: Action<On = action::Project>>(
        &self,
        caller: &Caller,
        project: &ProjectId,
    ) -> Result<Permit<A>, Refusal> {
        let known = self.0.know(caller, project, None).await?;
        self.there(caller, known, project, Asked::Project(project))
    }

    /// May this caller do `A` on this dashboard of this project? Its narrowing counts. `None` stands for
    /// what is no id at all, and is refused as what does not exist.
    ///
    /// # Errors
    /// The refusal, which is recorded.
    pub async fn on_dashboard<A: Action<On = action::Project>>(
        &self,
        caller: &Caller,
        project: &ProjectId,
        dashboard: Option<&DashboardId>,
    ) -> Result<Permit<A>, Refusal> {
        let known = self.0.know(caller, project, Some(dashboard)).await?;
        self.there(caller, known, project, Asked::Dashboard(project, dashboard))
    }

    fn there<A: Action<On = action::Project>>(
        &self,
        caller: &Caller,
        known: Known,
        project: &ProjectId,
        asked: Asked<'_>,
    ) -> Result<Permit<A>, Refusal> {
        let mut granted = self.0.granted(caller, known.decide(A::NAME));
        granted.role = decision::effective_role(&known.subject).map(|(role, _)| role);
        if let Asked::Dashboard(_, Some(id)) = asked {
            granted.dashboard = Some(id.clone());
        }
        granted.project = known.project;
        granted.groups = known.groups;
        granted.subject = Subject {
            narrowed: None,
            ..known.subject
        };
        granted.ends = self.0.ends(caller, Some(project));
        self.settle(granted, asked)
    }

    /// May this caller do `A` on this group? `None` stands for what is no id at all.
    ///
    /// # Errors
    /// The refusal, which is recorded.
    pub async fn on_group<A: Action<On = action::Group>>(
        &self,
        caller: &Caller,
        group: Option<&GroupId>,
    ) -> Result<Permit<A>, Refusal> {
        let (known, subject) = self.0.know_group(caller, group).await?;
        let decision = decision::decide(A::NAME, &subject);
        let decision = match decision.outcome {
            // Nobody maintains what does not exist, so only admins are told that it does not.
            Outcome::Allowed if !known => Decision {
                outcome: Outcome::Hidden,
                ..decision
            },
            _ => decision,
        };
        let mut granted = self.0.granted(caller, decision);
        granted.group = group.cloned();
        self.settle(granted, group.map_or(Asked::Nothing, Asked::Group))
    }

    /// May this caller do `A` on the installation?
    ///
    /// # Errors
    /// The refusal, which is recorded.
    pub fn on_system<A: Action<On = action::System>>(
        &self,
        caller: &Caller,
    ) -> Result<Permit<A>, Refusal> {
        self.without_project(caller)
    }

    /// May this caller do `A` on their own account?
    ///
    /// # Errors
    /// The refusal, which is recorded.
    pub fn on_account<A: Action<On = action::Account>>(
        &self,
        caller: &Caller,
    ) -> Result<Permit<A>, Refusal> {
        self.without_project(caller)
    }

    /// Tells every permit that rests on this that its reason is gone.
    pub fn signal(&self, changed: &Changed) {
        self.0.living.signal(changed);
    }

    /// The audit log.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.0.audit
    }

    fn without_project<A: Action>(&self, caller: &Caller) -> Result<Permit<A>, Refusal> {
        let subject = caller.subject(None, Vec::new());
        let decision = decision::decide(A::NAME, &subject);
        self.settle(self.0.granted(caller, decision), Asked::Nothing)
    }

    /// Turns a decision into a permit, or records the refusal.
    fn settle<A: Action>(&self, granted: Granted, asked: Asked<'_>) -> Result<Permit<A>, Refusal> {
        let outcome = granted.decision.outcome;
        let mut event = granted.event(asked);
        if outcome == Outcome::Allowed {
            *granted
                .record
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(event);
            return Ok(Permit {
                inner: Arc::new(granted),
                action: PhantomData,
            });
        }
        event.outcome = EventOutcome::Denied;
        self.0.audit.queue(event)?;
        Err(match outcome {
            Outcome::Unauthenticated => Refusal::Unauthenticated,
            Outcome::Hidden => Refusal::Hidden,
            Outcome::Denied | Outcome::Allowed => {
                Refusal::Denied(Box::new(granted.decision.clone()))
            }
        })
    }
}

impl Granted {
    fn event(&self, asked: Asked<'_>) -> Event {
        let kind = Kind::Action(self.decision.action);
        let actor = self.caller.actor.clone();
        let mut event = self.shared.audit.event(kind, EventOutcome::Allowed, actor);
        match asked {
            Asked::Nothing => {}
            Asked::Project(id) => {
                event.project = Some(id.clone());
                event.target = Some(Target::new(TargetKind::Project, id));
            }
            Asked::Dashboard(project, id) => {
                event.project = Some(project.clone());
                event.target = id.map(|id| Target::new(TargetKind::Dashboard, id));
            }
            Asked::Group(id) => event.target = Some(Target::new(TargetKind::Group, id)),
        }
        event.origin = self.caller.origin.clone();
        event.because = Some(self.decision.because.clone());
        event
    }
}

impl Shared {
    /// What a decision grants that is on nothing in particular.
    fn granted(self: &Arc<Self>, caller: &Caller, decision: Decision) -> Granted {
        Granted {
            shared: Arc::clone(self),
            caller: caller.clone(),
            project: None,
            group: None,
            dashboard: None,
            subject: caller.subject(None, Vec::new()),
            groups: Vec::new(),
            decision,
            role: None,
            at: self.clock.now(),
            ends: self.ends(caller, None),
            record: Mutex::new(None),
        }
    }

    /// Everything a decision in a project depends on, read now: roles are never remembered.
    async fn know(
        &self,
        caller: &Caller,
        project: &ProjectId,
        dashboard: Option<Option<&DashboardId>>,
    ) -> Result<Known, AccessError> {
        let asked = project;
        let mut batch = self.documents.batch();
        let inside = Key::new().id(project);
        let project = batch.add::<Project>(&inside);
        let settings = batch.add::<Settings>(&Settings::place());
        let head = dashboard
            .flatten()
            .map(|id| batch.add::<Dashboard>(&inside.id(id)));
        let mut read = batch.read().await?;
        let project = read.take(project)?;
        let head = match head {
            Some(head) => read.take(head)?,
            None => None,
        };
        let settings = read.take(settings)?;
        let settings = settings.map_or(Settings::START, |settings| settings.value);
        let public = settings.public_projects;
        let groups = match caller.user() {
            Some(user) => self.groups_of(user).await?,
            None => Vec::new(),
        };
        let mut grants = match &project {
            Some(project) => grants_for(&project.value, caller.user(), &groups, public),
            None => Vec::new(),
        };
        grants.extend(self.service_grant(caller, asked).await?);
        let narrowing = head.as_ref().and_then(|head| head.value.narrowing.as_ref());
        let mut subject = caller.subject(Some(asked), grants);
        subject.maintenance &= project.is_some();
        subject.sharing = settings.sharing;
        subject.narrowed = narrowing.map(|narrowing| narrowing.met_by(caller.user(), &groups));
        let subject = match caller.view_as {
            Some(role) => subject.viewing_as(role),
            None => subject,
        };
        Ok(Known {
            project,
            absent: dashboard.is_some() && head.is_none(),
            groups,
            subject,
        })
    }

    /// The role that a program's account has in its project, read now.
    pub(crate) async fn service_grant(
        &self,
        caller: &Caller,
        asked: &ProjectId,
    ) -> Result<Option<GrantUsed>, AccessError> {
        let Actor::Service { id, project } = &caller.actor else {
            return Ok(None);
        };
        if project != asked {
            return Ok(None);
        }
        let place = ServiceAccount::place(project, id);
        let account = self.documents.get::<ServiceAccount>(&place).await?;
        Ok(account.map(|account| GrantUsed {
            role: account.value.role,
            via: Via::Service,
        }))
    }

    /// Whether there is such a group, and what a decision on it depends on, read now.
    async fn know_group(
        &self,
        caller: &Caller,
        group: Option<&GroupId>,
    ) -> Result<(bool, Subject), AccessError> {
        let stored = match group {
            Some(id) => self.documents.get::<Group>(&Key::new().id(id)).await?,
            None => None,
        };
        let mut subject = caller.subject(None, Vec::new());
        subject.maintainer = match (&stored, caller.user()) {
            (Some(group), Some(user)) => group.value.maintainers.contains(user),
            _ => false,
        };
        Ok((stored.is_some(), subject))
    }

    pub(crate) async fn groups_of(&self, user: &UserId) -> Result<Vec<GroupId>, AccessError> {
        // The index alone: the documents name everyone who is in them.
        let prefix = Key::new().id(user);
        let keys = self.documents.keys::<Group>("member", &prefix, GROUPS_MAX);
        let names = keys.await?.into_iter();
        let ids = names.filter_map(|key| Key::only_text(&key)?.parse().ok());
        Ok(ids.collect())
    }

    /// Decides again for a permit that has grown old.
    pub(crate) async fn still_allows(&self, granted: &Granted) -> Result<(), Refusal> {
        if let Some(group) = &granted.group {
            let (known, subject) = self.know_group(&granted.caller, Some(group)).await?;
            let decision = decision::decide(granted.decision.action, &subject);
            return match decision.outcome {
                Outcome::Allowed if known => Ok(()),
                Outcome::Unauthenticated => Err(Refusal::Unauthenticated),
                Outcome::Denied => Err(Refusal::Denied(Box::new(decision))),
                Outcome::Allowed | Outcome::Hidden => Err(Refusal::Hidden),
            };
        }
        let Some(project) = &granted.project else {
            return Ok(());
        };
        let dashboard = granted.dashboard.as_ref().map(Some);
        let known = self
            .know(&granted.caller, &project.value.id, dashboard)
            .await?;
        let decision = known.decide(granted.decision.action);
        match (decision.outcome, &known.project) {
            (Outcome::Allowed, Some(_)) => Ok(()),
            (Outcome::Unauthenticated, _) => Err(Refusal::Unauthenticated),
            (Outcome::Denied, Some(_)) => Err(Refusal::Denied(Box::new(decision))),
            (Outcome::Allowed | Outcome::Hidden | Outcome::Denied, _) => Err(Refusal::Hidden),
        }
    }

    fn ends(
        &self,
        caller: &Caller,
        project: Option<&ProjectId>,
    ) -> Vec<tokio_util::sync::CancellationToken> {
        let mut ends = Vec::with_capacity(3);
        match &caller.actor {
            Actor::User { id, session } => {
                ends.push(self.living.token(Changed::User(id.clone())));
                ends.push(self.living.token(Changed::Session(session.clone())));
            }
            Actor::Token { token, id } => {
                ends.push(self.living.token(Changed::User(id.clone())));
                ends.push(self.living.token(Changed::Token(token.clone())));
            }
            Actor::Service { id, .. } => ends.push(self.living.token(Changed::Service(id.clone()))),
            Actor::Anyone | Actor::Operator | Actor::Job { .. } => {}
        }
        if let Some(project) = project {
            ends.push(self.living.token(Changed::Project(project.clone())));
        }
        ends
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The grants of a project that reach somebody.
pub(crate) fn grants_for(
    project: &Project,
    user: Option<&UserId>,
    groups: &[GroupId],
    public: bool,
) -> Vec<GrantUsed> {
    let reach = |to: &Principal| match to {
        Principal::User(id) => (Some(id) == user).then_some(Via::User),
        Principal::Group(id) => groups
            .contains(id)
            .then(|| Via::Group { group: id.clone() }),
        Principal::Anyone => public.then_some(Via::Anyone),
    };
    project
        .grants
        .iter()
        .filter_map(|grant| {
            reach(&grant.to).map(|via| GrantUsed {
                role: grant.role,
                via,
            })
        })
        .collect()
}
