//! Key files: read, checked, and made at the first start.

use crate::config::{Config, ConfigError, check_private};
use keys::{MasterKey, PublicKey, SigningKey, SystemRng};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The keys in force.
pub(crate) struct Keyring {
    /// Everything at rest is sealed under keys derived from it. It lies in `root.key`, wrapped under the
    /// operator's master key.
    pub(crate) root: MasterKey,
    /// Signs tokens.
    pub(crate) signing: SigningKey,
    /// Public halves of earlier pairs, whose tokens may still be about.
    pub(crate) retired: Vec<PublicKey>,
}

/// The name of the configuration under which a fault of the master key is told.
const MASTER: &str = "DEPICTIO_MASTER_KEY_PATH";

fn failed(path: &Path, what: &str, error: &dyn std::fmt::Display) -> ConfigError {
    ConfigError::new(path.display().to_string(), format!("{what}: {error}"))
}

/// Makes a directory only we can enter.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn private_dir(path: &Path) -> Result<(), ConfigError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| failed(path, "it cannot be made", &error))
}

/// Writes a new file only we can read: whole or not at all, and never over another.
fn write_private(path: &Path, content: &str) -> Result<(), ConfigError> {
    let part = path.with_extension("part");
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&part, path))
        // The new name is on the disk before anything relies on it.
        .and_then(|()| {
            path.parent()
                .map_or(Ok(()), |dir| fs::File::open(dir)?.sync_all())
        });
    written.map_err(|error| failed(path, "it cannot be written", &error))
}

fn read(path: &Path) -> Result<String, ConfigError> {
    check_private(&path.display().to_string(), path)?;
    fs::read_to_string(path).map_err(|error| failed(path, "it cannot be read", &error))
}

fn directory(config: &Config) -> PathBuf {
    config.data_dir.join("keys")
}

impl Keyring {
    /// Reads the keys, making those that are not there yet and that nobody promised.
    ///
    /// # Errors
    /// When one is weak, shared, mismatched or unreadable; or when data is there and its key is not.
    pub(crate) fn open(config: &Config) -> Result<Self, ConfigError> {
        private_dir(&config.data_dir)?;
        private_dir(&directory(config))?;
        // Another algorithm than before: the pair is replaced as by a rotation, so tokens stay good.
        if config.jwt_private_key.is_none()
            && made(config)?.public().algorithm() != config.jwt_algorithm
        {
            return Self::rotate(config);
        }
        Ok(Self {
            root: root(config, &master(config)?)?,
            signing: signing(config)?,
            retired: retired(config)?,
        })
    }

    /// Puts a new pair in the place of the present one, whose public half stays known.
    ///
    /// # Errors
    /// When the pair was given from outside, or a file cannot be written.
    pub(crate) fn rotate(config: &Config) -> Result<Self, ConfigError> {
        if config.jwt_private_key.is_some() {
            return Err(ConfigError::new(
                "JWT_PRIVATE_KEY_PATH",
                "the pair comes from there; put a new one in its place and restart",
            ));
        }
        let old = made(config)?;
        let dir = directory(config).join("retired");
        private_dir(&dir)?;
        write_private(
            &dir.join(format!("{}.pem", old.public().kid)),
            old.public_pem(),
        )?;
        let path = directory(config).join("jwt_private.pem");
        make_pair(config, &path)?;
        Self::open(config)
    }
}

fn root_path(config: &Config) -> PathBuf {
    directory(config).join("root.key")
}

/// The root key: random, made at the first start, and never changed. A rotation of the master key
/// wraps it anew, so that not one byte of data is written again.
fn root(config: &Config, master: &MasterKey) -> Result<MasterKey, ConfigError> {
    let path = root_path(config);
    let wrap = |root: &MasterKey| {
        let wrapped = master.wrap_root(root, &SystemRng);
        wrapped.map_err(|error| failed(&path, "no key", &error))
    };
    if !path.exists() {
        if config.data_dir.join("depictio.db").exists() {
            // Made before there was a root key: the first master key is the root.
            return Ok(master.clone());
        }
        let root = MasterKey::generate(&SystemRng);
        write_private(&path, &wrap(&root)?)?;
        return Ok(root);
    }
    let text = read(&path)?;
    let opened = text.lines().find_map(|line| master.unwrap_root(line).ok());
    let Some(root) = opened else {
        let words = "does not open keys/root.key: it is not the key this data was sealed under; put \
                     that one, or the copy of root.key that belongs to this one, back";
        let words = format!("{} {words}", config.master_key_path.display());
        return Err(ConfigError::new(MASTER, words));
    };
    if text.lines().count() > 1 {
        // A rotation was broken off: what the other key opens is forgotten.
        write_private(&path, &wrap(&root)?)?;
    }
    Ok(root)
}

/// Puts a new master key in the place of the present one. Whenever it is broken off, the key that
/// lies there then opens the data.
///
/// # Errors
/// When a file cannot be written; the present key then stays in force.
pub(crate) fn rotate_master(config: &Config) -> Result<(), ConfigError> {
    let path = root_path(config);
    let named = |message: &str| ConfigError::new(MASTER, message);
    let given = &config.master_key_path;
    if fs::symlink_metadata(given).is_ok_and(|meta| meta.is_symlink()) {
        return Err(named(
            "the key's file is a link to where something else keeps it; only a file of its own can be replaced",
        ));
    }
    let old = master(config)?;
    let root = root(config, &old)?;
    let new = MasterKey::generate(&SystemRng);
    let wrap = |key: &MasterKey| {
        let wrapped = key.wrap_root(&root, &SystemRng);
        wrapped.map_err(|error| failed(&path, "no key", &error))
    };
    // First both keys open the root; then the file of the key changes, by one rename; then the old
    // key opens nothing any more.
    write_private(&path, &[wrap(&old)?, wrap(&new)?].join("\n"))?;
    if let Err(error) = write_private(given, new.to_text().expose()) {
        write_private(&path, &wrap(&old)?)?;
        return Err(error);
    }
    write_private(&path, &wrap(&new)?)
}

fn master(config: &Config) -> Result<MasterKey, ConfigError> {
    let path = &config.master_key_path;
    if path.exists() {
        let named = |message: String| ConfigError::new(MASTER, message);
        check_private(MASTER, path)?;
        let text = fs::read_to_string(path)
            .map_err(|error| named(format!("{} cannot be read: {error}", path.display())))?;
        return MasterKey::parse(&text)
            .map_err(|error| named(format!("{} is no key: {error}", path.display())));
    }
    if config.data_dir.join("depictio.db").exists() {
        let words = "is missing and the data was sealed under it; put it back from your backup";
        return Err(ConfigError::new(
            MASTER,
            format!("{} {words}", path.display()),
        ));
    }
    if let Some(parent) = path.parent() {
        private_dir(parent)?;
    }
    let key = MasterKey::generate(&SystemRng);
    write_private(path, key.to_text().expose())?;
    Ok(key)
}

fn make_pair(config: &Config, path: &Path) -> Result<(), ConfigError> {
    let key = SigningKey::generate(config.jwt_algorithm);
    let key = key.map_err(|error| failed(path, "no key", &error))?;
    write_private(path, key.private_pem().expose())?;
    write_private(&directory(config).join("jwt_public.pem"), key.public_pem())
}

/// The pair of our own making, made now when there is none.
fn made(config: &Config) -> Result<SigningKey, ConfigError> {
    let path = directory(config).join("jwt_private.pem");
    if !path.exists() {
        make_pair(config, &path)?;
    }
    let key = SigningKey::from_pem(&read(&path)?);
    key.map_err(|error| {
        ConfigError::new(
            path.display().to_string(),
            format!("{}: {error}", path.display()),
        )
    })
}

fn signing(config: &Config) -> Result<SigningKey, ConfigError> {
    let Some(path) = &config.jwt_private_key else {
        return made(config);
    };
    let named = |error: String| {
        ConfigError::new(
            "JWT_PRIVATE_KEY_PATH",
            format!("{}: {error}", path.display()),
        )
    };
    let key = SigningKey::from_pem(&read(path)?).map_err(|error| named(error.to_string()))?;
    let (is, wanted) = (key.public().algorithm(), config.jwt_algorithm);
    if is != wanted {
        return Err(named(format!(
            "the key is for {}, and JWT_ALGORITHM says {}; change one of them",
            is.as_str(),
            wanted.as_str()
        )));
    }
    if let Some(public) = &config.jwt_public_key {
        let pem = fs::read_to_string(public)
            .map_err(|error| ConfigError::new("JWT_PUBLIC_KEY_PATH", error.to_string()))?;
        key.check_public(&pem).map_err(|error| {
            ConfigError::new(
                "JWT_PUBLIC_KEY_PATH",
                format!("{}: {error}", public.display()),
            )
        })?;
    }
    Ok(key)
}

fn retired(config: &Config) -> Result<Vec<PublicKey>, ConfigError> {
    let dir = directory(config).join("retired");
    let Ok(entries) = fs::read_dir(&dir) else {
        return Ok(Vec::new());
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .map(|path| {
            let pem = read(&path)?;
            PublicKey::from_pem(&pem).map_err(|error| failed(&path, "it is no key", &error))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;
    use keys::TokenAlgorithm;
    use std::os::unix::fs::PermissionsExt as _;

    fn config(dir: &Path, more: &[(&str, &str)]) -> Config {
        let mut pairs = vec![("DEPICTIO_DATA_DIR".to_owned(), dir.display().to_string())];
        pairs.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        Config::from_loaded(&load(pairs.into_iter(), None).unwrap()).unwrap()
    }

    #[test]
    fn the_first_start_makes_keys_that_only_we_can_read_and_the_second_finds_them() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), &[]);
        let first = Keyring::open(&config).unwrap();
        for name in ["master.key", "jwt_private.pem"] {
            let mode = fs::metadata(dir.path().join("keys").join(name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let second = Keyring::open(&config).unwrap();
        assert_eq!(first.signing.public(), second.signing.public());
        assert_eq!(
            first.root.derive("x").unwrap().expose(),
            second.root.derive("x").unwrap().expose()
        );
    }

    #[test]
    fn a_world_readable_key_stops_the_start_and_the_sentence_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), &[]);
        Keyring::open(&config).unwrap();
        let path = dir.path().join("keys/jwt_private.pem");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = Keyring::open(&config).err().unwrap();
        assert!(error.message.contains("chmod 600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(Keyring::open(&config).is_ok());
    }

    #[test]
    fn data_without_its_master_key_stops_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), &[]);
        fs::write(dir.path().join("depictio.db"), b"sealed").unwrap();
        assert!(
            Keyring::open(&config)
                .err()
                .unwrap()
                .message
                .contains("backup")
        );
    }

    fn same(a: &MasterKey, b: &MasterKey) -> bool {
        a.derive("x").unwrap().expose() == b.derive("x").unwrap().expose()
    }

    #[test]
    fn a_rotated_master_key_opens_the_same_root_and_the_old_one_opens_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), &[]);
        let before = Keyring::open(&config).unwrap().root;
        let path = dir.path().join("keys/master.key");
        let old = fs::read_to_string(&path).unwrap();
        fs::write(dir.path().join("depictio.db"), b"sealed").unwrap();
        rotate_master(&config).unwrap();
        let new = fs::read_to_string(&path).unwrap();
        assert_ne!(old, new);
        assert!(same(&Keyring::open(&config).unwrap().root, &before));
        fs::write(&path, &old).unwrap();
        let refused = Keyring::open(&config).err().unwrap();
        assert!(
            refused.to_string().contains("DEPICTIO_MASTER_KEY_PATH"),
            "{refused}"
        );
        fs::write(&path, &new).unwrap();
        assert!(same(&Keyring::open(&config).unwrap().root, &before));
        for name in ["master.key", "root.key"] {
            let mode = fs::metadata(dir.path().join("keys").join(name)).unwrap();
            assert_eq!(mode.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_rotation_broken_off_at_any_point_leaves_the_key_that_lies_there_good() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), &[]);
        let root = Keyring::open(&config).unwrap().root;
        fs::write(dir.path().join("depictio.db"), b"sealed").unwrap();
        let keys = dir.path().join("keys");
        let old = master(&config).unwrap();
        let new = MasterKey::generate(&SystemRng);
        let wrap = |key: &MasterKey| key.wrap_root(&root, &SystemRng).unwrap();
        let both = || write_private(&keys.join("root.key"), &[wrap(&old), wrap(&new)].join("\n"));
        for there in [&old, &new] {
            // Both wrappings are written, and the file of the key holds the old or the new one.
            both().unwrap();
            write_private(&keys.join("master.key"), there.to_text().expose()).unwrap();
            assert!(same(&Keyring::open(&config).unwrap().root, &root));
            let left = fs::read_to_string(keys.join("root.key")).unwrap();
            assert_eq!(left.lines().count(), 1, "the other key is forgotten");
            let other = if std::ptr::eq(there, &old) {
                &new
            } else {
                &old
            };
            assert!(other.unwrap_root(&left).is_err());
        }
    }

    #[test]
    fn data_of_before_there_was_a_root_key_opens_and_can_be_rotated() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), &[]);
        Keyring::open(&config).unwrap();
        fs::remove_file(dir.path().join("keys/root.key")).unwrap();
        fs::write(dir.path().join("depictio.db"), b"sealed").unwrap();
        let first = master(&config).unwrap();
        assert!(same(&Keyring::open(&config).unwrap().root, &first));
        rotate_master(&config).unwrap();
        assert!(!same(&master(&config).unwrap(), &first));
        assert!(same(&Keyring::open(&config).unwrap().root, &first));
    }

    #[test]
    fn a_master_key_that_is_a_link_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), &[]);
        Keyring::open(&config).unwrap();
        let (path, elsewhere) = (dir.path().join("keys/master.key"), dir.path().join("else"));
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(rotate_master(&config).is_err());
        assert!(Keyring::open(&config).is_ok());
    }

    #[test]
    fn another_algorithm_makes_a_new_pair_and_keeps_the_old_public_half() {
        let dir = tempfile::tempdir().unwrap();
        let old = Keyring::open(&config(dir.path(), &[])).unwrap();
        let eddsa = config(dir.path(), &[("JWT_ALGORITHM", "EdDSA")]);
        let new = Keyring::open(&eddsa).unwrap();
        assert_eq!(new.signing.public().algorithm(), TokenAlgorithm::EdDsa);
        assert_eq!(new.retired, [old.signing.public().clone()]);
        let again = Keyring::open(&eddsa).unwrap();
        assert_eq!(again.signing.public(), new.signing.public());
        let back = Keyring::open(&config(dir.path(), &[])).unwrap();
        assert_eq!(back.signing.public().algorithm(), TokenAlgorithm::Rs256);
        assert_eq!(back.retired.len(), 2);
    }

    #[test]
    fn a_key_of_our_own_for_another_algorithm_stops_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own.pem");
        let key = SigningKey::generate(TokenAlgorithm::EdDsa).unwrap();
        write_private(&path, key.private_pem().expose()).unwrap();
        let own = ("JWT_PRIVATE_KEY_PATH", path.to_str().unwrap());
        let error = Keyring::open(&config(dir.path(), &[own])).err().unwrap();
        assert_eq!(error.key, "JWT_PRIVATE_KEY_PATH");
        assert!(error.message.contains("JWT_ALGORITHM"), "{error}");
        let both = [own, ("JWT_ALGORITHM", "EdDSA")];
        assert!(Keyring::open(&config(dir.path(), &both)).is_ok());
    }

    #[test]
    fn rotation_keeps_the_old_public_half() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), &[]);
        let old = Keyring::open(&config).unwrap();
        let new = Keyring::rotate(&config).unwrap();
        assert_ne!(old.signing.public(), new.signing.public());
        assert_eq!(new.retired, [old.signing.public().clone()]);
    }
}
