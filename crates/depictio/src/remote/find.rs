//! Projects and collections, by id or by name.

use super::answer::Failure;
use super::server::Server;
use domain::id::{CollectionId, ProjectId};
use domain::near::nearest;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Deserialize;

/// Items of one page. A collection comes with its columns, which can be thousands.
const PAGE_ITEMS: &str = "100";

/// Names that are told when none is near.
const TOLD_MAX: usize = 5;

/// Something that has an id and a name.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    /// The id.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Found>,
    next_cursor: Option<String>,
}

/// The project of an id or a name.
///
/// # Errors
/// When there is none that this token sees, or more than one.
pub(super) async fn project(server: &Server, wanted: &str) -> Result<Found, String> {
    let wanted = wanted.trim();
    if wanted.parse::<ProjectId>().is_ok() {
        let path = ["projects", wanted];
        let hidden = format!("the project {wanted} is not there, or not shown to this token");
        return by_id(server, &path, hidden).await;
    }
    let all = list(server, &["projects"]).await?;
    match named(all, wanted, "projects")? {
        Named::One(project) => Ok(project),
        Named::None(others) => Err(format!(
            "there is no project {wanted:?} that this token sees; {others}"
        )),
    }
}

/// The collection of an id or a name, and whether it had to be made.
///
/// # Errors
/// When there is none and none is to be made.
pub(super) async fn collection(
    server: &Server,
    project: &Found,
    wanted: &str,
    make: bool,
) -> Result<(Found, bool), String> {
    let wanted = wanted.trim();
    if wanted.parse::<CollectionId>().is_ok() {
        let path = ["projects", &project.id, "collections", wanted];
        let hidden = format!(
            "the collection {wanted} is not in the project {:?}",
            project.name
        );
        return Ok((by_id(server, &path, hidden).await?, false));
    }
    let path = ["projects", &project.id, "collections"];
    let all = list(server, &path).await?;
    match named(all, wanted, "collections")? {
        Named::One(collection) => Ok((collection, false)),
        Named::None(_) if make => Ok((new(server, &path, wanted).await?, true)),
        Named::None(others) => Err(format!(
            "there is no collection {wanted:?} in the project {:?}; {others}",
            project.name
        )),
    }
}

async fn by_id(server: &Server, path: &[&str], hidden: String) -> Result<Found, String> {
    let found = server.get(server.address(path)).await;
    found.map_err(|failure| match failure.status {
        Some(StatusCode::NOT_FOUND) => hidden,
        _ => failure.into(),
    })
}

async fn new(server: &Server, path: &[&str], name: &str) -> Result<Found, Failure> {
    let mut request = server.request(Method::POST, server.address(path));
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, json);
    let body = serde_json::json!({ "name": name }).to_string();
    *request.body_mut() = Some(body.into());
    server.ask(request).await
}

/// All pages of a list.
async fn list(server: &Server, path: &[&str]) -> Result<Vec<Found>, Failure> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut url = server.address(path);
        url.query_pairs_mut().append_pair("limit", PAGE_ITEMS);
        if let Some(cursor) = &cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let page: Page = server.get(url).await?;
        all.extend(page.items);
        if page.next_cursor.is_none() || page.next_cursor == cursor {
            return Ok(all);
        }
        cursor = page.next_cursor;
    }
}

enum Named {
    One(Found),
    /// None of that name, and what there is instead.
    None(String),
}

fn named(all: Vec<Found>, wanted: &str, things: &str) -> Result<Named, String> {
    let (same, others): (Vec<Found>, Vec<Found>) =
        all.into_iter().partition(|found| found.name == wanted);
    match <[Found; 1]>::try_from(same) {
        Ok([one]) => Ok(Named::One(one)),
        Err(same) if same.is_empty() => Ok(Named::None(instead(&others, wanted, things))),
        Err(same) => {
            let ids: Vec<&str> = same.iter().map(|found| found.id.as_str()).collect();
            Err(format!(
                "{} {things} are called {wanted:?}: name one by its id, {}",
                ids.len(),
                ids.join(" or ")
            ))
        }
    }
}

fn instead(others: &[Found], wanted: &str, things: &str) -> String {
    let names = || others.iter().map(|found| found.name.as_str());
    let near = nearest(wanted, names());
    if !near.is_empty() {
        return format!("did you mean {}?", near.join(" or "));
    }
    let told: Vec<&str> = names().take(TOLD_MAX).collect();
    match others.len() {
        0 => format!("there are no {things}"),
        all if all > told.len() => format!(
            "there are {} and {} more",
            told.join(", "),
            all - told.len()
        ),
        _ => format!("there are {}", told.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(names: &[&str]) -> Vec<Found> {
        let found = names.iter().enumerate().map(|(at, name)| Found {
            id: format!("prj_{at}"),
            name: (*name).to_owned(),
        });
        found.collect()
    }

    fn told(names: &[&str], wanted: &str) -> String {
        match named(all(names), wanted, "projects") {
            Ok(Named::One(one)) => one.id,
            Ok(Named::None(words)) | Err(words) => words,
        }
    }

    #[test]
    fn a_name_finds_one_and_says_what_there_is_otherwise() {
        assert_eq!(told(&["Birds", "Plants"], "Plants"), "prj_1");
        assert_eq!(
            told(&["Birds", "Birds"], "Birds"),
            "2 projects are called \"Birds\": name one by its id, prj_0 or prj_1"
        );
        assert_eq!(told(&["Birds", "Plants"], "Plans"), "did you mean Plants?");
        assert_eq!(
            told(&["Birds", "Plants"], "Whales"),
            "there are Birds, Plants"
        );
        assert_eq!(told(&[], "Whales"), "there are no projects");
        let many = ["A1", "B1", "C1", "D1", "E1", "F1", "G1"];
        assert_eq!(
            told(&many, "Whales"),
            "there are A1, B1, C1, D1, E1 and 2 more"
        );
    }
}
