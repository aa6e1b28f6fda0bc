//! The house: every part opened in its order, with one owner of the data directory.

use crate::clock::SystemClock;
use crate::config::{Config, ConfigError, Loaded};
use crate::keyring::{Keyring, private_dir};
use access::Guard;
use api::App;
use audit::{Audit, AuditSettings};
use dashboards::Dashboards;
use domain::limits::{AuditLimits, IdentityLimits, RequestLimits};
use domain::{Clock, Rng};
use identity::{HashCost, Identity, IdentitySettings, TokenKeys};
use keys::SystemRng;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use operations::demo::{Progress, Stage};
use operations::retention::Keeper;
use operations::sorting;
use rustix::fs::{FlockOperation, flock};
use sandbox::Sandbox;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::sqlite::{self, SqliteSettings};
use store::{Documents, Journal};
use tables::{Collections, Tables, TablesSettings};

/// Bounds of the histogram of runs of code, in seconds: a small figure takes some hundredths, the usual limit is ten.
const CODE_SECONDS: &[f64] = &[0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6];

/// Why the house cannot be opened: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The configuration or a key.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Another process owns the data directory.
    #[error("{0} is owned by a running depictio; stop it first, or use another DEPICTIO_DATA_DIR")]
    Owned(String),
    /// A part did not open.
    #[error("{part}: {cause}")]
    Part {
        /// Which.
        part: &'static str,
        /// What it said.
        cause: String,
    },
}

fn part<E: std::fmt::Display>(part: &'static str) -> impl Fn(E) -> OpenError {
    move |error| OpenError::Part {
        part,
        cause: error.to_string(),
    }
}

/// The ownership of a data directory, given up when dropped.
pub(crate) struct Ownership(#[expect(dead_code, reason = "holds the lock while it lives")] File);

impl Ownership {
    /// Takes the lock.
    ///
    /// # Errors
    /// When another process has it.
    pub(crate) fn take(data_dir: &Path) -> Result<Self, OpenError> {
        private_dir(data_dir)?;
        let file = File::create(data_dir.join("lock")).map_err(part("the data directory"))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| OpenError::Owned(data_dir.display().to_string()))?;
        Ok(Self(file))
    }
}

/// Metadata and the log, without tables, sandbox and interface: enough for most commands.
pub(crate) struct Office {
    /// The gate, with the log behind it.
    pub(crate) guard: Guard,
    /// Accounts and sessions.
    pub(crate) identity: Identity,
    /// The keys.
    pub(crate) keyring: Keyring,
    documents: Documents,
    journal: Journal,
    _ownership: Ownership,
}

impl Office {
    /// Opens it.
    ///
    /// # Errors
    /// With the sentence for the operator.
    pub(crate) async fn open(config: &Config) -> Result<Self, OpenError> {
        let ownership = Ownership::take(&config.data_dir)?;
        let keyring = Keyring::open(config)?;
        let key = keyring
            .root
            .derive("metadata database")
            .map_err(part("the root key"))?;
        let (documents, journal) = sqlite::open(SqliteSettings {
            path_documents: config.data_dir.join("depictio.db"),
            path_journal: config.data_dir.join("audit.db"),
            key: &key,
            readers: 2,
        })
        .await
        .map_err(part("metadata"))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let rng: Arc<dyn Rng> = Arc::new(SystemRng);
        let audit = Audit::start(AuditSettings {
            journal: journal.clone(),
            limits: AuditLimits::default(),
            enabled: config.audit_enabled,
            clock: clock.clone(),
            rng: rng.clone(),
        })
        .await
        .map_err(part("the audit log"))?;
        let guard = Guard::new(documents.clone(), audit.clone(), clock.clone(), rng.clone());
        let minutes = config.access_lifetime.as_secs() / 60;
        let days = config.refresh_lifetime.as_secs() / 86_400;
        let identity = Identity::new(IdentitySettings {
            documents: documents.clone(),
            audit,
            guard: guard.clone(),
            clock,
            rng,
            keys: TokenKeys::new(&keyring.signing, &keyring.retired).map_err(part("keys"))?,
            issuer: config
                .public_url
                .as_ref()
                .map_or_else(|| "depictio".to_owned(), ToString::to_string),
            access_token_minutes: u32::try_from(minutes).unwrap_or(u32::MAX),
            refresh_token_days: u32::try_from(days).unwrap_or(u32::MAX),
            registration: config.registration,
            hash_cost: HashCost::default(),
            limits: IdentityLimits::default(),
        })
        .map_err(part("identity"))?;
        Ok(Self {
            guard,
            identity,
            keyring,
            documents,
            journal,
            _ownership: ownership,
        })
    }

    /// Writes what is queued and closes the files.
    pub(crate) async fn close(&self) {
        if let Err(error) = self.guard.audit().flush().await {
            tracing::error!(%error, "the audit log was not flushed");
        }
        self.documents.close().await;
        self.journal.close().await;
    }
}

/// Everything a server needs.
pub(crate) struct House {
    /// Metadata and the log.
    pub(crate) office: Office,
    /// The interface.
    pub(crate) app: App,
    /// Where user code runs.
    pub(crate) sandbox: Sandbox,
    /// How far the demo is.
    pub(crate) progress: Progress,
}

/// Memory for queries running at one time: a quarter of the machine's, at least 512 MiB.
fn query_memory() -> usize {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total_kib = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<usize>().ok())
        .unwrap_or(4 << 20);
    (total_kib * 1024 / 4).max(512 << 20)
}

/// Starts Code Mode, or says why it is off. Never weaker: on or off.
pub(crate) async fn start_sandbox(config: &Config) -> Sandbox {
    let python = match sandbox::find_python(config.python.clone()) {
        Ok(python) => python,
        Err(error) => return Sandbox::off(error.to_string()),
    };
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => {
            return Sandbox::off(format!("the program does not know its own path: {error}"));
        }
    };
    let launcher = sandbox::Launcher {
        program,
        args: vec![crate::LAUNCHER.to_owned()],
    };
    let count = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
    let mode = config.code_mode;
    let mut settings = sandbox::Settings::new(python, launcher);
    settings.workers = count(mode.code_workers);
    settings.queue = count(mode.code_queue_runs_max);
    settings.person_running_max = count(mode.code_person_runs_max);
    settings.person_waiting_max = count(mode.code_person_waiting_runs_max);
    settings.limits = config.code_limits;
    match Sandbox::start(settings).await {
        Ok(sandbox) => {
            say_layers(&sandbox, config);
            sandbox
        }
        Err(error) => {
            tracing::error!(%error, "Code Mode is off");
            Sandbox::off(error.to_string())
        }
    }
}

/// The line of the log that says what protects this machine from code.
fn say_layers(sandbox: &Sandbox, config: &Config) {
    let status = sandbox.status();
    let layers: Vec<&str> = status
        .layers
        .iter()
        .filter(|layer| layer.active)
        .map(|layer| layer.name)
        .collect();
    let missing: Vec<&str> = status
        .layers
        .iter()
        .filter(|layer| !layer.active)
        .map(|layer| layer.name)
        .collect();
    tracing::info!(
        layers = layers.join(", "),
        missing = missing.join(", "),
        python = status.python,
        workers = config.code_mode.code_workers,
        queue = config.code_mode.code_queue_runs_max,
        "Code Mode is on"
    );
}

impl House {
    /// Opens everything. Code Mode's self-test, the slowest part, runs beside the rest.
    ///
    /// # Errors
    /// With the sentence for the operator.
    pub(crate) async fn open(config: &Config) -> Result<Self, OpenError> {
        let (office, sandbox) = tokio::join!(Office::open(config), start_sandbox(config));
        let office = office?;
        let limits = RequestLimits::default();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let objects = config.data_dir.join("objects");
        private_dir(&objects)?;
        remove_unfinished(objects.clone());
        let tables = Tables::new(TablesSettings {
            store: objects::local(objects).map_err(part("objects"))?,
            spool_dir: config.data_dir.join("spool"),
            threads,
            memory_bytes: query_memory(),
            limits,
            disk_reserve_bytes: config.storage_limits.disk_reserve_bytes,
            cache_bytes: 256 << 20,
            sorted_rows_min: config.storage_limits.sorted_rows_min,
            clock: clock.clone(),
        })
        .map_err(part("tables"))?;
        let collections =
            Collections::new(tables, office.keyring.root.clone(), config.project_limits);
        let dashboards = Dashboards::new(dashboards::Settings {
            collections: collections.clone(),
            sandbox: sandbox.clone(),
            limits,
            code_limits: config.code_limits,
            code_mode: config.code_mode,
        });
        let keeper = Keeper::new(
            office.guard.clone(),
            collections.clone(),
            config.storage_limits.removed_version_grace_seconds,
        );
        sorting::start(office.guard.clone(), collections.clone());
        let progress = Progress::default();
        let metrics = PrometheusBuilder::new()
            .set_buckets_for_metric(
                Matcher::Full("depictio_code_run_duration_seconds".to_owned()),
                CODE_SECONDS,
            )
            .map_err(part("metrics"))?
            .install_recorder()
            .map_err(part("metrics"))?;
        let app = App::new(api::Settings {
            guard: office.guard.clone(),
            identity: office.identity.clone(),
            collections,
            keeper,
            dashboards,
            sandbox: sandbox.clone(),
            clock: clock.clone(),
            rng: Arc::new(SystemRng),
            limits,
            code_limits: config.code_limits,
            code_mode: config.code_mode,
            secure: config.is_secure(),
            public_url: config.public_url.clone(),
            security_contact: config.security_contact.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            mailer: config.mailer.clone(),
            single_user: config.single_user,
            demo: progress.clone(),
            metrics,
        });
        Ok(Self {
            office,
            app,
            sandbox,
            progress,
        })
    }
}

impl House {
    /// What the demo is made with.
    pub(crate) fn stage(&self) -> Stage {
        Stage {
            guard: self.office.guard.clone(),
            identity: self.office.identity.clone(),
            collections: self.app.collections().clone(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            progress: self.progress.clone(),
        }
    }
}

/// Removes what an earlier process left unfinished, beside everything else.
fn remove_unfinished(objects: PathBuf) {
    let began = SystemClock.now().into();
    tokio::task::spawn_blocking(move || match objects::remove_unfinished(&objects, began) {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "unfinished files of an earlier run were removed"),
        Err(error) => tracing::warn!(%error, "unfinished files were not looked for"),
    });
}

/// Values for the record of a start: everything in force, secrets redacted.
pub(crate) fn recorded(loaded: &Loaded) -> std::collections::BTreeMap<String, String> {
    loaded
        .redacted()
        .filter(|(_, value, _)| !value.is_empty())
        .map(|(name, value, _)| (name.key.to_owned(), value))
        .collect()
}
