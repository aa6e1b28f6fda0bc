//! The table of routes. A route comes in with a handler whose first argument is its permit, or as
//! explicitly public; there is no third way, so a forgotten check does not compile. The OpenAPI
//! document and the sweep of all routes are made from the same table.

use super::allowed::Allowed;
use crate::App;
use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use domain::action::{Action, ActionName};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The arguments of a handler whose first one is a permit.
pub(crate) trait Guarded {
    /// The action it permits.
    const ACTION: ActionName;
}

macro_rules! guarded {
    ($($more:ident),*) => {
        impl<M, A: Action, $($more),*> Guarded for (M, Allowed<A>, $($more,)*) {
            const ACTION: ActionName = A::NAME;
        }
    };
}

guarded!();
guarded!(T2);
guarded!(T2, T3);
guarded!(T2, T3, T4);
guarded!(T2, T3, T4, T5);
guarded!(T2, T3, T4, T5, T6);

/// What the document says of a route.
pub(crate) struct Doc {
    method: MethodFilter,
    verb: &'static str,
    path: &'static str,
    summary: &'static str,
    body: Option<Value>,
    answers: Vec<(u16, Value)>,
    query: Vec<(&'static str, &'static str)>,
    headers: Vec<(&'static str, &'static str)>,
    schemas: BTreeMap<String, Value>,
}

fn collect<T: ToSchema>(into: &mut BTreeMap<String, Value>) -> Value {
    let mut found = Vec::new();
    T::schemas(&mut found);
    found.push((T::name().into_owned(), T::schema()));
    for (name, schema) in found {
        into.insert(name, serde_json::to_value(schema).unwrap_or(Value::Null));
    }
    json!({ "$ref": format!("#/components/schemas/{}", T::name()) })
}

impl Doc {
    fn new(
        method: MethodFilter,
        verb: &'static str,
        path: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            verb,
            path,
            summary,
            body: None,
            answers: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            schemas: BTreeMap::new(),
        }
    }

    pub(crate) fn get(path: &'static str, summary: &'static str) -> Self {
        Self::new(MethodFilter::GET, "get", path, summary)
    }

    pub(crate) fn post(path: &'static str, summary: &'static str) -> Self {
        Self::new(MethodFilter::POST, "post", path, summary)
    }

    pub(crate) fn put(path: &'static str, summary: &'static str) -> Self {
        Self::new(MethodFilter::PUT, "put", path, summary)
    }

    pub(crate) fn patch(path: &'static str, summary: &'static str) -> Self {
        Self::new(MethodFilter::PATCH, "patch", path, summary)
    }

    pub(crate) fn delete(path: &'static str, summary: &'static str) -> Self {
        Self::new(MethodFilter::DELETE, "delete", path, summary).empty(204)
    }

    pub(crate) fn body<T: ToSchema>(mut self) -> Self {
        let schema = collect::<T>(&mut self.schemas);
        self.body = Some(json!({ "application/json": { "schema": schema } }));
        self
    }

    pub(crate) fn multipart(mut self) -> Self {
        self.body = Some(json!({ "multipart/form-data": { "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": { "type": "array", "items": { "type": "string", "format": "binary" } },
                "schema": { "type": "string", "description": "JSON: [{name, type}]" },
            },
        } } }));
        self
    }

    pub(crate) fn answer<T: ToSchema>(mut self, status: u16) -> Self {
        let schema = collect::<T>(&mut self.schemas);
        self.answers
            .push((status, json!({ "application/json": { "schema": schema } })));
        self
    }

    /// One page of a list of these.
    pub(crate) fn list<T: ToSchema>(mut self) -> Self {
        let item = collect::<T>(&mut self.schemas);
        self.answers.push((
            200,
            json!({ "application/json": { "schema": {
                "type": "object",
                "required": ["items", "next_cursor"],
                "properties": {
                    "items": { "type": "array", "items": item },
                    "next_cursor": { "type": ["string", "null"] },
                },
            } } }),
        ));
        self
    }

    /// A list that takes `limit` and `cursor`.
    pub(crate) fn paged<T: ToSchema>(self) -> Self {
        self.list::<T>()
            .query("limit", "how many items, 1 to 200")
            .query("cursor", "where the page before ended")
    }

    pub(crate) fn empty(mut self, status: u16) -> Self {
        self.answers.push((status, Value::Null));
        self
    }

    pub(crate) fn media(mut self, status: u16, media: &str) -> Self {
        // The same answer may come in several media.
        let known = self.answers.iter_mut().find(|known| known.0 == status);
        match known.and_then(|known| known.1.as_object_mut()) {
            Some(content) => {
                content.insert(media.to_owned(), json!({}));
            }
            None => self.answers.push((status, json!({ media: {} }))),
        }
        self
    }

    pub(crate) fn query(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.query.push((name, meaning));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.headers.push((name, meaning));
        self
    }

    /// What the document says of it, under its whole path.
    fn operation(&self, path: &str, action: Option<ActionName>) -> Value {
        let in_path = path.split('/').filter_map(|part| {
            let name = part.strip_prefix('{')?.strip_suffix('}')?;
            Some(json!({ "name": name, "in": "path", "required": true,
                "schema": { "type": "string" } }))
        });
        let in_query = self.query.iter().map(|(name, meaning)| {
            json!({ "name": name, "in": "query", "required": false, "description": meaning,
                "schema": { "type": "string" } })
        });
        let in_header = self.headers.iter().map(|(name, meaning)| {
            json!({ "name": name, "in": "header", "required": true, "description": meaning,
                "schema": { "type": "string" } })
        });
        let parameters: Vec<Value> = in_path.chain(in_query).chain(in_header).collect();
        let mut responses = Map::new();
        for (status, content) in &self.answers {
            let answer = match content {
                Value::Null => json!({ "description": "Done." }),
                content => json!({ "description": "As asked.", "content": content }),
            };
            responses.insert(status.to_string(), answer);
        }
        responses.insert(
            "default".to_owned(),
            json!({ "description": "What went wrong.", "content": {
                "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } }
            } }),
        );
        let mut operation = Map::new();
        let mut say = |name: &str, value: Value| operation.insert(name.to_owned(), value);
        say("summary", json!(self.summary));
        say(
            "tags",
            json!([path
                .split('/')
                .find(|part| is_topic(part))
                .unwrap_or("depictio")]),
        );
        say("parameters", json!(parameters));
        say("responses", Value::Object(responses));
        if let Some(body) = &self.body {
            say("requestBody", json!({ "required": true, "content": body }));
        }
        match action {
            Some(action) => {
                say("x-action", json!(action.as_str()));
                say("security", json!([{ "bearer": [] }, { "cookie": [] }]))
            }
            None => say("security", json!([])),
        };
        Value::Object(operation)
    }
}

/// Whether a part of a path says what its routes are about.
fn is_topic(part: &str) -> bool {
    !matches!(part, "" | "api" | "v1" | ".well-known") && !part.starts_with('{')
}

/// Routes with what the document says of them.
pub(crate) struct Routes {
    router: Router<App>,
    prefix: &'static str,
    paths: Map<String, Value>,
    schemas: BTreeMap<String, Value>,
}

impl Routes {
    /// No routes yet; all paths start with `prefix`.
    pub(crate) fn under(prefix: &'static str) -> Self {
        let mut schemas = BTreeMap::new();
        collect::<super::problem::ProblemBody>(&mut schemas);
        Self {
            router: Router::new(),
            prefix,
            paths: Map::new(),
            schemas,
        }
    }

    /// A route whose handler takes its permit first.
    pub(crate) fn add<H, T>(self, doc: Doc, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        let method = on(doc.method, handler);
        self.put(doc, Some(T::ACTION), method)
    }

    /// A route for everyone. Each is named in the sweep of all routes.
    pub(crate) fn public<H, T>(self, doc: Doc, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let method = on(doc.method, handler);
        self.put(doc, None, method)
    }

    fn put(mut self, doc: Doc, action: Option<ActionName>, method: MethodRouter<App>) -> Self {
        let path = format!("{}{}", self.prefix, doc.path);
        let item = self.paths.entry(path.clone()).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(doc.verb.to_owned(), doc.operation(&path, action));
        }
        self.schemas.extend(doc.schemas);
        self.router = self.router.route(&path, method);
        self
    }

    /// Adds all routes of another part.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        for (path, item) in other.paths {
            let mine = self.paths.entry(path).or_insert_with(|| json!({}));
            if let (Some(mine), Value::Object(theirs)) = (mine.as_object_mut(), item) {
                mine.extend(theirs);
            }
        }
        self.schemas.extend(other.schemas);
        self.router = self.router.merge(other.router);
        self
    }

    /// The router and the OpenAPI document (3.1) of what is in it.
    pub(crate) fn finish(self) -> (Router<App>, Value) {
        let document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Depictio",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Dashboards over shared scientific tables.",
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            },
            "paths": self.paths,
            "components": {
                "schemas": self.schemas,
                "securitySchemes": {
                    "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                    "cookie": { "type": "apiKey", "in": "cookie", "name": "__Host-depictio_access" },
                },
            },
        });
        (self.router, document)
    }
}
