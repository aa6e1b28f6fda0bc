//! Finds the interpreter and asks it where its files are.

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::error::StartError;
use crate::guest::REQUIREMENTS;

/// There is no interpreter with the sandbox's libraries.
#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    /// The one that was named is not there.
    #[error("there is no Python interpreter at {0}")]
    Named(PathBuf),
    /// None of the usual places has one.
    #[error(
        "there is no Python environment for Code Mode (looked for {0}): run scripts/python-env.sh"
    )]
    Missing(PathBuf),
}

/// The interpreter of the sandbox: the one named; else `python/bin/python3` beside the program; else the one named
/// when the program was built; else the one that `scripts/python-env.sh` makes for this program's list of libraries.
///
/// # Errors
/// See [`PythonError`].
pub fn find_python(explicit: Option<PathBuf>) -> Result<PathBuf, PythonError> {
    if let Some(path) = explicit {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(PythonError::Named(path))
        };
    }
    let beside = std::env::current_exe()
        .ok()
        .and_then(|program| program.canonicalize().ok())
        .and_then(|program| Some(program.parent()?.join("python/bin/python3")));
    let built_in = option_env!("DEPICTIO_PYTHON_BUILTIN").map(PathBuf::from);
    let cached = cache_folder().join(format!(
        "depictio/python-{}/bin/python3",
        requirements_digest()
    ));
    [beside, built_in]
        .into_iter()
        .flatten()
        .chain([cached.clone()])
        .find(|path| path.is_file())
        .ok_or(PythonError::Missing(cached))
}

/// The first twelve hexadecimal digits of the digest of `requirements.txt`, which names the environment's folder.
fn requirements_digest() -> String {
    Sha256::digest(REQUIREMENTS)
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn cache_folder() -> PathBuf {
    let named = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    named.unwrap_or_else(|| home().join(".cache"))
}

/// The home folder; a service manager may start us without `HOME`, so the user database is asked then.
#[expect(
    unsafe_code,
    reason = "the user database has no safe wrapper among our parts"
)]
fn home() -> PathBuf {
    if let Some(home) = std::env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
    {
        return home;
    }
    use std::os::unix::ffi::OsStrExt as _;
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::uninit();
    let mut text = vec![0_u8; 16 << 10];
    let mut found = std::ptr::null_mut();
    // SAFETY: all pointers are to live memory of the sizes given; on success `found` is null or points to `entry`,
    // whose strings point into `text`, which lives until the end of this function.
    unsafe {
        let result = libc::getpwuid_r(
            libc::getuid(),
            entry.as_mut_ptr(),
            text.as_mut_ptr().cast(),
            text.len(),
            &raw mut found,
        );
        if result == 0 && !found.is_null() && !(*found).pw_dir.is_null() {
            let folder = CStr::from_ptr((*found).pw_dir);
            return PathBuf::from(std::ffi::OsStr::from_bytes(folder.to_bytes()));
        }
    }
    PathBuf::from("/")
}

/// What an interpreter says of itself.
#[derive(Debug, Deserialize)]
struct Answer {
    version: (u32, u32),
    executable: PathBuf,
    folders: Vec<PathBuf>,
}

/// An interpreter that was asked, and all that its process needs to read.
#[derive(Debug, Clone)]
pub(crate) struct Interpreter {
    /// The program, as named: a virtual environment is known by this path.
    pub(crate) program: PathBuf,
    /// Folders and files that the launcher allows to be read.
    pub(crate) readable: Vec<PathBuf>,
}

const QUESTION: &str = "import sys, sysconfig, json, ctypes; p = sysconfig.get_paths(); \
    c = sysconfig.get_config_var; b = sys.base_prefix; \
    print(json.dumps({'version': sys.version_info[:2], 'executable': sys.executable, 'folders': [x for x in [\
    sys.prefix if sys.prefix != b else '', p['stdlib'], p['platstdlib'], p['purelib'], p['platlib'], \
    c('DESTSHARED') or '', c('LIBDIR') or ''] if x]}))";

/// What every dynamically linked program reads, the time zones, and how large the machine's pages are.
const SYSTEM: [&str; 9] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/dev/urandom",
    "/sys/kernel/mm/transparent_hugepage",
];

/// Asks the interpreter where its libraries are, with an empty environment.
pub(crate) fn ask(program: &Path) -> Result<Interpreter, StartError> {
    let fail = |text: String| StartError::Python(format!("{}: {text}", program.display()));
    let program = std::path::absolute(program).map_err(|error| fail(error.to_string()))?;
    let output = Command::new(&program)
        .args(["-I", "-B", "-c", QUESTION])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| fail(error.to_string()))?;
    let answer: Answer = serde_json::from_slice(&output.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        fail(
            said.lines()
                .last()
                .unwrap_or("it gave no answer")
                .to_owned(),
        )
    })?;
    if answer.version < (3, 11) {
        return Err(fail("it is older than Python 3.11".to_owned()));
    }
    let executable = answer
        .executable
        .canonicalize()
        .unwrap_or(answer.executable);
    let readable: BTreeSet<PathBuf> = answer
        .folders
        .into_iter()
        .chain([executable])
        .chain(SYSTEM.map(PathBuf::from))
        .filter(|path| path.exists())
        .collect();
    Ok(Interpreter {
        program,
        readable: readable.into_iter().collect(),
    })
}
