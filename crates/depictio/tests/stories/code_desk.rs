//! A person with a project and a table, who runs code on a server; and a look at the processes that run it.

use crate::client::{Answer, Client};
use crate::server::Server;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

pub(crate) const CSV: &str = "n,kind,day\n1,a,2024-01-01\n2,b,2024-01-02\n3,b,2024-01-03\n";
/// Runs until it is stopped.
pub(crate) const ENDLESS: &str = "print('begun')\nwhile True:\n    pass";
/// The smallest figure.
pub(crate) const FIGURE: &str = "fig = go.Figure(go.Bar(x=[1], y=[1]))";

#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) admin: Client,
    pub(crate) project: String,
    pub(crate) collection: String,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::on(Server::shared()).await
    }

    pub(crate) async fn on(server: &Server) -> Self {
        let admin = Client::admin(server).await;
        let project = admin.project("Code").await;
        let (_, collection) = admin.collection(&project, "Table", CSV).await;
        Self {
            admin,
            project,
            collection,
        }
    }

    /// The same project and table for somebody else, who may write code there. Grants are given before runs begin:
    /// a change of a project's grants ends what runs in it.
    pub(crate) async fn colleague(&self, server: &Server) -> Self {
        let (admin, id) = self.admin.person(server, "colleague", "user").await;
        let grant = format!("{}/members/users/{id}", self.project);
        let role = json!({ "role": "editor" });
        self.admin.put(&grant, &role).await.is(200);
        Self {
            admin,
            ..self.clone()
        }
    }

    /// The project's id.
    pub(crate) fn id(&self) -> &str {
        self.project.rsplit('/').next().unwrap()
    }

    /// One preview, as it is answered.
    pub(crate) async fn preview(&self, code: &str, editor: Option<&str>) -> Answer {
        let body = json!({ "collection": self.collection, "code": code, "editor": editor });
        let path = format!("{}/figures/preview", self.project);
        self.admin.post(&path, &body).await
    }

    /// One preview, again while others keep the sandbox busy.
    pub(crate) async fn run(&self, code: &str) -> Answer {
        for _ in 0..30 {
            let answer = self.preview(code, None).await;
            if answer.status.as_u16() != 429 {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("busy for fifteen seconds");
    }

    /// A dashboard with one figure that code draws; its path.
    pub(crate) async fn board(&self, code: &str) -> String {
        let path = format!("{}/dashboards", self.project);
        let body = json!({ "title": "Board", "tabs": [self.tab(code)] });
        let made = self.admin.post(&path, &body).await.is(201).json();
        format!("{path}/{}", made["id"].as_str().unwrap())
    }

    /// A tab with one figure that code draws.
    pub(crate) fn tab(&self, code: &str) -> Value {
        let content = json!({ "kind": "code", "collection": self.collection, "code": code });
        let layout = json!({ "x": 0, "y": 0, "w": 6, "h": 4 });
        let part = json!({ "id": "code", "title": "", "layout": layout, "content": content });
        json!({ "id": "tab", "title": "One", "filters": [], "components": [part] })
    }

    /// The records of the project's runs, newest first.
    pub(crate) async fn runs(&self) -> Vec<Value> {
        self.events("code.run").await
    }

    /// Events of a type in the project, newest first.
    pub(crate) async fn events(&self, kind: &str) -> Vec<Value> {
        // Reads are written within 50 ms.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let path = format!(
            "/api/v1/audit/events?limit=200&type={kind}&project={}",
            self.id()
        );
        self.admin.get(&path).await.is(200).json()["items"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// A measurement by the start of its line.
    pub(crate) async fn measured(&self, line: &str) -> f64 {
        let text = self.admin.get("/metrics").await.is(200).text();
        let found = text.lines().find_map(|one| one.strip_prefix(line));
        found.map_or(0.0, |value| value.trim().parse().unwrap())
    }
}

/// Waits until something holds.
pub(crate) async fn within<F: Future<Output = bool>>(
    limit: Duration,
    mut holds: impl FnMut() -> F,
) -> bool {
    let started = Instant::now();
    while started.elapsed() < limit {
        if holds().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// Processes below one, with the clock ticks that each has used (proc(5), fields 4, 14 and 15 of stat).
pub(crate) fn below(root: u32) -> HashMap<u32, u64> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // The name may hold anything; what follows its last parenthesis is the state and then numbers.
        let Some((_, rest)) = stat.rsplit_once(')') else {
            continue;
        };
        let fields: Vec<&str> = rest.split_whitespace().collect();
        if fields[0] == "Z" {
            continue;
        }
        let number = |index: usize| fields[index].parse::<u64>().unwrap_or(0);
        all.push((pid, number(1), number(11) + number(12)));
    }
    let mut found = HashMap::from([(root, 0)]);
    loop {
        let before = found.len();
        for (pid, parent, ticks) in &all {
            if found.contains_key(&u32::try_from(*parent).unwrap()) {
                found.entry(*pid).or_insert(*ticks);
            }
        }
        if found.len() == before {
            found.remove(&root);
            return found;
        }
    }
}
