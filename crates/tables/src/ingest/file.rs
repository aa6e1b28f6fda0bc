//! One Parquet file on its way into the store, and the row groups it is made of.
//!
//! A row group is encoded on a thread of its own while the next one gathers; the file takes the encoded ones in their
//! order. Ending a file waits for the disk, so it happens beside the writing of the next one.

use super::error::IngestError;
use super::write::Written;
use crate::query::POSITION;
use crate::schema::TableSchema;
use deltalake::arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use deltalake::arrow::datatypes::{DataType, Field, Float64Type, Int64Type, SchemaRef};
use deltalake::parquet::arrow::ArrowWriter;
use deltalake::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use deltalake::parquet::basic::{Compression, Encoding, ZstdLevel};
use deltalake::parquet::errors::ParquetError;
use deltalake::parquet::file::properties::WriterProperties;
use deltalake::parquet::file::writer::SerializedFileWriter;
use deltalake::parquet::schema::types::ColumnPath;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use tokio_util::task::AbortOnDropHandle;

/// An encoded row group.
pub(crate) type Group = Vec<ArrowColumnChunk>;

/// A file that takes row groups.
pub(crate) struct OpenFile {
    store: Arc<dyn ObjectStore>,
    name: String,
    path: Path,
    /// As it is written.
    pub(crate) schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
    /// What it wrote since the object took it.
    file: SerializedFileWriter<Vec<u8>>,
    object: BufWriter,
    groups_begun: usize,
    /// Of all groups begun.
    pub(crate) rows: usize,
}

impl OpenFile {
    /// A new file; the first rows say how its columns are best stored.
    pub(crate) fn new(
        store: &Arc<dyn ObjectStore>,
        folder: &Path,
        name: String,
        schema: &TableSchema,
        first: &RecordBatch,
    ) -> Result<Self, IngestError> {
        let path = folder.clone().join(name.as_str());
        let properties = properties(schema, first);
        let schema = schema.for_parquet();
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties))?;
        let (file, factory) = writer.into_serialized_writer()?;
        Ok(Self {
            object: BufWriter::new(Arc::clone(store), path.clone()),
            store: Arc::clone(store),
            name,
            path,
            schema,
            factory,
            file,
            groups_begun: 0,
            rows: 0,
        })
    }

    /// Begins its next row group: what encodes each of its columns.
    pub(crate) fn begin(&mut self, rows: usize) -> Result<Vec<ArrowColumnWriter>, IngestError> {
        let writers = self.factory.create_column_writers(self.groups_begun)?;
        self.groups_begun += 1;
        self.rows += rows;
        Ok(writers)
    }

    /// Begins to encode its next row group.
    pub(crate) fn encode(
        &mut self,
        batches: Vec<RecordBatch>,
    ) -> Result<AbortOnDropHandle<Result<Group, ParquetError>>, IngestError> {
        let rows = batches.iter().map(RecordBatch::num_rows);
        let writers = self.begin(rows.sum())?;
        let schema = Arc::clone(&self.schema);
        let work = move || encode(writers, &schema, &batches);
        Ok(AbortOnDropHandle::new(tokio::task::spawn_blocking(work)))
    }

    /// Takes an encoded row group, the next one in order.
    pub(crate) async fn take(&mut self, group: Group) -> Result<(), IngestError> {
        let mut row_group = self.file.next_row_group()?;
        for chunk in group {
            chunk.append_to_row_group(&mut row_group)?;
        }
        row_group.close()?;
        self.pass_on().await
    }

    /// Ends the file: on return it is in the store.
    pub(crate) async fn end(mut self) -> Result<Written, IngestError> {
        self.file.finish()?;
        self.pass_on().await?;
        self.object.shutdown().await?;
        Ok(Written {
            rows: self.rows as u64,
            bytes: self.store.head(&self.path).await?.size,
            name: self.name,
        })
    }

    async fn pass_on(&mut self) -> Result<(), IngestError> {
        let bytes = std::mem::take(self.file.inner_mut());
        Ok(self.object.put(bytes.into()).await?)
    }
}

/// Encodes the rows of a group, column by column.
fn encode(
    writers: Vec<ArrowColumnWriter>,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<Group, ParquetError> {
    let columns = writers.into_iter().zip(schema.fields()).enumerate();
    let chunks = columns.map(|(index, (writer, field))| {
        let parts = batches.iter();
        let parts = parts.filter_map(|batch| batch.columns().get(index));
        encode_column(writer, field, parts)
    });
    chunks.collect()
}

/// Encodes one column of a group, whose rows come in parts.
pub(crate) fn encode_column<'a>(
    mut writer: ArrowColumnWriter,
    field: &Field,
    parts: impl Iterator<Item = &'a ArrayRef>,
) -> Result<ArrowColumnChunk, ParquetError> {
    for part in parts {
        for leaf in compute_leaves(field, part)? {
            writer.write(&leaf)?;
        }
    }
    writer.close()
}

fn properties(schema: &TableSchema, first: &RecordBatch) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("depictio".to_owned());
    for (name, column) in schema.physical.iter().zip(first.columns()) {
        if name == POSITION {
            let path = ColumnPath::new(vec![name.clone()]);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
            continue;
        }
        if hardly_repeats(column) {
            let path = ColumnPath::new(vec![name.clone()]);
            properties = properties.set_column_dictionary_enabled(path.clone(), false);
            if column.data_type() == &DataType::Float64 {
                // Digits that never repeat hardly shrink, and unpacking them is most of what reading costs.
                let plain = Compression::UNCOMPRESSED;
                properties = properties.set_column_compression(path, plain);
            }
        }
    }
    properties.build()
}

/// Whether nearly every number differs from every other one: a dictionary of them would be longer than they are, and
/// slower to write and to read.
fn hardly_repeats(column: &ArrayRef) -> bool {
    /// Fewer values tell too little.
    const VALUES_MIN: usize = 1_000;
    let whole = match column.data_type() {
        DataType::Float64 => {
            let floats = column.as_primitive::<Float64Type>().values().iter();
            floats
                .map(|value| value.to_bits())
                .collect::<HashSet<u64>>()
        }
        DataType::Int64 => {
            let whole = column.as_primitive::<Int64Type>().values().iter();
            whole.map(|value| value.cast_unsigned()).collect()
        }
        _ => return false,
    };
    column.len() >= VALUES_MIN && whole.len() * 10 > column.len() * 9
}
