//! Random worlds and random files: what is exported changes nothing, and what is applied is there.

use super::*;
use proptest::prelude::*;

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str, number: usize) -> T {
    // Not from zero: placeholders of what does not exist yet are counted from there.
    format!("{prefix}{:032x}", number + (1 << 20))
        .parse()
        .unwrap()
}

fn some(of: usize) -> impl Strategy<Value = BTreeSet<usize>> {
    proptest::collection::btree_set(0..of, 0..=of)
}

const PEOPLE: usize = 4;
const GROUPS: usize = 3;

fn user(at: usize) -> UserId {
    id(UserId::PREFIX, at)
}

fn users(some: BTreeSet<usize>) -> BTreeSet<UserId> {
    some.into_iter().map(user).collect()
}

fn world() -> impl Strategy<Value = Snapshot> {
    let role = proptest::sample::select(vec![
        SystemRole::Admin,
        SystemRole::User,
        SystemRole::Viewer,
    ]);
    let people = proptest::collection::vec((role, proptest::bool::weighted(0.2)), PEOPLE);
    let groups = proptest::collection::vec((some(PEOPLE), some(PEOPLE)), GROUPS);
    let grant = (
        0..PEOPLE + GROUPS,
        proptest::sample::select(&ProjectRole::ALL[..]),
    );
    let grants = proptest::collection::vec(grant, 0..5);
    let projects = proptest::collection::vec((0..PEOPLE, 0..3_usize, grants), 0..4);
    (people, groups, projects).prop_map(|(people, groups, projects)| {
        let people = people
            .into_iter()
            .enumerate()
            .map(|(at, (role, disabled))| {
                let email = format!("person{at}@example.org");
                (
                    user(at),
                    PersonSeen {
                        email,
                        role,
                        disabled,
                    },
                )
            });
        let groups = groups
            .into_iter()
            .enumerate()
            .map(|(at, (members, maintainers))| {
                let seen = GroupSeen {
                    name: format!("Group {at}"),
                    members: users(members),
                    maintainers: users(maintainers),
                };
                (id(GroupId::PREFIX, at), seen)
            });
        let projects = projects
            .into_iter()
            .enumerate()
            .map(|(at, (owner, name, grants))| {
                let to = |at: usize| match at < PEOPLE {
                    true => Principal::User(user(at)),
                    false => Principal::Group(id(GroupId::PREFIX, at - PEOPLE)),
                };
                let grants = grants.into_iter().map(|(at, role)| (to(at), role));
                let own = (Principal::User(user(owner)), ProjectRole::Owner);
                let seen = ProjectSeen {
                    // Some have the same name.
                    name: format!("Project {name}"),
                    grants: grants.chain([own]).collect(),
                };
                (id(ProjectId::PREFIX, at), seen)
            });
        Snapshot {
            people: people.collect(),
            groups: groups.collect(),
            projects: projects.collect(),
        }
    })
}

/// Does a change to what is there, and holds that it may be done.
fn perform(world: &mut Snapshot, change: &Change) {
    match change.clone() {
        Change::MakeGroup { group, name } => {
            assert!(
                world
                    .groups
                    .insert(
                        group,
                        GroupSeen {
                            name,
                            ..GroupSeen::default()
                        }
                    )
                    .is_none()
            );
        }
        Change::Maintainer { group, user, named } => {
            let people = &mut world.groups.get_mut(&group).unwrap().maintainers;
            assert!(if named {
                people.insert(user)
            } else {
                people.remove(&user)
            });
        }
        Change::Member { group, user, joins } => {
            let people = &mut world.groups.get_mut(&group).unwrap().members;
            assert!(if joins {
                people.insert(user)
            } else {
                people.remove(&user)
            });
        }
        Change::MakeProject {
            project,
            name,
            owner,
        } => {
            let grants = BTreeMap::from([(Principal::User(owner), ProjectRole::Owner)]);
            assert!(
                world
                    .projects
                    .insert(project, ProjectSeen { name, grants })
                    .is_none()
            );
        }
        Change::RenameProject { project, name } => {
            world.projects.get_mut(&project).unwrap().name = name;
        }
        Change::Grant { project, to, role } => {
            world
                .projects
                .get_mut(&project)
                .unwrap()
                .grants
                .insert(to, role);
        }
        Change::Withdraw { project, to } => {
            assert!(
                world
                    .projects
                    .get_mut(&project)
                    .unwrap()
                    .grants
                    .remove(&to)
                    .is_some()
            );
        }
    }
    for project in world.projects.values() {
        let owned = project
            .grants
            .iter()
            .any(|(to, role)| matches!(to, Principal::User(_)) && *role == ProjectRole::Owner);
        assert!(owned, "{change:?} leaves nobody who owns {}", project.name);
    }
}

proptest! {
    #[test]
    fn what_is_exported_changes_nothing_when_it_is_applied(world in world()) {
        let file = export(&world);
        let then = target(&world, &file).unwrap();
        prop_assert_eq!(&then, &world);
        prop_assert_eq!(changes(&world, &then), Vec::new());
        prop_assert_eq!(words(&world, &then), Vec::<String>::new());
        prop_assert_eq!(drift(&world, &then, &file), Vec::<String>::new());
        prop_assert_eq!(export(&then), file);
    }

    #[test]
    fn one_world_becomes_another_by_its_file_step_by_step(a in world(), b in world()) {
        // The same people, and of the projects those that are in both.
        let mut wanted = b.clone();
        wanted.people.clone_from(&a.people);
        wanted.projects.retain(|id, _| a.projects.contains_key(id));
        let file = export(&wanted);
        let then = target(&a, &file).unwrap();
        let mut world = a.clone();
        for change in changes(&a, &then) {
            perform(&mut world, &change);
        }
        prop_assert_eq!(&world, &then);
        for (id, project) in &wanted.projects {
            prop_assert_eq!(then.projects.get(id), Some(project));
        }
        prop_assert_eq!(&then.groups, &wanted.groups);
        // What the file does not name stays as it is, and is said.
        let left = a.projects.keys().filter(|id| !wanted.projects.contains_key(*id));
        prop_assert_eq!(drift(&a, &then, &file).len(), left.count());
        prop_assert_eq!(changes(&world, &target(&world, &file).unwrap()), Vec::new());
    }

    #[test]
    fn from_nothing_a_file_makes_everything_it_names(b in world()) {
        let mut names = BTreeSet::new();
        let mut wanted = b;
        wanted.projects.retain(|_, project| names.insert(project.name.clone()));
        let mut file = export(&wanted);
        for project in &mut file.projects {
            project.id = None;
        }
        let empty = Snapshot { people: wanted.people.clone(), ..Snapshot::default() };
        let then = target(&empty, &file).unwrap();
        let mut world = empty.clone();
        for change in changes(&empty, &then) {
            perform(&mut world, &change);
        }
        prop_assert_eq!(&world, &then);
        let mut made = export(&world);
        for project in &mut made.projects {
            project.id = None;
        }
        made.projects.sort_by(|a, b| a.name.cmp(&b.name));
        file.projects.sort_by(|a, b| a.name.cmp(&b.name));
        prop_assert_eq!(made, file);
    }
}

#[test]
fn the_plan_says_who_gains_and_who_loses_what_and_what_is_wrong_with_a_file() {
    let person = |at: usize, role| {
        let email = format!("person{at}@example.org");
        (
            user(at),
            PersonSeen {
                email,
                role,
                disabled: false,
            },
        )
    };
    let now = Snapshot {
        people: (0..3).map(|at| person(at, SystemRole::User)).collect(),
        groups: BTreeMap::from([(
            id(GroupId::PREFIX, 0),
            GroupSeen {
                name: "Lab".to_owned(),
                members: users(BTreeSet::from([1])),
                ..GroupSeen::default()
            },
        )]),
        projects: BTreeMap::from([(
            id(ProjectId::PREFIX, 0),
            ProjectSeen {
                name: "Birds".to_owned(),
                grants: BTreeMap::from([
                    (Principal::User(user(0)), ProjectRole::Owner),
                    (Principal::User(user(1)), ProjectRole::Viewer),
                ]),
            },
        )]),
    };
    let mut file = export(&now);
    file.projects[0].viewers = Holders::default();
    file.projects[0].editors.groups = vec!["lab".to_owned()];
    file.groups[0].members = vec!["PERSON2@example.org".to_owned()];
    let then = target(&now, &file).unwrap();
    assert_eq!(
        words(&now, &then),
        [
            "person2@example.org joins Lab.",
            "person1@example.org leaves Lab.",
            "person1@example.org loses viewer in Birds and has nothing there.",
            "person2@example.org gains editor in Birds, through the group Lab.",
        ]
    );
    file.projects[0].owners = Holders::default();
    file.projects[0].viewers.people = vec!["nobody@example.org".to_owned()];
    file.projects[0].editors.groups = vec!["Nowhere".to_owned()];
    file.groups.push(GroupPart {
        name: " LAB ".to_owned(),
        ..GroupPart::default()
    });
    let wrong: Vec<String> = target(&now, &file)
        .unwrap_err()
        .into_iter()
        .map(|it| it.pointer)
        .collect();
    assert_eq!(
        wrong,
        [
            "/groups/1/name",
            "/projects/0/editors/groups/0",
            "/projects/0/viewers/people/0",
            "/projects/0/owners"
        ]
    );
}
