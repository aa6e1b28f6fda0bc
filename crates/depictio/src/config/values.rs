//! Values of their kinds, and what must hold between them.

use super::load::check_private;
use super::{ConfigError, Loaded};
use domain::Registration;
use domain::limits::{CodeLimits, CodeModeLimits, ProjectLimits, StorageLimits};
use keys::{Secret, TokenAlgorithm};
use operations::mail::Mailer;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Files for serving TLS.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    /// Certificate chain, PEM.
    pub(crate) certificate: PathBuf,
    /// Private key, PEM.
    pub(crate) key: PathBuf,
}

/// The configuration in force.
#[derive(Clone)]
pub(crate) struct Config {
    /// The directory everything is kept in.
    pub(crate) data_dir: PathBuf,
    /// The address to serve.
    pub(crate) bind: SocketAddr,
    /// The address people use.
    pub(crate) public_url: Option<Url>,
    /// Whom to tell of a hole.
    pub(crate) security_contact: Option<Url>,
    /// Proxies whose word on the client's address counts.
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// Where `/metrics` is served without sign-in.
    pub(crate) metrics_bind: Option<SocketAddr>,
    /// TLS by ourselves.
    pub(crate) tls: Option<Tls>,
    /// The master key's file.
    pub(crate) master_key_path: PathBuf,
    /// The first admin's address.
    pub(crate) admin_email: String,
    /// The first admin's password.
    pub(crate) admin_password: Option<Secret<String>>,
    /// How access tokens are signed.
    pub(crate) jwt_algorithm: TokenAlgorithm,
    /// Who may make an account.
    pub(crate) registration: Registration,
    /// The sandbox's interpreter.
    pub(crate) python: Option<PathBuf>,
    /// Limits on one run of code.
    pub(crate) code_limits: CodeLimits,
    /// Limits on all runs of code together.
    pub(crate) code_mode: CodeModeLimits,
    /// What one project may hold.
    pub(crate) project_limits: ProjectLimits,
    /// What is kept of the disk, and on it.
    pub(crate) storage_limits: StorageLimits,
    /// Lifetime of an access token.
    pub(crate) access_lifetime: Duration,
    /// Lifetime of a session.
    pub(crate) refresh_lifetime: Duration,
    /// The key that signs tokens, when it is given.
    pub(crate) jwt_private_key: Option<PathBuf>,
    /// Its public half, when it is given.
    pub(crate) jwt_public_key: Option<PathBuf>,
    /// The least serious line that is logged.
    pub(crate) log_level: tracing::Level,
    /// How log lines look.
    pub(crate) log_format: LogFormat,
    /// Whether the audit log is kept.
    pub(crate) audit_enabled: bool,
    /// Sends links to the people they are for, when a server for mail is named.
    pub(crate) mailer: Option<Mailer>,
    /// The server, for the commands that work over HTTP.
    pub(crate) remote_url: Option<Url>,
    /// A token there.
    pub(crate) remote_token: Option<Secret<String>>,
    /// Whether whoever opens the page is the admin. It is said at the command line and nowhere else.
    pub(crate) single_user: bool,
}

fn parse<T: std::str::FromStr>(loaded: &Loaded, key: &str, what: &str) -> Result<T, ConfigError> {
    let text = loaded.get(key).unwrap_or_default();
    text.trim()
        .parse()
        .map_err(|_| ConfigError::new(key, format!("{text:?} is not {what}")))
}

fn optional<T: std::str::FromStr>(
    loaded: &Loaded,
    key: &str,
    what: &str,
) -> Result<Option<T>, ConfigError> {
    loaded
        .get(key)
        .map(|_| parse(loaded, key, what))
        .transpose()
}

fn one_of<'a>(loaded: &'a Loaded, key: &str, allowed: &[&'a str]) -> Result<&'a str, ConfigError> {
    let text = loaded.get(key).unwrap_or_default();
    allowed
        .iter()
        .find(|one| one.eq_ignore_ascii_case(text))
        .copied()
        .ok_or_else(|| {
            ConfigError::new(
                key,
                format!("{text:?} is not one of {}", allowed.join(", ")),
            )
        })
}

fn flag(loaded: &Loaded, key: &str) -> Result<bool, ConfigError> {
    Ok(one_of(loaded, key, &["true", "false"])? == "true")
}

fn lifetime(loaded: &Loaded, key: &str, unit: u64, most: u64) -> Result<Duration, ConfigError> {
    let count: u64 = parse(loaded, key, "a whole number")?;
    if (1..=most).contains(&count) {
        Ok(Duration::from_secs(count * unit))
    } else {
        Err(ConfigError::new(
            key,
            format!("{count} is not between 1 and {most}"),
        ))
    }
}

impl Config {
    /// Makes values of texts and checks what must hold between them.
    ///
    /// # Errors
    /// For the first key that cannot be used.
    pub(crate) fn from_loaded(loaded: &Loaded) -> Result<Self, ConfigError> {
        refuse_what_is_not_built(loaded)?;
        let data_dir: PathBuf = parse(loaded, "DEPICTIO_DATA_DIR", "a directory")?;
        let proxies = loaded.get("DEPICTIO_TRUSTED_PROXIES").unwrap_or_default();
        let trusted_proxies = proxies
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| {
                text.parse().map_err(|_| {
                    let message = format!("{text:?} is not an IP address");
                    ConfigError::new("DEPICTIO_TRUSTED_PROXIES", message)
                })
            })
            .collect::<Result<Vec<IpAddr>, _>>()?;
        let level = one_of(
            loaded,
            "LOG_LEVEL",
            &["TRACE", "DEBUG", "INFO", "WARN", "ERROR"],
        )?;
        let (code_limits, code_mode) = super::limits::on_code(loaded)?;
        let config = Self {
            code_limits,
            code_mode,
            project_limits: super::limits::of_project(loaded)?,
            storage_limits: super::limits::of_storage(loaded)?,
            bind: parse(
                loaded,
                "DEPICTIO_BIND",
                "an address with a port, such as 127.0.0.1:8080",
            )?,
            public_url: optional(loaded, "DEPICTIO_PUBLIC_URL", "a URL")?,
            security_contact: security_contact(loaded)?,
            trusted_proxies,
            metrics_bind: optional(loaded, "DEPICTIO_METRICS_BIND", "an address with a port")?,
            tls: tls(loaded)?,
            master_key_path: loaded
                .get("DEPICTIO_MASTER_KEY_PATH")
                .map_or_else(|| data_dir.join("keys/master.key"), PathBuf::from),
            data_dir,
            admin_email: parse(loaded, "DEPICTIO_ADMIN_EMAIL", "an e-mail address")?,
            admin_password: loaded
                .get("DEPICTIO_ADMIN_PASSWORD")
                .map(|text| Secret::new(text.to_owned())),
            jwt_algorithm: jwt_algorithm(loaded)?,
            registration: registration(loaded)?,
            python: optional(loaded, "DEPICTIO_PYTHON", "a path")?,
            access_lifetime: lifetime(loaded, "JWT_ACCESS_TOKEN_EXPIRE_MINUTES", 60, 1_440)?,
            refresh_lifetime: lifetime(loaded, "JWT_REFRESH_TOKEN_EXPIRE_DAYS", 86_400, 365)?,
            jwt_private_key: optional(loaded, "JWT_PRIVATE_KEY_PATH", "a path")?,
            jwt_public_key: optional(loaded, "JWT_PUBLIC_KEY_PATH", "a path")?,
            log_level: level
                .parse()
                .map_err(|_| ConfigError::new("LOG_LEVEL", "not a level"))?,
            log_format: match one_of(loaded, "LOG_FORMAT", &["json", "text"])? {
                "text" => LogFormat::Text,
                _ => LogFormat::Json,
            },
            audit_enabled: flag(loaded, "AUDIT_LOG_ENABLED")?,
            mailer: mailer(loaded)?,
            remote_url: remote_url(loaded)?,
            remote_token: loaded
                .get("DEPICTIO_TOKEN")
                .map(|text| Secret::new(text.to_owned())),
            single_user: false,
        };
        config.check()?;
        Ok(config)
    }

    /// For one person on their own machine.
    ///
    /// # Errors
    /// When somebody else could reach it, or make an account.
    pub(crate) fn for_one_person(self) -> Result<Self, ConfigError> {
        let is_reached =
            "--single-user signs in whoever reaches the page: it is for 127.0.0.1 and [::1] alone";
        if !self.bind.ip().is_loopback() {
            return Err(ConfigError::new("DEPICTIO_BIND", is_reached));
        }
        if self.public_url.is_some() {
            return Err(ConfigError::new("DEPICTIO_PUBLIC_URL", is_reached));
        }
        if !self.trusted_proxies.is_empty() {
            return Err(ConfigError::new("DEPICTIO_TRUSTED_PROXIES", is_reached));
        }
        if self.registration != Registration::Closed {
            let message = "--single-user is for one account: leave it closed";
            return Err(ConfigError::new("DEPICTIO_REGISTRATION", message));
        }
        Ok(Self {
            single_user: true,
            ..self
        })
    }

    /// Whether people reach us over TLS, ours or a proxy's.
    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some()
            || self
                .public_url
                .as_ref()
                .is_some_and(|url| url.scheme() == "https")
    }

    fn check(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.public_url
            && !matches!(url.scheme(), "http" | "https")
        {
            return Err(ConfigError::new(
                "DEPICTIO_PUBLIC_URL",
                "an http or https URL",
            ));
        }
        let behind_proxy = self.is_secure() && !self.trusted_proxies.is_empty();
        if !self.bind.ip().is_loopback() && self.tls.is_none() && !behind_proxy {
            return Err(ConfigError::new(
                "DEPICTIO_BIND",
                "passwords and data would cross the network in the clear; set \
                 DEPICTIO_TLS_CERT_PATH and DEPICTIO_TLS_KEY_PATH, or name the TLS proxy in front \
                 by DEPICTIO_TRUSTED_PROXIES and DEPICTIO_PUBLIC_URL=https://..., or bind to 127.0.0.1",
            ));
        }
        if self.jwt_public_key.is_some() && self.jwt_private_key.is_none() {
            return Err(ConfigError::new(
                "JWT_PRIVATE_KEY_PATH",
                "it must be given when JWT_PUBLIC_KEY_PATH is",
            ));
        }
        if let Some(path) = &self.jwt_private_key {
            check_private("JWT_PRIVATE_KEY_PATH", path)?;
        }
        Ok(())
    }
}

/// Names of things that later versions bring: better no start than one that ignores them.
fn refuse_what_is_not_built(loaded: &Loaded) -> Result<(), ConfigError> {
    let message = "this version keeps metadata and tables in the data directory only; unset it";
    for key in [
        "MONGODB_URI",
        "MINIO_ENDPOINT",
        "MINIO_BUCKET",
        "MINIO_REGION",
        "MINIO_SSE",
        "MINIO_ACCESS_KEY",
        "MINIO_SECRET_KEY",
    ] {
        if loaded.get(key).is_some() {
            return Err(ConfigError::new(key, message));
        }
    }
    if one_of(loaded, "DEPICTIO_QUERY_ENGINE", &["local", "distributed"])? == "distributed" {
        return Err(ConfigError::new(
            "DEPICTIO_QUERY_ENGINE",
            "this version runs queries on one machine only; set it to local",
        ));
    }
    Ok(())
}

fn security_contact(loaded: &Loaded) -> Result<Option<Url>, ConfigError> {
    let (key, what) = (
        "DEPICTIO_SECURITY_CONTACT",
        "mailto:security@lab.example or an https URL",
    );
    let contact: Option<Url> = optional(loaded, key, what)?;
    match contact {
        Some(url) if !matches!(url.scheme(), "mailto" | "https" | "tel") => {
            Err(ConfigError::new(key, format!("{url} is not {what}")))
        }
        contact => Ok(contact),
    }
}

fn mailer(loaded: &Loaded) -> Result<Option<Mailer>, ConfigError> {
    let plaintext = flag(loaded, "DEPICTIO_ALLOW_PLAINTEXT_BACKENDS")?;
    let Some(server) = loaded.get("DEPICTIO_SMTP_URL") else {
        return Ok(None);
    };
    let Some(page) = optional(loaded, "DEPICTIO_PUBLIC_URL", "a URL")? else {
        let message = "it must be given when DEPICTIO_SMTP_URL is: links in mail lead there";
        return Err(ConfigError::new("DEPICTIO_PUBLIC_URL", message));
    };
    Mailer::new(&Secret::new(server.to_owned()), page, plaintext)
        .map(Some)
        .map_err(|error| ConfigError::new("DEPICTIO_SMTP_URL", error.to_string()))
}

fn remote_url(loaded: &Loaded) -> Result<Option<Url>, ConfigError> {
    let what = "the address of a server, such as https://depictio.lab.example";
    let url: Option<Url> = optional(loaded, "DEPICTIO_URL", what)?;
    // An address is shown and logged, so nothing secret may stand in it: not even for the message is it repeated.
    let is_address = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    match url {
        Some(url) if !is_address(&url) => {
            let message = format!("it is not {what}; the token goes into DEPICTIO_TOKEN");
            Err(ConfigError::new("DEPICTIO_URL", message))
        }
        url => Ok(url),
    }
}

fn jwt_algorithm(loaded: &Loaded) -> Result<TokenAlgorithm, ConfigError> {
    let names = TokenAlgorithm::ALL.map(TokenAlgorithm::as_str);
    let name = one_of(loaded, "JWT_ALGORITHM", &names)?;
    let found = TokenAlgorithm::ALL
        .into_iter()
        .find(|one| one.as_str() == name);
    Ok(found.unwrap_or(TokenAlgorithm::Rs256))
}

fn registration(loaded: &Loaded) -> Result<Registration, ConfigError> {
    let ways = Registration::ALL.map(Registration::as_str);
    let way = one_of(loaded, "DEPICTIO_REGISTRATION", &ways)?;
    let found = Registration::ALL
        .into_iter()
        .find(|one| one.as_str() == way);
    Ok(found.unwrap_or(Registration::Closed))
}

fn tls(loaded: &Loaded) -> Result<Option<Tls>, ConfigError> {
    let certificate = loaded.get("DEPICTIO_TLS_CERT_PATH").map(PathBuf::from);
    let key = loaded.get("DEPICTIO_TLS_KEY_PATH").map(PathBuf::from);
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            check_private("DEPICTIO_TLS_KEY_PATH", &key)?;
            Ok(Some(Tls { certificate, key }))
        }
        (Some(_), None) => Err(ConfigError::new(
            "DEPICTIO_TLS_KEY_PATH",
            "it must be given with the certificate",
        )),
        (None, Some(_)) => Err(ConfigError::new(
            "DEPICTIO_TLS_CERT_PATH",
            "it must be given with the key",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Config::from_loaded(&load(pairs.into_iter(), None)?)
    }

    fn key_at_fault(pairs: &[(&str, &str)]) -> String {
        config(pairs)
            .err()
            .map(|error| error.key)
            .unwrap_or_default()
    }

    #[test]
    fn nothing_set_is_a_good_configuration() {
        let config = config(&[]).unwrap();
        assert_eq!(config.access_lifetime, Duration::from_secs(1_800));
        assert_eq!(config.refresh_lifetime, Duration::from_secs(604_800));
        assert!(config.audit_enabled && !config.is_secure());
    }

    #[test]
    fn plain_http_on_a_network_stops_the_start() {
        assert_eq!(
            key_at_fault(&[("DEPICTIO_BIND", "0.0.0.0:8080")]),
            "DEPICTIO_BIND"
        );
        let proxied = [
            ("DEPICTIO_BIND", "0.0.0.0:8080"),
            ("DEPICTIO_PUBLIC_URL", "https://dashboards.example"),
            ("DEPICTIO_TRUSTED_PROXIES", "10.0.0.1"),
        ];
        assert!(config(&proxied).unwrap().is_secure());
        assert_eq!(key_at_fault(&proxied[..2]), "DEPICTIO_BIND");
    }

    #[test]
    fn a_start_for_one_person_is_refused_where_others_could_reach_it() {
        let one = |pairs: &[(&str, &str)]| config(pairs).unwrap().for_one_person();
        assert!(one(&[]).unwrap().single_user);
        assert!(one(&[("DEPICTIO_BIND", "[::1]:8080")]).unwrap().single_user);
        let proxied = [
            ("DEPICTIO_BIND", "0.0.0.0:8080"),
            ("DEPICTIO_PUBLIC_URL", "https://dashboards.example"),
            ("DEPICTIO_TRUSTED_PROXIES", "10.0.0.1"),
        ];
        for (key, pairs) in [
            ("DEPICTIO_BIND", &proxied[..]),
            ("DEPICTIO_PUBLIC_URL", &proxied[1..2]),
            ("DEPICTIO_TRUSTED_PROXIES", &proxied[2..]),
            (
                "DEPICTIO_REGISTRATION",
                &[("DEPICTIO_REGISTRATION", "invite")],
            ),
        ] {
            assert_eq!(one(pairs).err().unwrap().key, key);
        }
    }

    #[test]
    fn a_bad_value_names_its_key() {
        for (key, value) in [
            ("DEPICTIO_BIND", "localhost"),
            ("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
            ("JWT_REFRESH_TOKEN_EXPIRE_DAYS", "many"),
            ("JWT_ALGORITHM", "HS256"),
            ("JWT_ALGORITHM", "none"),
            ("JWT_ALGORITHM", "Ed25519"),
            ("JWT_ALGORITHM", "RS512"),
            ("DEPICTIO_REGISTRATION", "everyone"),
            ("DEPICTIO_SECURITY_CONTACT", "security@lab.example"),
            ("DEPICTIO_SECURITY_CONTACT", "http://lab.example/security"),
            ("LOG_LEVEL", "LOUD"),
            ("LOG_FORMAT", "xml"),
            ("AUDIT_LOG_ENABLED", "perhaps"),
            ("DEPICTIO_TRUSTED_PROXIES", "proxy"),
            ("DEPICTIO_QUERY_ENGINE", "distributed"),
            ("DEPICTIO_URL", "lab"),
            ("DEPICTIO_URL", "localhost:8080"),
            ("DEPICTIO_URL", "https://ada:planted@lab.example"),
            ("DEPICTIO_URL", "https://lab.example/?token=planted"),
            ("MONGODB_URI", "mongodb://localhost/depictio"),
        ] {
            assert_eq!(key_at_fault(&[(key, value)]), key);
        }
        let mail = (
            "DEPICTIO_SMTP_URL",
            "smtps://mail.example?from=depictio@lab.example",
        );
        assert_eq!(key_at_fault(&[mail]), "DEPICTIO_PUBLIC_URL");
        let page = ("DEPICTIO_PUBLIC_URL", "http://localhost:8080");
        assert!(config(&[mail, page]).unwrap().mailer.is_some());
        let wrong = ("DEPICTIO_SMTP_URL", "mail.example");
        assert_eq!(key_at_fault(&[wrong, page]), "DEPICTIO_SMTP_URL");
    }
}
