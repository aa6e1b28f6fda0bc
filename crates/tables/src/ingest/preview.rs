//! What an upload would become, before it is made: columns, types and the first rows.

use super::draft::SAMPLE_ROWS;
use super::error::IngestError;
use super::notes::{ColumnNote, notes};
use super::reading::{Aside, Reading};
use super::source::{Source, infer};
use super::{Cut, RowSink};
use crate::schema::TableSchema;
use deltalake::arrow::array::RecordBatch;
use deltalake::arrow::compute::concat_batches;
use domain::Column;
use domain::limits::RequestLimits;

/// Rows shown.
const ROWS_MAX: usize = 100;

/// What an upload would become.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The columns with the types guessed, or stated.
    pub columns: Vec<Column>,
    /// The first rows, at most a hundred, under the columns' own names.
    pub rows: RecordBatch,
    /// How many rows were looked at.
    pub rows_seen: u64,
    /// What a person should know of each column; empty for files that say their types.
    pub notes: Vec<ColumnNote>,
    /// The sheets of the first workbook.
    pub sheets: Vec<String>,
    /// The one that is read.
    pub sheet: Option<String>,
    /// Rows that do not fit among those looked at, when they are to be set aside.
    pub set_aside: u64,
}

struct First {
    batches: Vec<RecordBatch>,
    rows: usize,
    looked_at: u64,
    aside: Option<Aside>,
}

impl RowSink for First {
    fn push(&mut self, batch: RecordBatch) -> Result<Cut, IngestError> {
        let take = (ROWS_MAX - self.rows).min(batch.num_rows());
        self.rows += take;
        self.looked_at += batch.num_rows() as u64;
        if take > 0 {
            self.batches.push(batch.slice(0, take));
        }
        Ok(if self.looked_at < SAMPLE_ROWS {
            Cut::More
        } else {
            Cut::Stop
        })
    }

    fn aside(&mut self) -> Option<&mut Aside> {
        self.aside.as_mut()
    }
}

pub(crate) fn preview(
    sources: &[Source],
    stated: Option<Vec<Column>>,
    reading: &Reading,
    limits: RequestLimits,
) -> Result<Preview, IngestError> {
    let (guessed, rows_seen) = infer(sources, SAMPLE_ROWS)?;
    let notes = notes(sources, &guessed, &reading.markers(), SAMPLE_ROWS)?;
    let schema = TableSchema::new(stated.clone().unwrap_or(guessed));
    let mut first = First {
        batches: Vec::new(),
        rows: 0,
        looked_at: 0,
        aside: reading.aside(limits),
    };
    for source in sources {
        first.looked_at = 0;
        source.read_rows(&schema, stated.is_some(), &mut first)?;
    }
    if rows_seen == 0 {
        return Err(IngestError::Empty {
            file: sources.first().map_or("", Source::name).to_owned(),
        });
    }
    let workbook = sources.iter().find_map(Source::sheets);
    let rows = concat_batches(&schema.arrow, &first.batches)?;
    Ok(Preview {
        rows: schema.named(&rows)?,
        columns: schema.columns,
        rows_seen,
        notes,
        sheets: workbook.map_or_else(Vec::new, |(sheets, _)| sheets.to_vec()),
        sheet: workbook.map(|(_, sheet)| sheet.to_owned()),
        set_aside: first.aside.map_or(0, |aside| aside.rows),
    })
}
