//! Collecting values from the environment, from files, and from `depictio.toml`.

use super::names::BUILD_NAMES;
use super::{ConfigError, NAMES, Name};
use keys::Secret;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody set it.
    Default,
    /// The environment.
    Environment,
    /// A file that `<NAME>_FILE` names.
    File,
    /// `depictio.toml`.
    Toml,
}

impl Source {
    /// In words.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Environment => "environment",
            Self::File => "file",
            Self::Toml => "depictio.toml",
        }
    }
}

/// All values as text, each with its source.
pub(crate) struct Loaded(BTreeMap<&'static str, (Secret<String>, Source)>);

impl Loaded {
    /// The value of a name; `None` when it is empty.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0
            .get(key)
            .map(|(value, _)| value.expose().as_str())
            .filter(|value| !value.is_empty())
    }

    /// Each name with its value (secrets redacted) and source.
    pub(crate) fn redacted(&self) -> impl Iterator<Item = (&'static Name, String, Source)> {
        NAMES.iter().filter_map(|name| {
            let (value, source) = self.0.get(name.key)?;
            let shown = match (name.secret, value.expose().is_empty()) {
                (true, false) => "(set, not shown)".to_owned(),
                _ => value.expose().clone(),
            };
            Some((name, shown, *source))
        })
    }
}

/// Whether a name of the environment is, or looks like, one of the configuration.
pub(crate) fn is_ours(key: &str) -> bool {
    let base = key.strip_suffix("_FILE").unwrap_or(key);
    key.starts_with("DEPICTIO_") || NAMES.iter().any(|name| name.key == base || name.key == key)
}

/// Collects all values. `environment` and `toml` are parameters so that tests can say what is there.
///
/// # Errors
/// For a name that is unknown, set twice, a secret in `depictio.toml`, or a file that cannot be read
/// or that everyone may read.
pub(crate) fn load(
    environment: impl Iterator<Item = (String, String)>,
    toml: Option<&str>,
) -> Result<Loaded, ConfigError> {
    let mut values = BTreeMap::new();
    let environment: BTreeMap<String, String> = environment.collect();
    for key in environment.keys() {
        let base = key.strip_suffix("_FILE").unwrap_or(key);
        let known = NAMES.iter().any(|name| name.key == base || name.key == key)
            || BUILD_NAMES.contains(&key.as_str());
        if key.starts_with("DEPICTIO_") && !known {
            return Err(unknown(key));
        }
    }
    let mut from_toml = parse_toml(toml.unwrap_or_default())?;
    for name in NAMES {
        let file = environment.get(&format!("{}_FILE", name.key));
        let direct = environment.get(name.key);
        let written = from_toml.remove(name.key);
        let (value, source) = match (direct, file, written) {
            (Some(_), Some(_), _) => {
                let message = format!("it is set both directly and as {}_FILE; keep one", name.key);
                return Err(ConfigError::new(name.key, message));
            }
            (Some(value), None, _) => (value.clone(), Source::Environment),
            (None, Some(path), _) => (read_file(name, path)?, Source::File),
            (None, None, Some(_)) if name.secret => {
                return Err(ConfigError::new(
                    name.key,
                    "a secret may not stand in depictio.toml; use the environment or a file that \
                     <NAME>_FILE names",
                ));
            }
            (None, None, Some(value)) => (value, Source::Toml),
            (None, None, None) => (name.default.to_owned(), Source::Default),
        };
        values.insert(name.key, (Secret::new(value), source));
    }
    match from_toml.keys().next() {
        Some(key) => Err(unknown(key)),
        None => Ok(Loaded(values)),
    }
}

fn unknown(key: &str) -> ConfigError {
    ConfigError::new(key, "there is no such name; `depictio config` lists all")
}

fn parse_toml(text: &str) -> Result<BTreeMap<String, String>, ConfigError> {
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| ConfigError::new("depictio.toml", error.message()))?;
    table
        .into_iter()
        .map(|(key, value)| {
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                _ => {
                    return Err(ConfigError::new(
                        key,
                        "a text, a whole number, true or false",
                    ));
                }
            };
            Ok((key, text))
        })
        .collect()
}

fn read_file(name: &Name, path: &str) -> Result<String, ConfigError> {
    let key = format!("{}_FILE", name.key);
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::new(&key, format!("{path} cannot be read: {error}")))?;
    if name.secret {
        check_private(&key, Path::new(path))?;
    }
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// Refuses a file with a secret in it that everyone on the machine may read.
///
/// # Errors
/// When others may read it, or it cannot be looked at.
pub(crate) fn check_private(key: &str, path: &Path) -> Result<(), ConfigError> {
    let shown = path.display();
    let mode = std::fs::metadata(path)
        .map_err(|error| ConfigError::new(key, format!("{shown} cannot be read: {error}")))?
        .permissions()
        .mode();
    if mode & 0o007 != 0 {
        let message = format!(
            "{shown} holds a secret and everyone may read it (mode {:o}); run: chmod 600 {shown}",
            mode & 0o777
        );
        return Err(ConfigError::new(key, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    fn key_at_fault(pairs: &[(&str, &str)], toml: &str) -> String {
        load(environment(pairs), Some(toml))
            .err()
            .map(|error| error.key)
            .unwrap_or_default()
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
        let toml = "DEPICTIO_BIND = \"127.0.0.1:9000\"\nJWT_ACCESS_TOKEN_EXPIRE_MINUTES = 5";
        let pairs = [("DEPICTIO_BIND", "127.0.0.1:9001"), ("HOME", "/root")];
        let loaded = load(environment(&pairs), Some(toml)).unwrap();
        assert_eq!(loaded.get("DEPICTIO_BIND"), Some("127.0.0.1:9001"));
        assert_eq!(loaded.get("JWT_ACCESS_TOKEN_EXPIRE_MINUTES"), Some("5"));
        assert_eq!(loaded.get("LOG_LEVEL"), Some("INFO"));
        assert_eq!(loaded.get("MONGODB_URI"), None);
    }

    #[test]
    fn an_unknown_name_stops_the_start_and_is_named() {
        assert_eq!(
            key_at_fault(&[("DEPICTIO_BINDD", "x")], ""),
            "DEPICTIO_BINDD"
        );
        assert_eq!(key_at_fault(&[], "DEPICTIO_PORT = 1"), "DEPICTIO_PORT");
        assert_eq!(key_at_fault(&[], "not toml"), "depictio.toml");
    }

    #[test]
    fn a_secret_comes_from_the_environment_or_a_private_file_and_is_never_shown() {
        assert_eq!(
            key_at_fault(&[], "DEPICTIO_ADMIN_PASSWORD = \"x\""),
            "DEPICTIO_ADMIN_PASSWORD"
        );
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        std::fs::write(&path, "correct horse battery staple\n").unwrap();
        let name = [("DEPICTIO_ADMIN_PASSWORD_FILE", path.to_str().unwrap())];
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(key_at_fault(&name, ""), "DEPICTIO_ADMIN_PASSWORD_FILE");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let loaded = load(environment(&name), None).unwrap();
        assert_eq!(
            loaded.get("DEPICTIO_ADMIN_PASSWORD"),
            Some("correct horse battery staple")
        );
        assert!(
            loaded
                .redacted()
                .all(|(_, shown, _)| !shown.contains("horse"))
        );
    }

    #[test]
    fn a_value_given_twice_is_refused() {
        let twice = [
            ("DEPICTIO_ADMIN_PASSWORD", "a"),
            ("DEPICTIO_ADMIN_PASSWORD_FILE", "/b"),
        ];
        assert_eq!(key_at_fault(&twice, ""), "DEPICTIO_ADMIN_PASSWORD");
    }
}
