//! A condition on rows, taken apart: what the statistics of a row group decide is computed for none of its rows, and
//! what those of a page exclude is not read.

use super::error::QueryError;
use crate::error::TableError;
use deltalake::arrow::array::{
    Array as _, ArrayRef, AsArray as _, BooleanArray, RecordBatch, RecordBatchOptions, UInt64Array,
};
use deltalake::arrow::buffer::BooleanBuffer;
use deltalake::arrow::compute::cast;
use deltalake::arrow::datatypes::{DataType, Int32Type, Schema, SchemaRef};
use deltalake::arrow::error::ArrowError;
use deltalake::datafusion::common::pruning::PruningStatistics;
use deltalake::datafusion::common::{Column as EngineColumn, DFSchema, ScalarValue};
use deltalake::datafusion::logical_expr::expr::BinaryExpr;
use deltalake::datafusion::logical_expr::utils::split_conjunction_owned;
use deltalake::datafusion::logical_expr::{Expr, binary_expr};
use deltalake::datafusion::physical_expr::PhysicalExpr;
use deltalake::datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use deltalake::datafusion::physical_optimizer::pruning::{
    PruningPredicate, PruningPredicateBuilder,
};
use deltalake::datafusion::prelude::SessionContext;
use deltalake::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use deltalake::parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use deltalake::parquet::file::metadata::{
    ParquetColumnIndex, ParquetMetaData, ParquetOffsetIndex, RowGroupMetaData,
};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A condition on rows, as the scan applies it: all of its parts.
pub(crate) struct Predicate {
    schema: SchemaRef,
    parts: Vec<Part>,
}

/// One of the conditions that all must be met.
struct Part {
    expression: Arc<dyn PhysicalExpr>,
    /// The columns it reads, by their place in the table.
    columns: BTreeSet<usize>,
    /// What statistics must allow for any row to meet it.
    possible: Option<Arc<PruningPredicate>>,
    /// Where its opposite is met by no row and no value is missing, every row meets it.
    opposite: Option<Arc<PruningPredicate>>,
    seen: Arc<Seen>,
}

/// For how many rows a part was computed, and how many of them met it.
#[derive(Debug, Default)]
struct Seen {
    rows: AtomicU64,
    met: AtomicU64,
}

impl Seen {
    fn add(&self, met: &BooleanBuffer) {
        self.rows.fetch_add(met.len() as u64, Ordering::Relaxed);
        self.met
            .fetch_add(met.count_set_bits() as u64, Ordering::Relaxed);
    }

    fn counts(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (of(&self.rows), of(&self.met))
    }
}

impl Part {
    /// The column that it reads, when it is a single one.
    fn column(&self) -> Option<usize> {
        let mut columns = self.columns.iter();
        columns.next().copied().filter(|_| columns.next().is_none())
    }
}

/// What is left to compute for the rows of a row group: parts, by their place. None: every row meets the condition.
pub(crate) type Left = Vec<usize>;

impl Predicate {
    pub(crate) fn new(
        context: &SessionContext,
        schema: &SchemaRef,
        expression: Expr,
    ) -> Result<Self, QueryError> {
        let named = DFSchema::try_from(Arc::clone(schema))?;
        let physical = |expression: Expr| context.create_physical_expr(expression, &named);
        let pruning = |expression: Arc<dyn PhysicalExpr>| {
            PruningPredicateBuilder::new()
                .with_file_schema(Arc::clone(schema))
                .build(expression)
        };
        let mut parts = Vec::new();
        for part in split_conjunction_owned(expression) {
            let opposite = opposite(&part).map(&physical).transpose()?;
            let expression = physical(part)?;
            let columns = collect_columns(&expression);
            parts.push(Part {
                columns: columns.iter().map(|column| column.index()).collect(),
                possible: pruning(Arc::clone(&expression)),
                expression,
                opposite: opposite.and_then(pruning),
                seen: Arc::default(),
            });
        }
        Ok(Self {
            schema: Arc::clone(schema),
            parts,
        })
    }

    /// The columns that these parts read, by their place in the table.
    pub(crate) fn columns(&self, left: &[usize]) -> BTreeSet<usize> {
        let parts = left.iter().filter_map(|part| self.parts.get(*part));
        parts
            .flat_map(|part| part.columns.iter().copied())
            .collect()
    }

    /// What is left to compute for each row group; `None` where no row can meet the condition.
    pub(crate) fn groups(&self, footer: &ParquetMetaData) -> Result<Vec<Option<Left>>, TableError> {
        let statistics = GroupStatistics {
            schema: &self.schema,
            footer,
        };
        let count = footer.num_row_groups();
        let mut groups: Vec<Option<Left>> = vec![Some(Left::new()); count];
        for part in &self.parts {
            let Some(possible) = &part.possible else {
                continue;
            };
            for (group, possible) in groups.iter_mut().zip(possible.prune(&statistics)?) {
                if !possible {
                    *group = None;
                }
            }
        }
        for (at, part) in self.parts.iter().enumerate() {
            let met = match &part.opposite {
                Some(opposite) => {
                    let exceptions = opposite.prune(&statistics)?;
                    let whole = self.whole(part, &statistics);
                    let met = exceptions.iter().zip(whole);
                    met.map(|(exceptions, whole)| !exceptions && whole)
                        .collect()
                }
                None => vec![false; count],
            };
            for (group, met) in groups.iter_mut().zip(met) {
                if let (Some(left), false) = (group, met) {
                    left.push(at);
                }
            }
        }
        Ok(groups)
    }

    /// Which rows of a row group may meet what is left, by the statistics of its pages; `None`: all of them.
    pub(crate) fn pages(
        &self,
        footer: &ParquetMetaData,
        group: usize,
        left: &[usize],
    ) -> Result<Option<RowSelection>, TableError> {
        let mut rows: Option<RowSelection> = None;
        for part in left.iter().filter_map(|part| self.parts.get(*part)) {
            let (Some(possible), Some(column)) = (&part.possible, part.column()) else {
                continue;
            };
            let Some(pages) = PageStatistics::new(&self.schema, footer, group, column) else {
                continue;
            };
            let possible = possible.prune(&pages)?;
            if possible.iter().all(|possible| *possible) {
                continue;
            }
            let selectors = pages
                .rows
                .iter()
                .zip(possible)
                .map(|(rows, possible)| RowSelector {
                    row_count: *rows,
                    skip: !possible,
                });
            let own = RowSelection::from(selectors.collect::<Vec<_>>());
            rows = Some(match rows {
                Some(rows) => rows.intersection(&own),
                None => own,
            });
        }
        Ok(rows)
    }

    /// In which row groups no value of a part's columns is missing.
    fn whole(&self, part: &Part, statistics: &GroupStatistics<'_>) -> Vec<bool> {
        let mut whole = vec![true; statistics.num_containers()];
        for column in &part.columns {
            let field = self.schema.fields().get(*column);
            let name = field.map_or("", |field| field.name().as_str());
            let missing = statistics.null_counts(&EngineColumn::new_unqualified(name));
            let missing = missing.and_then(|counts| counts.as_primitive_opt().cloned());
            let missing: Option<UInt64Array> = missing;
            for (group, whole) in whole.iter_mut().enumerate() {
                let none = missing.as_ref().is_some_and(|counts| {
                    group < counts.len() && counts.is_valid(group) && counts.value(group) == 0
                });
                *whole &= none;
            }
        }
        whole
    }

    /// Whether a part of it reads this column and no other.
    pub(crate) fn reads_alone(&self, column: usize) -> bool {
        self.parts.iter().any(|part| part.column() == Some(column))
    }

    /// Whether the statistics of some row groups show one and the same value of a column in all their rows.
    pub(crate) fn is_one_value(
        &self,
        footer: &ParquetMetaData,
        groups: &[usize],
        column: usize,
    ) -> bool {
        if groups.is_empty() {
            return true;
        }
        let shown = || {
            let name = self.schema.fields().get(column)?.name();
            let parquet = footer.file_metadata().schema_descr();
            let converter = StatisticsConverter::try_new(name, &self.schema, parquet).ok()?;
            let converter = converter.with_missing_null_counts_as_zero(false);
            let groups = groups.iter().map(|group| footer.row_groups().get(*group));
            let groups: Vec<&RowGroupMetaData> = groups.collect::<Option<_>>()?;
            let of = || groups.iter().copied();
            let (least, most) = (
                converter.row_group_mins(of()),
                converter.row_group_maxes(of()),
            );
            let missing = converter.row_group_null_counts(of()).ok()?;
            let exact = [
                converter.row_group_is_min_value_exact(of()).ok()?,
                converter.row_group_is_max_value_exact(of()).ok()?,
            ];
            let known = missing.iter().all(|missing| missing == Some(0))
                && exact.iter().flatten().all(|exact| exact == Some(true));
            let (least, most) = (least.ok()?, most.ok()?);
            let first = ScalarValue::try_from_array(&least, 0).ok()?;
            let is_first = |values: &ArrayRef, at| {
                ScalarValue::try_from_array(values, at).is_ok_and(|value| value == first)
            };
            let same = (0..groups.len()).all(|at| is_first(&least, at) && is_first(&most, at));
            Some(known && same && !first.is_null())
        };
        shown().unwrap_or(false)
    }

    /// Columns of which parts alone turned away at least half of the rows they were computed for, and how many.
    pub(crate) fn turned_away(&self) -> Vec<(usize, u64)> {
        let parts = self.parts.iter().filter_map(|part| {
            let (seen, met) = part.seen.counts();
            let away = seen.saturating_sub(met);
            (away > 0 && met <= seen / 2).then_some((part.column()?, away))
        });
        parts.collect()
    }

    /// These parts, ready to be computed of batches that hold at least their columns.
    pub(crate) fn checks(&self, left: &[usize], batch: &Schema) -> Result<Checks, TableError> {
        let mut checks = Vec::with_capacity(left.len());
        for part in left.iter().filter_map(|part| self.parts.get(*part)) {
            let fields = part.columns.iter();
            let fields = fields.filter_map(|column| self.schema.fields().get(*column));
            let own = Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>()));
            let places = own
                .fields()
                .iter()
                .map(|field| batch.index_of(field.name()));
            checks.push(Check {
                expression: reassign_expr_columns(Arc::clone(&part.expression), &own)?,
                places: places.collect::<Result<_, _>>()?,
                schema: own,
                known: None,
                seen: Arc::clone(&part.seen),
            });
        }
        Ok(Checks(checks))
    }
}

/// The opposite of a comparison of a column with a value, where the statistics of a row group can tell both.
fn opposite(part: &Expr) -> Option<Expr> {
    match part {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            match (left.as_ref(), right.as_ref()) {
                (Expr::Column(_), Expr::Literal(value, _)) if !value.is_null() => Some(
                    binary_expr(Expr::clone(left), op.negate()?, Expr::clone(right)),
                ),
                _ => None,
            }
        }
        Expr::IsNotNull(column) if matches!(column.as_ref(), Expr::Column(_)) => {
            Some(Expr::clone(column).is_null())
        }
        _ => None,
    }
}

/// Parts of a condition on their way through the batches of one scan.
pub(crate) struct Checks(Vec<Check>);

struct Check {
    expression: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
    /// Where its columns stand in a batch.
    places: Vec<usize>,
    /// What it says of the words of a dictionary, for the batches that share it.
    known: Option<(ArrayRef, BooleanBuffer)>,
    seen: Arc<Seen>,
}

impl Checks {
    /// Which rows of a batch meet all parts.
    pub(crate) fn kept(&mut self, batch: &RecordBatch) -> Result<BooleanBuffer, ArrowError> {
        let mut kept: Option<BooleanBuffer> = None;
        for check in &mut self.0 {
            let met = check.met(batch)?;
            check.seen.add(&met);
            kept = Some(match kept {
                Some(kept) => &kept & &met,
                None => met,
            });
        }
        Ok(kept.unwrap_or_else(|| BooleanBuffer::new_set(batch.num_rows())))
    }
}

impl Check {
    fn met(&mut self, batch: &RecordBatch) -> Result<BooleanBuffer, ArrowError> {
        let columns = self.places.iter().filter_map(|at| batch.columns().get(*at));
        let columns: Vec<&ArrayRef> = columns.collect();
        if let [column] = columns.as_slice()
            && let Some(words) = column.as_dictionary_opt::<Int32Type>()
        {
            let met = self.of_words(words.values())?;
            let keys = words.keys();
            let of_key = |row: usize| {
                let word = usize::try_from(keys.value(row)).unwrap_or(usize::MAX);
                word < met.len() && met.value(word)
            };
            return Ok(match keys.nulls() {
                // A missing value meets no condition but the one that asks for it.
                Some(nulls) if nulls.null_count() > 0 => {
                    let missing = self.of_missing(column)?;
                    BooleanBuffer::collect_bool(keys.len(), |row| {
                        if nulls.is_valid(row) {
                            of_key(row)
                        } else {
                            missing
                        }
                    })
                }
                _ => BooleanBuffer::collect_bool(keys.len(), of_key),
            });
        }
        let plain = columns.into_iter().map(|column| match column.data_type() {
            DataType::Dictionary(_, words) => cast(column, words),
            _ => Ok(Arc::clone(column)),
        });
        self.compute(plain.collect::<Result<_, _>>()?, batch.num_rows())
    }

    fn compute(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<BooleanBuffer, ArrowError> {
        // A part that reads no column is met by all rows or by none.
        let count = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::clone(&self.schema);
        let batch = RecordBatch::try_new_with_options(schema, columns, &count)?;
        let met = self
            .expression
            .evaluate(&batch)
            .and_then(|value| value.into_array(rows))
            .map_err(|e| ArrowError::ExternalError(Box::new(e)))?;
        let met: Option<&BooleanArray> = met.as_boolean_opt();
        let met = met.ok_or_else(|| {
            ArrowError::SchemaError("a filter that is not true or false".to_owned())
        })?;
        Ok(match met.nulls() {
            Some(nulls) => met.values() & nulls.inner(),
            None => met.values().clone(),
        })
    }

    /// Of each word of a dictionary, computed once for all batches that have it.
    fn of_words(&mut self, words: &ArrayRef) -> Result<BooleanBuffer, ArrowError> {
        if let Some((known, met)) = &self.known
            && Arc::ptr_eq(known, words)
        {
            return Ok(met.clone());
        }
        let met = self.compute(vec![Arc::clone(words)], words.len())?;
        self.known = Some((Arc::clone(words), met.clone()));
        Ok(met)
    }

    fn of_missing(&self, column: &ArrayRef) -> Result<bool, ArrowError> {
        let kind = match column.data_type() {
            DataType::Dictionary(_, words) => words.as_ref(),
            other => other,
        };
        let missing = ScalarValue::try_new_null(kind).and_then(|null| null.to_array_of_size(1));
        let missing = missing.map_err(|e| ArrowError::ExternalError(Box::new(e)))?;
        Ok(self.compute(vec![missing], 1)?.value(0))
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
        // What was not counted is not known to be whole.
        let converter = converter.with_missing_null_counts_as_zero(false);
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

    fn contained(&self, _: &EngineColumn, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

/// The statistics of one column's pages in one row group.
struct PageStatistics<'a> {
    converter: StatisticsConverter<'a>,
    index: &'a ParquetColumnIndex,
    offsets: &'a ParquetOffsetIndex,
    column: &'a str,
    group: usize,
    /// How many rows each page has.
    rows: Vec<usize>,
}

impl<'a> PageStatistics<'a> {
    fn new(
        schema: &'a SchemaRef,
        footer: &'a ParquetMetaData,
        group: usize,
        column: usize,
    ) -> Option<Self> {
        let parquet = footer.file_metadata().schema_descr();
        let name = schema.fields().get(column)?.name();
        let converter = StatisticsConverter::try_new(name, schema, parquet).ok()?;
        let at = converter.parquet_column_index()?;
        let (index, offsets) = (footer.column_index()?, footer.offset_index()?);
        index.get(group)?.get(at)?;
        let pages = offsets.get(group)?.get(at)?.page_locations();
        let all = footer.row_groups().get(group)?.num_rows();
        let starts = pages.iter().map(|page| page.first_row_index);
        let ends = starts.clone().skip(1).chain([all]);
        let rows = starts
            .zip(ends)
            .map(|(start, end)| usize::try_from(end - start));
        Some(Self {
            rows: rows.collect::<Result<_, _>>().ok()?,
            converter,
            index,
            offsets,
            column: name,
            group,
        })
    }

    fn own(&self, column: &EngineColumn) -> bool {
        column.name() == self.column
    }
}

impl PruningStatistics for PageStatistics<'_> {
    fn min_values(&self, column: &EngineColumn) -> Option<ArrayRef> {
        let group = [self.group];
        let read = || {
            self.converter
                .data_page_mins(self.index, self.offsets, &group)
        };
        self.own(column).then(read)?.ok()
    }

    fn max_values(&self, column: &EngineColumn) -> Option<ArrayRef> {
        let group = [self.group];
        let read = || {
            self.converter
                .data_page_maxes(self.index, self.offsets, &group)
        };
        self.own(column).then(read)?.ok()
    }

    fn num_containers(&self) -> usize {
        self.rows.len()
    }

    fn null_counts(&self, column: &EngineColumn) -> Option<ArrayRef> {
        let group = [self.group];
        let read = || {
            self.converter
                .data_page_null_counts(self.index, self.offsets, &group)
        };
        let counts = self.own(column).then(read)?.ok()?;
        Some(Arc::new(counts))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let rows = self.rows.iter().map(|rows| *rows as u64);
        Some(Arc::new(UInt64Array::from_iter_values(rows)))
    }

    fn contained(&self, _: &EngineColumn, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deltalake::arrow::array::{Int64Array, StringArray};
    use deltalake::arrow::datatypes::Field;
    use deltalake::datafusion::prelude::{col, lit};
    use deltalake::parquet::arrow::ArrowWriter;
    use deltalake::parquet::file::metadata::ParquetMetaDataReader;
    use deltalake::parquet::file::properties::WriterProperties;

    /// Two row groups: `a` from 1 to 5 and from 6 to 10, `b` the same with one missing in the first, `t` of two words.
    fn file() -> (SchemaRef, ParquetMetaData) {
        let b = (1..=10).map(|value| (value != 3).then_some(value));
        let t = (1..=10).map(|value| if value % 2 == 0 { "even" } else { "odd" });
        let columns: [ArrayRef; 3] = [
            Arc::new(Int64Array::from_iter_values(1..=10)),
            Arc::new(b.collect::<Int64Array>()),
            Arc::new(StringArray::from_iter_values(t)),
        ];
        let fields = columns.iter().zip(["a", "b", "t"]);
        let fields =
            fields.map(|(column, name)| Field::new(name, column.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.to_vec()).unwrap();
        let five = WriterProperties::builder()
            .set_max_row_group_row_count(Some(5))
            .build();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, Arc::clone(&schema), Some(five)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let footer = ParquetMetaDataReader::new();
        (
            schema,
            footer.parse_and_finish(&bytes::Bytes::from(bytes)).unwrap(),
        )
    }

    #[test]
    fn what_the_statistics_decide_is_not_left_to_be_computed() {
        let (schema, footer) = file();
        let left = |condition: Expr| {
            let predicate = Predicate::new(&SessionContext::new(), &schema, condition);
            predicate.unwrap().groups(&footer).unwrap()
        };
        let all = || Some(Left::new());
        let some = || Some(vec![0]);
        let a = || col("a");
        let b = || col("b");
        assert_eq!(left(a().gt(lit(0_i64))), [all(), all()]);
        assert_eq!(left(a().gt(lit(5_i64))), [None, all()]);
        assert_eq!(left(a().gt(lit(3_i64))), [some(), all()]);
        assert_eq!(left(a().lt_eq(lit(10_i64))), [all(), all()]);
        assert_eq!(left(a().eq(lit(3_i64))), [some(), None]);
        assert_eq!(left(a().not_eq(lit(3_i64))), [some(), all()]);
        // Where a value is missing, no comparison is met by every row.
        assert_eq!(left(b().gt(lit(0_i64))), [some(), all()]);
        assert_eq!(left(b().is_not_null()), [some(), all()]);
        assert_eq!(left(b().is_null()), [some(), None]);
        // Parts are decided one by one; what is not a plain comparison is computed.
        let two = a()
            .gt(lit(0_i64))
            .and(col("t").in_list(vec![lit("even"), lit("x")], false));
        assert_eq!(left(two), [Some(vec![1]), Some(vec![1])]);
        let either = a().gt(lit(0_i64)).or(b().gt(lit(0_i64)));
        assert_eq!(left(either), [some(), some()]);
    }
}
