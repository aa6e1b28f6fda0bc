//! Dashboards: documents with a history, and everything on one computed for a viewer.
//!
//! [`document`](create) reads and saves; [`Dashboards::render`] answers each component as soon as it
//! is ready, as of one version of each collection; [`Dashboards::preview`] does the same for one
//! component that is not saved. Nothing here decides who may: a permit comes in, documents and
//! collections are found through it, and code that is not stored needs a second permit.

mod document;
mod filters;
mod markdown;
mod render;

pub use document::{
    DashboardError, Document, Draft, NamedGroup, NarrowedTo, Person, Revision, Summary, create,
    delete, get, list, narrow, pinned, revert, revision, revisions, save,
};
pub use filters::filter_flaws;
pub use markdown::to_html;
pub use render::{
    CodeLoad, Dashboards, Drawn, Failure, Line, Previewed, RenderError, RenderRequest, Settings,
    Shown, Tried, Versions,
};
