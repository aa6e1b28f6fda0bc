//! Rows of text, of a delimited file or a sheet, on their way into typed batches.

use super::columns::{ColumnBuilder, finish};
use super::error::IngestError;
use super::reading::Markers;
use super::{Cut, RowSink};
use crate::engine::BATCH_ROWS;
use crate::schema::TableSchema;

/// A batch is also cut when its text has this many bytes, so that wide rows need no more memory.
const BATCH_BYTES: usize = 8 << 20;

/// Fills batches with the rows of one file.
pub(crate) struct TextRows<'a> {
    file: &'a str,
    schema: &'a TableSchema,
    /// From a place in the file to a place in the table.
    places: Vec<usize>,
    builders: Vec<ColumnBuilder>,
    rows: usize,
    bytes: usize,
    sink: &'a mut dyn RowSink,
}

impl<'a> TextRows<'a> {
    /// `order` says, for each column of the schema, where it stands in the file; `stated` that a
    /// person gave the types.
    pub(crate) fn new(
        file: &'a str,
        schema: &'a TableSchema,
        order: &[usize],
        stated: bool,
        markers: &Markers,
        sink: &'a mut dyn RowSink,
    ) -> Self {
        let builders = schema
            .columns
            .iter()
            .map(|column| ColumnBuilder::new(column.kind, stated, markers.clone()))
            .collect();
        let mut places = vec![0; order.len()];
        for (column, position) in order.iter().enumerate() {
            if let Some(place) = places.get_mut(*position) {
                *place = column;
            }
        }
        Self {
            file,
            schema,
            places,
            builders,
            rows: 0,
            bytes: 0,
            sink,
        }
    }

    /// Adds a row of as many cells as the file has columns. One that does not fit is set aside or
    /// refuses the upload.
    pub(crate) fn push<'c>(
        &mut self,
        line: u64,
        cells: impl Iterator<Item = &'c str> + Clone,
        bytes: usize,
    ) -> Result<Cut, IngestError> {
        if self.sink.aside().is_some() {
            // Nothing of a row that is set aside may be in a column already.
            let unfit = self
                .places
                .iter()
                .zip(cells.clone())
                .find(|(column, text)| {
                    let builder = self.builders.get(**column);
                    builder.is_some_and(|builder| builder.value(text).is_err())
                });
            if let Some((column, text)) = unfit {
                let error = self.not_of_type(*column, line, text);
                return self.bad(error, cells);
            }
        }
        for (column, text) in self.places.iter().zip(cells) {
            let builder = self.builders.get_mut(*column);
            if builder.is_some_and(|builder| builder.push(text).is_err()) {
                return Err(self.not_of_type(*column, line, text));
            }
        }
        self.rows += 1;
        self.bytes += bytes;
        if self.rows == BATCH_ROWS || self.bytes >= BATCH_BYTES {
            return self.flush();
        }
        Ok(Cut::More)
    }

    /// A row that is no row of this table.
    pub(crate) fn bad<'c>(
        &mut self,
        error: IngestError,
        cells: impl Iterator<Item = &'c str>,
    ) -> Result<Cut, IngestError> {
        match self.sink.aside() {
            Some(aside) => aside.add(error, cells).map(|()| Cut::More),
            None => Err(error),
        }
    }

    fn flush(&mut self) -> Result<Cut, IngestError> {
        (self.rows, self.bytes) = (0, 0);
        let batch = finish(&self.schema.arrow, &mut self.builders)?;
        self.sink.push(batch)
    }

    /// Gives on what is left.
    pub(crate) fn end(mut self) -> Result<(), IngestError> {
        if self.rows > 0 {
            self.flush()?;
        }
        Ok(())
    }

    fn not_of_type(&self, column: usize, line: u64, text: &str) -> IngestError {
        let column = self.schema.columns.get(column);
        let shown: String = text.chars().take(60).collect();
        let kind = column.map_or("", |column| column.kind.as_str());
        IngestError::BadFile {
            file: self.file.to_owned(),
            line: Some(line),
            column: column.map(|column| column.name.clone()),
            message: format!("\"{shown}\" is not a value of type {kind}"),
        }
    }
}
