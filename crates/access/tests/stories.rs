//! The guard on real documents and a real log: who gets a permit, what is recorded, and what a
//! permit can reach.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "stories/crowd.rs"]
mod crowd;
#[path = "stories/worlds.rs"]
mod worlds;

use access::projects::{self, NewProject, ProjectError};
use access::{ActError, Caller, Changed, Detail, Guard, Membership, Origin, Refusal};
use audit::{Audit, AuditSettings, EventOutcome, EventQuery, Kind};
use domain::action::{
    CreateCollection, CreateDashboard, CreateProject, DeleteDashboard, EditDashboard, ListProjects,
    ManageGroups, ManageMembers, ManageMembership, ManageSettings, ManageUsers, QueryData,
    ViewDashboard, ViewProject,
};
use domain::entity::{Collection, Group, Principal, Project, User};
use domain::id::{CollectionId, ProjectId, SessionId, UserId};
use domain::limits::AuditLimits;
use domain::time::{CountingRng, ManualClock};
use domain::{ActionName, ProjectRole, SystemRole};
use keys::Secret;
use std::sync::Arc;
use store::sqlite::{self, SqliteSettings};
use store::{Documents, Order, PRIMARY};

struct World {
    _dir: tempfile::TempDir,
    documents: Documents,
    guard: Guard,
    clock: Arc<ManualClock>,
    rng: Arc<CountingRng>,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (documents, journal) = sqlite::open(SqliteSettings {
            path_documents: dir.path().join("documents.db"),
            path_journal: dir.path().join("audit.db"),
            key: &Secret::new([7; 32]),
            readers: 1,
        })
        .await
        .unwrap();
        let clock = Arc::new(ManualClock::default());
        let rng = Arc::new(CountingRng::default());
        let audit = Audit::start(AuditSettings {
            journal,
            limits: AuditLimits::default(),
            enabled: true,
            clock: clock.clone(),
            rng: rng.clone(),
        })
        .await
        .unwrap();
        let guard = Guard::new(documents.clone(), audit, clock.clone(), rng.clone());
        Self {
            _dir: dir,
            documents,
            guard,
            clock,
            rng,
        }
    }

    async fn person(&self, name: &str, role: SystemRole) -> Caller {
        let user = User {
            id: UserId::generate(self.clock.as_ref(), self.rng.as_ref()),
            email: format!("{name}@example.org"),
            display_name: name.to_owned(),
            role,
            disabled: false,
            created_at: domain::Clock::now(self.clock.as_ref()),
        };
        self.documents.insert(&user).await.unwrap();
        let session = SessionId::generate(self.clock.as_ref(), self.rng.as_ref());
        Caller::signed_in(&user, session, Origin::default())
    }

    async fn project(&self, owner: &Caller, name: &str) -> Project {
        let permit = self.guard.on_system::<CreateProject>(owner).unwrap();
        let new = NewProject {
            id: ProjectId::generate(self.clock.as_ref(), self.rng.as_ref()),
            name: name.to_owned(),
            description: String::new(),
            synthetic: false,
            data_key: String::new(),
            owner: owner.user().unwrap().clone(),
        };
        permit
            .act(None, Detail::None, |act| async move {
                projects::create(&act, new).await
            })
            .await
            .unwrap()
    }

    async fn grant(
        &self,
        by: &Caller,
        project: &Project,
        to: Principal,
        role: ProjectRole,
    ) -> Result<(), access::ActError<ProjectError>> {
        let permit = self
            .guard
            .on_project::<ManageMembers>(by, &project.id)
            .await
            .unwrap();
        permit
            .act(None, Detail::None, move |act| async move {
                projects::set_member(&act, to, role).await.map(|_| ())
            })
            .await
    }

    async fn collection(&self, by: &Caller, project: &Project, name: &str) -> Collection {
        let permit = self
            .guard
            .on_project::<CreateCollection>(by, &project.id)
            .await
            .unwrap();
        let (project, name) = (project.id.clone(), name.to_owned());
        permit
            .act(None, Detail::None, move |act| async move {
                let collection = Collection {
                    id: CollectionId::generate(act.clock(), act.rng()),
                    project,
                    name,
                    description: String::new(),
                    columns: Vec::new(),
                    version: None,
                    rows: 0,
                    bytes: 0,
                    retention: domain::Retention::default(),
                    created_at: act.now(),
                    updated_at: act.now(),
                    changed_by: act.event().clone(),
                };
                act.insert(&collection).await?;
                Ok::<_, access::AccessError>(collection)
            })
            .await
            .unwrap()
    }

    async fn events(&self, kind: ActionName) -> Vec<audit::Event> {
        let query = EventQuery {
            kind: Some(Kind::Action(kind)),
            limit: 100,
            ..EventQuery::default()
        };
        let found = self.guard.audit().read(query).await.unwrap();
        found
            .into_iter()
            .rev()
            .map(|recorded| recorded.event)
            .collect()
    }
}

fn user(caller: &Caller) -> Principal {
    Principal::User(caller.user().unwrap().clone())
}

#[tokio::test]
async fn an_outsider_cannot_tell_a_project_from_nothing_and_a_viewer_is_told_no() {
    let world = World::new().await;
    let owner = world.person("owner", SystemRole::User).await;
    let viewer = world.person("viewer", SystemRole::User).await;
    let outsider = world.person("outsider", SystemRole::User).await;
    let project = world.project(&owner, "Penguins").await;
    world
        .grant(&owner, &project, user(&viewer), ProjectRole::Viewer)
        .await
        .unwrap();

    let nowhere = ProjectId::generate(world.clock.as_ref(), world.rng.as_ref());
    for id in [&project.id, &nowhere] {
        let refused = world
            .guard
            .on_project::<ViewProject>(&outsider, id)
            .await
            .err()
            .unwrap();
        assert!(matches!(refused, Refusal::Hidden));
        let anyone = Caller::anyone(Origin::default());
        let refused = world
            .guard
            .on_project::<ViewProject>(&anyone, id)
            .await
            .err()
            .unwrap();
        assert!(matches!(refused, Refusal::Unauthenticated));
    }
    assert!(
        world
            .guard
            .on_project::<ViewDashboard>(&viewer, &project.id)
            .await
            .is_ok()
    );
    let refused = world
        .guard
        .on_project::<EditDashboard>(&viewer, &project.id)
        .await
        .err()
        .unwrap();
    assert!(matches!(refused, Refusal::Denied(_)));
    assert!(
        world
            .guard
            .on_project::<DeleteDashboard>(&owner, &project.id)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_system_viewer_is_capped_and_an_admin_acts_as_owner_and_is_marked() {
    let world = World::new().await;
    let owner = world.person("owner", SystemRole::User).await;
    let capped = world.person("capped", SystemRole::Viewer).await;
    let admin = world.person("admin", SystemRole::Admin).await;
    let project = world.project(&owner, "Penguins").await;
    world
        .grant(&owner, &project, user(&capped), ProjectRole::Owner)
        .await
        .unwrap();

    assert!(
        world
            .guard
            .on_project::<ViewDashboard>(&capped, &project.id)
            .await
            .is_ok()
    );
    let refused = world
        .guard
        .on_project::<CreateDashboard>(&capped, &project.id)
        .await;
    assert!(matches!(refused.err().unwrap(), Refusal::Denied(_)));
    assert!(world.guard.on_system::<CreateProject>(&capped).is_err());
    assert!(world.guard.on_system::<ManageUsers>(&owner).is_err());

    let permit = world
        .guard
        .on_project::<DeleteDashboard>(&admin, &project.id)
        .await
        .unwrap();
    assert!(permit.via_admin());
    drop(permit);
    let last = world
        .events(ActionName::DeleteDashboard)
        .await
        .pop()
        .unwrap();
    let because = serde_json::to_string(&last.because).unwrap();
    assert!(because.contains("\"via\":\"system\""), "{because}");
}

#[tokio::test]
async fn the_most_permissive_of_direct_and_group_grants_is_in_force() {
    let world = World::new().await;
    let admin = world.person("admin", SystemRole::Admin).await;
    let owner = world.person("owner", SystemRole::User).await;
    let member = world.person("member", SystemRole::User).await;
    let project = world.project(&owner, "Penguins").await;
    let group = make_group(&world, &admin, "Field team").await;
    let to = Principal::Group(group.id.clone());
    world
        .grant(&owner, &project, to, ProjectRole::Editor)
        .await
        .unwrap();
    world
        .grant(&owner, &project, user(&member), ProjectRole::Viewer)
        .await
        .unwrap();

    let edit = |caller: Caller| {
        let (guard, id) = (world.guard.clone(), project.id.clone());
        async move {
            guard
                .on_project::<EditDashboard>(&caller, &id)
                .await
                .is_ok()
        }
    };
    assert!(
        !edit(member.clone()).await,
        "the direct grant alone only views"
    );
    membership(&world, &admin, &group, &member, Membership::Joins).await;
    assert!(
        edit(member.clone()).await,
        "the group's grant is the stronger one"
    );
    let permit = world
        .guard
        .on_project::<ViewProject>(&owner, &project.id)
        .await
        .unwrap();
    let why = projects::explain(&permit, member.user().unwrap(), None, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(why.role, Some(ProjectRole::Editor));
    assert_eq!(why.grants.len(), 2);
    membership(&world, &admin, &group, &member, Membership::Leaves).await;
    assert!(!edit(member).await, "leaving the group counts at once");
}

async fn make_group(world: &World, admin: &Caller, name: &str) -> Group {
    let permit = world.guard.on_system::<ManageGroups>(admin).unwrap();
    let name = name.to_owned();
    permit
        .act(None, Detail::None, move |act| async move {
            act.create_group(&name).await
        })
        .await
        .unwrap()
}

async fn membership(world: &World, admin: &Caller, group: &Group, who: &Caller, how: Membership) {
    let permit = world
        .guard
        .on_group::<ManageMembership>(admin, Some(&group.id))
        .await
        .unwrap();
    let user = who.user().unwrap().clone();
    permit
        .act(None, Detail::None, move |act| async move {
            act.set_membership(&user, how).await
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_permit_of_one_project_finds_nothing_of_another() {
    let world = World::new().await;
    let owner = world.person("owner", SystemRole::User).await;
    let mine = world.project(&owner, "Mine").await;
    let other = world.project(&owner, "Other").await;
    let foreign = world.collection(&owner, &other, "Secret").await;
    let own = world.collection(&owner, &mine, "Open").await;

    let permit = world
        .guard
        .on_project::<QueryData>(&owner, &mine.id)
        .await
        .unwrap();
    assert!(
        permit
            .locate::<Collection>(&own.id)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        permit
            .locate::<Collection>(&foreign.id)
            .await
            .unwrap()
            .is_none()
    );
    let page = permit
        .list::<Collection>(PRIMARY, &[], Order::Ascending, None, 10)
        .await
        .unwrap();
    assert_eq!(
        page.items.iter().map(|c| &c.value.id).collect::<Vec<_>>(),
        [&own.id]
    );

    let permit = world
        .guard
        .on_project::<CreateCollection>(&owner, &mine.id)
        .await
        .unwrap();
    let written = permit
        .act(None, Detail::None, move |act| async move {
            act.insert(&foreign).await
        })
        .await;
    assert!(
        written.is_err(),
        "a document of another project is not written either"
    );
}

#[tokio::test]
async fn every_decision_and_every_change_is_recorded_with_its_reason() {
    let world = World::new().await;
    let owner = world.person("owner", SystemRole::User).await;
    let outsider = world.person("outsider", SystemRole::User).await;
    let project = world.project(&owner, "Penguins").await;
    drop(
        world
            .guard
            .on_project::<QueryData>(&owner, &project.id)
            .await
            .unwrap(),
    );
    assert!(
        world
            .guard
            .on_project::<QueryData>(&outsider, &project.id)
            .await
            .is_err()
    );

    let reads = world.events(ActionName::QueryData).await;
    let outcomes: Vec<_> = reads.iter().map(|event| event.outcome).collect();
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.contains(&EventOutcome::Allowed) && outcomes.contains(&EventOutcome::Denied));
    assert!(reads.iter().all(|event| event.because.is_some()));

    let change = world.events(ActionName::CreateProject).await;
    assert_eq!(change[0].outcome, EventOutcome::Allowed);
    assert_eq!(change[1].outcome, EventOutcome::Done);
    assert_eq!(change[1].intent.as_ref(), Some(&change[0].id));
    assert_eq!(
        project.changed_by, change[0].id,
        "what changed names the event"
    );
    let verified = world.guard.audit().verify().await.unwrap();
    assert!(verified.is_ok());
}

#[tokio::test]
async fn a_project_keeps_an_owner_even_when_two_demote_each_other_at_once() {
    let world = World::new().await;
    let one = world.person("one", SystemRole::User).await;
    let two = world.person("two", SystemRole::User).await;
    for _ in 0..10 {
        let project = world.project(&one, "Penguins").await;
        world
            .grant(&one, &project, user(&two), ProjectRole::Owner)
            .await
            .unwrap();
        let (a, b) = tokio::join!(
            world.grant(&one, &project, user(&two), ProjectRole::Viewer),
            world.grant(&two, &project, user(&one), ProjectRole::Viewer),
        );
        assert!(a.is_ok() != b.is_ok(), "one wins: {a:?} {b:?}");
        let permit = world
            .guard
            .on_project::<ViewProject>(&one, &project.id)
            .await
            .unwrap();
        assert_eq!(permit.project().unwrap().value.direct_owners().count(), 1);
    }
    let project = world.project(&one, "Alone").await;
    let alone = world
        .grant(&one, &project, user(&one), ProjectRole::Editor)
        .await;
    assert!(alone.is_err(), "the last owner stays");
}

#[tokio::test]
async fn a_permit_ends_when_its_reason_goes_and_an_old_one_is_decided_again() {
    let world = World::new().await;
    let owner = world.person("owner", SystemRole::User).await;
    let editor = world.person("editor", SystemRole::User).await;
    let project = world.project(&owner, "Penguins").await;
    world
        .grant(&owner, &project, user(&editor), ProjectRole::Editor)
        .await
        .unwrap();

    let reading = world
        .guard
        .on_project::<QueryData>(&editor, &project.id)
        .await
        .unwrap();
    let writing = world
        .guard
        .on_project::<CreateCollection>(&editor, &project.id)
        .await
        .unwrap();
    let ended = tokio::time::timeout(std::time::Duration::from_millis(20), reading.ended()).await;
    assert!(ended.is_err(), "nothing changed yet");
    world
        .grant(&owner, &project, user(&editor), ProjectRole::Viewer)
        .await
        .unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), reading.ended())
        .await
        .unwrap();

    world.clock.advance(chrono::Duration::seconds(6));
    let done = writing
        .act(None, Detail::None, |_| async {
            Ok::<_, access::AccessError>(())
        })
        .await;
    assert!(matches!(
        done,
        Err(access::ActError::Refused(Refusal::Denied(_)))
    ));
    let session = reading.actor().clone();
    let again = world
        .guard
        .on_project::<QueryData>(&editor, &project.id)
        .await
        .unwrap();
    if let domain::Actor::User { session, .. } = session {
        world.guard.signal(&Changed::Session(session));
    }
    tokio::time::timeout(std::time::Duration::from_secs(5), again.ended())
        .await
        .unwrap();
}

#[tokio::test]
async fn lists_show_what_single_decisions_allow_and_public_only_while_switched_on() {
    let world = World::new().await;
    let admin = world.person("admin", SystemRole::Admin).await;
    let owner = world.person("owner", SystemRole::User).await;
    let other = world.person("other", SystemRole::User).await;
    let public = world.project(&owner, "Public").await;
    let shared = world.project(&owner, "Shared").await;
    let hidden = world.project(&owner, "Hidden").await;
    world
        .grant(&owner, &shared, user(&other), ProjectRole::Viewer)
        .await
        .unwrap();
    let open = async |role| world.grant(&owner, &public, Principal::Anyone, role).await;
    let off = open(ProjectRole::Viewer).await.unwrap_err();
    assert!(matches!(off, ActError::Failed(ProjectError::PublicOff)));

    for (turn, on) in [true, false, true].into_iter().enumerate() {
        let permit = world.guard.on_system::<ManageSettings>(&admin).unwrap();
        let patch = access::SettingsPatch {
            public_projects: Some(on),
            ..access::SettingsPatch::default()
        };
        permit
            .act(None, Detail::None, move |act| async move {
                act.change_settings(patch).await
            })
            .await
            .unwrap();
        if turn == 0 {
            let more = open(ProjectRole::Editor).await.unwrap_err();
            assert!(matches!(
                more,
                ActError::Failed(ProjectError::EveryoneViews)
            ));
            open(ProjectRole::Viewer).await.unwrap();
        }
        let everyones = world.guard.public_projects(None, 50).await.unwrap().items;
        let everyones: Vec<_> = everyones.iter().map(|p| &p.value.id).collect();
        assert_eq!(everyones == [&public.id], on);
        for caller in [&admin, &owner, &other] {
            let permit = world.guard.on_system::<ListProjects>(caller).unwrap();
            let visible = access::Visible::of(permit).await.unwrap();
            let listed = visible.projects(None, 50).await.unwrap();
            let listed: Vec<_> = listed.items.iter().map(|p| p.value.id.clone()).collect();
            for project in [&public, &shared, &hidden] {
                let single = world
                    .guard
                    .on_project::<ViewProject>(caller, &project.id)
                    .await;
                assert_eq!(
                    listed.contains(&project.id),
                    single.is_ok(),
                    "{} {on}",
                    project.name
                );
            }
        }
        let anyone = Caller::anyone(Origin::default());
        let seen = world
            .guard
            .on_project::<ViewDashboard>(&anyone, &public.id)
            .await;
        assert_eq!(seen.is_ok(), on);
    }
}
