//! Limits as the operator sets them: each by the key of its own name.

use super::{ConfigError, Loaded};
use domain::limits::{CodeLimits, CodeModeLimits, ProjectLimits, StorageLimits, settable};

/// The key that sets a limit.
pub(super) fn key(limit: &str) -> String {
    format!("DEPICTIO_{}", limit.to_uppercase())
}

/// The limits on one run, and on all runs together.
///
/// # Errors
/// For the first value that is no number or out of bounds.
pub(super) fn on_code(loaded: &Loaded) -> Result<(CodeLimits, CodeModeLimits), ConfigError> {
    let (mut run, mut mode) = (CodeLimits::default(), CodeModeLimits::default());
    for (name, default) in run.entries() {
        run.set(name, value(loaded, name, default)?);
    }
    for (name, default) in mode.entries() {
        mode.set(name, value(loaded, name, default)?);
    }
    // A frame that one run may have must fit into what all may have, or it would wait for ever.
    if mode.code_frames_bytes_max < run.code_frame_bytes_max {
        return Err(ConfigError::new(
            key("code_frames_bytes_max"),
            format!(
                "{} is less than {}, which one run may have ({})",
                mode.code_frames_bytes_max,
                run.code_frame_bytes_max,
                key("code_frame_bytes_max"),
            ),
        ));
    }
    Ok((run, mode))
}

/// What one project may hold.
///
/// # Errors
/// For the first value that is no number or out of bounds.
pub(super) fn of_project(loaded: &Loaded) -> Result<ProjectLimits, ConfigError> {
    let mut limits = ProjectLimits::default();
    for (name, default) in limits.entries() {
        limits.set(name, value(loaded, name, default)?);
    }
    Ok(limits)
}

/// What is kept of the disk, and on it.
///
/// # Errors
/// For the first value that is no number or out of bounds.
pub(super) fn of_storage(loaded: &Loaded) -> Result<StorageLimits, ConfigError> {
    let mut limits = StorageLimits::default();
    for (name, default) in limits.entries() {
        limits.set(name, value(loaded, name, default)?);
    }
    Ok(limits)
}

fn value(loaded: &Loaded, name: &str, default: u64) -> Result<u64, ConfigError> {
    let key = key(name);
    let Some(text) = loaded.get(&key) else {
        return Ok(default);
    };
    let wrong = |what: String| Err(ConfigError::new(&key, what));
    let Ok(value) = text.trim().parse::<u64>() else {
        return wrong(format!("{text:?} is not a whole number"));
    };
    match settable(name) {
        Some(range) if !range.contains(&value) => wrong(format!(
            "{value} is not between {} and {}",
            range.start(),
            range.end()
        )),
        _ => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NAMES, load};
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<(CodeLimits, CodeModeLimits), ConfigError> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        on_code(&load(pairs.into_iter(), None)?)
    }

    #[test]
    fn every_limit_of_the_operators_has_a_key_with_the_default_that_is_in_force() {
        let entries = [
            CodeLimits::default().entries(),
            CodeModeLimits::default().entries(),
            ProjectLimits::default().entries(),
            StorageLimits::default().entries(),
        ]
        .concat();
        for (name, default) in entries {
            let key = key(name);
            let declared = NAMES.iter().find(|name| name.key == key);
            assert_eq!(declared.unwrap().default, default.to_string(), "{key}");
        }
        assert_eq!(
            read(&[]).unwrap(),
            (CodeLimits::default(), CodeModeLimits::default())
        );
    }

    #[test]
    fn a_value_is_taken_and_a_bad_one_names_its_key() {
        let (run, mode) = read(&[
            ("DEPICTIO_CODE_WALL_MS_MAX", "2500"),
            ("DEPICTIO_CODE_WORKERS", "5"),
        ])
        .unwrap();
        assert_eq!((run.code_wall_ms_max, mode.code_workers), (2_500, 5));
        let pairs = [("DEPICTIO_PROJECT_ROWS_MAX".to_owned(), "7".to_owned())];
        let project = of_project(&load(pairs.into_iter(), None).unwrap()).unwrap();
        assert_eq!(project.project_rows_max, 7);
        for (key, bad) in [
            ("DEPICTIO_CODE_WALL_MS_MAX", "0"),
            ("DEPICTIO_CODE_CPU_MS_MAX", "5s"),
            ("DEPICTIO_CODE_WORKERS", "0"),
            ("DEPICTIO_CODE_DEPTH_MAX", "100000"),
            ("DEPICTIO_CODE_TEXT_BYTES_MAX", "-1"),
            ("DEPICTIO_CODE_FRAMES_BYTES_MAX", "2000000"),
        ] {
            let error = read(&[(key, bad)]).unwrap_err();
            assert_eq!(error.key, key, "{error}");
        }
    }
}
