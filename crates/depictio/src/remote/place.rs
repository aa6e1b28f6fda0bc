//! Where a fetched file goes: it appears under its name when it is whole, and not before.

use rustix::fs::Mode;
use rustix::process::umask;
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Whether a file may be put there.
fn check(path: &Path, replace: bool) -> Result<(), String> {
    let shown = path.display();
    match std::fs::symlink_metadata(path) {
        Ok(there) if !there.is_file() => Err(format!(
            "{shown} is there and is no plain file; name another"
        )),
        Ok(_) if !replace => Err(format!(
            "{shown} is there already; --force puts the new file in its place"
        )),
        _ => Ok(()),
    }
}

/// A file on its way, for its owner only. It is removed when it is dropped before it was put in its place.
pub(super) struct Draft {
    file: NamedTempFile,
    path: PathBuf,
    replace: bool,
}

impl Draft {
    /// Makes a file beside the place.
    ///
    /// # Errors
    /// When one is there already that is not to be replaced, or something that is no file; or the folder takes none.
    pub(super) fn beside(path: &Path, replace: bool) -> Result<Self, String> {
        check(path, replace)?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new()
            .prefix(".depictio-")
            .suffix(".part")
            .tempfile_in(folder)
            .map_err(|error| failed(path, &error))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            replace,
        })
    }

    /// What is written to.
    ///
    /// # Errors
    /// When the system has no handle left.
    pub(super) fn open(&self) -> Result<File, String> {
        let file = self.file.as_file().try_clone();
        file.map_err(|error| failed(&self.path, &error))
    }

    /// Puts the file in its place, readable by whoever could read the one that was there, or as every new file is.
    ///
    /// # Errors
    /// When somebody was faster, or the disk is full.
    pub(super) fn put(self) -> Result<(), String> {
        let Self {
            file,
            path,
            replace,
        } = self;
        let put = || -> io::Result<()> {
            // On the disk before it has its name: after a power cut there is the whole file or none.
            file.as_file().sync_all()?;
            file.as_file().set_permissions(permissions(&path))?;
            match replace {
                true => file.persist(&path)?,
                false => file.persist_noclobber(&path)?,
            };
            Ok(())
        };
        put().map_err(|error| failed(&path, &error))
    }
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn permissions(path: &Path) -> Permissions {
    match std::fs::symlink_metadata(path) {
        Ok(there) => Permissions::from_mode(there.permissions().mode() & 0o777),
        Err(_) => {
            // The mask can only be read by setting it; meanwhile what others make is private.
            let mask = umask(Mode::RWXG | Mode::RWXO);
            umask(mask);
            Permissions::from_mode(0o666 & !mask.as_raw_mode())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_draft_is_private_and_gone_unless_it_is_put_in_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        let draft = Draft::beside(&path, false).unwrap();
        draft.open().unwrap().write_all(b"half").unwrap();
        assert_eq!(mode(draft.file.path()), 0o600);
        drop(draft);
        assert!(names(dir.path()).is_empty());

        let draft = Draft::beside(&path, false).unwrap();
        draft.open().unwrap().write_all(b"whole").unwrap();
        draft.put().unwrap();
        assert_eq!(names(dir.path()), ["t.csv"]);
        assert_eq!(mode(&path) & 0o600, 0o600);
    }

    #[test]
    fn what_is_there_stays_unless_it_is_to_be_replaced_and_keeps_who_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        let draft = Draft::beside(&path, false).unwrap();
        // Somebody is faster.
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(check(&path, false).unwrap_err().contains("--force"));
        assert!(draft.put().is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["t.csv"]);

        check(&path, true).unwrap();
        let draft = Draft::beside(&path, true).unwrap();
        draft.open().unwrap().write_all(b"new").unwrap();
        draft.put().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(mode(&path), 0o640);
        assert!(check(dir.path(), true).is_err());
    }
}
