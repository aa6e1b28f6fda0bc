//! Random worlds: what a list shows is what single decisions allow, and everyone who is said to reach
//! something does, against a plain reading of the rules.

#![expect(
    clippy::indexing_slicing,
    reason = "a plan names its own people, groups and projects by their place"
)]

use super::World;
use access::projects::audience;
use access::{Caller, Cursor, Origin, Visible};
use domain::action::{ListProjects, ReadAccess, ViewDashboard, ViewProject};
use domain::entity::{Admins, Dashboard, Grant, Group, Principal, Project, Settings, User};
use domain::id::{DashboardId, EventId, GroupId, ProjectId, SessionId, UserId};
use domain::narrowing::Narrowing;
use domain::{Clock as _, ProjectCodeLimits, ProjectRole, SystemRole};
use proptest::prelude::*;
use std::collections::BTreeSet;
use store::{Order, PRIMARY};

const PEOPLE: usize = 5;
const GROUPS: usize = 3;

type Granted = (To, ProjectRole);
type Board = (DashboardId, Option<Narrowing>);

#[derive(Debug, Clone, Copy)]
enum To {
    Person(usize),
    Group(usize),
    Anyone,
}

#[derive(Debug, Clone)]
enum Narrow {
    Open,
    Editors,
    Named(BTreeSet<usize>, BTreeSet<usize>),
}

/// People with their role and whether they are disabled, groups by their members, projects by their
/// grants and dashboards.
#[derive(Debug, Clone)]
struct Plan {
    people: Vec<(SystemRole, bool)>,
    groups: Vec<BTreeSet<usize>>,
    projects: Vec<(Vec<Granted>, Vec<Narrow>)>,
    public: bool,
}

fn some(of: usize) -> impl Strategy<Value = BTreeSet<usize>> {
    proptest::collection::btree_set(0..of, 0..of)
}

fn plan() -> impl Strategy<Value = Plan> {
    let system = prop_oneof![
        1 => Just(SystemRole::Admin),
        4 => Just(SystemRole::User),
        2 => Just(SystemRole::Viewer)
    ];
    let people = proptest::collection::vec((system, proptest::bool::weighted(0.2)), PEOPLE);
    let to = prop_oneof![
        4 => (0..PEOPLE).prop_map(To::Person),
        4 => (0..GROUPS).prop_map(To::Group),
        1 => Just(To::Anyone)
    ];
    let role = proptest::sample::select(&ProjectRole::ALL[..]);
    let narrow = prop_oneof![
        Just(Narrow::Open),
        Just(Narrow::Editors),
        (some(PEOPLE), some(GROUPS)).prop_map(|(people, groups)| Narrow::Named(people, groups))
    ];
    let grants = proptest::collection::vec((to, role), 0..4);
    let boards = proptest::collection::vec(narrow, 0..5);
    let groups = proptest::collection::vec(some(PEOPLE), GROUPS);
    let projects = proptest::collection::vec((grants, boards), 1..4);
    (people, groups, projects, proptest::bool::ANY).prop_map(
        |(people, groups, projects, public)| Plan {
            people,
            groups,
            projects,
            public,
        },
    )
}

impl Plan {
    /// The strongest of all that reaches somebody, before any cap.
    fn granted(&self, person: usize, project: usize) -> Option<ProjectRole> {
        if self.people[person].0 == SystemRole::Admin {
            return Some(ProjectRole::Owner);
        }
        let reaches = |to: &To| match to {
            To::Person(one) => *one == person,
            To::Group(group) => self.groups[*group].contains(&person),
            To::Anyone => self.public,
        };
        let grants = self.projects[project].0.iter();
        grants
            .filter(|(to, _)| reaches(to))
            .map(|(_, role)| *role)
            .max()
    }

    fn sees(&self, person: usize, project: usize, board: usize) -> bool {
        let Some(role) = self.granted(person, project) else {
            return false;
        };
        role == ProjectRole::Owner
            || match &self.projects[project].1[board] {
                Narrow::Open => true,
                Narrow::Editors => role == ProjectRole::Editor,
                Narrow::Named(people, groups) => {
                    let by_group = groups
                        .iter()
                        .any(|group| self.groups[*group].contains(&person));
                    people.contains(&person) || by_group
                }
            }
    }

    fn role(&self, person: usize, project: usize) -> Option<ProjectRole> {
        let granted = self.granted(person, project)?;
        Some(match self.people[person].0 {
            SystemRole::Viewer => ProjectRole::Viewer,
            SystemRole::Admin | SystemRole::User => granted,
        })
    }
}

/// The plan in a store, written as documents and not by the use cases that are asked.
struct Built {
    world: World,
    people: Vec<User>,
    projects: Vec<(ProjectId, Vec<Board>)>,
    /// An admin who is in no plan.
    admin: Caller,
}

impl Built {
    async fn of(plan: &Plan) -> Self {
        let world = World::new().await;
        let (clock, rng) = (world.clock.clone(), world.rng.clone());
        let now = clock.now();
        let event = || EventId::generate(clock.as_ref(), rng.as_ref());
        let admin = world.person("the admin", SystemRole::Admin).await;
        let mut people = Vec::new();
        let mut admins = BTreeSet::from([admin.user().unwrap().clone()]);
        for (at, (role, disabled)) in plan.people.iter().enumerate() {
            let user = User {
                id: UserId::generate(clock.as_ref(), rng.as_ref()),
                email: format!("{at}@example.org"),
                display_name: format!("person {at}"),
                role: *role,
                disabled: *disabled,
                created_at: now,
            };
            world.documents.insert(&user).await.unwrap();
            if *role == SystemRole::Admin && !disabled {
                admins.insert(user.id.clone());
            }
            people.push(user);
        }
        let admins = Admins {
            members: admins,
            changed_by: event(),
        };
        world.documents.insert(&admins).await.unwrap();
        let settings = Settings {
            public_projects: plan.public,
            ..Settings::START
        };
        world.documents.insert(&settings).await.unwrap();
        let mut groups = Vec::new();
        for (at, members) in plan.groups.iter().enumerate() {
            let group = Group {
                id: GroupId::generate(clock.as_ref(), rng.as_ref()),
                name: format!("group {at}"),
                members: members.iter().map(|at| people[*at].id.clone()).collect(),
                maintainers: Vec::new(),
                changed_by: event(),
            };
            world.documents.insert(&group).await.unwrap();
            groups.push(group.id);
        }
        let mut projects = Vec::new();
        for (at, (grants, boards)) in plan.projects.iter().enumerate() {
            let grants = grants.iter().map(|(to, role)| Grant {
                to: match to {
                    To::Person(one) => Principal::User(people[*one].id.clone()),
                    To::Group(one) => Principal::Group(groups[*one].clone()),
                    To::Anyone => Principal::Anyone,
                },
                role: *role,
            });
            let project = Project {
                id: ProjectId::generate(clock.as_ref(), rng.as_ref()),
                name: format!("project {at}"),
                description: String::new(),
                synthetic: false,
                grants: grants.collect(),
                data_key: String::new(),
                code_limits: ProjectCodeLimits::default(),
                created_at: now,
                updated_at: now,
                changed_by: event(),
            };
            world.documents.insert(&project).await.unwrap();
            let mut made = Vec::new();
            for narrow in boards {
                let narrowing = match narrow {
                    Narrow::Open => None,
                    Narrow::Editors => Some(Narrowing::Editors),
                    Narrow::Named(named, teams) => Some(Narrowing::Named {
                        users: named.iter().map(|at| people[*at].id.clone()).collect(),
                        groups: teams.iter().map(|at| groups[*at].clone()).collect(),
                    }),
                };
                let board = Dashboard {
                    id: DashboardId::generate(clock.as_ref(), rng.as_ref()),
                    project: project.id.clone(),
                    title: "board".to_owned(),
                    revision: 1,
                    tabs: Vec::new(),
                    narrowing: narrowing.clone(),
                    created_at: now,
                    created_by: None,
                    updated_at: now,
                    updated_by: None,
                    changed_by: event(),
                };
                world.documents.insert(&board).await.unwrap();
                made.push((board.id, narrowing));
            }
            projects.push((project.id, made));
        }
        Self {
            world,
            people,
            projects,
            admin,
        }
    }

    async fn listed_projects(&self, caller: &Caller) -> BTreeSet<ProjectId> {
        let permit = self.world.guard.on_system::<ListProjects>(caller).unwrap();
        let visible = Visible::of(permit).await.unwrap();
        let (mut found, mut after) = (BTreeSet::new(), None::<Cursor>);
        loop {
            let page = visible.projects(after.as_ref(), 2).await.unwrap();
            assert!(!page.items.is_empty() || after.is_none(), "an empty page");
            found.extend(page.items.into_iter().map(|it| it.value.id));
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    }

    /// Dashboards by the list, which must agree with how many there are said to be.
    async fn listed_boards(&self, caller: &Caller, project: &ProjectId) -> BTreeSet<DashboardId> {
        let guard = &self.world.guard;
        let permit = guard
            .on_project::<ViewDashboard>(caller, project)
            .await
            .unwrap();
        let (mut found, mut after) = (BTreeSet::new(), None::<Cursor>);
        loop {
            let page = permit.list::<Dashboard>(PRIMARY, &[], Order::Ascending, after.as_ref(), 2);
            let page = page.await.unwrap();
            let whole = page.items.len() == 2;
            assert!(
                whole || page.next.is_none(),
                "a page that is cut short tells of what is hidden"
            );
            assert!(!page.items.is_empty() || after.is_none(), "an empty page");
            found.extend(page.items.into_iter().map(|it| it.value.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(
            permit.count::<Dashboard>().await.unwrap(),
            found.len() as u64
        );
        let list = guard.on_system::<ListProjects>(caller).unwrap();
        let visible = Visible::of(list).await.unwrap();
        let counted = visible
            .counts(&[&permit.project().unwrap().value])
            .await
            .unwrap();
        assert_eq!(counted[0].1, found.len() as u64);
        found
    }

    /// Everyone of the plan who is said to reach it, with their role.
    async fn audience(
        &self,
        project: &ProjectId,
        narrowing: Option<&Narrowing>,
    ) -> BTreeSet<(UserId, ProjectRole)> {
        let permit = self
            .world
            .guard
            .on_project::<ReadAccess>(&self.admin, project);
        let permit = permit.await.unwrap();
        let (mut found, mut after) = (BTreeSet::new(), None::<UserId>);
        loop {
            let page = audience(&permit, narrowing, after.as_ref(), 2)
                .await
                .unwrap();
            found.extend(page.people.into_iter().map(|one| (one.user, one.role)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let own = (self.admin.user().unwrap().clone(), ProjectRole::Owner);
        assert!(found.remove(&own), "admins reach everything");
        found
    }

    async fn check(&self, plan: &Plan) {
        let guard = &self.world.guard;
        // Who has been disabled has no session, so nothing to ask with; still nobody says they reach it.
        let awake: Vec<usize> = (0..PEOPLE).filter(|at| !plan.people[*at].1).collect();
        for person in &awake {
            let session = SessionId::generate(self.world.clock.as_ref(), self.world.rng.as_ref());
            let caller = Caller::signed_in(&self.people[*person], session, Origin::default());
            let listed = self.listed_projects(&caller).await;
            for (at, (project, boards)) in self.projects.iter().enumerate() {
                let expected = plan.granted(*person, at).is_some();
                let single = guard.on_project::<ViewProject>(&caller, project).await;
                assert_eq!(single.is_ok(), expected);
                assert_eq!(listed.contains(project), expected);
                for (place, (board, _)) in boards.iter().enumerate() {
                    let single = guard.on_dashboard::<ViewDashboard>(&caller, project, Some(board));
                    assert_eq!(single.await.is_ok(), plan.sees(*person, at, place));
                }
                if expected {
                    let listed = self.listed_boards(&caller, project).await;
                    let seen = boards.iter().enumerate();
                    let seen = seen.filter(|(place, _)| plan.sees(*person, at, *place));
                    let seen: BTreeSet<DashboardId> = seen.map(|(_, it)| it.0.clone()).collect();
                    assert_eq!(listed, seen);
                }
            }
        }
        for (at, (project, boards)) in self.projects.iter().enumerate() {
            let reaching = |sees: &dyn Fn(usize) -> bool| -> BTreeSet<(UserId, ProjectRole)> {
                let people = awake.iter().copied().filter(|person| sees(*person));
                let named = |person: usize| (self.people[person].id.clone(), plan.role(person, at));
                people
                    .map(named)
                    .map(|(id, role)| (id, role.unwrap()))
                    .collect()
            };
            // Who has nothing but what everyone has is not listed: everyone is.
            let own = |person: usize| {
                let mut alone = plan.clone();
                alone.public = false;
                alone.granted(person, at).is_some()
            };
            let all = reaching(&|person| own(person) && plan.granted(person, at).is_some());
            assert_eq!(self.audience(project, None).await, all);
            for (place, (_, narrowing)) in boards.iter().enumerate() {
                let named = |person: usize| match &plan.projects[at].1[place] {
                    Narrow::Open | Narrow::Editors => false,
                    Narrow::Named(people, groups) => {
                        let in_group = |group: &usize| plan.groups[*group].contains(&person);
                        people.contains(&person) || groups.iter().any(in_group)
                    }
                };
                let all = reaching(&|person| {
                    (own(person) || named(person)) && plan.sees(person, at, place)
                });
                assert_eq!(self.audience(project, narrowing.as_ref()).await, all);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn lists_counts_and_everyone_who_reaches_it_agree_with_single_decisions(plan in plan()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let built = Built::of(&plan).await;
            built.check(&plan).await;
        });
    }
}
