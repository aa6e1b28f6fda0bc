//! Rows by their key: what an upsert replaces and what a comparison of two versions goes by.

use crate::error::TableError;
use crate::log::TableVersion;
use crate::place::Place;
use crate::query::Scan;
use crate::schema::TableSchema;
use crate::tables::Inner;
use deltalake::arrow::array::{Array as _, RecordBatch};
use deltalake::arrow::row::{RowConverter, SortField};
use deltalake::arrow::util::display::array_value_to_string;
use std::sync::Arc;

/// Reads the columns of a key, or of a whole row, as bytes that are equal when the values are.
pub(crate) struct Keys {
    converter: RowConverter,
    columns: usize,
}

impl Keys {
    pub(crate) fn new(schema: &TableSchema, columns: &[usize]) -> Result<Self, TableError> {
        let fields = schema.arrow.fields();
        let sorted = columns.iter().filter_map(|column| fields.get(*column));
        let sorted = sorted.map(|field| SortField::new(field.data_type().clone()));
        Ok(Self {
            converter: RowConverter::new(sorted.collect())?,
            columns: columns.len(),
        })
    }

    /// The keys of a batch that begins with their columns; `None` where a part has no value.
    pub(crate) fn of(&self, batch: &RecordBatch) -> Result<Vec<Option<Box<[u8]>>>, TableError> {
        let columns = batch.columns().get(..self.columns).unwrap_or_default();
        let rows = self.converter.convert_columns(columns)?;
        let whole = |row: usize| columns.iter().all(|column| column.is_valid(row));
        let keys = rows.iter().enumerate();
        Ok(keys
            .map(|(row, key)| whole(row).then(|| Box::from(key.as_ref())))
            .collect())
    }

    /// All of a batch's columns as bytes, those without a value too.
    pub(crate) fn whole(&self, batch: &RecordBatch) -> Result<Vec<[u8; 32]>, TableError> {
        let columns = batch.columns().get(..self.columns).unwrap_or_default();
        let rows = self.converter.convert_columns(columns)?;
        Ok(rows.iter().map(|row| keys::sha256(row.as_ref())).collect())
    }
}

/// Reads some columns of a version, in the order given.
pub(crate) fn scan(
    inner: &Inner,
    place: &Place,
    version: &Arc<TableVersion>,
    columns: Vec<usize>,
) -> Scan {
    Scan {
        store: inner.sealed(place),
        folder: place.folder(),
        footers: inner.remembered.footers.clone(),
        version: Arc::clone(version),
        copies: Arc::default(),
        // Nobody asked.
        costs: Arc::default(),
        columns,
        predicate: None,
        positions: false,
        words: false,
    }
}

/// A key as people write it.
pub(crate) fn shown(batch: &RecordBatch, row: usize) -> String {
    let values = batch.columns().iter();
    let texts = values.map(|column| array_value_to_string(column, row).unwrap_or_default());
    let text: String = texts.collect::<Vec<_>>().join(", ");
    format!("\"{}\"", text.chars().take(60).collect::<String>())
}
