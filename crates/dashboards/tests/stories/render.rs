//! What a render shows, to whom, and what it refuses to show.

use crate::world::{PENGUINS, World, component, tab};
use access::Permit;
use dashboards::{Drawn, Failure, Line, RenderError, RenderRequest, Shown, Tried};
use domain::ProjectRole;
use domain::action::{PreviewFigure, ViewDashboard, WriteCode};
use domain::dashboard::{Content, RenderFilter, Tab};
use domain::id::CollectionId;
use futures::StreamExt as _;
use serde_json::{Value, json};

fn filters(list: Value) -> RenderRequest {
    RenderRequest {
        filters: serde_json::from_value::<Vec<RenderFilter>>(list).unwrap(),
        ..RenderRequest::default()
    }
}

fn everything(table: &CollectionId) -> Value {
    tab(vec![
        component(
            "a",
            json!({"kind": "card", "collection": table, "aggregate": "count"}),
        ),
        component(
            "b",
            json!({"kind": "card", "collection": table, "aggregate": "mean", "column": "mass"}),
        ),
        component(
            "c",
            json!({"kind": "figure", "collection": table,
            "spec": {"chart": "scatter", "x": "mass", "y": "mass", "color": "species"}}),
        ),
        component(
            "d",
            json!({"kind": "figure", "collection": table,
            "spec": {"chart": "bar", "x": "species"}}),
        ),
        component(
            "e",
            json!({"kind": "figure", "collection": table,
            "spec": {"chart": "histogram", "x": "mass", "color": "island"}}),
        ),
        component(
            "f",
            json!({"kind": "figure", "collection": table,
            "spec": {"chart": "box", "y": "mass", "x": "species"}}),
        ),
        component(
            "g",
            json!({"kind": "table", "collection": table, "page_size": 2,
            "sort": [{"column": "mass", "descending": true}]}),
        ),
        component(
            "h",
            json!({"kind": "text", "markdown": "**words** <script>"}),
        ),
        component(
            "i",
            json!({"kind": "figure", "collection": table,
            "spec": {"chart": "line", "x": "species", "y": "mass"}}),
        ),
    ])
}

fn drawn(line: &Line) -> &Drawn {
    match &line.outcome {
        Ok(drawn) => drawn,
        Err(failure) => panic!("{}: {failure}", line.component),
    }
}

fn card(line: &Line) -> Value {
    match &*drawn(line).shown {
        Shown::Card { value, .. } => value.clone(),
        other => panic!("{other:?}"),
    }
}

fn figure(line: &Line) -> Value {
    match &*drawn(line).shown {
        Shown::Figure { figure, .. } => figure.clone(),
        other => panic!("{other:?}"),
    }
}

fn tried(content: Content, filters: Vec<RenderFilter>) -> Tried {
    Tried {
        content,
        filters,
        editor: None,
    }
}

#[tokio::test]
async fn everything_on_a_dashboard_is_computed_and_remembered() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS])
        .await;
    let made = world.dashboard(&ann, &project, everything(&table.id)).await;

    let lines = world
        .render(&ann, &project, &made.id, RenderRequest::default())
        .await;
    assert_eq!(lines.len(), 9);
    assert_eq!(card(&lines[0]), 5);
    assert_eq!(card(&lines[1]), 4012.5);
    assert_eq!(figure(&lines[2])["data"][0]["name"], "Adelie");
    assert_eq!(figure(&lines[3])["data"][0]["y"], json!([2, 1, 2]));
    assert_eq!(figure(&lines[5])["data"][0]["median"][0], 3775.0);
    let Shown::Table {
        rows, total_rows, ..
    } = &*drawn(&lines[6]).shown
    else {
        panic!("no table");
    };
    assert_eq!((rows.len(), *total_rows), (2, 5));
    assert_eq!(rows[0]["mass"], 5000);
    let Shown::Text { html } = &*drawn(&lines[7]).shown else {
        panic!("no text");
    };
    assert!(
        html.contains("<strong>words</strong>") && !html.contains("<script"),
        "{html}"
    );
    for line in &lines[..7] {
        assert_eq!(
            line.versions.get(&table.id),
            Some(&Some(1)),
            "{}",
            line.component
        );
        assert!(!drawn(line).cached, "{}", line.component);
    }
    let again = world
        .render(&ann, &project, &made.id, RenderRequest::default())
        .await;
    assert!(again[..7].iter().all(|line| drawn(line).cached));
    assert_eq!(card(&again[1]), card(&lines[1]));
}

#[tokio::test]
async fn a_filter_is_followed_and_colours_stay() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS])
        .await;
    let made = world.dashboard(&ann, &project, everything(&table.id)).await;
    let all = world
        .render(&ann, &project, &made.id, RenderRequest::default())
        .await;
    let request = filters(json!([{"column": "species", "op": "in", "values": ["Gentoo"]}]));
    let some = world.render(&ann, &project, &made.id, request).await;
    assert_eq!(card(&some[0]), 2);
    let colour_of = |figure: &Value, name: &str| {
        let traces = figure["data"].as_array().unwrap();
        let trace = traces.iter().find(|trace| trace["name"] == name).unwrap();
        trace["marker"]["color"].clone()
    };
    let (before, after) = (figure(&all[2]), figure(&some[2]));
    assert_eq!(after["data"].as_array().unwrap().len(), 1);
    assert_eq!(colour_of(&before, "Gentoo"), colour_of(&after, "Gentoo"));
}

#[tokio::test]
async fn an_invalid_filter_shows_an_error_and_never_unfiltered_data() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS])
        .await;
    let made = world.dashboard(&ann, &project, everything(&table.id)).await;
    let cases = [
        (
            json!({"column": "speces", "op": "eq", "value": "Gentoo"}),
            "/filters/1/column",
        ),
        (
            json!({"column": "mass", "op": "gt", "value": "heavy"}),
            "/filters/1/value",
        ),
        (
            json!({"collection": table.id, "column": "none", "op": "is_null"}),
            "/filters/1/column",
        ),
        (
            json!({"collection": "col_ffffffffffffffffffffffffffffffff", "column": "mass", "op": "is_null"}),
            "/filters/1/collection",
        ),
    ];
    for (filter, pointer) in cases {
        // A good filter that sorts before or after shows that the place is that of the request.
        let request = filters(json!([{"column": "species", "op": "ne", "value": "x"}, filter]));
        let lines = world.render(&ann, &project, &made.id, request).await;
        for line in lines.iter().filter(|line| line.component != "h") {
            let Err(Failure::Filters(flaws)) = &line.outcome else {
                panic!(
                    "{} was shown under {filter}: {:?}",
                    line.component, line.outcome
                );
            };
            assert_eq!(flaws[0].pointer, pointer, "{}", line.component);
        }
        let text = lines.iter().find(|line| line.component == "h").unwrap();
        assert!(text.outcome.is_ok());
    }
    let permit: Permit<ViewDashboard> = world.permit(&ann, &project).await;
    let malformed = filters(json!([{"column": "mass", "op": "between", "values": [1]}]));
    let refused = world
        .dashboards
        .render(&permit, &made.id, malformed, None)
        .await;
    assert!(matches!(refused.err(), Some(RenderError::Invalid(_))));
}

#[tokio::test]
async fn a_component_that_fails_stops_no_other() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let (project, other) = (world.project(&ann).await, world.project(&ann).await);
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS])
        .await;
    let foreign = world.collection(&ann, &other, "secret", &[PENGUINS]).await;
    let empty = world.collection(&ann, &project, "empty", &[]).await;
    let count = |id: &CollectionId| json!({"kind": "card", "collection": id, "aggregate": "count"});
    let made = world
        .dashboard(
            &ann,
            &project,
            tab(vec![
                component("a", count(&table.id)),
                component("b", count(&foreign.id)),
                component("c", json!({"kind": "card", "collection": table.id, "version": 9, "aggregate": "count"})),
                component("d", json!({"kind": "figure", "collection": table.id, "spec": {"chart": "bar", "x": "specie"}})),
                component("e", count(&empty.id)),
                component("f", json!({"kind": "figure", "collection": empty.id, "spec": {"chart": "bar", "x": "a"}})),
                component("g", json!({"kind": "code", "collection": table.id, "code": "fig = 1"})),
            ]),
        )
        .await;
    let lines = world
        .render(&ann, &project, &made.id, RenderRequest::default())
        .await;
    assert_eq!(card(&lines[0]), 5);
    // A collection of another project is not found, though the viewer owns that one too.
    assert!(matches!(lines[1].outcome, Err(Failure::NoCollection)));
    assert!(matches!(lines[2].outcome, Err(Failure::NoVersion(9))));
    let Err(Failure::Form(flaw)) = &lines[3].outcome else {
        panic!("it was drawn");
    };
    assert_eq!(flaw.pointer, "/content/spec/x");
    assert!(flaw.message.contains("“species”"), "{}", flaw.message);
    assert_eq!(card(&lines[4]), 0);
    assert!(matches!(lines[5].outcome, Err(Failure::Empty)));
    assert!(matches!(
        lines[6].outcome,
        Err(Failure::Code(sandbox::RunError::Off { .. }))
    ));
}

#[tokio::test]
async fn a_version_can_be_pinned_and_the_latest_is_fixed_once() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let shorter = "species,mass\nAdelie,1\n";
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS, shorter])
        .await;
    let count = json!({"kind": "card", "collection": table.id, "aggregate": "count"});
    let mut pinned = count.clone();
    pinned["version"] = json!(1);
    let made = world
        .dashboard(
            &ann,
            &project,
            tab(vec![component("a", count), component("b", pinned)]),
        )
        .await;
    let permit: Permit<ViewDashboard> = world.permit(&ann, &project).await;
    let stream = world
        .dashboards
        .render(&permit, &made.id, RenderRequest::default(), None)
        .await
        .unwrap();
    // A new version lands between the beginning of the render and its components.
    world
        .upload(&ann, &project, &table, "species,mass\nAdelie,1\nAdelie,2\n")
        .await;
    let mut lines: Vec<Line> = stream.collect().await;
    lines.sort_by(|a, b| a.component.cmp(&b.component));
    assert_eq!((card(&lines[0]), card(&lines[1])), (json!(1), json!(5)));
    assert_eq!(lines[0].versions.get(&table.id), Some(&Some(2)));
    assert_eq!(lines[1].versions.get(&table.id), Some(&Some(1)));
}

#[tokio::test]
async fn a_viewer_runs_stored_code_and_never_their_own() {
    let world = World::new().await;
    let (ann, vic) = (world.person("ann").await, world.person("vic").await);
    let project = world.project(&ann).await;
    world.grant(&ann, &project, &vic, ProjectRole::Viewer).await;
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS])
        .await;
    let code = json!({"kind": "code", "collection": table.id, "code": "fig = px.scatter(df)"});
    let with_code = tab(vec![component("a", code.clone())]);
    let made = world.dashboard(&ann, &project, with_code.clone()).await;

    // Stored: it gets as far as the sandbox, which is off here.
    let lines = world
        .render(&vic, &project, &made.id, RenderRequest::default())
        .await;
    assert!(matches!(lines[0].outcome, Err(Failure::Code(_))));

    let draft = || RenderRequest {
        draft: Some(serde_json::from_value::<Tab>(with_code.clone()).unwrap()),
        ..RenderRequest::default()
    };
    let lines = world.render(&vic, &project, &made.id, draft()).await;
    assert!(matches!(lines[0].outcome, Err(Failure::CodeForbidden)));

    let content: Content = serde_json::from_value(code).unwrap();
    let preview: Permit<PreviewFigure> = world.permit(&vic, &project).await;
    let shown = world
        .dashboards
        .preview(&preview, tried(content.clone(), Vec::new()), None)
        .await
        .unwrap();
    assert!(matches!(shown, Err(Failure::CodeForbidden)));

    // Who may write code gets as far as the sandbox with both.
    let view: Permit<ViewDashboard> = world.permit(&ann, &project).await;
    let write: Permit<WriteCode> = world.permit(&ann, &project).await;
    let stream = world
        .dashboards
        .render(&view, &made.id, draft(), Some(&write))
        .await
        .unwrap();
    let lines: Vec<Line> = stream.collect().await;
    assert!(matches!(lines[0].outcome, Err(Failure::Code(_))));
    let preview: Permit<PreviewFigure> = write.weaken();
    let shown = world
        .dashboards
        .preview(&preview, tried(content, Vec::new()), Some(&write))
        .await
        .unwrap();
    assert!(matches!(shown, Err(Failure::Code(_))));
}

#[tokio::test]
async fn a_preview_is_the_component_as_it_would_be() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS])
        .await;
    let content: Content = serde_json::from_value(
        json!({"kind": "card", "collection": table.id, "aggregate": "max", "column": "mass"}),
    )
    .unwrap();
    let permit: Permit<PreviewFigure> = world.permit(&ann, &project).await;
    let filters = json!([
        {"collection": table.id, "column": "species", "op": "eq", "value": "Adelie"},
        {"collection": "col_ffffffffffffffffffffffffffffffff", "column": "elsewhere", "op": "is_null"},
    ]);
    let filters: Vec<RenderFilter> = serde_json::from_value(filters).unwrap();
    let shown = world
        .dashboards
        .preview(&permit, tried(content, filters), None)
        .await
        .unwrap()
        .unwrap();
    let Shown::Card { value, count, .. } = &*shown.drawn.shown else {
        panic!("no card");
    };
    assert_eq!((value.clone(), *count), (json!(3800), 2));
    assert_eq!(shown.versions.get(&table.id), Some(&Some(1)));
}

#[tokio::test]
async fn only_the_components_asked_for_are_computed() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let project = world.project(&ann).await;
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS])
        .await;
    let made = world.dashboard(&ann, &project, everything(&table.id)).await;
    let only = |ids: &[&str]| RenderRequest {
        components: Some(ids.iter().map(|id| (*id).to_owned()).collect()),
        ..RenderRequest::default()
    };
    let lines = world
        .render(&ann, &project, &made.id, only(&["b", "h"]))
        .await;
    let ids: Vec<&str> = lines.iter().map(|line| line.component.as_str()).collect();
    assert_eq!(ids, ["b", "h"]);
    let permit: Permit<ViewDashboard> = world.permit(&ann, &project).await;
    let refused = world
        .dashboards
        .render(&permit, &made.id, only(&["zz"]), None)
        .await;
    assert!(matches!(refused.err(), Some(RenderError::Invalid(_))));
}

#[tokio::test]
async fn a_render_ends_with_the_permission() {
    let world = World::new().await;
    let (ann, vic) = (world.person("ann").await, world.person("vic").await);
    let project = world.project(&ann).await;
    world.grant(&ann, &project, &vic, ProjectRole::Viewer).await;
    let table = world
        .collection(&ann, &project, "penguins", &[PENGUINS])
        .await;
    let made = world.dashboard(&ann, &project, everything(&table.id)).await;
    let permit: Permit<ViewDashboard> = world.permit(&vic, &project).await;
    let stream = world
        .dashboards
        .render(&permit, &made.id, RenderRequest::default(), None)
        .await
        .unwrap();
    // Grants of the project change before the stream is read.
    world.grant(&ann, &project, &vic, ProjectRole::Editor).await;
    let lines: Vec<Line> = stream.collect().await;
    assert!(!lines.is_empty());
    for line in lines {
        assert!(
            matches!(line.outcome, Err(Failure::Ended)),
            "{}",
            line.component
        );
    }
}
