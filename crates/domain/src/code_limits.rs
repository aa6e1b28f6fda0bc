//! What limits on code the owner of a project may set: each lower than the installation's.

use crate::dashboard::Flaw;
use crate::limits::{CodeLimits, settable};
use serde::{Deserialize, Serialize};

/// What the owner of a project allows its code: each at most what the installation does, which is in force for what
/// is not given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectCodeLimits {
    /// Wall-clock time of one run, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_wall_ms_max: Option<u64>,
    /// Processor time of one run, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_cpu_ms_max: Option<u64>,
    /// Memory of one run beyond the interpreter's own and its data frame, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_memory_extra_bytes_max: Option<u64>,
    /// The figure as JSON, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_result_bytes_max: Option<u64>,
    /// Printed text, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_text_bytes_max: Option<u64>,
}

impl ProjectCodeLimits {
    /// Each limit by its name.
    #[must_use]
    pub fn entries(&self) -> [(&'static str, Option<u64>); 5] {
        [
            ("code_wall_ms_max", self.code_wall_ms_max),
            ("code_cpu_ms_max", self.code_cpu_ms_max),
            (
                "code_memory_extra_bytes_max",
                self.code_memory_extra_bytes_max,
            ),
            ("code_result_bytes_max", self.code_result_bytes_max),
            ("code_text_bytes_max", self.code_text_bytes_max),
        ]
    }

    /// Nothing is limited further than the installation does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is in force: the lower of both, also when the installation's was lowered later.
    #[must_use]
    pub fn in_force(&self, installation: &CodeLimits) -> CodeLimits {
        let mut limits = *installation;
        for (name, most) in installation.entries() {
            let own = self.entries().into_iter().find(|(own, _)| *own == name);
            if let Some((_, Some(own))) = own {
                limits.set(name, own.min(most));
            }
        }
        limits
    }

    /// What cannot be set, each by its place in these limits.
    #[must_use]
    pub fn flaws(&self, installation: &CodeLimits) -> Vec<Flaw> {
        flaws(&self.entries(), &installation.entries())
    }
}

/// Which of some limits are above those they lower, or below what makes sense.
pub(crate) fn flaws(own: &[(&str, Option<u64>)], all: &[(&str, u64)]) -> Vec<Flaw> {
    let flaw = |(name, own): &(&str, Option<u64>)| {
        let own = (*own)?;
        let (_, most) = all.iter().find(|(other, _)| other == name)?;
        // An installation may have less than what an operator may set at least.
        let least = settable(name).map_or(0, |range| *range.start()).min(*most);
        let message = if own > *most {
            format!("at most {most}, the limit of this installation")
        } else if own < least {
            format!("at least {least}")
        } else {
            return None;
        };
        Some(Flaw {
            pointer: format!("/{name}"),
            message,
        })
    };
    own.iter().filter_map(flaw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::CodeModeLimits;

    #[test]
    fn every_limit_on_code_can_be_set_and_its_default_is_within_bounds() {
        let tables = [CodeLimits::table(), CodeModeLimits::table()].concat();
        for (name, value, _) in tables {
            let range = settable(name).unwrap();
            assert!(range.contains(&value), "{name}");
        }
        assert_eq!(settable("upload_bytes_max"), None);
    }

    #[test]
    fn a_project_lowers_and_never_raises() {
        let installation = CodeLimits::default();
        let own = ProjectCodeLimits {
            code_wall_ms_max: Some(2_000),
            code_text_bytes_max: Some(1 << 30),
            ..ProjectCodeLimits::default()
        };
        let in_force = own.in_force(&installation);
        assert_eq!(in_force.code_wall_ms_max, 2_000);
        assert_eq!(
            in_force.code_text_bytes_max,
            installation.code_text_bytes_max
        );
        assert_eq!(in_force.code_cpu_ms_max, installation.code_cpu_ms_max);
        assert_eq!(
            ProjectCodeLimits::default().in_force(&installation),
            installation
        );
    }

    #[test]
    fn what_is_above_the_installation_or_useless_is_named() {
        let own = ProjectCodeLimits {
            code_wall_ms_max: Some(10_001),
            code_cpu_ms_max: Some(0),
            code_memory_extra_bytes_max: Some(1 << 30),
            ..ProjectCodeLimits::default()
        };
        let flaws = own.flaws(&CodeLimits::default());
        let pointers: Vec<_> = flaws.iter().map(|flaw| flaw.pointer.as_str()).collect();
        assert_eq!(pointers, ["/code_wall_ms_max", "/code_cpu_ms_max"]);
        assert!(flaws.iter().any(|flaw| flaw.message.contains("10000")));
    }
}
