//! Reading the rows of one version: its live files, one unit each, in the order of upload.
//!
//! A unit is the grain of all work: units are read side by side, what each gives is deterministic,
//! and results are put together in the order of units. So no answer depends on the number of cores
//! or on which unit was ready first. Row groups whose statistics exclude the filter are not read,
//! and where they say that every row meets a part of it, that part's columns are not read for it.
//! Of the others either all columns are read at once, or, where much is asked for, the filter's own
//! first and the rest only where they let a row through.

use super::error::QueryError;
use super::object::DataObject;
use super::predicate::{Left, Predicate};
use crate::engine::BATCH_ROWS;
use crate::error::TableError;
use crate::log::{DataFile, TableVersion};
use deltalake::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use deltalake::arrow::buffer::BooleanBuffer;
use deltalake::arrow::compute::filter_record_batch;
use deltalake::arrow::compute::kernels::numeric::add;
use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use deltalake::arrow::error::ArrowError;
use deltalake::datafusion::error::DataFusionError;
use deltalake::datafusion::execution::{SendableRecordBatchStream, TaskContext};
use deltalake::datafusion::physical_plan::ExecutionPlan;
use deltalake::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use deltalake::datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use deltalake::parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, RowFilter, RowSelection,
};
use deltalake::parquet::arrow::async_reader::AsyncFileReader as _;
use deltalake::parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask, RowNumber};
use deltalake::parquet::file::metadata::ParquetMetaData;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use moka::future::Cache;
use object_store::ObjectStore;
use object_store::path::Path;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// The row position's name among the columns that the engine sees: none of ours begins like this.
pub(crate) const POSITION: &str = "__position";

/// Bytes of a row, unpacked, beyond the filter's own columns, from which on they are read only where the filter lets a
/// row through: reading in two steps costs about as much as decoding three numbers.
const LATE_BYTES: u64 = 32;

/// Bytes of a row, unpacked, below which a column of text is stored as keys to few words.
const WORD_BYTES: u64 = 4;

/// Footers of data files, remembered: they never change.
pub(crate) type Footers = Cache<Path, Arc<ParquetMetaData>>;

type Batches = BoxStream<'static, Result<RecordBatch, TableError>>;

/// What is read of a version.
#[derive(Clone)]
pub(crate) struct Scan {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) folder: Path,
    pub(crate) footers: Footers,
    pub(crate) version: Arc<TableVersion>,
    /// Columns by their place in the table, in the order wanted.
    pub(crate) columns: Vec<usize>,
    pub(crate) predicate: Option<Arc<Predicate>>,
    /// Whether each row's position among all rows of the version comes last.
    pub(crate) positions: bool,
    /// Whether text comes as words and keys, as it lies in the file, rather than row by row.
    pub(crate) words: bool,
}

/// Row groups of a unit that follow one another and have the same left to compute.
struct Run {
    groups: Vec<usize>,
    left: Left,
}

/// Some rows of a unit that follow one another, and which of them meet the predicate; all when it is not said.
pub(crate) struct Mask {
    pub(crate) rows: usize,
    pub(crate) kept: Option<BooleanBuffer>,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scan({}, version {})", self.folder, self.version.version)
    }
}

impl Scan {
    pub(crate) fn units(&self) -> usize {
        self.version.files.len()
    }

    /// The position of a unit's first row.
    pub(crate) fn base(&self, unit: usize) -> u64 {
        let before = self.version.files.iter().take(unit);
        before.map(|file| file.rows).sum()
    }

    /// The schema of what comes back.
    pub(crate) fn schema(&self) -> SchemaRef {
        let all = self.version.schema.arrow.fields();
        let wanted = self.columns.iter().filter_map(|index| all.get(*index));
        let mut fields: Vec<Arc<Field>> = wanted.map(|field| self.field(field)).collect();
        if self.positions {
            fields.push(Arc::new(Field::new(POSITION, DataType::Int64, false)));
        }
        Arc::new(Schema::new(fields))
    }

    /// A column as it comes back.
    fn field(&self, field: &Arc<Field>) -> Arc<Field> {
        if self.words && field.data_type() == &DataType::Utf8 {
            let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            return Arc::new(field.as_ref().clone().with_data_type(words));
        }
        Arc::clone(field)
    }

    fn path(&self, file: &DataFile) -> Path {
        self.folder.clone().join(file.name.as_str())
    }

    async fn footer(&self, file: &DataFile) -> Result<Arc<ParquetMetaData>, TableError> {
        let path = self.path(file);
        if let Some(known) = self.footers.get(&path).await {
            return Ok(known);
        }
        let footer = self.object(file).get_metadata(None).await?;
        self.footers.insert(path, Arc::clone(&footer)).await;
        Ok(footer)
    }

    fn object(&self, file: &DataFile) -> DataObject {
        DataObject {
            store: Arc::clone(&self.store),
            path: self.path(file),
            bytes: file.bytes,
        }
    }

    /// The rows of one unit, in order; only those at `at` (positions within the unit) when given.
    pub(crate) async fn read(
        self,
        unit: usize,
        at: Option<Vec<Range<usize>>>,
    ) -> Result<Batches, TableError> {
        let Some(file) = self.version.files.get(unit).cloned() else {
            return Ok(futures::stream::empty().boxed());
        };
        let footer = self.footer(&file).await?;
        let runs = match &self.predicate {
            Some(predicate) => runs(predicate.groups(&footer)?),
            None => vec![Run {
                groups: (0..footer.num_row_groups()).collect(),
                left: Left::new(),
            }],
        };
        let opened = Opened {
            base: i64::try_from(self.base(unit)).unwrap_or(i64::MAX),
            metadata: self.metadata(&footer)?,
            schema: self.schema(),
            scan: self,
            file,
        };
        if let Some(at) = at {
            let rows = usize::try_from(opened.file.rows).unwrap_or(usize::MAX);
            let at = RowSelection::from_consecutive_ranges(at.into_iter(), rows);
            let all = (0..footer.num_row_groups()).collect();
            return opened.plain(all, Some(at));
        }
        let batches = futures::stream::iter(runs).map(move |run| opened.run(&run));
        Ok(batches.try_flatten().boxed())
    }

    /// Which rows of one unit meet the predicate, in order. Only what must be computed is read.
    pub(crate) async fn masks(
        &self,
        unit: usize,
    ) -> Result<BoxStream<'static, Result<Mask, TableError>>, TableError> {
        let (Some(file), Some(predicate)) =
            (self.version.files.get(unit).cloned(), &self.predicate)
        else {
            let rows = self.version.files.get(unit).map_or(0, |file| file.rows);
            let rows = usize::try_from(rows).unwrap_or(usize::MAX);
            let all = Mask { rows, kept: None };
            return Ok(futures::stream::iter([Ok(all)]).boxed());
        };
        let footer = self.footer(&file).await?;
        let scan = Self {
            columns: Vec::new(),
            positions: false,
            words: true,
            ..self.clone()
        };
        let groups = predicate.groups(&footer)?;
        let opened = Opened {
            base: 0,
            metadata: scan.metadata(&footer)?,
            schema: scan.schema(),
            scan,
            file,
        };
        let masks = groups.into_iter().enumerate().map(move |(group, left)| {
            let rows = footer.row_group(group).num_rows();
            let rows = usize::try_from(rows).unwrap_or(usize::MAX);
            match left {
                Some(left) if left.is_empty() => {
                    Ok(futures::stream::iter([Ok(Mask { rows, kept: None })]).boxed())
                }
                None => {
                    let kept = Some(BooleanBuffer::new_unset(rows));
                    Ok(futures::stream::iter([Ok(Mask { rows, kept })]).boxed())
                }
                Some(left) => opened.masks(group, &left),
            }
        });
        Ok(futures::stream::iter(masks).try_flatten().boxed())
    }

    /// What the reader must know of a file: its footer, and in which types its columns are wanted.
    fn metadata(&self, footer: &Arc<ParquetMetaData>) -> Result<ArrowReaderMetadata, TableError> {
        let mut options = ArrowReaderOptions::new();
        if self.positions {
            let number = Field::new(POSITION, DataType::Int64, false);
            let number = Arc::new(number.with_extension_type(RowNumber));
            options = options.with_virtual_columns(vec![number])?;
        }
        if self.words {
            let stored =
                ArrowReaderMetadata::try_new(Arc::clone(footer), ArrowReaderOptions::new())?;
            let fields = stored.schema().fields().iter().enumerate();
            // A filter's own column of many words is quicker read row by row.
            let fields = fields.map(|(at, field)| {
                match self.columns.contains(&at) || bytes_a_row(footer, None, [&at]) < WORD_BYTES {
                    true => self.field(field),
                    false => Arc::clone(field),
                }
            });
            let fields: Vec<Arc<Field>> = fields.collect();
            options = options.with_schema(Arc::new(Schema::new(fields)));
        }
        Ok(ArrowReaderMetadata::try_new(Arc::clone(footer), options)?)
    }

    /// A plan whose partitions are the units.
    pub(crate) fn plan(self) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
        let schema = self.schema();
        let units = self.units();
        let scan = Arc::new(self);
        let partition = |unit| {
            let part: Arc<dyn PartitionStream> = Arc::new(Unit {
                scan: Arc::clone(&scan),
                schema: Arc::clone(&schema),
                unit,
            });
            part
        };
        let partitions = (0..units).map(partition).collect();
        let plan = StreamingTableExec::try_new(
            Arc::clone(&schema),
            partitions,
            None,
            Vec::new(),
            false,
            None,
        )?;
        Ok(Arc::new(plan))
    }
}

fn runs(groups: Vec<Option<Left>>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (group, left) in groups.into_iter().enumerate() {
        let Some(left) = left else { continue };
        match runs.last_mut() {
            Some(last) if last.left == left => last.groups.push(group),
            _ => runs.push(Run {
                groups: vec![group],
                left,
            }),
        }
    }
    runs
}

/// One file of a scan.
struct Opened {
    scan: Scan,
    file: DataFile,
    metadata: ArrowReaderMetadata,
    /// What comes back.
    schema: SchemaRef,
    /// The position of its first row.
    base: i64,
}

impl Opened {
    fn builder(&self, columns: &BTreeSet<usize>) -> ParquetRecordBatchStreamBuilder<DataObject> {
        let reader = self.scan.object(&self.file);
        ParquetRecordBatchStreamBuilder::new_with_metadata(reader, self.metadata.clone())
            .with_batch_size(BATCH_ROWS)
            .with_projection(self.mask(columns))
    }

    fn mask(&self, columns: &BTreeSet<usize>) -> ProjectionMask {
        let parquet = self.metadata.parquet_schema();
        ProjectionMask::roots(parquet, columns.iter().copied())
    }

    fn wanted(&self) -> BTreeSet<usize> {
        self.scan.columns.iter().copied().collect()
    }

    /// Some row groups, of each all rows or those of a selection.
    fn plain(&self, groups: Vec<usize>, at: Option<RowSelection>) -> Result<Batches, TableError> {
        let mut builder = self.builder(&self.wanted()).with_row_groups(groups);
        if let Some(at) = at {
            builder = builder.with_row_selection(at);
        }
        self.arranged(builder)
    }

    /// The rows of some row groups that meet what is left of the predicate.
    fn run(&self, run: &Run) -> Result<Batches, TableError> {
        let Some(predicate) = self
            .scan
            .predicate
            .as_ref()
            .filter(|_| !run.left.is_empty())
        else {
            return self.plain(run.groups.clone(), None);
        };
        let (wanted, own) = (self.wanted(), predicate.columns(&run.left));
        let footer = self.metadata.metadata();
        if bytes_a_row(footer, Some(&run.groups), wanted.difference(&own)) > LATE_BYTES {
            let mut checks = predicate.checks(&run.left, &self.part(&own))?;
            let filter = ArrowPredicateFn::new(self.mask(&own), move |batch| {
                Ok(BooleanArray::new(checks.kept(&batch)?, None))
            });
            let builder = self.builder(&wanted).with_row_groups(run.groups.clone());
            return self.arranged(builder.with_row_filter(RowFilter::new(vec![Box::new(filter)])));
        }
        let all: BTreeSet<usize> = wanted.union(&own).copied().collect();
        let stream = self
            .builder(&all)
            .with_row_groups(run.groups.clone())
            .build()?;
        let mut checks = predicate.checks(&run.left, stream.schema())?;
        let (schema, base) = (Arc::clone(&self.schema), self.base);
        let batches = stream.map(move |batch| {
            let batch = batch?;
            let kept = checks.kept(&batch)?;
            let batch = arrange(&schema, base, &batch)?;
            match kept.count_set_bits() {
                0 => Ok(batch.slice(0, 0)),
                all if all == batch.num_rows() => Ok(batch),
                _ => Ok(filter_record_batch(&batch, &BooleanArray::new(kept, None))?),
            }
        });
        let some = |batch: &RecordBatch| futures::future::ready(batch.num_rows() > 0);
        Ok(batches.try_filter(some).boxed())
    }

    /// Which rows of a row group meet what is left of the predicate.
    fn masks(
        &self,
        group: usize,
        left: &[usize],
    ) -> Result<BoxStream<'static, Result<Mask, TableError>>, TableError> {
        let Some(predicate) = &self.scan.predicate else {
            return Ok(futures::stream::empty().boxed());
        };
        let builder = self.builder(&predicate.columns(left));
        let stream = builder.with_row_groups(vec![group]).build()?;
        let mut checks = predicate.checks(left, stream.schema())?;
        let masks = stream.map(move |batch| {
            let batch = batch?;
            Ok(Mask {
                rows: batch.num_rows(),
                kept: Some(checks.kept(&batch)?),
            })
        });
        Ok(masks.boxed())
    }

    /// The schema of some columns as a filter sees them.
    fn part(&self, columns: &BTreeSet<usize>) -> Schema {
        let all = self.scan.version.schema.arrow.fields();
        let part = columns.iter().filter_map(|column| all.get(*column));
        Schema::new(part.map(|field| self.scan.field(field)).collect::<Vec<_>>())
    }

    fn arranged(
        &self,
        builder: ParquetRecordBatchStreamBuilder<DataObject>,
    ) -> Result<Batches, TableError> {
        let (schema, base) = (Arc::clone(&self.schema), self.base);
        let stream = builder.build()?;
        let batches = stream.map(move |batch| arrange(&schema, base, &batch?));
        Ok(batches.boxed())
    }
}

/// How many bytes of these columns a row has, unpacked, in some row groups or in all.
fn bytes_a_row<'a>(
    footer: &ParquetMetaData,
    groups: Option<&[usize]>,
    columns: impl IntoIterator<Item = &'a usize>,
) -> u64 {
    let columns: Vec<usize> = columns.into_iter().copied().collect();
    let (mut bytes, mut rows) = (0_u64, 0_u64);
    for (at, group) in footer.row_groups().iter().enumerate() {
        if groups.is_some_and(|groups| !groups.contains(&at)) {
            continue;
        }
        rows += u64::try_from(group.num_rows()).unwrap_or(0);
        for column in columns
            .iter()
            .filter_map(|column| group.columns().get(*column))
        {
            bytes += u64::try_from(column.uncompressed_size()).unwrap_or(0);
        }
    }
    bytes / rows.max(1)
}

/// Puts a batch's columns, which come in the file's order, in the order wanted.
fn arrange(schema: &SchemaRef, base: i64, batch: &RecordBatch) -> Result<RecordBatch, TableError> {
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let column = batch.column_by_name(field.name());
        let column = column
            .ok_or_else(|| ArrowError::SchemaError("a data file lacks a column".to_owned()))?;
        if field.name() == POSITION {
            columns.push(add(column, &Int64Array::new_scalar(base))?);
        } else {
            columns.push(Arc::clone(column));
        }
    }
    let rows =
        deltalake::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns,
        &rows,
    )?)
}

/// One unit as a partition of a plan.
#[derive(Debug)]
struct Unit {
    scan: Arc<Scan>,
    schema: SchemaRef,
    unit: usize,
}

impl PartitionStream for Unit {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (scan, unit) = (Scan::clone(&self.scan), self.unit);
        let opened = futures::stream::once(scan.read(unit, None));
        let rows = opened
            .try_flatten()
            .map_err(|error| DataFusionError::External(Box::new(error)));
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            rows,
        ))
    }
}
