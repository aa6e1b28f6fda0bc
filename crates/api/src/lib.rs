//! The HTTP interface: routes, extractors, problems, the OpenAPI document and the embedded page.
//!
//! A handler takes its permit first, calls one use case, and maps the answer. There are no rules here.

mod assets;
mod auth;
mod groups;
mod http;
mod projects;
mod system;
mod users;

use ::access::projects::NewProject;
use ::access::{Act, Guard};
use ::dashboards::Dashboards;
use ::http::Uri;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use domain::action::DeleteProject;
use domain::id::{ProjectId, UserId};
use domain::limits::{CodeLimits, CodeModeLimits, RequestLimits};
use domain::{Clock, Rng};
use identity::Identity;
use metrics_exporter_prometheus::PrometheusHandle;
use operations::demo::{DemoProgress, Progress};
use operations::mail::{Mailer, Occasion};
use operations::retention::Keeper;
use sandbox::Sandbox;
use serde_json::Value;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tables::Collections;
use url::Url;
use users::Mailed;

/// What the interface stands on.
pub struct Settings {
    /// The gate.
    pub guard: Guard,
    /// Accounts and sessions.
    pub identity: Identity,
    /// Collections and their tables.
    pub collections: Collections,
    /// Removes versions that are no longer kept.
    pub keeper: Keeper,
    /// Rendering.
    pub dashboards: Dashboards,
    /// Where user code runs.
    pub sandbox: Sandbox,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// The system's generator.
    pub rng: Arc<dyn Rng>,
    /// Bounds on requests.
    pub limits: RequestLimits,
    /// Bounds on one run of code.
    pub code_limits: CodeLimits,
    /// Bounds on all runs of code together.
    pub code_mode: CodeModeLimits,
    /// People reach us over TLS, ours or a proxy's.
    pub secure: bool,
    /// The address people use, when a proxy stands in front.
    pub public_url: Option<Url>,
    /// Whom to tell of a hole, when somebody is named.
    pub security_contact: Option<Url>,
    /// Proxies whose word on the client's address counts.
    pub trusted_proxies: Vec<IpAddr>,
    /// Sends links to the people they are for.
    pub mailer: Option<Mailer>,
    /// Whoever opens the page is the admin: for one person on their own machine.
    pub single_user: bool,
    /// How far the demo is.
    pub demo: Progress,
    /// Measurements.
    pub metrics: PrometheusHandle,
}

/// The running interface. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    settings: Settings,
    ready: AtomicBool,
    document: OnceLock<Value>,
}

fn routes() -> http::routes::Routes {
    http::routes::Routes::under("")
        .merge(auth::routes())
        .merge(users::routes())
        .merge(groups::routes())
        .merge(projects::routes())
        .merge(system::routes())
        .merge(system::root_routes())
}

/// The OpenAPI document of all routes.
#[must_use]
pub fn openapi() -> Value {
    routes().finish().1
}

impl App {
    /// An interface over these parts.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            settings,
            ready: AtomicBool::new(false),
            document: OnceLock::new(),
        }))
    }

    /// All routes and the page.
    pub fn router(&self) -> Router {
        let (routes, document) = routes().finish();
        let _ = self.0.document.set(document);
        routes
            .method_not_allowed_fallback(http::not_allowed)
            .fallback(assets::page)
            // Bodies are counted where they are read, each against its own limit.
            .layer(DefaultBodyLimit::disable())
            .layer(from_fn_with_state(self.clone(), http::headers::around))
            .with_state(self.clone())
    }

    /// Says that the server is ready: migrations are done and Code Mode's self-test has ended.
    pub fn set_ready(&self) {
        self.0.ready.store(true, Ordering::Release);
    }

    /// The gate.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.0.settings.guard
    }

    /// Accounts and sessions.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.0.settings.identity
    }

    /// Collections and their tables.
    #[must_use]
    pub fn collections(&self) -> &Collections {
        &self.0.settings.collections
    }

    /// Removes versions that are no longer kept.
    #[must_use]
    pub fn keeper(&self) -> &Keeper {
        &self.0.settings.keeper
    }

    /// A project to be made, with an id and a data key of its own.
    fn new_project(
        &self,
        name: String,
        description: String,
        owner: UserId,
    ) -> Result<NewProject, http::problem::Problem> {
        let id = ProjectId::generate(self.clock(), self.rng());
        let data_key = self
            .collections()
            .new_project_key(&id, self.rng())
            .map_err(|error| http::problem::Problem::unavailable(&error))?;
        Ok(NewProject {
            id,
            name,
            description,
            synthetic: false,
            data_key,
            owner,
        })
    }

    /// Removes the files of a project whose key is gone already.
    async fn drop_project_files(&self, act: &Act<DeleteProject>) {
        if let Err(error) = self.collections().drop_files(act).await {
            // They cannot be opened any more; they only take up room.
            tracing::warn!(%error, "files of a deleted project could not be removed");
        }
    }

    fn dashboards(&self) -> &Dashboards {
        &self.0.settings.dashboards
    }

    fn sandbox(&self) -> &Sandbox {
        &self.0.settings.sandbox
    }

    fn clock(&self) -> &dyn Clock {
        self.0.settings.clock.as_ref()
    }

    fn rng(&self) -> &dyn Rng {
        self.0.settings.rng.as_ref()
    }

    fn limits(&self) -> &RequestLimits {
        &self.0.settings.limits
    }

    fn code_limits(&self) -> &CodeLimits {
        &self.0.settings.code_limits
    }

    fn code_mode(&self) -> &CodeModeLimits {
        &self.0.settings.code_mode
    }

    /// Sends a link by mail, when there is a server for it; says what became of it.
    async fn mail(&self, occasion: Occasion, to: Option<&str>, path: &str) -> Mailed {
        match (&self.0.settings.mailer, to) {
            (Some(mailer), Some(to)) => match mailer.send(occasion, to, path).await {
                true => Mailed::Sent,
                false => Mailed::Failed,
            },
            _ => Mailed::Off,
        }
    }

    fn security_contact(&self) -> Option<&Url> {
        self.0.settings.security_contact.as_ref()
    }

    fn is_for_one_person(&self) -> bool {
        self.0.settings.single_user
    }

    fn is_secure(&self) -> bool {
        self.0.settings.secure
    }

    fn is_ready(&self) -> bool {
        self.0.ready.load(Ordering::Acquire)
    }

    fn demo(&self) -> DemoProgress {
        self.0.settings.demo.now()
    }

    /// Measurements in Prometheus' text format.
    #[must_use]
    pub fn render_metrics(&self) -> String {
        let load = self.dashboards().code_load();
        for (name, now) in [
            ("depictio_code_running", load.running),
            ("depictio_code_waiting", load.waiting),
        ] {
            metrics::gauge!(name).set(f64::from(u32::try_from(now).unwrap_or(u32::MAX)));
        }
        let load = self.collections().load();
        for (from, count) in [("memory", load.remembered), ("tables", load.computed)] {
            metrics::counter!("depictio_query_answers_total", "from" => from).absolute(count);
        }
        metrics::counter!("depictio_query_rows_read_total").absolute(load.rows_read);
        metrics::counter!("depictio_query_bytes_read_total").absolute(load.bytes_read);
        for (name, now) in [
            ("depictio_query_cache_answers", load.held),
            ("depictio_query_cache_bytes", load.held_bytes),
        ] {
            metrics::gauge!(name).set(f64::from(u32::try_from(now).unwrap_or(u32::MAX)));
        }
        self.0.settings.metrics.render()
    }

    fn openapi(&self) -> Value {
        self.0.document.get_or_init(openapi).clone()
    }

    /// Whether a proxy at this address is trusted to say who the client is.
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.settings.trusted_proxies.contains(&address)
    }

    /// Whether an `Origin` header names this installation.
    fn is_own_origin(&self, origin: &str, host: Option<&str>) -> bool {
        if let Some(url) = &self.0.settings.public_url {
            return url.origin().ascii_serialization() == origin;
        }
        let scheme = if self.is_secure() { "https" } else { "http" };
        let named = origin.parse::<Uri>().ok();
        let parts = named
            .as_ref()
            .and_then(|uri| Some((uri.scheme_str()?, uri.authority()?)));
        match (parts, host) {
            (Some((given, authority)), Some(host)) => given == scheme && authority.as_str() == host,
            _ => false,
        }
    }
}
