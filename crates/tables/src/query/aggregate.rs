//! Aggregates: partial ones for each unit, combined in the order of units.

use super::error::QueryError;
use super::run::{over, partitions};
use super::scan::Scan;
use crate::engine::Engine;
use deltalake::arrow::array::RecordBatch;
use deltalake::arrow::compute::{
    SortColumn, SortOptions, concat_batches, lexsort_to_indices, take,
};
use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
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

/// One aggregate as the engine computes it.
pub(crate) struct Made {
    function: Arc<AggregateUDF>,
    /// What it is made of, and as what type; nothing counts rows.
    arguments: Vec<(Arc<dyn PhysicalExpr>, Option<DataType>)>,
    distinct: bool,
}

impl Made {
    /// A measure over a column of the scan; `None` counts rows.
    pub(crate) fn of(
        aggregate: Aggregate,
        column: Option<Arc<dyn PhysicalExpr>>,
        whole: bool,
    ) -> Self {
        let exact = DataType::Decimal128(38, 0);
        let (function, cast_to) = match aggregate {
            Aggregate::Count | Aggregate::Distinct => (count_udaf(), None),
            // Whole numbers are added exactly: the sum of many may not fit in 64 bits.
            Aggregate::Sum if whole => (sum_udaf(), Some(exact)),
            Aggregate::Sum => (sum_udaf(), Some(DataType::Float64)),
            Aggregate::Mean => (avg_udaf(), Some(DataType::Float64)),
            Aggregate::Median => (super::spread::median(), Some(DataType::Float64)),
            Aggregate::Min => (min_udaf(), None),
            Aggregate::Max => (max_udaf(), None),
            Aggregate::Std => (stddev_udaf(), Some(DataType::Float64)),
        };
        Self {
            function,
            arguments: column
                .into_iter()
                .map(|column| (column, cast_to.clone()))
                .collect(),
            distinct: aggregate == Aggregate::Distinct,
        }
    }

    /// A function of our own over a column of numbers.
    pub(crate) fn own(function: Arc<AggregateUDF>, column: Arc<dyn PhysicalExpr>) -> Self {
        Self {
            function,
            arguments: vec![(column, Some(DataType::Float64))],
            distinct: false,
        }
    }

    /// Pearson's correlation of two columns of numbers.
    pub(crate) fn correlation(
        (one, other): (Arc<dyn PhysicalExpr>, Arc<dyn PhysicalExpr>),
    ) -> Self {
        let number = |column| (column, Some(DataType::Float64));
        Self {
            function: corr_udaf(),
            arguments: vec![number(one), number(other)],
            distinct: false,
        }
    }

    /// In how many rows both are there.
    pub(crate) fn both((one, other): (Arc<dyn PhysicalExpr>, Arc<dyn PhysicalExpr>)) -> Self {
        Self {
            function: count_udaf(),
            arguments: vec![(one, None), (other, None)],
            distinct: false,
        }
    }

    fn build(
        self,
        schema: &SchemaRef,
        name: String,
    ) -> Result<Arc<AggregateFunctionExpr>, QueryError> {
        let arguments = self.arguments.into_iter().map(|(column, to)| match to {
            None => Ok(column),
            Some(to) => cast(column, schema, to),
        });
        let mut arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        if arguments.is_empty() {
            arguments.push(lit(1_i64));
        }
        let built = AggregateExprBuilder::new(self.function, arguments)
            .schema(Arc::clone(schema))
            .alias(name)
            .with_distinct(self.distinct)
            .build()?;
        Ok(Arc::new(built))
    }
}

/// A column of the scan, by its place in it.
pub(crate) fn scanned(scan: &Scan, place: usize) -> Arc<dyn PhysicalExpr> {
    let schema = scan.schema();
    let name = schema.fields().get(place).map(|field| field.name().clone());
    Arc::new(Column::new(&name.unwrap_or_default(), place))
}

/// Groups the rows of a scan. One batch comes back: the groups' columns, then one column a measure,
/// in no particular order of groups.
pub(crate) async fn grouped(
    engine: &Engine,
    scan: Scan,
    groups: Vec<Arc<dyn PhysicalExpr>>,
    measures: Vec<Made>,
) -> Result<RecordBatch, QueryError> {
    let schema = scan.schema();
    let input = scan.plan()?;
    let named = |at: usize| format!("g{at}");
    let by: Vec<(Arc<dyn PhysicalExpr>, String)> = groups
        .into_iter()
        .enumerate()
        .map(|(at, expression)| (expression, named(at)))
        .collect();
    let count = by.len();
    let group_by = Arc::new(PhysicalGroupBy::new_single(by));
    let mut functions = Vec::with_capacity(measures.len());
    for (at, measure) in measures.into_iter().enumerate() {
        functions.push(measure.build(&schema, format!("m{at}"))?);
    }
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
