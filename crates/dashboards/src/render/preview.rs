//! One component that is not saved yet, for whoever builds it.

use super::component::{drawn, milliseconds};
use super::editors::{Seat, is_name};
use super::line::{Drawn, Failure, Shown, Versions};
use super::session::{Code, Lane, Session, name};
use super::{Dashboards, RenderError};
use access::{Detail, Permit, Target, TargetKind};
use domain::action::{PreviewFigure, QueryData, WriteCode};
use domain::dashboard::{Component, Content, Layout, RenderFilter, Tab, content_flaws};
use sandbox::{Place, RunError};
use std::sync::Arc;
use tokio::time::Instant;

/// A component that was computed for its builder.
#[derive(Debug, Clone)]
pub struct Previewed {
    /// The result.
    pub drawn: Drawn,
    /// What it was computed from.
    pub versions: Versions,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// What to try.
#[derive(Debug, Clone)]
pub struct Tried {
    /// What is shown.
    pub content: Content,
    /// The conditions of the page it stands on.
    pub filters: Vec<RenderFilter>,
    /// The editor it is tried in, by the name it gave itself; what runs there already is ended.
    pub editor: Option<String>,
}

impl Dashboards {
    /// Computes one content. Code needs the permit to write code.
    ///
    /// Filters that name another collection are left out: they are meant for other components of
    /// the page the builder stands on.
    ///
    /// # Errors
    /// The outer error is one of the request, the inner one of the component.
    pub async fn preview(
        &self,
        permit: &Permit<PreviewFigure>,
        tried: Tried,
        code: Option<&Permit<WriteCode>>,
    ) -> Result<Result<Previewed, Failure>, RenderError> {
        let Tried {
            content,
            filters,
            editor,
        } = tried;
        let started = Instant::now();
        let settings = &self.0.settings;
        let mut flaws = crate::filters::filter_flaws(&filters, &settings.limits);
        content_flaws(
            &content,
            "/content",
            &settings.limits,
            settings.code_limits.code_source_bytes_max,
            &mut |pointer, message| flaws.push(domain::dashboard::Flaw { pointer, message }),
        );
        if editor.as_deref().is_some_and(|name| !is_name(name)) {
            flaws.push(domain::dashboard::Flaw {
                pointer: "/editor".to_owned(),
                message: "a name of 1 to 64 of A-Z, a-z, 0-9, _ and -".to_owned(),
            });
        }
        if !flaws.is_empty() {
            return Err(RenderError::Invalid(flaws));
        }
        let own = content.source().map(|(id, _)| id.clone());
        let filters: Vec<RenderFilter> = filters
            .into_iter()
            .filter(|filter| filter.collection.is_none() || filter.collection == own)
            .collect();
        let used = filters.len() as u64;
        let data = permit.weaken::<QueryData>();
        let may = code.map_or(Code::Forbidden, |_| Code::Written);
        let tabs = [alone(content.clone())];
        let mut seat = match &editor {
            Some(editor) => Some(self.0.editors.sit(&name(permit), editor).await),
            None => None,
        };
        let inner = Arc::clone(&self.0);
        let session = Session::open(inner, data, &tabs, filters, may, Lane::Editors).await?;
        let outcome = tokio::select! {
            biased;
            () = permit.ended() => Err(Failure::Ended),
            () = taken(&mut seat) => Err(replaced()),
            outcome = drawn(&session, &content) => outcome,
        };
        let versions = session.versions(&content);
        let version = versions.values().copied().flatten().next();
        let rows = match &outcome {
            Ok(drawn) => rows(&drawn.shown),
            Err(_) => 0,
        };
        permit.note(
            own.map(|id| Target::new(TargetKind::Collection, &id)),
            Detail::Query {
                version,
                rows,
                filters: used,
            },
        )?;
        Ok(outcome.map(|drawn| Previewed {
            drawn,
            versions,
            duration_ms: milliseconds(started),
        }))
    }
}

/// Returns when a newer preview of the same editor is there.
async fn taken(seat: &mut Option<Seat>) {
    match seat {
        Some(seat) => seat.taken().await,
        None => std::future::pending().await,
    }
}

fn replaced() -> Failure {
    Failure::Code(RunError::Cancelled(Place {
        message: "a newer run of this editor took its place".to_owned(),
        ..Place::default()
    }))
}

fn rows(shown: &Shown) -> u64 {
    match shown {
        Shown::Card { count, .. } => *count,
        Shown::Figure { rows, .. } => *rows,
        Shown::Table { rows, .. } => rows.len() as u64,
        Shown::Text { .. } => 0,
    }
}

/// A tab with nothing but this.
fn alone(content: Content) -> Tab {
    Tab {
        id: "preview".to_owned(),
        title: "preview".to_owned(),
        filters: Vec::new(),
        components: vec![Component {
            id: "component".to_owned(),
            title: String::new(),
            layout: Layout {
                x: 0,
                y: 0,
                w: 12,
                h: 1,
            },
            content,
        }],
    }
}
