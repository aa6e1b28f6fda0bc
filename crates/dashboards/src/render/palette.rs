//! The values that colour figures, remembered as long as their version.

use super::ask::{ask, misshapen};
use super::line::Failure;
use super::session::{Session, Source};
use crate::filters::Conditions;
use domain::CollectionId;
use domain::query::Shape;
use figures::Palette;
use moka::future::Cache;
use std::sync::Arc;

/// Columns whose values are remembered.
const COLUMNS_MAX: u64 = 1_000;

type Values = Arc<Vec<String>>;

/// The distinct values of columns, by collection, version and name.
#[derive(Debug, Clone)]
pub(super) struct Palettes(Cache<(CollectionId, u64, String), Values>);

impl Default for Palettes {
    fn default() -> Self {
        Self(Cache::new(COLUMNS_MAX))
    }
}

impl Session {
    /// The palette of a column: all values it has in these sources, whatever is filtered.
    pub(super) async fn palette(
        &self,
        column: &str,
        sources: &[Source],
    ) -> Result<Palette, Failure> {
        let mut all = Vec::new();
        for source in sources {
            if let Ok(snapshot) = source.data() {
                let key = (source.id().clone(), snapshot.version, column.to_owned());
                let values = self
                    .inner
                    .palettes
                    .0
                    .try_get_with(key, self.values(column, source))
                    .await
                    .map_err(|error| Failure::clone(&error))?;
                all.extend(values.iter().cloned());
            }
        }
        Ok(Palette::of(all))
    }

    async fn values(&self, column: &str, source: &Source) -> Result<Values, Failure> {
        let shape = Shape::Distinct {
            column: column.to_owned(),
            search: None,
            limit: self.inner.settings.limits.figure_groups_max,
        };
        let answer = ask(self, source, &Conditions::default(), &shape).await?;
        Ok(Arc::new(
            figures::palette_values(&answer.batches).map_err(misshapen)?,
        ))
    }
}
