//! The whole surface as a golden file: every route of the OpenAPI document, asked by everyone.
//!
//! A route in the document without a line in `docs/permissions.md` fails here, and so does a route
//! that answers somebody otherwise than the matrix says. `UPDATE_GOLDEN=1` writes the file anew.

use crate::client::{Answer, Client};
use crate::personal_tokens::program;
use crate::server::Server;
use domain::action::{ActionName, ScopeKind};
use domain::matrix::{role_allows, system_allows};
use domain::{ProjectRole, SystemRole};
use hyper::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Routes that answer everyone, each on purpose.
const PUBLIC: &[&str] = &[
    "get /.well-known/jwks.json",
    "get /.well-known/security.txt",
    "get /api/v1/auth/registration",
    "get /api/v1/openapi.json",
    "get /api/v1/public/projects",
    "get /healthz",
    "get /readyz",
    "post /api/v1/auth/link",
    "post /api/v1/auth/login",
    "post /api/v1/auth/logout",
    "post /api/v1/auth/refresh",
    "post /api/v1/auth/register",
    "post /api/v1/auth/reset",
    "post /api/v1/auth/single-user",
    "post /api/v1/auth/token",
];

/// Who asks: a name, a system role, a role in the project, and whether a group gives it.
struct Asker {
    name: &'static str,
    system: Option<SystemRole>,
    project: Option<ProjectRole>,
    by_group: bool,
    /// Maintains the group that stands in paths.
    maintains: bool,
    /// Looks at a project that is open to everyone.
    visits: bool,
    /// A program of such a person, with a token of this scope.
    token: Option<&'static str>,
}

impl Asker {
    const fn with_token(self, scope: &'static str) -> Self {
        Self {
            token: Some(scope),
            ..self
        }
    }
}

const fn asker(
    name: &'static str,
    system: Option<SystemRole>,
    project: Option<ProjectRole>,
    by_group: bool,
) -> Asker {
    Asker {
        name,
        system,
        project,
        by_group,
        maintains: false,
        visits: false,
        token: None,
    }
}

const ASKERS: &[Asker] = &[
    asker("anonymous", None, None, false),
    Asker {
        visits: true,
        ..asker("anonymous, public project", None, None, false)
    },
    asker("outsider", Some(SystemRole::User), None, false),
    asker(
        "system viewer",
        Some(SystemRole::Viewer),
        Some(ProjectRole::Owner),
        false,
    ),
    asker(
        "viewer",
        Some(SystemRole::User),
        Some(ProjectRole::Viewer),
        false,
    ),
    asker(
        "viewer by group",
        Some(SystemRole::User),
        Some(ProjectRole::Viewer),
        true,
    ),
    asker(
        "editor",
        Some(SystemRole::User),
        Some(ProjectRole::Editor),
        false,
    ),
    asker(
        "editor by group",
        Some(SystemRole::User),
        Some(ProjectRole::Editor),
        true,
    ),
    asker(
        "owner",
        Some(SystemRole::User),
        Some(ProjectRole::Owner),
        false,
    ),
    asker(
        "owner by group",
        Some(SystemRole::User),
        Some(ProjectRole::Owner),
        true,
    ),
    Asker {
        maintains: true,
        ..asker("maintainer", Some(SystemRole::User), None, false)
    },
    asker("admin", Some(SystemRole::Admin), None, false),
    asker(
        "reading token of an admin",
        Some(SystemRole::Admin),
        None,
        false,
    )
    .with_token("read"),
    asker(
        "editing token of an owner",
        Some(SystemRole::User),
        Some(ProjectRole::Owner),
        false,
    )
    .with_token("edit"),
    asker(
        "whole token of an admin",
        Some(SystemRole::Admin),
        None,
        false,
    )
    .with_token("admin"),
];

/// What a token is refused that its person is not, told apart from the program's own rules.
fn is_beyond(scope: &str, action: ActionName) -> bool {
    let role = match scope {
        "read" => ProjectRole::Viewer,
        "edit" => ProjectRole::Editor,
        _ => ProjectRole::Owner,
    };
    match action.scope() {
        ScopeKind::Project => !role_allows(role, action) || action == ActionName::ManageServices,
        ScopeKind::Account => action != ActionName::ReadAccount,
        ScopeKind::Group => scope != "admin",
        ScopeKind::System => match scope {
            "read" => {
                !["projects.list", "directory.search", "status.read"].contains(&action.as_str())
            }
            "edit" => action != ActionName::CreateProject && is_beyond("read", action),
            _ => ["users.reset_link", "users.invite"].contains(&action.as_str()),
        },
    }
}

/// What the matrix says an asker gets; `None` when they may.
fn refusal(asker: &Asker, action: ActionName) -> Option<u16> {
    let Some(system) = asker.system else {
        let may_look =
            role_allows(ProjectRole::Viewer, action) && action.as_str() != "members.list";
        return (!asker.visits || !may_look).then_some(401);
    };
    if action.scope() == ScopeKind::Group && asker.maintains {
        return None;
    }
    let beyond = asker.token.is_some_and(|scope| is_beyond(scope, action));
    if action.scope() != ScopeKind::Project {
        return (beyond || !system_allows(system, action)).then_some(403);
    }
    let role = match (system, asker.project) {
        (SystemRole::Admin, _) => Some(ProjectRole::Owner),
        (SystemRole::Viewer, Some(_)) => Some(ProjectRole::Viewer),
        (_, role) => role,
    };
    match role {
        None => Some(404),
        Some(role) if role_allows(role, action) && !beyond => None,
        Some(_) => Some(403),
    }
}

/// A project with one of everything, and what stands for the path's parameters.
struct Place {
    project: String,
    collection: String,
    dashboard: String,
    user: String,
    group: String,
}

impl Place {
    async fn new(
        admin: &Client,
        server: &Server,
        people: &[(Client, String, Option<String>)],
    ) -> Self {
        let path = admin.project("Swept").await;
        let (_, collection) = admin.collection(&path, "Table", "a,b\n1,x\n2,y\n").await;
        let made = admin
            .post(&format!("{path}/dashboards"), &json!({ "title": "Board" }))
            .await
            .is(201);
        let dashboard = made.json()["id"].as_str().unwrap().to_owned();
        for (asker, (_, id, group)) in ASKERS.iter().zip(people) {
            let Some(role) = asker.project else { continue };
            let to = match group {
                Some(group) => format!("{path}/members/groups/{group}"),
                None => format!("{path}/members/users/{id}"),
            };
            admin.put(&to, &json!({ "role": role })).await.is(200);
        }
        let (_, user) = admin.person(server, "target", "user").await;
        let group = json!({ "name": format!("Target {user}") });
        let group = admin.post("/api/v1/groups", &group).await.is(201);
        let group = group.json()["id"].as_str().unwrap().to_owned();
        for (asker, (_, id, _)) in ASKERS.iter().zip(people) {
            if asker.maintains {
                let to = format!("/api/v1/groups/{group}/maintainers/{id}");
                admin.put(&to, &Value::Null).await.is(204);
            }
        }
        admin
            .put(
                &format!("{path}/members/users/{user}"),
                &json!({ "role": "viewer" }),
            )
            .await
            .is(200);
        admin
            .put(
                &format!("{path}/members/groups/{group}"),
                &json!({ "role": "viewer" }),
            )
            .await
            .is(200);
        let project = path.rsplit('/').next().unwrap().to_owned();
        Self {
            project,
            collection,
            dashboard,
            user,
            group,
        }
    }

    async fn open_to_everyone(&self, admin: &Client) {
        let on = json!({ "public_projects": true });
        admin.patch("/api/v1/settings", &on).await.is(200);
        let path = format!("/api/v1/projects/{}/members/anyone", self.project);
        let look = json!({ "role": "viewer" });
        admin.put(&path, &look).await.is(200);
    }

    fn fill(&self, path: &str) -> String {
        path.replace("{project}", &self.project)
            .replace("{collection}", &self.collection)
            .replace("{dashboard}", &self.dashboard)
            .replace("{user}", &self.user)
            .replace("{group}", &self.group)
            .replace("{revision}", "1")
            .replace("{version}", "1")
            .replace("{session}", "ses_00000000000000000000000000000000")
            .replace("{token}", "tok_00000000000000000000000000000000")
            .replace("{service}", "svc_00000000000000000000000000000000")
            .replace("{invitation}", "lnk_00000000000000000000000000000000")
    }
}

async fn ask(client: &Client, verb: &str, path: &str) -> Answer {
    let method = Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
    match verb {
        "get" | "delete" => client.send(method, path, None, Vec::new()).await,
        // An empty object is no valid input of most routes: whoever may is told so, and nothing changes.
        _ => {
            client
                .send(method, path, Some("application/json"), b"{}".to_vec())
                .await
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_everyone_as_the_matrix_says() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let document = admin.get("/api/v1/openapi.json").await.is(200).json();
    let mut people = Vec::new();
    for asker in ASKERS {
        let (person, id, group) = match asker.system {
            None => (Client::anyone(server), String::new(), None),
            Some(SystemRole::Admin) => (Client::admin(server).await, String::new(), None),
            Some(role) => {
                let name = asker.name.replace(' ', "-");
                let (client, id) = admin.person(server, &name, role.as_str()).await;
                let group = match asker.by_group {
                    false => None,
                    true => {
                        let body = json!({ "name": format!("Group of {id}") });
                        let made = admin.post("/api/v1/groups", &body).await.is(201);
                        let group = made.json()["id"].as_str().unwrap().to_owned();
                        let path = format!("/api/v1/groups/{group}/members/{id}");
                        admin.put(&path, &Value::Null).await.is(204);
                        Some(group)
                    }
                };
                (client, id, group)
            }
        };
        let client = match asker.token {
            None => person,
            Some(scope) => program(&person, scope, None).await.0,
        };
        people.push((client, id, group));
    }
    let names: Vec<&str> = ASKERS.iter().map(|asker| asker.name).collect();
    let mut golden = format!(
        "# Who may ask what\n\nEvery route of the OpenAPI document, asked by everyone, with the status that came back. \
         Made by the\nstory `permissions` and kept true by it: `UPDATE_GOLDEN=1 cargo test --workspace --test stories \
         permissions`.\n\nAsked with an empty object where a body belongs: 2xx, 415, 422 and 428 say that the permit was \
         there. 401: sign in\nfirst. 403: the role is not enough. 404: it does not exist for this person.\n\n\
         | route | action | {} |\n|---|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len()),
    );
    let place = Place::new(&admin, server, &people).await;
    let open = Place::new(&admin, server, &people).await;
    open.open_to_everyone(&admin).await;
    let mut public = Vec::new();
    let mut wrong = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let Some(action) = operation["x-action"].as_str() else {
                assert_eq!(
                    operation["security"],
                    json!([]),
                    "{verb} {path} has no action"
                );
                public.push(format!("{verb} {path}"));
                continue;
            };
            let action = *ActionName::ALL
                .iter()
                .find(|a| a.as_str() == action)
                .unwrap();
            let _ = write!(
                golden,
                "| {} {path} | {} |",
                verb.to_uppercase(),
                action.as_str()
            );
            for (asker, (client, ..)) in ASKERS.iter().zip(&people) {
                let fresh;
                // What deletes needs a place of its own for each that may.
                let place = if asker.visits {
                    &open
                } else if verb == "delete" && refusal(asker, action).is_none() {
                    fresh = Place::new(&admin, server, &people).await;
                    &fresh
                } else {
                    &place
                };
                let answer = ask(client, verb, &place.fill(path)).await;
                let status = answer.status.as_u16();
                let fits = match refusal(asker, action) {
                    Some(expected) => status == expected,
                    None => {
                        // A session, token and so on that is nobody's is not found by those who may end theirs.
                        let nobodys = [
                            "{session}",
                            "{token}",
                            "{service}",
                            "{invitation}",
                            "/members/anyone",
                        ];
                        let absent = nobodys.iter().any(|id| path.contains(id)) && status == 404;
                        absent || !matches!(status, 401 | 403 | 404 | 405 | 500..)
                    }
                };
                if !fits {
                    wrong.push(format!(
                        "{verb} {path} as {}: {status} {}",
                        asker.name,
                        answer.text()
                    ));
                }
                let _ = write!(golden, " {status} |");
            }
            golden.push('\n');
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    public.sort();
    assert_eq!(public, PUBLIC, "a public route is a decision: name it here");
    golden.push_str("\nFor everyone, signed in or not:\n\n");
    public.iter().for_each(|route| {
        let (verb, path) = route.split_once(' ').unwrap();
        let _ = writeln!(golden, "- {} {path}", verb.to_uppercase());
    });
    check_golden("docs/permissions.md", &golden);
}

/// Compares with a checked-in file, or writes it when asked to.
pub(crate) fn check_golden(name: &str, made: &str) {
    // As cargo says at run time: clones share a target directory, and this may be built in another one.
    let path = std::path::PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap())
        .join("../..")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "{name} is not what the program says; look at the difference and, when it is meant: \
         UPDATE_GOLDEN=1 cargo test --workspace --test stories\n{made}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_absent_and_malformed_are_the_same_bytes() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (outsider, _) = admin.person(server, "outsider", "user").await;
    let hidden = admin.project("Hidden").await;
    let (collection, id) = admin.collection(&hidden, "Table", "a\n1\n").await;
    let own = outsider.project("Own").await;
    let bytes = |answer: Answer| {
        let mut json = answer.is(404).json();
        json["request_id"] = Value::Null;
        json
    };
    let reference = bytes(outsider.get(&hidden).await);
    for path in [
        format!("/api/v1/projects/prj_{}", "0".repeat(32)),
        "/api/v1/projects/anything".to_owned(),
        "/api/v1/projects/..%2f..%2fetc".to_owned(),
        collection.clone(),
        format!("{hidden}/dashboards"),
        format!("{own}/collections/{id}"),
        format!("{own}/collections/col_{}", "0".repeat(32)),
        format!("{own}/dashboards/{id}"),
    ] {
        assert_eq!(bytes(outsider.get(&path).await), reference, "{path}");
    }
    outsider.get(&own).await.is(200);
    admin.get(&collection).await.is(200);
    let anyone = Client::anyone(server);
    for path in [
        hidden.clone(),
        format!("/api/v1/projects/prj_{}", "0".repeat(32)),
    ] {
        anyone.get(&path).await.is(401);
    }
}

#[test]
fn the_openapi_document_is_checked_in() {
    let document = serde_json::to_string_pretty(&api::openapi()).unwrap() + "\n";
    check_golden("docs/openapi.json", &document);
}
