//! The rows that Code Mode works on: whole columns, in the order of upload.

use super::error::QueryError;
use super::run::each;
use super::{Ask, Selection, selected};
use crate::place::Place;
use crate::tables::Inner;
use deltalake::arrow::array::{ArrayRef, RecordBatch};
use deltalake::arrow::compute::cast;
use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use domain::ColumnType;
use futures::TryStreamExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Rows for Code Mode.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its columns, under their own names; a category is a dictionary of 32-bit keys.
    pub schema: SchemaRef,
    /// Its rows, in the order of upload.
    pub batches: Vec<RecordBatch>,
    /// The version it was made from; `None` while the table has none.
    pub version: Option<u64>,
    /// How many rows it has.
    pub rows: u64,
}

fn frame_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Category => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
        other => crate::schema::arrow_type(other),
    }
}

pub(crate) async fn frame(
    inner: Arc<Inner>,
    place: &Place,
    selection: Selection,
    bytes_max: u64,
    ask: Ask<'_>,
) -> Result<Frame, QueryError> {
    let wall_ms_max = ask.wall_ms_max.min(inner.limits.query_wall_ms_max);
    let work = async {
        let turn = inner.engine.turn(ask.fairness).await?;
        let (within, place) = (Arc::clone(&inner), place.clone());
        let work = async move {
            let _turn = turn;
            gather(&within, &place, &selection, bytes_max).await
        };
        inner.engine.run(work).await?
    };
    match tokio::time::timeout(Duration::from_millis(wall_ms_max), work).await {
        Ok(done) => done,
        Err(_) => Err(QueryError::Deadline { wall_ms_max }),
    }
}

async fn gather(
    inner: &Inner,
    place: &Place,
    selection: &Selection,
    bytes_max: u64,
) -> Result<Frame, QueryError> {
    let Some((scan, found)) = selected(inner, place, selection).await? else {
        return Ok(Frame {
            schema: Arc::new(Schema::empty()),
            batches: Vec::new(),
            version: None,
            rows: 0,
        });
    };
    let number = scan.version.version;
    let fields: Vec<Field> = found
        .iter()
        .map(|found| Field::new(&found.column.name, frame_type(found.column.kind), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let used = Arc::new(AtomicU64::new(0));
    let batches = each(&inner.engine, 0..scan.units(), |unit| {
        let (scan, schema, used) = (scan.clone(), Arc::clone(&schema), Arc::clone(&used));
        async move {
            let mut rows = scan.read(unit, None).await?;
            let mut batches = Vec::new();
            while let Some(batch) = rows.try_next().await? {
                let batch = shown(&schema, &batch)?;
                let bytes = batch.get_array_memory_size() as u64;
                if used.fetch_add(bytes, Ordering::Relaxed) + bytes > bytes_max {
                    return Err(QueryError::TooLarge { bytes_max });
                }
                batches.push(batch);
            }
            Ok(batches)
        }
    })
    .await?;
    let batches: Vec<RecordBatch> = batches.into_iter().flatten().collect();
    Ok(Frame {
        rows: batches.iter().map(|batch| batch.num_rows() as u64).sum(),
        schema,
        batches,
        version: Some(number),
    })
}

fn shown(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, QueryError> {
    let columns = schema.fields().iter().zip(batch.columns());
    let columns: Vec<ArrayRef> = columns
        .map(|(field, column)| {
            if column.data_type() == field.data_type() {
                Ok(Arc::clone(column))
            } else {
                cast(column, field.data_type())
            }
        })
        .collect::<Result<_, _>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
