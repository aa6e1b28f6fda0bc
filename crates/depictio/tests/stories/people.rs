//! Accounts, groups and members, and the people who must never be missing.

use crate::client::Client;
use crate::server::{PASSWORD, Server};
use serde_json::{Value, json};

async fn group(admin: &Client, name: &str) -> String {
    let made = admin
        .post("/api/v1/groups", &json!({ "name": name }))
        .await
        .is(201);
    format!("/api/v1/groups/{}", made.json()["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_makes_changes_lists_and_deletes_accounts() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, id) = admin.person(server, "crud", "viewer").await;
    let path = format!("/api/v1/users/{id}");
    let shown = admin.get(&path).await.is(200).json();
    assert_eq!(
        (&shown["role"], &shown["disabled"]),
        (&json!("viewer"), &json!(false))
    );
    assert!(shown["created_at"].as_str().unwrap().ends_with('Z'));
    assert!(!shown.to_string().contains("argon2"));
    let same = json!({ "email": shown["email"], "display_name": "Twin", "password": PASSWORD, "role": "user" });
    assert_eq!(
        admin.post("/api/v1/users", &same).await.is(409).code(),
        "email_taken"
    );
    // A system viewer may look and not make.
    person
        .post("/api/v1/projects", &json!({ "name": "No" }))
        .await
        .is(403);
    let changed = json!({ "display_name": "Renamed", "role": "user" });
    let changed = admin.patch(&path, &changed).await.is(200).json();
    assert_eq!(
        (&changed["display_name"], &changed["role"]),
        (&json!("Renamed"), &json!("user"))
    );
    person
        .post("/api/v1/projects", &json!({ "name": "Yes" }))
        .await
        .is(201);
    let refused = [
        json!({ "email": "x@example.org", "display_name": "X", "password": "short", "role": "user" }),
        json!({ "email": "no address", "display_name": "X", "password": PASSWORD, "role": "user" }),
        json!({ "email": "x@example.org", "display_name": "", "password": PASSWORD, "role": "user" }),
        json!({ "email": "x@example.org", "display_name": "X", "password": PASSWORD, "role": "owner" }),
        json!({ "email": "x@example.org", "display_name": "X", "password": PASSWORD }),
    ];
    for body in refused {
        admin.post("/api/v1/users", &body).await.is(422);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin
            .get(&format!("/api/v1/users?limit=2{cursor}"))
            .await
            .is(200)
            .json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(
            items
                .iter()
                .map(|user| user["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.iter().filter(|other| **other == id).count(), 1);
    let owns = admin.delete(&path).await.is(409);
    assert_eq!(owns.code(), "owns_projects");
    let (gone, other) = admin.person(server, "gone", "user").await;
    admin
        .delete(&format!("/api/v1/users/{other}"))
        .await
        .is(204);
    gone.get("/api/v1/auth/me").await.is(401);
    admin.get(&format!("/api/v1/users/{other}")).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_come_by_a_group_and_the_stronger_one_counts() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, id) = admin.person(server, "member", "user").await;
    let project = admin.project("Grouped").await;
    let group = group(&admin, &format!("Group {id}")).await;
    let group_id = group.rsplit('/').next().unwrap();
    let membership = format!("{group}/members/{id}");
    admin.put(&membership, &Value::Null).await.is(204);
    person.get(&project).await.is(404);
    let by_group = format!("{project}/members/groups/{group_id}");
    admin
        .put(&by_group, &json!({ "role": "editor" }))
        .await
        .is(200);
    assert_eq!(person.get(&project).await.is(200).json()["role"], "editor");
    let direct = format!("{project}/members/users/{id}");
    admin
        .put(&direct, &json!({ "role": "viewer" }))
        .await
        .is(200);
    let seen = person.get(&project).await.is(200).json();
    assert_eq!(
        seen["role"], "editor",
        "the most permissive grant is in force"
    );
    assert_eq!(
        (
            &seen["can"]["dashboard.create"],
            &seen["can"]["project.members"]
        ),
        (&json!(true), &json!(false))
    );
    let why = person
        .get(&format!("{project}/access?user={id}"))
        .await
        .is(200)
        .json();
    assert_eq!(why["role"], "editor");
    let vias: Vec<_> = why["grants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| (g["via"].as_str().unwrap(), g["role"].as_str().unwrap()))
        .collect();
    assert!(
        vias.contains(&("group", "editor")) && vias.contains(&("user", "viewer")),
        "{why}"
    );
    let admins = admin.get("/api/v1/auth/me").await.json()["user"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    person
        .get(&format!("{project}/access?user={admins}"))
        .await
        .is(403);
    let members = person
        .get(&format!("{project}/members"))
        .await
        .is(200)
        .json();
    let kinds: Vec<_> = members["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds.iter().filter(|kind| **kind == "group").count(),
        1,
        "{members}"
    );
    assert!(!members.to_string().contains('@'), "no address: {members}");
    admin.delete(&membership).await.is(204);
    assert_eq!(person.get(&project).await.is(200).json()["role"], "viewer");
    admin.delete(&direct).await.is(204);
    person.get(&project).await.is(404);
    admin.put(&membership, &Value::Null).await.is(204);
    person.get(&project).await.is(200);
    admin.delete(&group).await.is(204);
    person.get(&project).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintainer_edits_who_is_in_a_group_and_nothing_else_of_it() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (maintainer, id) = admin.person(server, "maintainer", "user").await;
    let (looker, looker_id) = admin.person(server, "maintaining-viewer", "viewer").await;
    let (member, member_id) = admin.person(server, "maintained", "user").await;
    let project = admin.project("Maintained").await;
    let own = group(&admin, &format!("Maintained {id}")).await;
    let other = group(&admin, &format!("Not maintained {id}")).await;
    let grant = format!(
        "{project}/members/groups/{}",
        own.rsplit('/').next().unwrap()
    );
    admin
        .put(&grant, &json!({ "role": "editor" }))
        .await
        .is(200);
    let joining = format!("{own}/members/{member_id}");
    let naming = format!("{own}/maintainers/{id}");

    // Before: not even the group is shown; and naming is for admins, also on oneself.
    maintainer.put(&joining, &Value::Null).await.is(403);
    maintainer.get(&own).await.is(403);
    maintainer.put(&naming, &Value::Null).await.is(403);
    admin.put(&naming, &Value::Null).await.is(204);
    admin.put(&naming, &Value::Null).await.is(204);
    admin
        .put(&format!("{own}/maintainers/{looker_id}"), &Value::Null)
        .await
        .is(204);

    // The next request counts: of the maintainer, and of whom they let in and out.
    member.get(&project).await.is(404);
    maintainer.put(&joining, &Value::Null).await.is(204);
    assert_eq!(member.get(&project).await.is(200).json()["role"], "editor");
    let shown = maintainer.get(&own).await.is(200).json();
    assert_eq!(shown["members"][0]["id"], member_id);
    assert_eq!(shown["maintainers"][0]["id"], id);
    let groups = maintainer.get("/api/v1/auth/groups").await.is(200).json();
    assert_eq!(groups["items"].as_array().unwrap().len(), 1, "{groups}");
    assert_eq!(
        (
            &groups["items"][0]["maintainer"],
            &groups["items"][0]["member"]
        ),
        (&json!(true), &json!(false))
    );
    maintainer.delete(&joining).await.is(204);
    member.get(&project).await.is(404);
    maintainer.delete(&joining).await.is(204);

    // Nothing else of the group, and no other group: known or not, the refusal is the same.
    maintainer
        .patch(&own, &json!({ "name": "Mine now" }))
        .await
        .is(403);
    maintainer.delete(&own).await.is(403);
    maintainer.delete(&naming).await.is(403);
    maintainer.get("/api/v1/groups").await.is(403);
    let mut refused = Vec::new();
    let nowhere = format!("/api/v1/groups/grp_{}", "0".repeat(32));
    for path in [other.as_str(), &nowhere, "/api/v1/groups/anything"] {
        let answer = maintainer
            .put(&format!("{path}/members/{id}"), &Value::Null)
            .await
            .is(403);
        let mut problem = answer.json();
        problem["request_id"] = Value::Null;
        refused.push(problem);
    }
    assert!(
        refused.windows(2).all(|pair| pair[0] == pair[1]),
        "{refused:?}"
    );
    admin
        .put(&format!("{nowhere}/members/{id}"), &Value::Null)
        .await
        .is(404);
    admin.get(&nowhere).await.is(404);
    let nobody = format!("usr_{}", "0".repeat(32));
    for stranger in [
        nobody.as_str(),
        "anything",
        &member_id.replace("usr", "grp"),
    ] {
        maintainer
            .put(&format!("{own}/members/{stranger}"), &Value::Null)
            .await
            .is(404);
        admin
            .put(&format!("{own}/maintainers/{stranger}"), &Value::Null)
            .await
            .is(404);
    }

    // A system viewer looks and changes nothing, whatever they are named.
    looker.get(&own).await.is(200);
    let capped = looker.put(&joining, &Value::Null).await.is(403).json();
    assert_eq!(capped["because"]["reason"], "maintainer");
    assert_eq!(capped["because"]["capped"], true);

    // The log names the reason, and says who came in.
    let events = admin
        .get(&format!(
            "/api/v1/audit/events?type=group.members&actor={id}"
        ))
        .await
        .is(200)
        .json();
    let events = events["items"].as_array().unwrap();
    let of = |outcome: &str| {
        let found = events.iter().find(|event| event["outcome"] == outcome);
        found.unwrap_or_else(|| panic!("no event {outcome}: {events:?}"))
    };
    assert_eq!(of("denied")["because"]["reason"], "not_maintainer");
    assert_eq!(of("allowed")["because"]["reason"], "maintainer");
    let done = of("done");
    assert_eq!(done["details"]["of"], "membership");
    assert_eq!(done["target"]["id"], own.rsplit('/').next().unwrap());

    // Whoever is named no more is refused at once; whose account goes, is named nowhere.
    admin.delete(&naming).await.is(204);
    maintainer.put(&joining, &Value::Null).await.is(403);
    admin
        .delete(&format!("/api/v1/users/{looker_id}"))
        .await
        .is(204);
    let left = admin.get(&own).await.is(200).json();
    assert_eq!(left["maintainers"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_renamed_and_the_directory_names_people_without_their_addresses() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (person, id) = admin.person(server, "directory", "user").await;
    let group = group(&admin, &format!("Directory group {id}")).await;
    let name = format!("Renamed group {id}");
    let renamed = admin.patch(&group, &json!({ "name": name })).await.is(200);
    assert_eq!(renamed.json()["name"], name);
    let twin = admin.post("/api/v1/groups", &json!({ "name": name })).await;
    assert_eq!(twin.is(409).code(), "name_taken");
    admin
        .put(&format!("{group}/members/{id}"), &Value::Null)
        .await
        .is(204);
    let shown = admin.get(&group).await.is(200).json();
    assert_eq!(shown["members"][0]["id"], id);
    for (query, kind) in [("directory-", "user"), ("renamed", "group")] {
        let found = person
            .get(&format!("/api/v1/directory?q={query}"))
            .await
            .is(200);
        assert!(!found.text().contains('@'), "{}", found.text());
        let found = found.json();
        let items = found["items"].as_array().unwrap();
        assert!(
            items.iter().any(|item| item["kind"] == kind),
            "{query}: {found}"
        );
    }
    person.get("/api/v1/groups").await.is(403);
    Client::anyone(server)
        .get("/api/v1/directory?q=a")
        .await
        .is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_keeps_an_owner_and_the_system_an_admin() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let me = admin.get("/api/v1/auth/me").await.json()["user"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/v1/users/{me}");
    for patch in [json!({ "role": "user" }), json!({ "disabled": true })] {
        assert_eq!(
            admin.patch(&path, &patch).await.is(409).code(),
            "last_admin"
        );
    }
    assert_eq!(admin.delete(&path).await.is(409).code(), "last_admin");
    let (owner, id) = admin.person(&server, "owner", "user").await;
    let project = owner.project("Owned").await;
    let own = format!("{project}/members/users/{id}");
    let group = group(&admin, "Owners").await;
    let by_group = format!(
        "{project}/members/groups/{}",
        group.rsplit('/').next().unwrap()
    );
    owner
        .put(&by_group, &json!({ "role": "owner" }))
        .await
        .is(200);
    // A group's grant does not count: a group may be empty tomorrow.
    assert_eq!(
        owner
            .put(&own, &json!({ "role": "editor" }))
            .await
            .is(409)
            .code(),
        "last_owner"
    );
    assert_eq!(owner.delete(&own).await.is(409).code(), "last_owner");
    assert_eq!(admin.delete(&own).await.is(409).code(), "last_owner");
    let (_, second) = admin.person(&server, "second", "user").await;
    let theirs = format!("{project}/members/users/{second}");
    owner
        .put(&theirs, &json!({ "role": "owner" }))
        .await
        .is(200);
    owner.put(&own, &json!({ "role": "viewer" })).await.is(200);
    owner
        .put(&theirs, &json!({ "role": "viewer" }))
        .await
        .is(403);
    let nobody = format!("{project}/members/users/usr_{}", "0".repeat(32));
    admin
        .put(&nobody, &json!({ "role": "viewer" }))
        .await
        .is(404);
    // Two admins who demote each other at once leave one.
    let (other, other_id) = admin.person(&server, "other", "admin").await;
    let theirs = format!("/api/v1/users/{other_id}");
    let down = json!({ "role": "user" });
    let (one, two) = tokio::join!(admin.patch(&theirs, &down), other.patch(&path, &down));
    let statuses = [one.status.as_u16(), two.status.as_u16()];
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_of_public_projects_belongs_to_the_admin() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let (person, _) = admin.person(&server, "person", "user").await;
    let settings = admin.get("/api/v1/settings").await.is(200).json();
    assert_eq!(
        (&settings["public_projects"], &settings["registration"]),
        (&json!(false), &json!("closed"))
    );
    person
        .patch("/api/v1/settings", &json!({ "public_projects": true }))
        .await
        .is(403);
    let on = admin
        .patch("/api/v1/settings", &json!({ "public_projects": true }))
        .await
        .is(200);
    assert_eq!(on.json()["public_projects"], true);
    let project = admin.project("Not granted to everyone").await;
    person.get(&project).await.is(404);
    Client::anyone(&server).get(&project).await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_and_sharing_are_settings_that_hold_at_once_and_are_in_the_log() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let (owner, owner_id) = admin.person(&server, "sharer", "user").await;
    let (_, friend) = admin.person(&server, "friend", "user").await;
    let anyone = Client::anyone(&server);
    let project = owner.project("Shared").await;
    let grant = format!("{project}/members/users/{friend}");
    let service = json!({ "name": "nightly", "role": "viewer", "expires_in_days": 1, "current_password": crate::server::PASSWORD });
    let services = format!("{project}/service-accounts");
    let set = async |body: Value| admin.patch("/api/v1/settings", &body).await.is(200).json();

    // Sharing: owners, until an admin keeps it to admins.
    owner
        .put(&grant, &json!({ "role": "viewer" }))
        .await
        .is(200);
    assert_eq!(
        set(json!({ "sharing": "admins" })).await["sharing"],
        "admins"
    );
    for refused in [
        owner.put(&grant, &json!({ "role": "editor" })).await,
        owner.delete(&grant).await,
        owner.post(&services, &service).await,
    ] {
        assert_eq!(refused.is(403).code(), "sharing_closed");
    }
    assert_eq!(
        owner.get(&project).await.is(200).json()["can"]["project.members"],
        false
    );
    let path = format!("{project}/access?user={owner_id}&action=project.members");
    let why = owner.get(&path).await.is(200).json();
    assert_eq!(why["decision"]["outcome"], "denied");
    assert_eq!(
        why["decision"]["missing"],
        json!([{ "missing": "system_role", "role": "admin" }])
    );
    owner
        .patch(&project, &json!({ "description": "still mine" }))
        .await
        .is(200);
    admin
        .put(&grant, &json!({ "role": "editor" }))
        .await
        .is(200);
    set(json!({ "sharing": "owners" })).await;
    owner.delete(&grant).await.is(204);
    owner.post(&services, &service).await.is(201);

    // Registration: as the configuration says, until an admin says otherwise.
    let account = json!({ "email": "new@example.org", "display_name": "New", "password": crate::server::PASSWORD });
    let closed = anyone.post("/api/v1/auth/register", &account).await.is(403);
    assert_eq!(closed.code(), "registration_closed");
    assert_eq!(
        set(json!({ "registration": "open" })).await["registration"],
        "open"
    );
    let told = anyone.get("/api/v1/auth/registration").await.is(200).json();
    assert_eq!(told["registration"], "open");
    anyone.post("/api/v1/auth/register", &account).await.is(201);

    for wrong in [
        json!({ "sharing": "nobody" }),
        json!({ "registration": true }),
    ] {
        admin.patch("/api/v1/settings", &wrong).await.is(422);
    }
    let path = "/api/v1/audit/events?type=settings.manage&limit=200";
    let events = admin.get(path).await.is(200).json();
    let changed: Vec<&Value> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["outcome"] == "done")
        .map(|event| &event["details"]["changed"])
        .collect();
    assert_eq!(
        changed,
        [
            &json!({ "registration": "open" }),
            &json!({ "sharing": "owners" }),
            &json!({ "sharing": "admins" })
        ]
    );
    // It is kept.
    let server = Server::start_in(server.stop(), false, &[], true);
    let admin = Client::admin(&server).await;
    assert_eq!(
        admin.get("/api/v1/settings").await.is(200).json()["registration"],
        "open"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_whose_last_owner_is_disabled_is_shown_to_admins_as_orphaned() {
    let server = Server::shared();
    let admin = Client::admin(server).await;
    let (owner, owner_id) = admin.person(server, "orphan-owner", "user").await;
    let (heir, heir_id) = admin.person(server, "orphan-heir", "user").await;
    let project = owner.project("Orphan").await;
    let id = project.rsplit('/').next().unwrap();
    // A group that owns does not make up for it.
    let group = group(&admin, &format!("Orphan {heir_id}")).await;
    admin
        .put(&format!("{group}/members/{heir_id}"), &Value::Null)
        .await
        .is(204);
    let by_group = format!(
        "{project}/members/groups/{}",
        group.rsplit('/').next().unwrap()
    );
    owner
        .put(&by_group, &json!({ "role": "owner" }))
        .await
        .is(200);
    let orphaned = async |who: &Client| {
        let one = who.get(&project).await.is(200).json()["orphaned"].clone();
        let (mut cursor, mut listed) = (String::new(), None);
        loop {
            let path = format!("/api/v1/projects?limit=200{cursor}");
            let page = who.get(&path).await.is(200).json();
            let found = page["items"].as_array().unwrap().iter();
            let found = found.clone().find(|item| item["id"] == id);
            listed = listed.or(found.map(|item| item["orphaned"].clone()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(listed.as_ref(), Some(&one));
        one == true
    };
    assert!(!orphaned(&admin).await);
    let account = format!("/api/v1/users/{owner_id}");
    admin
        .patch(&account, &json!({ "disabled": true }))
        .await
        .is(200);
    assert!(orphaned(&admin).await);
    assert!(!orphaned(&heir).await, "for admins alone");
    let direct = format!("{project}/members/users/{heir_id}");
    admin
        .put(&direct, &json!({ "role": "owner" }))
        .await
        .is(200);
    assert!(!orphaned(&admin).await);
}
