//! Reading the rows of one version: its live files, one unit each, in the order of upload.
//!
//! A unit is the grain of all work: units are read side by side, what each gives is deterministic,
//! and results are put together in the order of units. So no answer depends on the number of cores
//! or on which unit was ready first. Where a file has a copy that is sorted by a column of the filter, and much less of the
//! copy must be read, the copy is: the rows that come back, and their order, are the same.

use super::error::QueryError;
use super::load::Costs;
use super::object::DataObject;
use super::opened::Opened;
use super::predicate::Predicate;
use crate::copies::Copies;
use crate::error::TableError;
use crate::log::{DataFile, TableVersion};
use deltalake::arrow::array::{ArrayRef, RecordBatch};
use deltalake::arrow::buffer::BooleanBuffer;
use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use deltalake::datafusion::error::DataFusionError;
use deltalake::datafusion::execution::{SendableRecordBatchStream, TaskContext};
use deltalake::datafusion::physical_plan::ExecutionPlan;
use deltalake::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use deltalake::datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use deltalake::parquet::arrow::arrow_reader::RowSelection;
use deltalake::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use deltalake::parquet::arrow::async_reader::AsyncFileReader as _;
use deltalake::parquet::file::metadata::ParquetMetaData;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use moka::future::Cache;
use object_store::ObjectStore;
use object_store::path::Path;
use std::ops::Range;
use std::sync::Arc;

/// The row position's name among the columns that the engine sees: none of ours begins like this.
pub(crate) const POSITION: &str = "__position";

/// A copy is read when no more than one row in so many must be looked at there.
const COPY_SPARES: u64 = 2;

/// Footers of data files, remembered: they never change.
pub(crate) type Footers = Cache<Path, Arc<ParquetMetaData>>;

pub(super) type Batches = BoxStream<'static, Result<RecordBatch, TableError>>;
pub(super) type Masks = BoxStream<'static, Result<Mask, TableError>>;

/// What is read of a version.
#[derive(Clone)]
pub(crate) struct Scan {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) folder: Path,
    pub(crate) footers: Footers,
    pub(crate) version: Arc<TableVersion>,
    /// Copies of its files in another order.
    pub(crate) copies: Arc<Copies>,
    /// Counts what is read.
    pub(crate) costs: Arc<Costs>,
    /// Columns by their place in the table, in the order wanted.
    pub(crate) columns: Vec<usize>,
    pub(crate) predicate: Option<Arc<Predicate>>,
    /// Whether each row's position among all rows of the version comes last.
    pub(crate) positions: bool,
    /// Whether text comes as words and keys, as it lies in the file, rather than row by row.
    pub(crate) words: bool,
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

    /// The same with each row's position.
    pub(super) fn with_positions(self) -> Self {
        Self {
            positions: true,
            ..self
        }
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
    pub(super) fn field(&self, field: &Arc<Field>) -> Arc<Field> {
        if self.words && field.data_type() == &DataType::Utf8 {
            let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            return Arc::new(field.as_ref().clone().with_data_type(words));
        }
        Arc::clone(field)
    }

    pub(super) async fn footer(
        &self,
        name: &str,
        bytes: u64,
    ) -> Result<Arc<ParquetMetaData>, TableError> {
        let mut object = self.object(name, bytes);
        if let Some(known) = self.footers.get(&object.path).await {
            return Ok(known);
        }
        let footer = object.get_metadata(None).await?;
        self.footers.insert(object.path, Arc::clone(&footer)).await;
        Ok(footer)
    }

    /// The least and the most values of a column in each row group, as far as the statistics say.
    pub(super) async fn extremes(&self, column: usize) -> Result<Vec<ArrayRef>, TableError> {
        let schema = &self.version.schema.arrow;
        let Some(field) = schema.fields().get(column) else {
            return Ok(Vec::new());
        };
        let mut extremes = Vec::with_capacity(2 * self.units());
        for file in &self.version.files {
            let footer = self.footer(&file.name, file.bytes).await?;
            let parquet = footer.file_metadata().schema_descr();
            let converter = StatisticsConverter::try_new(field.name(), schema, parquet)?;
            extremes.push(converter.row_group_mins(footer.row_groups())?);
            extremes.push(converter.row_group_maxes(footer.row_groups())?);
        }
        Ok(extremes)
    }

    /// A file of the collection.
    pub(super) fn object(&self, name: &str, bytes: u64) -> DataObject {
        DataObject {
            store: Arc::clone(&self.store),
            path: self.folder.clone().join(name),
            bytes,
            costs: Arc::clone(&self.costs),
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
        if let Some(at) = at {
            let rows = usize::try_from(file.rows).unwrap_or(usize::MAX);
            let at = RowSelection::from_consecutive_ranges(at.into_iter(), rows);
            return Opened::original(self, unit, file).await?.at(at);
        }
        self.opened(unit, file).await?.rows()
    }

    /// Which rows of one unit meet the predicate, in order. Only what must be computed is read.
    pub(crate) async fn masks(&self, unit: usize) -> Result<Masks, TableError> {
        let (Some(file), Some(_)) = (self.version.files.get(unit).cloned(), &self.predicate) else {
            let rows = self.version.files.get(unit).map_or(0, |file| file.rows);
            let rows = usize::try_from(rows).unwrap_or(usize::MAX);
            let all = Mask { rows, kept: None };
            return Ok(futures::stream::iter([Ok(all)]).boxed());
        };
        let scan = Self {
            columns: Vec::new(),
            positions: false,
            words: true,
            ..self.clone()
        };
        scan.opened(unit, file).await?.masks()
    }

    /// The file to read a unit from.
    async fn opened(self, unit: usize, file: DataFile) -> Result<Opened, TableError> {
        let copy = self.best_copy(unit, &file).await;
        let Some(copy) = copy.filter(|copy| copy.rows_left() * COPY_SPARES <= file.rows) else {
            return Opened::original(self, unit, file).await;
        };
        // Rows of one value stand as they were uploaded: whatever else the original's pages exclude, the copy's do too.
        if copy.is_as_uploaded() {
            return Ok(copy);
        }
        let original = Opened::original(self, unit, file).await?;
        let spares = copy.rows_left() * COPY_SPARES <= original.rows_left();
        Ok(if spares { copy } else { original })
    }

    /// The copy of a file of which the least must be read. One that cannot be read is as none.
    async fn best_copy(&self, unit: usize, file: &DataFile) -> Option<Opened> {
        let predicate = self.predicate.as_ref()?;
        let mut best: Option<Opened> = None;
        for copy in self.copies.of(&file.name) {
            let column = self.version.schema.arrow.index_of(&copy.column).ok();
            let Some(column) = column.filter(|column| predicate.reads_alone(*column)) else {
                continue;
            };
            let object = (copy.name.clone(), copy.bytes);
            match Opened::copy(self.clone(), unit, file.clone(), object, column).await {
                Ok(copy)
                    if best
                        .as_ref()
                        .is_none_or(|it| copy.rows_left() < it.rows_left()) =>
                {
                    best = Some(copy);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "a sorted copy is not read"),
            }
        }
        best
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
