//! Computing what a dashboard shows.
//!
//! Which version of each collection is shown is decided once, before anything is computed, so that
//! all components of one render agree even while somebody uploads. Each component is then computed
//! on its own; a component that fails says so on its line and stops nobody else.

mod ask;
mod cache;
mod card;
mod code;
mod columns;
mod component;
mod editors;
mod figure;
mod frames;
mod line;
mod load;
mod palette;
mod preview;
mod record;
mod session;
mod table;

pub use line::{Drawn, Failure, Line, Shown, Versions};
pub use load::CodeLoad;
pub use preview::{Previewed, Tried};

use crate::document::{self, DashboardError};
use access::{AccessError, Detail, Permit, Target, TargetKind};
use cache::Results;
use domain::action::{QueryData, ViewDashboard, WriteCode};
use domain::dashboard::{Component, Flaw, RenderFilter, Tab};
use domain::id::DashboardId;
use domain::limits::{CodeLimits, CodeModeLimits, RequestLimits};
use editors::Editors;
use frames::Frames;
use futures::stream::{self, Stream, StreamExt as _};
use load::Counts;
use palette::Palettes;
use sandbox::Sandbox;
use session::{Code, Lane, Session};
use std::collections::HashSet;
use std::sync::Arc;
use tables::Collections;

/// Components computed at one time for one render; the engine has its own queue behind this.
const COMPONENTS_AT_ONCE: usize = 8;

/// What rendering stands on.
pub struct Settings {
    /// The collections and their tables.
    pub collections: Collections,
    /// Where code runs.
    pub sandbox: Sandbox,
    /// What one request may carry.
    pub limits: RequestLimits,
    /// What one run of code may use; a project may be held to less.
    pub code_limits: CodeLimits,
    /// What all runs of code together may use.
    pub code_mode: CodeModeLimits,
}

/// Computes dashboards. Cheap to clone.
#[derive(Clone)]
pub struct Dashboards(Arc<Inner>);

struct Inner {
    settings: Settings,
    results: Results,
    palettes: Palettes,
    frames: Frames,
    editors: Editors,
    counts: Counts,
    /// Digest of what runs code: guard, wall and libraries.
    guard: String,
}

/// What to render.
#[derive(Debug, Clone, Default)]
pub struct RenderRequest {
    /// The conditions.
    pub filters: Vec<RenderFilter>,
    /// Only these components; all when not given.
    pub components: Option<Vec<String>>,
    /// As of this revision; the latest when not given.
    pub revision: Option<u64>,
    /// Instead of what is saved, this tab as it is being edited.
    pub draft: Option<Tab>,
}

/// Why nothing at all is rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// There is no such dashboard or revision.
    #[error(transparent)]
    Dashboard(#[from] DashboardError),
    /// The request is wrong in itself.
    #[error("the request has errors")]
    Invalid(Vec<Flaw>),
    /// What stands below failed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl Dashboards {
    /// Sets up rendering.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            results: Results::new(settings.code_mode.code_results_cache_bytes_max),
            palettes: Palettes::default(),
            frames: Frames::new(
                settings.code_mode.code_frames_cache_bytes_max,
                settings.code_mode.code_frames_bytes_max,
            ),
            editors: Editors::default(),
            counts: Counts::default(),
            guard: settings.sandbox.digest(),
            settings,
        }))
    }

    /// What Code Mode is doing right now.
    #[must_use]
    pub fn code_load(&self) -> CodeLoad {
        self.0.counts.load(self.0.settings.code_mode.code_workers)
    }

    /// Renders a dashboard: one line a component, as soon as each is ready. Dropping the stream ends
    /// the work.
    ///
    /// Code that is stored runs for everyone who may view; code in a draft runs only with the permit
    /// to write code.
    ///
    /// # Errors
    /// When there is no such dashboard or revision, or the request is wrong in itself.
    pub async fn render(
        &self,
        permit: &Permit<ViewDashboard>,
        id: &DashboardId,
        request: RenderRequest,
        code: Option<&Permit<WriteCode>>,
    ) -> Result<impl Stream<Item = Line> + Send + use<>, RenderError> {
        let limits = &self.0.settings.limits;
        let mut flaws = crate::filters::filter_flaws(&request.filters, limits);
        let head = match request.revision {
            Some(number) => document::at_number(permit, id, number).await?,
            None => domain::entity::Dashboard::clone(&*document::locate(permit, id).await?),
        };
        let drafted = request.draft.is_some();
        let tabs = match request.draft {
            Some(tab) => {
                let tabs = vec![tab];
                let most = self.0.settings.code_limits.code_source_bytes_max;
                flaws.extend(domain::dashboard::flaws(&tabs, limits, most));
                tabs
            }
            None => head.tabs,
        };
        let wanted = wanted(&tabs, request.components, &mut flaws);
        if !flaws.is_empty() {
            return Err(RenderError::Invalid(flaws));
        }
        permit.note(
            Some(Target::new(TargetKind::Dashboard, id)),
            Detail::Render {
                revision: head.revision,
                components: wanted.len() as u64,
                filters: request.filters.len() as u64,
            },
        )?;
        let data = permit.weaken::<QueryData>();
        let may = match (drafted, code) {
            (false, _) => Code::Stored,
            (true, Some(_)) => Code::Written,
            (true, None) => Code::Forbidden,
        };
        let session = Session::open(
            Arc::clone(&self.0),
            data,
            &tabs,
            request.filters,
            may,
            Lane::Pages,
        )
        .await?;
        let session = Arc::new(session);
        Ok(stream::iter(wanted)
            .map(move |component| component::line(Arc::clone(&session), component))
            .buffer_unordered(COMPONENTS_AT_ONCE))
    }
}

/// The components to compute, in the order of the page. An id that is not there is a flaw.
fn wanted(tabs: &[Tab], only: Option<Vec<String>>, flaws: &mut Vec<Flaw>) -> Vec<Component> {
    let all = tabs.iter().flat_map(|tab| tab.components.iter());
    let Some(only) = only else {
        return all.cloned().collect();
    };
    let known: HashSet<&str> = tabs
        .iter()
        .flat_map(|tab| tab.components.iter().map(|component| component.id.as_str()))
        .collect();
    for (index, id) in only.iter().enumerate() {
        if !known.contains(id.as_str()) {
            flaws.push(Flaw {
                pointer: format!("/components/{index}"),
                message: "there is no such component".to_owned(),
            });
        }
    }
    let only: HashSet<&str> = only.iter().map(String::as_str).collect();
    all.filter(|component| only.contains(component.id.as_str()))
        .cloned()
        .collect()
}
