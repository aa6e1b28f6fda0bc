//! A delimited file: its header, what its columns may be, and its rows as typed batches.

use super::cell::Candidates;
use super::columns::{ColumnBuilder, finish};
use super::error::IngestError;
use super::records::{Record, RecordError, Records};
use super::sniff::{Packing, Text, open_text};
use super::{Cut, RowSink};
use crate::engine::BATCH_ROWS;
use crate::schema::TableSchema;
use crate::spool::SourceFile;
use domain::limits::RequestLimits;

/// A batch is also cut when its text has this many bytes, so that wide rows need no more memory.
const BATCH_BYTES: usize = 8 << 20;

/// A delimited file whose header was read.
pub(crate) struct Delimited {
    file: SourceFile,
    packing: Packing,
    delimiter: u8,
    limits: RequestLimits,
    pub(crate) names: Vec<String>,
}

impl Delimited {
    pub(crate) fn open(
        file: &SourceFile,
        packing: Packing,
        delimiter: u8,
        limits: RequestLimits,
    ) -> Result<Self, IngestError> {
        let mut opened = Self {
            file: file.clone(),
            packing,
            delimiter,
            limits,
            names: Vec::new(),
        };
        let mut header = Record::default();
        let mut records = opened.records()?;
        if !opened.read(&mut records, &mut header)? {
            return Err(IngestError::Empty {
                file: file.name.clone(),
            });
        }
        opened.names = header
            .fields()
            .map(|name| name.trim_matches(' ').to_owned())
            .collect();
        Ok(opened)
    }

    fn records(&self) -> Result<Records<Text>, IngestError> {
        let max = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Records::new(
            open_text(&self.file, self.packing, self.limits.upload_bytes_max)?,
            self.delimiter,
            max(self.limits.table_cell_bytes_max),
            max(self.limits.table_columns_max),
        ))
    }

    fn read(&self, records: &mut Records<Text>, record: &mut Record) -> Result<bool, IngestError> {
        records.next(record).map_err(|error| match error {
            RecordError::Fault(fault) => {
                IngestError::bad(&self.file.name, Some(fault.line), fault.message)
            }
            RecordError::TooManyFields => IngestError::TooManyColumns {
                file: self.file.name.clone(),
                columns_max: self.limits.table_columns_max,
            },
            RecordError::Io(error) => records.source().get_ref().1.explain(&error),
        })
    }

    /// Passes over the header and gives each row to `each`, until it says to stop.
    fn rows(
        &self,
        mut each: impl FnMut(&Record) -> Result<Cut, IngestError>,
    ) -> Result<(), IngestError> {
        let mut records = self.records()?;
        let mut record = Record::default();
        self.read(&mut records, &mut record)?;
        while self.read(&mut records, &mut record)? {
            if record.len() != self.names.len() {
                let message = format!(
                    "the line has {} cells, but the header names {} columns",
                    record.len(),
                    self.names.len()
                );
                return Err(IngestError::bad(
                    &self.file.name,
                    Some(record.line),
                    message,
                ));
            }
            if each(&record)? == Cut::Stop {
                break;
            }
        }
        Ok(())
    }

    /// The types that read every cell of the first `rows_max` rows, and how many rows were read.
    pub(crate) fn infer(&self, rows_max: u64) -> Result<(Vec<Candidates>, u64), IngestError> {
        let mut candidates = vec![Candidates::ALL; self.names.len()];
        let mut rows = 0;
        self.rows(|record| {
            for (candidates, text) in candidates.iter_mut().zip(record.fields()) {
                candidates.narrow(text.trim_matches(' '));
            }
            rows += 1;
            Ok(if rows < rows_max {
                Cut::More
            } else {
                Cut::Stop
            })
        })?;
        Ok((candidates, rows))
    }

    /// Reads the rows into `sink` as `schema` wants them. `order` says, for each column of the
    /// schema, where it stands in the file; `stated` that a person gave the types.
    pub(crate) fn read_rows(
        &self,
        schema: &TableSchema,
        order: &[usize],
        stated: bool,
        sink: &mut dyn RowSink,
    ) -> Result<(), IngestError> {
        let mut builders: Vec<ColumnBuilder> = schema
            .columns
            .iter()
            .map(|column| ColumnBuilder::new(column.kind, stated))
            .collect();
        // From a place in the file to a place in the table.
        let mut places = vec![0; order.len()];
        for (column, position) in order.iter().enumerate() {
            if let Some(place) = places.get_mut(*position) {
                *place = column;
            }
        }
        let (mut rows, mut bytes) = (0, 0);
        self.rows(|record| {
            for (column, text) in places.iter().zip(record.fields()) {
                let pushed = builders
                    .get_mut(*column)
                    .map_or(Ok(()), |builder| builder.push(text));
                if pushed.is_err() {
                    return Err(self.not_of_type(schema, *column, record.line, text));
                }
            }
            rows += 1;
            bytes += record.bytes();
            if rows == BATCH_ROWS || bytes >= BATCH_BYTES {
                (rows, bytes) = (0, 0);
                return sink.push(finish(&schema.arrow, &mut builders)?);
            }
            Ok(Cut::More)
        })?;
        if rows > 0 {
            sink.push(finish(&schema.arrow, &mut builders)?)?;
        }
        Ok(())
    }

    fn not_of_type(
        &self,
        schema: &TableSchema,
        column: usize,
        line: u64,
        text: &str,
    ) -> IngestError {
        let column = schema.columns.get(column);
        let shown: String = text.chars().take(60).collect();
        let kind = column.map_or("", |column| column.kind.as_str());
        IngestError::BadFile {
            file: self.file.name.clone(),
            line: Some(line),
            column: column.map(|column| column.name.clone()),
            message: format!("\"{shown}\" is not a value of type {kind}"),
        }
    }
}
