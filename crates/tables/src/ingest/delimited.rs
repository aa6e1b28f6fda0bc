//! A delimited file: its header, what its columns may be, and its rows as typed batches.

use super::cell::Candidates;
use super::error::IngestError;
use super::reading::Markers;
use super::records::{Record, RecordError, Records};
use super::rows::TextRows;
use super::sniff::{Packing, Text, open_text};
use super::{Cut, RowSink};
use crate::schema::TableSchema;
use crate::spool::SourceFile;
use domain::limits::RequestLimits;

/// A delimited file whose header was read.
pub(crate) struct Delimited {
    file: SourceFile,
    packing: Packing,
    delimiter: u8,
    limits: RequestLimits,
    markers: Markers,
    pub(crate) names: Vec<String>,
}

impl Delimited {
    pub(crate) fn open(
        file: &SourceFile,
        packing: Packing,
        delimiter: u8,
        limits: RequestLimits,
        markers: Markers,
    ) -> Result<Self, IngestError> {
        let mut opened = Self {
            file: file.clone(),
            packing,
            delimiter,
            limits,
            markers,
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
            if each(&record)? == Cut::Stop {
                break;
            }
        }
        Ok(())
    }

    /// What is wrong with a row that has more or fewer cells than the header.
    fn uneven(&self, record: &Record) -> Option<IngestError> {
        if record.len() == self.names.len() {
            return None;
        }
        let message = format!(
            "the line has {} cells, but the header names {} columns",
            record.len(),
            self.names.len()
        );
        Some(IngestError::bad(
            &self.file.name,
            Some(record.line),
            message,
        ))
    }

    /// Gives the cells of the first `rows_max` rows, with their line, and says how many rows there
    /// were. Rows that have more or fewer cells than the header are for [`Self::read_rows`] to tell.
    pub(crate) fn look(
        &self,
        rows_max: u64,
        mut each: impl FnMut(u64, usize, &str),
    ) -> Result<u64, IngestError> {
        let mut rows = 0;
        self.rows(|record| {
            if self.uneven(record).is_none() {
                for (column, text) in record.fields().enumerate() {
                    each(record.line, column, text.trim_matches(' '));
                }
            }
            rows += 1;
            Ok(if rows < rows_max {
                Cut::More
            } else {
                Cut::Stop
            })
        })?;
        Ok(rows)
    }

    /// The types that read every cell of the first `rows_max` rows, and how many rows were read.
    pub(crate) fn infer(&self, rows_max: u64) -> Result<(Vec<Candidates>, u64), IngestError> {
        let mut candidates = vec![Candidates::ALL; self.names.len()];
        let rows = self.look(rows_max, |_, column, text| {
            let marked = self.markers.iter().any(|marker| marker == text);
            if let Some(candidates) = candidates.get_mut(column).filter(|_| !marked) {
                candidates.narrow(text);
            }
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
        let file = &self.file.name;
        let mut rows = TextRows::new(file, schema, order, stated, &self.markers, sink);
        self.rows(|record| match self.uneven(record) {
            Some(error) => rows.bad(error, record.fields()),
            None => rows.push(record.line, record.fields(), record.bytes()),
        })?;
        rows.end()
    }
}
