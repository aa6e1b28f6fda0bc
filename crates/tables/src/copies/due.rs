//! Which copies a collection should have and has not, and making them.

use super::{Copies, write};
use crate::error::TableError;
use crate::ingest::IngestError;
use crate::log::TableVersion;
use crate::place::Place;
use crate::tables::Inner;
use std::sync::Arc;
use std::time::Duration;

/// A collection's files have copies by so many columns at most.
const COLUMNS_MAX: usize = 2;
/// Files with fewer rows are read whole as quickly.
const FILE_ROWS_MIN: u64 = 64 * 1024;

/// Before each copy, so long at most is waited for a moment in which nobody asks anything.
const QUIET: Duration = Duration::from_secs(2);

/// What was sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// By which columns, as people call them.
    pub columns: Vec<String>,
    /// Copies made.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Sorted copies to make of a version's files.
#[derive(Debug, Clone)]
pub struct Due {
    version: Arc<TableVersion>,
    /// Of which unit, by the column at which place.
    copies: Vec<(usize, usize)>,
}

/// The copies that the latest version should have and has not; `None` when there is nothing to do.
pub(crate) async fn due(inner: &Inner, place: &Place) -> Result<Option<Due>, TableError> {
    let Some(version) = inner.latest(place).await? else {
        return Ok(None);
    };
    if !inner.wishes.covers(version.rows()) {
        return Ok(None);
    }
    inner.copies.forget(&place.collection).await;
    let copies = inner.copies(place).await?;
    let wished = inner.wishes.take(&place.collection, version.rows());
    let missing = missing(&version, &copies, &wished);
    if missing.is_empty() {
        if !wished.is_empty() {
            inner.wishes.settle(&place.collection, version.version);
        }
        return Ok(None);
    }
    Ok(Some(Due {
        version,
        copies: missing,
    }))
}

/// What is missing: copies by the columns that there are some by, then by those that are wished for.
fn missing(version: &TableVersion, copies: &Copies, wished: &[usize]) -> Vec<(usize, usize)> {
    let arrow = &version.schema.arrow;
    let held = copies.columns().into_iter();
    let mut columns: Vec<usize> = held.filter_map(|name| arrow.index_of(name).ok()).collect();
    for column in wished {
        if !columns.contains(column) {
            columns.push(*column);
        }
    }
    columns.truncate(COLUMNS_MAX);
    let mut missing = Vec::new();
    for (unit, file) in version.files.iter().enumerate() {
        for column in &columns {
            let name = arrow.fields().get(*column).map(|field| field.name());
            let held = copies.of(&file.name).iter();
            let mut held = held.map(|copy| &copy.column);
            if file.rows >= FILE_ROWS_MIN && !held.any(|held| Some(held) == name) {
                missing.push((unit, *column));
            }
        }
    }
    missing
}

/// Makes the copies that are due, one after the other. Questions read each from then on.
pub(crate) async fn sort(inner: &Inner, place: &Place, due: &Due) -> Result<Sorted, IngestError> {
    let mut sorted = Sorted::default();
    for (unit, column) in &due.copies {
        if !inner.has_room_for_copies() {
            tracing::info!("no sorted copies are made: the disk has little room");
            break;
        }
        inner.engine.quiet(QUIET).await;
        let Some(written) = write::copy(inner, place, &due.version, *unit, *column).await? else {
            continue;
        };
        sorted.files += 1;
        sorted.bytes += written.bytes;
        let column = due.version.schema.columns.get(*column);
        let name = column.map(|column| column.name.clone()).unwrap_or_default();
        if !sorted.columns.contains(&name) {
            sorted.columns.push(name);
        }
        if inner.is_gone(place).await? {
            // It was deleted meanwhile, and this came after.
            inner.remove_all(place.folder()).await?;
            return Ok(Sorted::default());
        }
        inner.copies.forget(&place.collection).await;
    }
    Ok(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::SortedCopy;
    use crate::log::DataFile;
    use crate::schema::TableSchema;
    use domain::{Column, ColumnType};

    fn version(rows: &[u64]) -> TableVersion {
        let columns = ["a", "b", "c"].map(|name| Column {
            name: name.to_owned(),
            kind: ColumnType::Int64,
        });
        let files = (0..).zip(rows).map(|(order, rows)| DataFile {
            name: format!("part-{order}"),
            rows: *rows,
            bytes: 0,
            order,
        });
        TableVersion {
            version: 1,
            schema: TableSchema::new(columns.to_vec()),
            files: files.collect(),
        }
    }

    fn copies(held: &[(&str, &str)]) -> Copies {
        let mut copies = Copies::default();
        for (file, column) in held {
            copies
                .0
                .entry((*file).to_owned())
                .or_default()
                .push(SortedCopy {
                    column: (*column).to_owned(),
                    name: super::super::name_of(column, "0123", file),
                    bytes: 1,
                });
        }
        copies
    }

    #[test]
    fn new_files_get_the_copies_that_others_have_and_at_most_two_columns_have_any() {
        let version = version(&[500_000, 500_000, 1_000]);
        assert_eq!(missing(&version, &Copies::default(), &[]), []);
        // Small files are left alone.
        assert_eq!(
            missing(&version, &Copies::default(), &[1]),
            [(0, 1), (1, 1)]
        );
        // `c2` is the physical name of `b`, the column at 1.
        let one = copies(&[("part-0", "c2")]);
        assert_eq!(missing(&version, &one, &[]), [(1, 1)]);
        assert_eq!(missing(&version, &one, &[2]), [(0, 2), (1, 1), (1, 2)]);
        let two = copies(&[("part-0", "c2"), ("part-1", "c1"), ("part-1", "c2")]);
        assert_eq!(missing(&version, &two, &[2]), [(0, 0)]);
        // A column that the table has no longer is nothing to sort by.
        let gone = copies(&[("part-0", "c9")]);
        assert_eq!(missing(&version, &gone, &[0]), [(0, 0), (1, 0)]);
    }

    #[test]
    fn a_copy_stays_with_its_data_file() {
        let name = super::super::name_of("c7", "89ab", "part-0123-00001.parquet");
        assert_eq!(super::super::stays_with(&name), "part-0123-00001.parquet");
        assert!(super::super::is_copy(&name));
        assert_eq!(
            super::super::stays_with("part-0123-00001.parquet"),
            "part-0123-00001.parquet"
        );
        assert!(!super::super::is_copy("part-0123-00001.parquet"));
    }
}
