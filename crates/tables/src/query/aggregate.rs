//! Aggregates: partial ones for each unit, combined in the order of units.

use super::error::QueryError;
use super::fold::folded;
use super::run::{over, partitions};
use super::scan::Scan;
use super::spread::Kind;
use crate::engine::Engine;
use deltalake::arrow::array::RecordBatch;
use deltalake::arrow::compute::{
    SortColumn, SortOptions, concat_batches, lexsort_to_indices, take,
};
use deltalake::arrow::datatypes::{DataType, Field, Schema};
use deltalake::datafusion::functions_aggregate::average::avg_udaf;
use deltalake::datafusion::functions_aggregate::correlation::corr_udaf;
use deltalake::datafusion::functions_aggregate::count::count_udaf;
use deltalake::datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use deltalake::datafusion::functions_aggregate::stddev::stddev_udaf;
use deltalake::datafusion::functions_aggregate::sum::sum_udaf;
use deltalake::datafusion::logical_expr::AggregateUDF;
use deltalake::datafusion::physical_expr::PhysicalExpr;
use deltalake::datafusion::physical_expr::aggregate::{
    AggregateExprBuilder, AggregateFunctionExpr,
};
use deltalake::datafusion::physical_expr::expressions::{Column, cast, lit};
use deltalake::datafusion::physical_plan::ExecutionPlan;
use deltalake::datafusion::physical_plan::aggregates::{
    AggregateExec, AggregateMode, PhysicalGroupBy,
};
use domain::query::Aggregate;
use std::sync::Arc;

/// One measure of a group, over columns by their place in the scan.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    /// `None` counts rows.
    Of {
        aggregate: Aggregate,
        column: Option<usize>,
        /// The column holds whole numbers.
        whole: bool,
    },
    /// Something that needs all values of a column of numbers.
    Own { kind: Kind, column: usize },
    /// Pearson's correlation of two columns of numbers.
    Correlation(usize, usize),
    /// In how many rows both are there.
    Both(usize, usize),
}

/// A measure as a function of the engine.
struct Function {
    function: Arc<AggregateUDF>,
    /// Columns, and as what type each is wanted.
    arguments: Vec<(usize, Option<DataType>)>,
    /// Of distinct values only.
    distinct: bool,
}

impl Function {
    fn of(function: Arc<AggregateUDF>, arguments: Vec<(usize, Option<DataType>)>) -> Self {
        Self {
            function,
            arguments,
            distinct: false,
        }
    }
}

/// What a group is known by.
pub(crate) enum By {
    /// A column of the scan.
    Column(usize),
    Expression(Arc<dyn PhysicalExpr>),
}

impl Made {
    /// As the engine computes it. Nothing counts rows.
    fn function(self) -> Function {
        let number = Some(DataType::Float64);
        match self {
            Self::Of {
                aggregate,
                column,
                whole,
            } => {
                let exact = DataType::Decimal128(38, 0);
                let (function, cast_to) = match aggregate {
                    Aggregate::Count | Aggregate::Distinct => (count_udaf(), None),
                    // Whole numbers are added exactly: the sum of many may not fit in 64 bits.
                    Aggregate::Sum if whole => (sum_udaf(), Some(exact)),
                    Aggregate::Sum => (sum_udaf(), number),
                    Aggregate::Mean => (avg_udaf(), number),
                    Aggregate::Median => (Kind::Median.function(), number),
                    Aggregate::Min => (min_udaf(), None),
                    Aggregate::Max => (max_udaf(), None),
                    Aggregate::Std => (stddev_udaf(), number),
                };
                let arguments = column.into_iter().map(|column| (column, cast_to.clone()));
                Function {
                    function,
                    arguments: arguments.collect(),
                    distinct: aggregate == Aggregate::Distinct,
                }
            }
            Self::Own { kind, column } => Function::of(kind.function(), vec![(column, number)]),
            Self::Correlation(one, other) => {
                Function::of(corr_udaf(), vec![(one, number.clone()), (other, number)])
            }
            Self::Both(one, other) => Function::of(count_udaf(), vec![(one, None), (other, None)]),
        }
    }

    fn build(self, scan: &Scan, name: String) -> Result<Arc<AggregateFunctionExpr>, QueryError> {
        let schema = scan.schema();
        let made = self.function();
        let arguments = made
            .arguments
            .into_iter()
            .map(|(column, to)| (scanned(scan, column), to))
            .map(|(column, to)| match to {
                None => Ok(column),
                Some(to) => cast(column, &schema, to),
            });
        let mut arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        if arguments.is_empty() {
            arguments.push(lit(1_i64));
        }
        let built = AggregateExprBuilder::new(made.function, arguments)
            .schema(schema)
            .alias(name)
            .with_distinct(made.distinct)
            .build()?;
        Ok(Arc::new(built))
    }
}

/// A column of the scan, by its place in it.
fn scanned(scan: &Scan, place: usize) -> Arc<dyn PhysicalExpr> {
    let schema = scan.schema();
    let name = schema.fields().get(place).map(|field| field.name().clone());
    Arc::new(Column::new(&name.unwrap_or_default(), place))
}

/// Groups the rows of a scan. One batch comes back: the groups' columns, then one column a measure,
/// in no particular order of groups.
pub(crate) async fn grouped(
    engine: &Engine,
    scan: Scan,
    groups: Vec<By>,
    measures: Vec<Made>,
) -> Result<RecordBatch, QueryError> {
    let columns = groups.iter().map(|group| match group {
        By::Column(place) => Some(*place),
        By::Expression(_) => None,
    });
    if let Some(columns) = columns.collect::<Option<Vec<usize>>>()
        && let Some(folded) = folded(engine, &scan, &columns, &measures).await?
    {
        return folded.batch();
    }
    by_engine(engine, scan, groups, measures).await
}

/// The same by the engine, for whatever groups there are.
async fn by_engine(
    engine: &Engine,
    scan: Scan,
    groups: Vec<By>,
    measures: Vec<Made>,
) -> Result<RecordBatch, QueryError> {
    let schema = scan.schema();
    let named = |at: usize| format!("g{at}");
    let by: Vec<(Arc<dyn PhysicalExpr>, String)> = groups
        .into_iter()
        .enumerate()
        .map(|(at, group)| match group {
            By::Column(place) => (scanned(&scan, place), named(at)),
            By::Expression(expression) => (expression, named(at)),
        })
        .collect();
    let count = by.len();
    let group_by = Arc::new(PhysicalGroupBy::new_single(by));
    let mut functions = Vec::with_capacity(measures.len());
    for (at, measure) in measures.into_iter().enumerate() {
        functions.push(measure.build(&scan, format!("m{at}"))?);
    }
    let input = scan.plan()?;
    let no_filters = vec![None; functions.len()];
    let partial = Arc::new(AggregateExec::try_new(
        AggregateMode::Partial,
        Arc::clone(&group_by),
        functions.clone(),
        no_filters.clone(),
        input,
        Arc::clone(&schema),
    )?);
    let states = partial.schema();
    let batches = partitions(engine, partial).await?;
    let mut answer = Arc::new(Schema::empty());
    let made = over(engine, &states, batches, |held| {
        let columns = (0..count).map(|at| {
            let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(&named(at), at));
            (column, named(at))
        });
        let group_by = PhysicalGroupBy::new_single(columns.collect());
        let plan: Arc<dyn ExecutionPlan> = Arc::new(AggregateExec::try_new(
            AggregateMode::Final,
            group_by,
            functions,
            no_filters,
            held,
            schema,
        )?);
        answer = plan.schema();
        Ok(plan)
    })
    .await?;
    Ok(concat_batches(&answer, &made)?)
}

/// Orders a batch by columns, `true` for descending, missing last; and cuts it.
pub(crate) fn ordered(
    batch: &RecordBatch,
    by: &[(usize, bool)],
    limit: Option<u64>,
) -> Result<RecordBatch, QueryError> {
    if by.is_empty() || batch.num_rows() == 0 {
        return Ok(batch.clone());
    }
    let columns: Vec<SortColumn> = by
        .iter()
        .filter_map(|(at, descending)| {
            Some(SortColumn {
                values: Arc::clone(batch.columns().get(*at)?),
                options: Some(SortOptions {
                    descending: *descending,
                    nulls_first: false,
                }),
            })
        })
        .collect();
    let limit = limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let order = lexsort_to_indices(&columns, limit)?;
    let taken = batch
        .columns()
        .iter()
        .map(|column| take(column, &order, None));
    let taken = taken.collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(batch.schema(), taken)?)
}

/// A batch under other names.
pub(crate) fn renamed(
    batch: &RecordBatch,
    names: impl Iterator<Item = String>,
) -> Result<RecordBatch, QueryError> {
    let fields: Vec<Field> = names
        .zip(batch.columns())
        .map(|(name, column)| Field::new(name, column.data_type().clone(), true))
        .collect();
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        batch.columns().to_vec(),
    )?)
}

/// Orders, cuts and names the groups of an answer.
pub(crate) fn finished(
    batch: &RecordBatch,
    by: &[(usize, bool)],
    limit: Option<u64>,
    names: impl Iterator<Item = String>,
) -> Result<RecordBatch, QueryError> {
    renamed(&ordered(batch, by, limit)?, names)
}
