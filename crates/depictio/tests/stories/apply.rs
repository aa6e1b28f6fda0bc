//! Access as code: a plan in words, then what it said; the export of what is there changes nothing.

use crate::audit_log::command;
use crate::client::Client;
use crate::server::{ADMIN, Server};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_planned_in_words_then_applied_and_the_export_changes_nothing() {
    let server = Server::start(false, &[]);
    let admin = Client::admin(&server).await;
    let (member, member_id) = admin.person(&server, "member", "user").await;
    let (leaver, leaver_id) = admin.person(&server, "leaver", "user").await;
    let email = async |id: &str| {
        let user = admin
            .get(&format!("/api/v1/users/{id}"))
            .await
            .is(200)
            .json();
        user["email"].as_str().unwrap().to_owned()
    };
    let (member_email, leaver_email) = (email(&member_id).await, email(&leaver_id).await);
    let birds = admin.project("Birds").await;
    let whales = admin.project("Whales").await;
    let viewer = format!("{birds}/members/users/{leaver_id}");
    admin
        .put(&viewer, &json!({ "role": "viewer" }))
        .await
        .is(200);

    let path = server.dir.path().join("access.yaml");
    let path = path.to_str().unwrap();
    let write = |text: &str| std::fs::write(path, text).unwrap();
    write(&format!(
        "# Who may\ngroups:\n  - name: Field team\n    members: [{member_email}]\n    maintainers: [{ADMIN}]\n\
         projects:\n  - name: Birds\n    owners:\n      people: [{ADMIN}]\n    editors:\n      groups: [Field team]\n\
         \x20 - name: Fish\n    owners:\n      people: [{member_email}]\n"
    ));
    let (fine, plan, said) = command(&server, &["apply", path]);
    assert!(fine, "{said}");
    for line in [
        "The group Field team is made.".to_owned(),
        "The project Fish is made.".to_owned(),
        format!("{member_email} joins Field team."),
        format!("{member_email} gains editor in Birds, through the group Field team."),
        format!("{leaver_email} loses viewer in Birds and has nothing there."),
        format!("{member_email} gains owner in Fish, by a grant of their own."),
        "is not in the file and stays as it is.".to_owned(),
        "nothing was changed".to_owned(),
    ] {
        assert!(plan.contains(&line), "{line}\n{plan}");
    }
    assert!(plan.contains("The project Whales"), "{plan}");
    member.get(&birds).await.is(404);
    leaver.get(&birds).await.is(200);

    let (fine, done, said) = command(&server, &["apply", path, "--yes"]);
    assert!(fine && done.contains("Done, in"), "{done}{said}");
    assert_eq!(member.get(&birds).await.is(200).json()["role"], "editor");
    leaver.get(&birds).await.is(404);
    admin.get(&whales).await.is(200);
    let own = member.get("/api/v1/projects").await.is(200).json();
    let fish = own["items"].as_array().unwrap().iter();
    let fish = fish
        .clone()
        .find(|project| project["name"] == "Fish")
        .unwrap();
    assert_eq!(fish["role"], "owner");
    // What was made is a project like any other: it takes a table.
    let fish = format!("/api/v1/projects/{}", fish["id"].as_str().unwrap());
    member.collection(&fish, "Table", "a\n1\n").await;
    let (_, again, _) = command(&server, &["apply", path]);
    assert!(again.contains("Nothing changes"), "{again}");

    // The export, applied, changes nothing and leaves nothing out.
    let (fine, exported, said) = command(&server, &["apply", "--export"]);
    assert!(fine && exported.contains("Field team"), "{said}");
    write(&exported);
    let (fine, same, said) = command(&server, &["apply", path, "--yes"]);
    assert!(fine, "{said}");
    assert_eq!(
        same.trim(),
        "Nothing changes: all that the file names is as it says."
    );

    // The log says who did it, and why it was allowed.
    let events = admin
        .get("/api/v1/audit/events?type=project.members&limit=200")
        .await;
    let events = events.is(200).json();
    let by_operator = |event: &&Value| event["actor"]["kind"] == "operator";
    let events: Vec<_> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(by_operator)
        .collect();
    assert!(
        events.iter().any(|event| event["outcome"] == "done"),
        "{events:?}"
    );

    // What is wrong is said by its place, and nothing is done.
    for (text, words) in [
        ("projects:\n  - name: Birds\n", "/projects/0/owners"),
        (
            "groups:\n  - name: X\n    members: [nobody@example.org]\n",
            "/groups/0/members/0",
        ),
        ("groups:\n  - title: X\n", "title"),
        ("groups: [", "access.yaml"),
        ("projects:\n  - name: Birds\n    id: prj_1\n", "access.yaml"),
    ] {
        write(text);
        let (fine, _, said) = command(&server, &["apply", path, "--yes"]);
        assert!(
            !fine && said.contains(words) && said.trim().lines().count() == 1,
            "{words}: {said}"
        );
    }
    let (fine, _, said) = command(&server, &["apply", "/nowhere/access.yaml"]);
    assert!(!fine && said.contains("/nowhere/access.yaml"), "{said}");
    assert_eq!(member.get(&birds).await.is(200).json()["role"], "editor");
}
