//! What a decision costs in a large installation: 10,000 people, 1,000 groups, 10,000 projects, in an
//! encrypted SQLite store on the disk with a warm process. Prints the table of `docs/SPECIFICATION.md`.

use access::{Caller, Guard, Origin, Visible};
use audit::{Audit, AuditSettings};
use domain::action::{ListProjects, QueryData};
use domain::entity::{Grant, Group, Principal, Project, User};
use domain::id::{EventId, GroupId, ProjectId, SessionId, UserId};
use domain::limits::AuditLimits;
use domain::time::{CountingRng, ManualClock};
use domain::{Clock as _, ProjectCodeLimits, ProjectRole, SystemRole};
use keys::Secret;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::sqlite::{self, SqliteSettings};
use store::{Document, Documents};
use tokio::task::JoinSet;

const PEOPLE: usize = 10_000;
const GROUPS: usize = 1_000;
const PROJECTS: usize = 10_000;
/// People in one group.
const MEMBERS: usize = 50;
/// Projects that the person whose list is measured sees: half by name, half by groups.
const VISIBLE: usize = 500;
/// Decisions that count, after as many that do not.
const DECISIONS: usize = 5_000;
const LISTS: usize = 60;
/// Writes at one time, so that they share their commits.
const AT_ONCE: usize = 256;

type Fallible<T> = Result<T, Box<dyn Error>>;

async fn insert_all<T: Document>(documents: &Documents, all: &[T]) -> Fallible<()> {
    for some in all.chunks(AT_ONCE) {
        let mut writes = JoinSet::new();
        for one in some {
            let (documents, one) = (documents.clone(), one.clone());
            writes.spawn(async move { documents.insert(&one).await });
        }
        while let Some(done) = writes.join_next().await {
            done??;
        }
    }
    Ok(())
}

/// The one at a place, counted on from the start again at the end.
fn nth<T>(all: &[T], at: usize) -> Fallible<&T> {
    all.get(at % all.len().max(1)).ok_or_else(|| "none".into())
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1));
    let ms = |share| at(share).map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
    println!(
        "| {what} | {:.3} | {:.3} | {:.3} |",
        ms(50),
        ms(99),
        ms(100)
    );
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let place = tempfile::tempdir()?;
    let (documents, journal) = sqlite::open(SqliteSettings {
        path_documents: place.path().join("documents.db"),
        path_journal: place.path().join("audit.db"),
        key: &Secret::new([7; 32]),
        readers: 2,
    })
    .await?;
    let (clock, rng) = (
        Arc::new(ManualClock::default()),
        Arc::new(CountingRng::default()),
    );
    let now = clock.now();
    let event = || EventId::generate(clock.as_ref(), rng.as_ref());
    let people: Vec<User> = (0..PEOPLE)
        .map(|at| User {
            id: UserId::generate(clock.as_ref(), rng.as_ref()),
            email: format!("{at}@example.org"),
            display_name: format!("Person {at}"),
            role: SystemRole::User,
            disabled: false,
            created_at: now,
        })
        .collect();
    let mut groups = Vec::with_capacity(GROUPS);
    for at in 0..GROUPS {
        let mut members = Vec::with_capacity(MEMBERS);
        for member in 0..MEMBERS {
            // Neighbours share groups, and everyone is in about five.
            members.push(nth(&people, at * 10 + member * 7)?.id.clone());
        }
        groups.push(Group {
            id: GroupId::generate(clock.as_ref(), rng.as_ref()),
            name: format!("Group {at}"),
            members,
            maintainers: Vec::new(),
            changed_by: event(),
        });
    }
    // Whose list is measured: in the first group, and named in as many projects as come by it.
    let reader = people.first().ok_or("nobody")?.clone();
    let own = groups.first_mut().ok_or("no group")?;
    if !own.members.contains(&reader.id) {
        own.members.push(reader.id.clone());
    }
    let own = own.id.clone();
    for group in groups.iter_mut().skip(1) {
        group.members.retain(|member| *member != reader.id);
    }
    let grant = |to: Principal, role: ProjectRole| Grant { to, role };
    let mut projects = Vec::with_capacity(PROJECTS);
    for at in 0..PROJECTS {
        let owner = Principal::User(nth(&people, at + 1)?.id.clone());
        // The first group is the reader's and comes by hand.
        let team = Principal::Group(nth(&groups, 1 + at % (GROUPS - 1))?.id.clone());
        let mut grants = vec![
            grant(owner, ProjectRole::Owner),
            grant(team, ProjectRole::Editor),
        ];
        match at * VISIBLE / PROJECTS != (at + 1) * VISIBLE / PROJECTS {
            true if at % 40 < 20 => grants.push(grant(
                Principal::User(reader.id.clone()),
                ProjectRole::Viewer,
            )),
            true => grants.push(grant(Principal::Group(own.clone()), ProjectRole::Viewer)),
            false => {}
        }
        projects.push(Project {
            id: ProjectId::generate(clock.as_ref(), rng.as_ref()),
            name: format!("Project {at}"),
            description: String::new(),
            synthetic: false,
            grants,
            data_key: "0".repeat(80),
            code_limits: ProjectCodeLimits::default(),
            created_at: now,
            updated_at: now,
            changed_by: event(),
        });
    }
    insert_all(&documents, &people).await?;
    insert_all(&documents, &groups).await?;
    insert_all(&documents, &projects).await?;

    let audit = Audit::start(AuditSettings {
        journal,
        limits: AuditLimits::default(),
        enabled: true,
        clock: clock.clone(),
        rng: rng.clone(),
    })
    .await?;
    let guard = Guard::new(documents, audit, clock.clone(), rng.clone());
    let sign_in = |user: &User| {
        let session = SessionId::generate(clock.as_ref(), rng.as_ref());
        Caller::signed_in(user, session, Origin::default())
    };

    println!("{PEOPLE} people, {GROUPS} groups of {MEMBERS}, {PROJECTS} projects; milliseconds");
    println!("\n| what | median | p99 | slowest |\n|---|---|---|---|");
    let (mut allowed, mut refused) = (Vec::new(), Vec::new());
    for round in 0..2 * DECISIONS {
        // Every other one is asked by the owner, the rest by somebody far away.
        let project = round * 7_919 % PROJECTS;
        let who = project + 1 + (round % 2) * 5_003;
        let caller = sign_in(nth(&people, who)?);
        let id = &nth(&projects, project)?.id;
        let start = Instant::now();
        let permit = guard.on_project::<QueryData>(&caller, id).await;
        let took = start.elapsed();
        match (permit, round < DECISIONS) {
            (_, true) => {}
            (Ok(_), false) => allowed.push(took),
            (Err(_), false) => refused.push(took),
        }
    }
    // A few of those far away are in a group that may.
    if allowed.len() < DECISIONS / 2 || refused.len() < DECISIONS / 3 {
        return Err(format!("{} allowed, {} refused", allowed.len(), refused.len()).into());
    }
    print("a decision with its reason, allowed", allowed);
    print("a decision with its reason, refused", refused);

    let caller = sign_in(&reader);
    let mut lists = Vec::new();
    for round in 0..LISTS + 5 {
        let start = Instant::now();
        let permit = guard.on_system::<ListProjects>(&caller)?;
        let visible = Visible::of(permit).await?;
        let (mut seen, mut after) = (0, None);
        loop {
            let page = visible.projects(after.as_ref(), 200).await?;
            let found: Vec<&Project> = page.items.iter().map(|it| &it.value).collect();
            let counts = visible.counts(&found).await?;
            let roles = found.iter().filter_map(|it| visible.role_in(it));
            seen += roles.zip(counts).count();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if seen != VISIBLE {
            return Err(format!("{seen} are visible").into());
        }
        if round >= 5 {
            lists.push(start.elapsed());
        }
    }
    print("500 visible projects, with role and counts", lists);
    Ok(())
}
