//! What an admin lets every project hold, where that is less than the configuration does.

use crate::code_limits::flaws;
use crate::dashboard::Flaw;
use crate::limits::ProjectLimits;
use serde::{Deserialize, Serialize};

/// What every project may hold: each at most what the configuration allows, which is in force for what is not given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomLimits {
    /// Bytes of all versions of all tables, as they lie in the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_bytes_max: Option<u64>,
    /// Rows of the latest versions of all tables together, when rows are added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_rows_max: Option<u64>,
    /// Tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_collections_max: Option<u64>,
}

impl RoomLimits {
    /// The limits of the configuration alone.
    pub const AS_CONFIGURED: Self = Self {
        project_bytes_max: None,
        project_rows_max: None,
        project_collections_max: None,
    };

    /// Each limit by its name.
    #[must_use]
    pub fn entries(&self) -> [(&'static str, Option<u64>); 3] {
        [
            ("project_bytes_max", self.project_bytes_max),
            ("project_rows_max", self.project_rows_max),
            ("project_collections_max", self.project_collections_max),
        ]
    }

    /// Nothing is less than the configuration allows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::AS_CONFIGURED
    }

    /// What is in force: the lower of both, also when the configuration was lowered later.
    #[must_use]
    pub fn in_force(&self, configured: &ProjectLimits) -> ProjectLimits {
        let mut limits = *configured;
        for ((name, most), (_, own)) in configured.entries().into_iter().zip(self.entries()) {
            limits.set(name, own.map_or(most, |own| own.min(most)));
        }
        limits
    }

    /// What cannot be set, each by its place in these limits.
    #[must_use]
    pub fn flaws(&self, configured: &ProjectLimits) -> Vec<Flaw> {
        flaws(&self.entries(), &configured.entries())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_limits_in_their_order() {
        let names = ProjectLimits::default()
            .entries()
            .into_iter()
            .map(|(name, _)| name);
        let own = RoomLimits::AS_CONFIGURED
            .entries()
            .into_iter()
            .map(|(name, _)| name);
        assert!(names.eq(own));
    }

    #[test]
    fn a_setting_lowers_and_never_raises() {
        let configured = ProjectLimits::default();
        let own = RoomLimits {
            project_rows_max: Some(5),
            project_collections_max: Some(u64::MAX),
            ..RoomLimits::AS_CONFIGURED
        };
        let in_force = own.in_force(&configured);
        assert_eq!(in_force.project_rows_max, 5);
        assert_eq!(
            in_force.project_collections_max,
            configured.project_collections_max
        );
        assert_eq!(in_force.project_bytes_max, configured.project_bytes_max);
        let flaws = own.flaws(&configured);
        let pointers: Vec<&str> = flaws.iter().map(|flaw| flaw.pointer.as_str()).collect();
        assert_eq!(pointers, ["/project_collections_max"]);
    }
}
