//! One Parquet file as a scan reads it: a data file, or a copy of one with its rows in another order.
//!
//! Row groups whose statistics exclude the filter are not read, nor pages of the filter's columns, and where statistics say
//! that every row meets a part of the filter, that part's columns are not read for it. Of the others either all
//! columns are read at once, or, where much is asked for, the filter's own first and the rest only where they let a row
//! through.

use super::object::DataObject;
use super::predicate::{Left, Predicate};
use super::scan::{Batches, Mask, Masks, POSITION, Scan};
use super::upload_order::in_order;
use crate::engine::BATCH_ROWS;
use crate::error::TableError;
use crate::log::DataFile;
use deltalake::arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Int64Array, RecordBatch,
};
use deltalake::arrow::buffer::BooleanBuffer;
use deltalake::arrow::compute::filter_record_batch;
use deltalake::arrow::compute::kernels::numeric::add;
use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use deltalake::arrow::error::ArrowError;
use deltalake::parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, RowFilter, RowSelection, RowSelector,
};
use deltalake::parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask, RowNumber};
use deltalake::parquet::file::metadata::ParquetMetaData;
use futures::{StreamExt as _, TryStreamExt as _};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// Bytes of a row, unpacked, beyond the filter's own columns, from which on they are read only where the filter lets a
/// row through: reading in two steps costs about as much as decoding three numbers.
const LATE_BYTES: u64 = 32;

/// Bytes of a row, unpacked, below which a column of text is stored as keys to few words.
const WORD_BYTES: u64 = 4;

/// Row groups of a file that follow one another and have the same left to compute.
#[derive(Debug, Clone)]
struct Run {
    groups: Vec<usize>,
    left: Left,
    rows: usize,
    /// Which of their rows may meet it; all when it is not said.
    at: Option<RowSelection>,
}

impl Run {
    /// How many rows may meet it.
    fn rows_left(&self) -> usize {
        self.at.as_ref().map_or(self.rows, RowSelection::row_count)
    }
}

/// In which order the rows of a file stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// As they were uploaded; a row's position is its number.
    AsUploaded,
    /// Sorted by a column; a row's position is a column of its own. Those that must be read may have one value, and stand as
    /// they were uploaded too.
    Sorted { one_value: bool },
}

/// A file of a scan, and what of it must be read.
#[derive(Clone)]
pub(super) struct Opened {
    scan: Scan,
    /// The data file whose rows these are.
    file: DataFile,
    /// Its name, and its bytes.
    name: String,
    bytes: u64,
    footer: Arc<ParquetMetaData>,
    /// What the reader must know of it; made when something is read of it.
    metadata: OnceLock<ArrowReaderMetadata>,
    /// What comes back.
    schema: SchemaRef,
    /// The position of the data file's first row among all rows of the version.
    base: i64,
    order: Rows,
    runs: Vec<Run>,
}

impl Opened {
    /// The data file of a unit.
    pub(super) async fn original(
        scan: Scan,
        unit: usize,
        file: DataFile,
    ) -> Result<Self, TableError> {
        let (name, bytes) = (file.name.clone(), file.bytes);
        Self::new(scan, unit, file, name, bytes, Rows::AsUploaded).await
    }

    /// A copy of the data file of a unit, sorted by the column at this place.
    pub(super) async fn copy(
        scan: Scan,
        unit: usize,
        file: DataFile,
        copy: (String, u64),
        column: usize,
    ) -> Result<Self, TableError> {
        let (name, bytes) = copy;
        let order = Rows::Sorted { one_value: false };
        let mut opened = Self::new(scan, unit, file, name, bytes, order).await?;
        if let Some(predicate) = &opened.scan.predicate {
            let groups: Vec<usize> = opened.groups().collect();
            let one_value = predicate.is_one_value(&opened.footer, &groups, column);
            opened.order = Rows::Sorted { one_value };
        }
        Ok(opened)
    }

    async fn new(
        scan: Scan,
        unit: usize,
        file: DataFile,
        name: String,
        bytes: u64,
        order: Rows,
    ) -> Result<Self, TableError> {
        let footer = scan.footer(&name, bytes).await?;
        Ok(Self {
            base: i64::try_from(scan.base(unit)).unwrap_or(i64::MAX),
            runs: runs(scan.predicate.as_deref(), &footer)?,
            footer,
            metadata: OnceLock::new(),
            schema: scan.schema(),
            scan,
            file,
            name,
            bytes,
            order,
        })
    }

    /// How many rows must be looked at.
    pub(super) fn rows_left(&self) -> u64 {
        let rows: usize = self.runs.iter().map(Run::rows_left).sum();
        rows as u64
    }

    /// Whether the rows that must be looked at stand in the order of upload.
    pub(super) fn is_as_uploaded(&self) -> bool {
        self.order != (Rows::Sorted { one_value: false })
    }

    fn groups(&self) -> impl Iterator<Item = usize> + '_ {
        self.runs.iter().flat_map(|run| run.groups.iter().copied())
    }

    /// Rows of a data file by their numbers, whatever the predicate says of them.
    pub(super) fn at(self, at: RowSelection) -> Result<Batches, TableError> {
        self.scan.costs.rows(at.row_count() as u64);
        let builder = self.builder(&self.wanted())?;
        self.arranged(builder.with_row_selection(at))
    }

    /// The rows that meet the predicate, in the order of upload.
    pub(super) fn rows(self) -> Result<Batches, TableError> {
        self.scan.costs.rows(self.rows_left());
        if self.is_as_uploaded() {
            return Ok(self.unordered());
        }
        // All of them are needed before the first can be told.
        let wanted = self.schema.fields().len();
        let positioned = Self {
            schema: self.scan.clone().with_positions().schema(),
            ..self.clone()
        };
        let (rows, base) = (self.file.rows, self.base);
        let ordered = async move {
            let read: Vec<RecordBatch> = positioned.unordered().try_collect().await?;
            let ordered = in_order(&read, usize::try_from(rows).unwrap_or(usize::MAX), base)?;
            let only: Vec<usize> = (0..wanted).collect();
            let only = ordered.iter().map(move |batch| batch.project(&only));
            let batches: Vec<RecordBatch> = only.collect::<Result<_, _>>()?;
            Ok::<_, TableError>(futures::stream::iter(batches.into_iter().map(Ok)))
        };
        Ok(futures::stream::once(ordered).try_flatten().boxed())
    }

    /// The rows that meet the predicate, as they stand in the file.
    fn unordered(self) -> Batches {
        let runs = self.runs.clone();
        let batches = futures::stream::iter(runs).map(move |run| self.run(&run));
        batches.try_flatten().boxed()
    }

    /// Which rows of the unit meet the predicate, in the order of upload. Only what must be computed is read.
    pub(super) fn masks(self) -> Result<Masks, TableError> {
        self.scan.costs.rows(self.rows_left());
        if self.order != Rows::AsUploaded {
            let rows = usize::try_from(self.file.rows).unwrap_or(usize::MAX);
            let positioned = Self {
                schema: self.scan.clone().with_positions().schema(),
                base: 0,
                ..self
            };
            let mask = async move {
                let read: Vec<RecordBatch> = positioned.unordered().try_collect().await?;
                let kept = Some(super::upload_order::places(&read, rows, 0));
                Ok::<_, TableError>(Mask { rows, kept })
            };
            return Ok(futures::stream::once(mask).boxed());
        }
        let footer = Arc::clone(&self.footer);
        let mut of_group: Vec<Option<Run>> = vec![None; footer.num_row_groups()];
        for run in &self.runs {
            let mut at = run.at.clone();
            for group in &run.groups {
                let rows = rows_of(&footer, *group);
                let own = Run {
                    groups: vec![*group],
                    left: run.left.clone(),
                    rows,
                    at: at.as_mut().map(|at| at.split_off(rows)),
                };
                if let Some(slot) = of_group.get_mut(*group) {
                    *slot = Some(own);
                }
            }
        }
        let masks = of_group.into_iter().enumerate().map(move |(group, run)| {
            let rows = rows_of(&footer, group);
            match run {
                Some(run) if run.left.is_empty() && run.at.is_none() => {
                    Ok(futures::stream::iter([Ok(Mask { rows, kept: None })]).boxed())
                }
                None => {
                    let kept = Some(BooleanBuffer::new_unset(rows));
                    Ok(futures::stream::iter([Ok(Mask { rows, kept })]).boxed())
                }
                Some(run) => self.mask(run),
            }
        });
        Ok(futures::stream::iter(masks).try_flatten().boxed())
    }

    /// Which rows of a row group meet what is left of the predicate.
    fn mask(&self, run: Run) -> Result<Masks, TableError> {
        let Some(predicate) = &self.scan.predicate else {
            return Ok(futures::stream::empty().boxed());
        };
        let mut read = self.reader(&predicate.columns(&run.left), &run)?.build()?;
        let mut checks = predicate.checks(&run.left, read.schema())?;
        let mask = async move {
            let mut of_read = BooleanBufferBuilder::new(run.rows_left());
            while let Some(batch) = read.try_next().await? {
                of_read.append_buffer(&checks.kept(&batch)?);
            }
            let (rows, of_read) = (run.rows, of_read.finish());
            let kept = Some(match &run.at {
                Some(at) => spread(&of_read, at, rows),
                None => of_read,
            });
            Ok::<_, TableError>(Mask { rows, kept })
        };
        Ok(futures::stream::once(mask).boxed())
    }

    /// Reads some columns of the rows of a run that may meet what is left.
    fn reader(
        &self,
        columns: &BTreeSet<usize>,
        run: &Run,
    ) -> Result<ParquetRecordBatchStreamBuilder<DataObject>, TableError> {
        let builder = self.builder(columns)?.with_row_groups(run.groups.clone());
        Ok(match &run.at {
            Some(at) => builder.with_row_selection(at.clone()),
            None => builder,
        })
    }

    fn builder(
        &self,
        columns: &BTreeSet<usize>,
    ) -> Result<ParquetRecordBatchStreamBuilder<DataObject>, TableError> {
        let reader = self.scan.object(&self.name, self.bytes);
        let metadata = match self.metadata.get() {
            Some(known) => known.clone(),
            None => {
                let made = metadata(&self.scan, &self.footer, self.order)?;
                self.metadata.get_or_init(|| made).clone()
            }
        };
        let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata);
        Ok(builder
            .with_batch_size(BATCH_ROWS)
            .with_projection(self.mask_of(columns)))
    }

    fn mask_of(&self, columns: &BTreeSet<usize>) -> ProjectionMask {
        let parquet = self.footer.file_metadata().schema_descr();
        ProjectionMask::roots(parquet, columns.iter().copied())
    }

    /// The columns to read besides the filter's, by their place in the file.
    fn wanted(&self) -> BTreeSet<usize> {
        let mut wanted: BTreeSet<usize> = self.scan.columns.iter().copied().collect();
        if self.order != Rows::AsUploaded && self.schema.index_of(POSITION).is_ok() {
            wanted.insert(self.scan.version.schema.columns.len());
        }
        wanted
    }

    /// The rows of some row groups that meet what is left of the predicate.
    fn run(&self, run: &Run) -> Result<Batches, TableError> {
        let Some(predicate) = self
            .scan
            .predicate
            .as_ref()
            .filter(|_| !run.left.is_empty())
        else {
            return self.arranged(self.reader(&self.wanted(), run)?);
        };
        let (wanted, own) = (self.wanted(), predicate.columns(&run.left));
        if bytes_a_row(&self.footer, Some(&run.groups), wanted.difference(&own)) > LATE_BYTES {
            let mut checks = predicate.checks(&run.left, &self.part(&own))?;
            let filter = ArrowPredicateFn::new(self.mask_of(&own), move |batch| {
                Ok(BooleanArray::new(checks.kept(&batch)?, None))
            });
            let filter = RowFilter::new(vec![Box::new(filter)]);
            return self.arranged(self.reader(&wanted, run)?.with_row_filter(filter));
        }
        let all: BTreeSet<usize> = wanted.union(&own).copied().collect();
        let stream = self.reader(&all, run)?.build()?;
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

fn rows_of(footer: &ParquetMetaData, group: usize) -> usize {
    let rows = footer.row_groups().get(group).map_or(0, |it| it.num_rows());
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// What is said of the rows of a selection, as said of all rows among which they are: the others are not meant.
fn spread(of_selected: &BooleanBuffer, at: &RowSelection, rows: usize) -> BooleanBuffer {
    let (mut all, mut from) = (BooleanBufferBuilder::new(rows), 0);
    for selector in at.iter() {
        if selector.skip {
            all.append_n(selector.row_count, false);
        } else {
            all.append_buffer(&of_selected.slice(from, selector.row_count));
            from += selector.row_count;
        }
    }
    all.append_n(rows.saturating_sub(all.len()), false);
    all.finish()
}

/// What of a file may meet a predicate.
fn runs(predicate: Option<&Predicate>, footer: &ParquetMetaData) -> Result<Vec<Run>, TableError> {
    let groups = match predicate {
        Some(predicate) => predicate.groups(footer)?,
        None => vec![Some(Left::new()); footer.num_row_groups()],
    };
    let mut runs: Vec<(Run, Vec<RowSelector>)> = Vec::new();
    for (group, left) in groups.into_iter().enumerate() {
        let Some(left) = left else { continue };
        let rows = rows_of(footer, group);
        let pages = predicate.map(|predicate| predicate.pages(footer, group, &left));
        let at = match pages.transpose()?.flatten() {
            Some(at) if !at.selects_any() => continue,
            Some(at) => at.into(),
            None => vec![RowSelector::select(rows)],
        };
        match runs.last_mut() {
            Some((run, all)) if run.left == left => {
                run.groups.push(group);
                run.rows += rows;
                all.extend(at);
            }
            _ => {
                let run = Run {
                    groups: vec![group],
                    left,
                    rows,
                    at: None,
                };
                runs.push((run, at));
            }
        }
    }
    let runs = runs.into_iter().map(|(run, at)| {
        let some = at.iter().any(|selector| selector.skip);
        let at = some.then(|| RowSelection::from(at));
        Run { at, ..run }
    });
    Ok(runs.collect())
}

/// What the reader must know of a file: its footer, and in which types its columns are wanted.
fn metadata(
    scan: &Scan,
    footer: &Arc<ParquetMetaData>,
    order: Rows,
) -> Result<ArrowReaderMetadata, TableError> {
    let mut options = ArrowReaderOptions::new();
    if scan.positions && order == Rows::AsUploaded {
        let number = Field::new(POSITION, DataType::Int64, false);
        let number = Arc::new(number.with_extension_type(RowNumber));
        options = options.with_virtual_columns(vec![number])?;
    }
    if scan.words {
        let stored = ArrowReaderMetadata::try_new(Arc::clone(footer), ArrowReaderOptions::new())?;
        let fields = stored.schema().fields().iter().enumerate();
        // A filter's own column of many words is quicker read row by row.
        let fields = fields.map(|(at, field)| {
            match scan.columns.contains(&at) || bytes_a_row(footer, None, [&at]) < WORD_BYTES {
                true => scan.field(field),
                false => Arc::clone(field),
            }
        });
        let fields: Vec<Arc<Field>> = fields.collect();
        options = options.with_schema(Arc::new(Schema::new(fields)));
    }
    Ok(ArrowReaderMetadata::try_new(Arc::clone(footer), options)?)
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
