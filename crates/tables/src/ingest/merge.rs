//! Many small files of a table become few: as part of the commit that adds rows, so the history has no entry for it.
//!
//! Appends of a few rows leave files of a few rows, and a question opens every one of them. When enough files of about
//! the same size stand at the end, they are written again as one, so a row is written again about once for each time its
//! file grows eightfold. Rows keep their order, and older versions their files.

use super::error::IngestError;
use super::write::{self, FILE_ROWS, FileWriter, Written};
use crate::keyed;
use crate::log::{DataFile, TableVersion};
use crate::place::Place;
use crate::tables::Inner;
use futures::TryStreamExt as _;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// So many files of about the same size become one.
const ALIKE: usize = 8;
/// And so many of any smaller sizes, which come in between.
const SMALLER: usize = 64;

/// A version with fewer files, of the same rows in the same order.
#[derive(Default)]
pub(super) struct Merged {
    pub(super) version: Option<Arc<TableVersion>>,
    /// What was written for it.
    written: Vec<Written>,
    /// The names of the files that came and went.
    pub(super) moved: HashSet<String>,
}

impl Merged {
    /// The files that rows are added to.
    pub(super) fn files(&self) -> Vec<DataFile> {
        let version = self.version.as_deref();
        version
            .map(|version| version.files.clone())
            .unwrap_or_default()
    }

    /// Leaves what is among these files. Whether it was not all: a file with a replaced row was written once more.
    pub(super) async fn discard_all_but(
        &mut self,
        files: &[DataFile],
        inner: &Inner,
        place: &Place,
    ) -> bool {
        let listed = |written: &Written| files.iter().any(|file| file.name == written.name);
        let (listed, other): (Vec<_>, Vec<_>) = self.written.drain(..).partition(listed);
        self.written = listed;
        write::remove(&inner.sealed(place), &place.folder(), &other).await;
        !other.is_empty()
    }

    /// Leaves nothing of it.
    pub(super) async fn discard(&self, inner: &Inner, place: &Place) {
        write::remove(&inner.sealed(place), &place.folder(), &self.written).await;
    }
}

/// The version to add rows to: the one given, or the same with fewer files. A failure to merge is none of the upload.
pub(super) async fn merged(
    inner: &Inner,
    place: &Place,
    before: Option<&Arc<TableVersion>>,
) -> Merged {
    let as_it_is = || Merged {
        version: before.cloned(),
        ..Merged::default()
    };
    let small = before.and_then(|before| Some((before, small_ones(&before.files)?)));
    let Some((before, small)) = small else {
        return as_it_is();
    };
    match merge(inner, place, before, small).await {
        Ok(merged) => merged,
        Err(error) => {
            tracing::warn!(%error, "the small files of a table stay as they are");
            as_it_is()
        }
    }
}

/// How large a file is, in steps of eight.
fn step(file: &DataFile) -> u32 {
    file.rows.max(1).ilog2() / 3
}

/// Which files should be one, when there are enough small ones at the end.
fn small_ones(files: &[DataFile]) -> Option<Range<usize>> {
    // Larger ones stay for ever: two of them are more than a file may hold.
    let small = files.iter().rev();
    let small = small.take_while(|file| file.rows <= FILE_ROWS as u64 / 2);
    let largest = small.clone().map(step).max()?;
    let from = (0..=largest).find_map(|most| {
        let small = small.clone().take_while(|file| step(file) <= most);
        let count = small.clone().count();
        let alike = small.filter(|file| step(file) == most).count();
        (alike >= ALIKE || count >= SMALLER).then(|| files.len() - count)
    })?;
    // As many of them as one file holds: the rest is merged when more came.
    let mut rows = 0;
    let fitting = files.get(from..)?.iter().take_while(|file| {
        rows += file.rows;
        rows <= FILE_ROWS as u64
    });
    Some(from..from + fitting.count())
}

async fn merge(
    inner: &Inner,
    place: &Place,
    before: &Arc<TableVersion>,
    units: Range<usize>,
) -> Result<Merged, IngestError> {
    let mut files = before.files.clone();
    let small: Vec<DataFile> = files.drain(units.clone()).collect();
    let Some(first) = small.first() else {
        return Ok(Merged::default());
    };
    let (store, schema) = (inner.sealed(place), before.schema.clone());
    let mut writer = FileWriter::in_place_of(store, place.folder(), schema, &first.name);
    for unit in units.clone() {
        if let Err(error) = copy(inner, place, before, unit, &mut writer).await {
            writer.give_up().await;
            return Err(error);
        }
    }
    let written = writer.end().await?;
    let one = written.iter().map(|file| DataFile {
        name: file.name.clone(),
        rows: file.rows,
        bytes: file.bytes,
        order: first.order,
    });
    files.splice(units.start..units.start, one);
    let gone = small.iter().map(|file| file.name.clone());
    let came = written.iter().map(|file| file.name.clone());
    Ok(Merged {
        moved: gone.chain(came).collect(),
        version: Some(Arc::new(TableVersion {
            files,
            ..TableVersion::clone(before)
        })),
        written,
    })
}

/// Writes the rows of one file again.
async fn copy(
    inner: &Inner,
    place: &Place,
    before: &Arc<TableVersion>,
    unit: usize,
    writer: &mut FileWriter,
) -> Result<(), IngestError> {
    let all = (0..before.schema.columns.len()).collect();
    let mut rows = keyed::scan(inner, place, before, all)
        .read(unit, None)
        .await?;
    while let Some(batch) = rows.try_next().await? {
        writer.write(batch).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn files(rows: &[u64]) -> Vec<DataFile> {
        let files = (0..).zip(rows).map(|(order, rows)| DataFile {
            name: format!("part-{order}"),
            rows: *rows,
            bytes: 0,
            order,
        });
        files.collect()
    }

    /// Appends of so many rows, merged as they come: the files left, and how many rows were written again.
    fn appended(sizes: impl Iterator<Item = u64>) -> (Vec<u64>, u64) {
        let (mut held, mut again) = (Vec::new(), 0);
        for size in sizes {
            if let Some(small) = small_ones(&files(&held)) {
                assert!(small.len() > 1, "{held:?}");
                let rows: u64 = held.drain(small.clone()).sum();
                assert!(rows <= FILE_ROWS as u64, "{rows}");
                held.insert(small.start, rows);
                again += rows;
            }
            held.push(size);
        }
        (held, again)
    }

    #[test]
    fn a_thousand_small_appends_leave_few_files_and_write_each_row_again_a_few_times() {
        let (held, again) = appended(std::iter::repeat_n(100, 1_000));
        assert!(held.len() <= 32, "{held:?}");
        assert_eq!(held.iter().sum::<u64>(), 100_000);
        assert!(again <= 5 * 100_000, "{again}");
        // A large file is left alone.
        assert_eq!(small_ones(&files(&[FILE_ROWS as u64; 20])), None);
        assert_eq!(
            small_ones(&files(&[500_000, 1, 1, 1, 1, 1, 1, 1, 1])),
            Some(1..9)
        );
    }

    proptest! {
        #[test]
        fn appends_of_any_sizes_leave_few_small_files(sizes in proptest::collection::vec(1_u64..60_000, 1..400)) {
            let total: u64 = sizes.iter().sum();
            let (held, _) = appended(sizes.iter().copied());
            prop_assert_eq!(held.iter().sum::<u64>(), total);
            let small = held.iter().filter(|rows| **rows <= FILE_ROWS as u64 / 2).count();
            prop_assert!(small <= SMALLER + 1, "{:?}", held);
        }
    }
}
