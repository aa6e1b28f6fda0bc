//! `depictio apply FILE`: shows what the file would change, and with `--yes` changes it.

use crate::commands::Request;
use access::blueprint::Blueprint;
use serde_json::Value;
use std::path::Path;

/// Longer files are refused before they are read.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Reads a file.
///
/// # Errors
/// One sentence, with the place of what is wrong.
pub(crate) fn read(path: &Path) -> Result<Blueprint, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > FILE_BYTES_MAX {
        let shown = path.display();
        return Err(format!("{shown}: {bytes} bytes, at most {FILE_BYTES_MAX}"));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    serde_saphyr::from_str(&text).map_err(|error| {
        // The library points into the text; the first line says what and where.
        let words = error.to_string();
        let first = words.lines().next().unwrap_or_default();
        format!("{}: {first}", path.display())
    })
}

/// Writes what is there as a file.
///
/// # Errors
/// When it cannot be written as YAML.
pub(crate) fn written(exported: Value) -> Result<String, String> {
    let file: Blueprint = serde_json::from_value(exported).map_err(|error| error.to_string())?;
    serde_saphyr::to_string(&file).map_err(|error| error.to_string())
}

/// A plan as it was answered.
pub(crate) struct Plan {
    /// Who gains and who loses what.
    pub(crate) said: Vec<String>,
    /// What the file does not name.
    pub(crate) drift: Vec<String>,
}

impl Plan {
    /// Reads an answer.
    pub(crate) fn of(answer: &Value) -> Self {
        let lines = |name: &str| {
            let lines = answer.get(name).and_then(Value::as_array);
            let lines = lines.into_iter().flatten().filter_map(Value::as_str);
            lines.map(ToOwned::to_owned).collect()
        };
        Self {
            said: lines("plan"),
            drift: lines("drift"),
        }
    }

    /// The plan for a person.
    pub(crate) fn shown(&self) -> String {
        let mut lines = self.said.clone();
        if lines.is_empty() {
            lines.push("Nothing changes: all that the file names is as it says.".to_owned());
        }
        lines.extend(self.drift.iter().cloned());
        lines.join("\n")
    }

    /// The request that does it; none when there is nothing to do.
    pub(crate) fn request(self, file: Blueprint) -> Option<Request> {
        (!self.said.is_empty()).then_some(Request::AccessApply {
            file,
            agreed: self.said,
        })
    }
}
