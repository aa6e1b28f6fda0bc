//! `depictio serve`: the first start, the listeners, and an orderly end.

use crate::config::{Config, Loaded};
use crate::control;
use crate::house::{House, OpenError, recorded};
use access::{Caller, Detail};
use audit::{EventOutcome, Kind};
use axum::Router;
use axum::routing::get;
use axum_server::tls_rustls::RustlsConfig;
use domain::Actor;
use domain::action::ManageUsers;
use domain::actor::JobKind;
use identity::FirstAdmin;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

/// How long requests may take to end after the server was told to.
const GOODBYE: Duration = Duration::from_secs(10);

fn failed(part: &'static str) -> impl Fn(std::io::Error) -> OpenError {
    move |error| OpenError::Part {
        part,
        cause: error.to_string(),
    }
}

/// Serves until it is told to stop.
///
/// # Errors
/// With the sentence for the operator.
pub(crate) async fn serve(config: Config, loaded: &Loaded, demo: bool) -> Result<(), OpenError> {
    allow_descriptors();
    let listener = TcpListener::bind(config.bind)
        .await
        .map_err(|error| OpenError::Part {
            part: "DEPICTIO_BIND",
            cause: format!("{} cannot be served: {error}", config.bind),
        })?;
    let address = listener.local_addr().map_err(failed("DEPICTIO_BIND"))?;
    let tls = read_tls(&config).await?;
    let house = Arc::new(House::open(&config).await?);
    let mut values = recorded(loaded);
    if config.single_user {
        values.insert("--single-user".to_owned(), "true".to_owned());
    }
    record(&house, Kind::ServerStart, Detail::Configuration { values }).await?;
    let admin = first_admin(&house, &config).await?;
    if demo {
        tokio::spawn(operations::demo::make(house.stage()));
    }
    let control = control::listen(&config, house.clone())?;
    let metrics = serve_metrics(&config, &house).await?;
    house.app.set_ready();
    say_where(&config, address, &house, admin.as_ref());

    let router = house.app.router();
    let handle = axum_server::Handle::new();
    tokio::spawn(stop_when_told(handle.clone()));
    let served = run(tls, listener, router, handle).await;
    control.abort();
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    record(&house, Kind::ServerStop, Detail::None).await?;
    house.office.close().await;
    served
}

/// As many open files and connections as the system lets this process have: the usual first limit of 1,024 is for
/// programs that still use `select`.
fn allow_descriptors() {
    let limits = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limits.maximum,
        ..limits
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the number of open files stays as it is");
    }
}

/// Certificate and key, before anything says that the server is ready. TLS 1.2 and 1.3 are all that
/// the library speaks.
async fn read_tls(config: &Config) -> Result<Option<RustlsConfig>, OpenError> {
    let Some(tls) = &config.tls else {
        return Ok(None);
    };
    let read = RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await;
    Ok(Some(read.map_err(failed(
        "DEPICTIO_TLS_CERT_PATH or DEPICTIO_TLS_KEY_PATH",
    ))?))
}

async fn run(
    tls: Option<RustlsConfig>,
    listener: TcpListener,
    router: Router,
    handle: axum_server::Handle<SocketAddr>,
) -> Result<(), OpenError> {
    let listener = listener.into_std().map_err(failed("DEPICTIO_BIND"))?;
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        Some(tls) => {
            axum_server::from_tcp_rustls(listener, tls)
                .map_err(failed("DEPICTIO_BIND"))?
                .handle(handle)
                .serve(service)
                .await
        }
        None => {
            axum_server::from_tcp(listener)
                .map_err(failed("DEPICTIO_BIND"))?
                .handle(handle)
                .serve(service)
                .await
        }
    }
    .map_err(failed("the server"))
}

/// Measurements without sign-in, on an address of their own, when one is named.
async fn serve_metrics(
    config: &Config,
    house: &House,
) -> Result<Option<JoinHandle<()>>, OpenError> {
    let Some(bind) = config.metrics_bind else {
        return Ok(None);
    };
    let listener = TcpListener::bind(bind)
        .await
        .map_err(failed("DEPICTIO_METRICS_BIND"))?;
    let app = house.app.clone();
    let router = Router::new().route(
        "/metrics",
        get(move || std::future::ready(app.render_metrics())),
    );
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "measurements are served no more");
        }
    })))
}

async fn stop_when_told(handle: axum_server::Handle<SocketAddr>) {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    eprintln!(
        "stopping: open requests have {} s to end",
        GOODBYE.as_secs()
    );
    handle.graceful_shutdown(Some(GOODBYE));
}

async fn record(house: &House, kind: Kind, detail: Detail) -> Result<(), OpenError> {
    let audit = house.office.guard.audit();
    let mut event = audit.event(kind, EventOutcome::Done, Actor::Operator);
    event.detail = detail;
    let recorded = audit.record(event).await;
    recorded.map(|_| ()).map_err(|error| OpenError::Part {
        part: "the audit log",
        cause: error.to_string(),
    })
}

/// Makes the first admin when there has been none.
async fn first_admin(house: &House, config: &Config) -> Result<Option<FirstAdmin>, OpenError> {
    let failed = |error: &dyn std::fmt::Display| OpenError::Part {
        part: "DEPICTIO_ADMIN_EMAIL or DEPICTIO_ADMIN_PASSWORD",
        cause: error.to_string(),
    };
    let caller = Caller::job(JobKind::FirstStart);
    let permit = house
        .office
        .guard
        .on_system::<ManageUsers>(&caller)
        .map_err(|e| failed(&e))?;
    let identity = house.office.identity.clone();
    let (email, password) = (config.admin_email.clone(), config.admin_password.clone());
    let made = permit
        .act(None, Detail::None, move |act| async move {
            identity.first_admin(&act, &email, password).await
        })
        .await
        .map_err(|error| failed(&error))?;
    Ok(made)
}

/// The box at the end of a start.
fn say_where(config: &Config, address: SocketAddr, house: &House, admin: Option<&FirstAdmin>) {
    let scheme = if config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let url = config
        .public_url
        .as_ref()
        .map_or_else(|| format!("{scheme}://{address}/"), ToString::to_string);
    let code = house.sandbox.status();
    let mut lines = vec![format!("Depictio is ready:  {url}"), String::new()];
    match admin {
        Some(admin) => {
            lines.push(format!("Admin:     {}", admin.user.email));
            lines.push(match &admin.password {
                Some(password) => format!("Password:  {}   (shown this once)", password.expose()),
                None => "Password:  the one in DEPICTIO_ADMIN_PASSWORD".to_owned(),
            });
        }
        None if config.single_user => {}
        None => lines.push("Sign in with your account.".to_owned()),
    }
    if config.single_user {
        lines.push(
            "For one person: whoever opens this address on this machine is the admin.".to_owned(),
        );
    }
    lines.push(String::new());
    lines.push(format!("Data:      {}", config.data_dir.display()));
    lines.push(match code.reason {
        None => "Code Mode: on".to_owned(),
        Some(reason) => format!("Code Mode: off ({reason})"),
    });
    lines.push("Stop:      Ctrl-C".to_owned());
    let width = lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    let rule = "-".repeat(width + 2);
    println!("+{rule}+");
    for line in lines {
        println!("| {line:width$} |");
    }
    println!("+{rule}+");
}
