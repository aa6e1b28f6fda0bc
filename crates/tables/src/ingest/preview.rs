//! What an upload would become, before it is made: columns, types and the first rows.

use super::error::IngestError;
use super::source::{Source, infer};
use super::{Cut, RowSink, SAMPLE_ROWS};
use crate::schema::TableSchema;
use deltalake::arrow::array::RecordBatch;
use deltalake::arrow::compute::concat_batches;
use domain::Column;

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
}

#[derive(Default)]
struct First {
    batches: Vec<RecordBatch>,
    rows: usize,
}

impl RowSink for First {
    fn push(&mut self, batch: RecordBatch) -> Result<Cut, IngestError> {
        let take = (ROWS_MAX - self.rows).min(batch.num_rows());
        self.rows += take;
        self.batches.push(batch.slice(0, take));
        Ok(if self.rows < ROWS_MAX {
            Cut::More
        } else {
            Cut::Stop
        })
    }
}

pub(crate) fn preview(
    sources: &[Source],
    stated: Option<Vec<Column>>,
) -> Result<Preview, IngestError> {
    let (guessed, rows_seen) = infer(sources, SAMPLE_ROWS)?;
    let schema = TableSchema::new(stated.clone().unwrap_or(guessed));
    let mut first = First::default();
    for source in sources {
        if first.rows < ROWS_MAX {
            source.read_rows(&schema, stated.is_some(), &mut first)?;
        }
    }
    if rows_seen == 0 {
        return Err(IngestError::Empty {
            file: sources.first().map_or("", Source::name).to_owned(),
        });
    }
    let rows = concat_batches(&schema.arrow, &first.batches)?;
    Ok(Preview {
        rows: schema.named(&rows)?,
        columns: schema.columns,
        rows_seen,
    })
}
