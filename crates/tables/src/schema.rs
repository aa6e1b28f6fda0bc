//! A table's columns in three languages: ours, Arrow's and Delta's.
//!
//! A column is stored under a physical name of our own (`c1`, `c2`, ..), by Delta's column mapping,
//! so that a person may call it anything: Parquet and Delta forbid spaces, parentheses and more in
//! names. Everything inside the engine uses the physical names; people's names come back last.

use crate::query::POSITION;
use deltalake::arrow::array::RecordBatch;
use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake::arrow::error::ArrowError;
use domain::{Column, ColumnType};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Says in a field of the Delta schema that text is a category.
const TYPE_KEY: &str = "depictio.type";
const ID_KEY: &str = "delta.columnMapping.id";
const PHYSICAL_KEY: &str = "delta.columnMapping.physicalName";
/// What the Arrow reader and writer of Parquet call a field's id.
const FIELD_ID_KEY: &str = "PARQUET:field_id";

/// The columns of one version, and how they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableSchema {
    pub(crate) columns: Vec<Column>,
    pub(crate) physical: Vec<String>,
    /// Physical names, in the order of the columns.
    pub(crate) arrow: SchemaRef,
}

/// A Delta schema that we did not write.
#[derive(Debug, thiserror::Error)]
#[error("the table's schema is not one of ours: {0}")]
pub(crate) struct SchemaError(String);

/// How a type is held in memory by the engine. A category is text there.
pub(crate) fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::String | ColumnType::Category => DataType::Utf8,
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Float64 => DataType::Float64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::TimestampTz => {
            DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
        }
    }
}

fn delta_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::String | ColumnType::Category => "string",
        ColumnType::Int64 => "long",
        ColumnType::Float64 => "double",
        ColumnType::Bool => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamp_ntz",
        ColumnType::TimestampTz => "timestamp",
    }
}

#[derive(Serialize, Deserialize)]
struct DeltaField {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    nullable: bool,
    metadata: HashMap<String, serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct DeltaStruct {
    #[serde(rename = "type")]
    kind: String,
    fields: Vec<DeltaField>,
}

impl TableSchema {
    /// A schema for columns that are stored anew.
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        let physical = (1..=columns.len()).map(|id| format!("c{id}")).collect();
        Self::with_physical(columns, physical)
    }

    fn with_physical(columns: Vec<Column>, physical: Vec<String>) -> Self {
        let fields: Vec<Field> = columns
            .iter()
            .zip(&physical)
            .map(|(column, name)| Field::new(name, arrow_type(column.kind), true))
            .collect();
        Self {
            columns,
            physical,
            arrow: Arc::new(Schema::new(fields)),
        }
    }

    /// The same columns and, last, the place of each row.
    pub(crate) fn with_positions(&self) -> Self {
        let (mut columns, mut physical) = (self.columns.clone(), self.physical.clone());
        columns.push(Column {
            name: POSITION.to_owned(),
            kind: ColumnType::Int64,
        });
        physical.push(POSITION.to_owned());
        Self::with_physical(columns, physical)
    }

    /// The schema given to the Parquet writer: with field ids, as column mapping wants them.
    pub(crate) fn for_parquet(&self) -> SchemaRef {
        let fields: Vec<Field> = self
            .arrow
            .fields()
            .iter()
            .enumerate()
            .map(|(index, field)| {
                let id = HashMap::from([(FIELD_ID_KEY.to_owned(), (index + 1).to_string())]);
                field.as_ref().clone().with_metadata(id)
            })
            .collect();
        Arc::new(Schema::new(fields))
    }

    /// The `schemaString` of Delta's metadata action.
    pub(crate) fn to_delta(&self) -> Result<String, serde_json::Error> {
        let field = |(index, (column, physical)): (usize, (&Column, &String))| {
            let mut metadata = HashMap::from([
                (ID_KEY.to_owned(), (index + 1).into()),
                (PHYSICAL_KEY.to_owned(), physical.as_str().into()),
            ]);
            if column.kind == ColumnType::Category {
                metadata.insert(TYPE_KEY.to_owned(), "category".into());
            }
            DeltaField {
                name: column.name.clone(),
                kind: delta_type(column.kind).to_owned(),
                nullable: true,
                metadata,
            }
        };
        serde_json::to_string(&DeltaStruct {
            kind: "struct".to_owned(),
            fields: self
                .columns
                .iter()
                .zip(&self.physical)
                .enumerate()
                .map(field)
                .collect(),
        })
    }

    /// Reads back what [`Self::to_delta`] wrote.
    pub(crate) fn from_delta(text: &str) -> Result<Self, SchemaError> {
        let found: DeltaStruct =
            serde_json::from_str(text).map_err(|e| SchemaError(e.to_string()))?;
        let mut columns = Vec::with_capacity(found.fields.len());
        let mut physical = Vec::with_capacity(found.fields.len());
        for field in found.fields {
            let category = field
                .metadata
                .get(TYPE_KEY)
                .is_some_and(|v| v == "category");
            let kind = match (field.kind.as_str(), category) {
                ("string", true) => ColumnType::Category,
                ("string", false) => ColumnType::String,
                ("long", _) => ColumnType::Int64,
                ("double", _) => ColumnType::Float64,
                ("boolean", _) => ColumnType::Bool,
                ("date", _) => ColumnType::Date,
                ("timestamp_ntz", _) => ColumnType::Timestamp,
                ("timestamp", _) => ColumnType::TimestampTz,
                (other, _) => return Err(SchemaError(format!("a column of type {other}"))),
            };
            let name = field
                .metadata
                .get(PHYSICAL_KEY)
                .and_then(|name| name.as_str())
                .ok_or_else(|| SchemaError("a column without a physical name".to_owned()))?;
            physical.push(name.to_owned());
            columns.push(Column {
                name: field.name,
                kind,
            });
        }
        Ok(Self::with_physical(columns, physical))
    }

    /// A batch of all columns, under the names people gave them.
    pub(crate) fn named(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|column| Field::new(&column.name, arrow_type(column.kind), true))
            .collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), batch.columns().to_vec())
    }

    /// Where a column stands.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}
