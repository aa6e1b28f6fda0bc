//! Reading the rows of one version: its live files, one unit each, in the order of upload.
//!
//! A unit is the grain of all work: units are read side by side, what each gives is deterministic,
//! and results are put together in the order of units. So no answer depends on the number of cores
//! or on which unit was ready first. Row groups whose statistics exclude the filter are not read;
//! the other columns are decoded only where the filter's own columns let a row through.

use super::error::QueryError;
use super::object::DataObject;
use crate::engine::BATCH_ROWS;
use crate::error::TableError;
use crate::log::{DataFile, TableVersion};
use deltalake::arrow::array::{ArrayRef, AsArray as _, Int64Array, RecordBatch, UInt64Array};
use deltalake::arrow::compute::kernels::numeric::add;
use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use deltalake::arrow::error::ArrowError;
use deltalake::datafusion::common::pruning::PruningStatistics;
use deltalake::datafusion::common::{Column as EngineColumn, DFSchema, ScalarValue};
use deltalake::datafusion::error::DataFusionError;
use deltalake::datafusion::execution::{SendableRecordBatchStream, TaskContext};
use deltalake::datafusion::logical_expr::Expr;
use deltalake::datafusion::physical_expr::PhysicalExpr;
use deltalake::datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use deltalake::datafusion::physical_optimizer::pruning::{
    PruningPredicate, PruningPredicateBuilder,
};
use deltalake::datafusion::physical_plan::ExecutionPlan;
use deltalake::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use deltalake::datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use deltalake::datafusion::prelude::SessionContext;
use deltalake::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use deltalake::parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, RowFilter, RowSelection,
};
use deltalake::parquet::arrow::async_reader::AsyncFileReader as _;
use deltalake::parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask, RowNumber};
use deltalake::parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use moka::future::Cache;
use object_store::ObjectStore;
use object_store::path::Path;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// The row position's name among the columns that the engine sees: none of ours begins like this.
pub(crate) const POSITION: &str = "__position";

/// Footers of data files, remembered: they never change.
pub(crate) type Footers = Cache<Path, Arc<ParquetMetaData>>;

/// A condition on rows, as the scan applies it.
pub(crate) struct Predicate {
    expression: Arc<dyn PhysicalExpr>,
    /// The columns it reads, by their place in the table.
    columns: BTreeSet<usize>,
    pruning: Option<Arc<PruningPredicate>>,
}

impl Predicate {
    pub(crate) fn new(
        context: &SessionContext,
        schema: &SchemaRef,
        expression: Expr,
    ) -> Result<Self, QueryError> {
        let named = DFSchema::try_from(Arc::clone(schema))?;
        let expression = context.create_physical_expr(expression, &named)?;
        let columns = collect_columns(&expression);
        let pruning = PruningPredicateBuilder::new()
            .with_file_schema(Arc::clone(schema))
            .build(Arc::clone(&expression));
        Ok(Self {
            columns: columns.iter().map(|column| column.index()).collect(),
            expression,
            pruning,
        })
    }
}

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
        let mut fields: Vec<Arc<Field>> = wanted.cloned().collect();
        if self.positions {
            fields.push(Arc::new(Field::new(POSITION, DataType::Int64, false)));
        }
        Arc::new(Schema::new(fields))
    }

    fn path(&self, file: &DataFile) -> Path {
        self.folder.clone().join(file.name.as_str())
    }

    async fn footer(
        &self,
        file: &DataFile,
        object: &mut DataObject,
    ) -> Result<Arc<ParquetMetaData>, TableError> {
        let path = self.path(file);
        if let Some(known) = self.footers.get(&path).await {
            return Ok(known);
        }
        let footer = object.get_metadata(None).await?;
        self.footers.insert(path, Arc::clone(&footer)).await;
        Ok(footer)
    }

    /// The rows of one unit, in order; only those at `at` (positions within the unit) when given.
    pub(crate) async fn read(
        self,
        unit: usize,
        at: Option<Vec<Range<usize>>>,
    ) -> Result<BoxStream<'static, Result<RecordBatch, TableError>>, TableError> {
        let Some(file) = self.version.files.get(unit).cloned() else {
            return Ok(futures::stream::empty().boxed());
        };
        let mut reader = DataObject {
            store: Arc::clone(&self.store),
            path: self.path(&file),
            bytes: file.bytes,
        };
        let footer = self.footer(&file, &mut reader).await?;
        let rows = usize::try_from(file.rows).unwrap_or(usize::MAX);
        let number = Field::new(POSITION, DataType::Int64, false).with_extension_type(RowNumber);
        let mut options = ArrowReaderOptions::new();
        if self.positions {
            options = options.with_virtual_columns(vec![Arc::new(number)])?;
        }
        let known = ArrowReaderMetadata::try_new(Arc::clone(&footer), options)?;
        let mut builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, known)
            .with_batch_size(BATCH_ROWS)
            .with_projection(self.mask(&footer, self.columns.iter().copied()));
        if let Some(predicate) = &self.predicate {
            let mask = self.mask(&footer, predicate.columns.iter().copied());
            let filter = ArrowPredicateFn::new(mask, self.evaluate(predicate)?);
            builder = builder.with_row_filter(RowFilter::new(vec![Box::new(filter)]));
            if let Some(groups) = self.groups(predicate, &footer)? {
                builder = builder.with_row_groups(groups);
            }
        }
        if let Some(at) = at {
            let selection = RowSelection::from_consecutive_ranges(at.into_iter(), rows);
            builder = builder.with_row_selection(selection);
        }
        let base = i64::try_from(self.base(unit)).unwrap_or(i64::MAX);
        let schema = self.schema();
        let stream = builder.build()?;
        Ok(stream
            .map(move |batch| self.arrange(&schema, base, &batch?))
            .boxed())
    }

    fn mask(
        &self,
        footer: &ParquetMetaData,
        columns: impl Iterator<Item = usize>,
    ) -> ProjectionMask {
        ProjectionMask::roots(footer.file_metadata().schema_descr(), columns)
    }

    /// Puts a batch's columns, which come in the file's order, in the order wanted.
    fn arrange(
        &self,
        schema: &SchemaRef,
        base: i64,
        batch: &RecordBatch,
    ) -> Result<RecordBatch, TableError> {
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
        let rows = deltalake::arrow::array::RecordBatchOptions::new()
            .with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(
            Arc::clone(schema),
            columns,
            &rows,
        )?)
    }

    fn evaluate(
        &self,
        predicate: &Predicate,
    ) -> Result<
        impl FnMut(RecordBatch) -> Result<deltalake::arrow::array::BooleanArray, ArrowError>
        + Send
        + 'static,
        TableError,
    > {
        let fields = self.version.schema.arrow.fields();
        let read = predicate
            .columns
            .iter()
            .filter_map(|index| fields.get(*index));
        let schema = Schema::new(read.cloned().collect::<Vec<_>>());
        let expression = reassign_expr_columns(Arc::clone(&predicate.expression), &schema)?;
        Ok(move |batch: RecordBatch| {
            let kept = expression
                .evaluate(&batch)
                .and_then(|value| value.into_array(batch.num_rows()))
                .map_err(|e| ArrowError::ExternalError(Box::new(e)))?;
            kept.as_boolean_opt().cloned().ok_or_else(|| {
                ArrowError::SchemaError("a filter that is not true or false".to_owned())
            })
        })
    }

    /// The row groups that may hold a row that meets the predicate; `None`: all.
    fn groups(
        &self,
        predicate: &Predicate,
        footer: &ParquetMetaData,
    ) -> Result<Option<Vec<usize>>, TableError> {
        let Some(pruning) = &predicate.pruning else {
            return Ok(None);
        };
        let statistics = GroupStatistics {
            schema: &self.version.schema.arrow,
            footer,
        };
        let kept = pruning.prune(&statistics)?;
        let kept = kept.iter().enumerate().filter(|(_, kept)| **kept);
        Ok(Some(kept.map(|(group, _)| group).collect()))
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

/// The statistics in a file's footer, as pruning asks for them.
struct GroupStatistics<'a> {
    schema: &'a SchemaRef,
    footer: &'a ParquetMetaData,
}

impl GroupStatistics<'_> {
    fn read(
        &self,
        column: &EngineColumn,
        read: impl FnOnce(&StatisticsConverter<'_>, &[RowGroupMetaData]) -> Option<ArrayRef>,
    ) -> Option<ArrayRef> {
        let parquet = self.footer.file_metadata().schema_descr();
        let converter = StatisticsConverter::try_new(column.name(), self.schema, parquet).ok()?;
        read(&converter, self.footer.row_groups())
    }
}

impl PruningStatistics for GroupStatistics<'_> {
    fn min_values(&self, column: &EngineColumn) -> Option<ArrayRef> {
        self.read(column, |converter, groups| {
            converter.row_group_mins(groups).ok()
        })
    }

    fn max_values(&self, column: &EngineColumn) -> Option<ArrayRef> {
        self.read(column, |converter, groups| {
            converter.row_group_maxes(groups).ok()
        })
    }

    fn num_containers(&self) -> usize {
        self.footer.num_row_groups()
    }

    fn null_counts(&self, column: &EngineColumn) -> Option<ArrayRef> {
        self.read(column, |converter, groups| {
            let counts = converter.row_group_null_counts(groups).ok()?;
            Some(Arc::new(counts))
        })
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let groups = self.footer.row_groups().iter();
        let counts = groups.map(|group| u64::try_from(group.num_rows()).ok());
        Some(Arc::new(UInt64Array::from_iter(counts)))
    }

    fn contained(
        &self,
        _: &EngineColumn,
        _: &HashSet<ScalarValue>,
    ) -> Option<deltalake::arrow::array::BooleanArray> {
        None
    }
}
