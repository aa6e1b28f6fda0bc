//! One component that is not saved yet, for whoever builds it.

use super::component::{drawn, milliseconds};
use super::line::{Drawn, Failure, Shown, Versions};
use super::session::{Code, Session};
use super::{Dashboards, RenderError};
use access::{Detail, Permit, Target, TargetKind};
use domain::action::{PreviewFigure, QueryData, WriteCode};
use domain::dashboard::{Component, Content, Layout, RenderFilter, Tab, content_flaws};
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
        content: Content,
        filters: Vec<RenderFilter>,
        code: Option<&Permit<WriteCode>>,
    ) -> Result<Result<Previewed, Failure>, RenderError> {
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
        let session = Session::open(Arc::clone(&self.0), data, &tabs, filters, may).await?;
        let outcome = tokio::select! {
            biased;
            () = permit.ended() => Err(Failure::Ended),
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
