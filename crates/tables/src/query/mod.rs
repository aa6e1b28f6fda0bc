//! Questions to one version of one table, and their answers.

mod aggregate;
mod bins;
mod deep;
mod diff;
mod error;
mod export;
mod expression;
mod filter;
mod fold;
mod frame;
mod lists;
mod load;
mod names;
mod object;
mod opened;
mod operand;
mod order_keys;
mod predicate;
mod relations;
mod remembered;
mod rows;
mod run;
mod scan;
mod selection;
mod spread;
mod summary;
mod top;
mod upload_order;

pub(crate) use diff::diff;
pub use diff::{Diff, KeyDiff};
pub use error::QueryError;
pub use export::Export;
pub(crate) use export::export;
pub use frame::Frame;
pub(crate) use frame::frame;
pub(crate) use load::Costs;
pub use load::QueryLoad;
pub(crate) use predicate::Predicate;
pub(crate) use remembered::Remembered;
pub(crate) use scan::{POSITION, Scan};
pub use selection::Selection;
pub(crate) use selection::selected;

use crate::error::TableError;
use crate::log::TableVersion;
use crate::place::Place;
use crate::schema::TableSchema;
use crate::tables::Inner;
use deltalake::arrow::array::{ArrayRef, RecordBatch};
use deltalake::arrow::datatypes::{Field, Schema};
use deltalake::datafusion::error::DataFusionError;
use deltalake::datafusion::logical_expr::Expr;
use domain::limits::RequestLimits;
use domain::{Column, Expression, Filter, Query, Shape};
use names::{Found, find, find_all};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Memory one answer may have.
const ANSWER_BYTES_MAX: u64 = 512 << 20;

/// Who asks, and how long they wait.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Whose share of the engine is used: a person's id, or whatever stands for one.
    pub fairness: &'a str,
    /// Wall-clock time the answer may take; never more than the limit of the installation.
    pub wall_ms_max: u64,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, under the columns' names. A category is text here.
    pub batches: Vec<RecordBatch>,
    /// The version it was made from; `None` while the table has none.
    pub version: Option<u64>,
    /// Rows that meet the filters (of pages and samples and bins), groups (of aggregates and
    /// spreads) or values (of distinct values), before any limit.
    pub total_rows: u64,
    /// A limit has cut it: there is more after these rows, or they are a sample.
    pub truncated: bool,
    /// It was remembered rather than computed.
    pub cached: bool,
}

impl Answer {
    pub(crate) fn memory(&self) -> usize {
        let batches = self.batches.iter();
        let rows: usize = batches.map(RecordBatch::get_array_memory_size).sum();
        rows + 1_024
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let batches = self.batches.iter();
        batches.map(|batch| batch.num_rows() as u64).sum()
    }
}

/// What a shape makes of a scan.
pub(crate) struct Part {
    columns: Vec<Column>,
    batches: Vec<RecordBatch>,
    total_rows: u64,
    truncated: bool,
}

/// Columns under the names that people know.
pub(crate) fn named(columns: &[Column], arrays: Vec<ArrayRef>) -> Result<RecordBatch, QueryError> {
    let fields: Vec<Field> = columns
        .iter()
        .zip(&arrays)
        .map(|(column, array)| Field::new(&column.name, array.data_type().clone(), true))
        .collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

/// Answers a question, from memory when it was answered before.
pub(crate) async fn query(
    inner: Arc<Inner>,
    place: &Place,
    version: Option<u64>,
    query: &Query,
    ask: Ask<'_>,
) -> Result<Answer, QueryError> {
    let wall_ms_max = ask.wall_ms_max.min(inner.limits.query_wall_ms_max);
    let work = answer(Arc::clone(&inner), place, version, query, ask.fairness);
    match tokio::time::timeout(Duration::from_millis(wall_ms_max), work).await {
        Ok(answered) => answered,
        Err(_) => Err(QueryError::Deadline { wall_ms_max }),
    }
}

async fn answer(
    inner: Arc<Inner>,
    place: &Place,
    version: Option<u64>,
    query: &Query,
    fairness: &str,
) -> Result<Answer, QueryError> {
    let resolved = {
        let engine = &inner.engine;
        let (inner, place) = (Arc::clone(&inner), place.clone());
        let text = query.filter.clone();
        let resolve = async move {
            let Some(version) = inner.resolve(&place, version).await? else {
                return Ok(None);
            };
            let expression = read(text.as_deref(), &version.schema, &inner.limits)?;
            Ok::<_, QueryError>(Some((version, expression)))
        };
        engine.run(resolve).await??
    };
    let Some((version, expression)) = resolved else {
        return Ok(nothing());
    };
    let expression = Arc::new(expression);
    let key = (
        place.collection.clone(),
        version.version,
        remembered::question(query, expression.as_ref().as_ref())?,
    );
    if let Some(known) = inner.remembered.answers.get(&key).await {
        inner.costs.remembered();
        return Ok(Answer {
            cached: true,
            ..Answer::clone(&known)
        });
    }
    let is_own = AtomicBool::new(false);
    let computed = async {
        is_own.store(true, Ordering::Relaxed);
        let turn = inner.engine.turn(fairness).await?;
        let (asked, place) = (query.clone(), place.clone());
        let (within, number) = (Arc::clone(&inner), version.version);
        let work = async move {
            let _turn = turn;
            compute(
                &within,
                &place,
                version,
                &asked,
                expression.as_ref().as_ref(),
            )
            .await
        };
        let part = inner.engine.run(work).await??;
        let answer = Answer {
            columns: part.columns,
            batches: part.batches,
            version: Some(number),
            total_rows: part.total_rows,
            truncated: part.truncated,
            cached: false,
        };
        if answer.memory() as u64 > ANSWER_BYTES_MAX {
            return Err(QueryError::TooLarge {
                bytes_max: ANSWER_BYTES_MAX,
            });
        }
        Ok(Arc::new(answer))
    };
    let made = inner.remembered.answers.try_get_with(key, computed).await;
    match is_own.load(Ordering::Relaxed) {
        true => inner.costs.computed(),
        false => inner.costs.remembered(),
    }
    made.map(|answer| Answer::clone(&answer))
        .map_err(|error| explained(QueryError::clone(&error), &inner))
}

/// Reads a filter expression for a table with these columns.
pub(crate) fn read(
    text: Option<&str>,
    schema: &TableSchema,
    limits: &RequestLimits,
) -> Result<Option<Expression>, QueryError> {
    text.map(|text| Expression::read(text, &schema.columns, limits))
        .transpose()
        .map_err(|error| QueryError::Expression(Box::new(error)))
}

/// All that a row must meet; `None` when it is nothing.
pub(crate) fn condition(
    schema: &TableSchema,
    filters: &[Filter],
    expression: Option<&Expression>,
    limits: &RequestLimits,
) -> Result<Option<Expr>, QueryError> {
    let listed = filter::listed(schema, filters, limits)?;
    let written = expression
        .map(|expression| expression::condition(schema, expression))
        .transpose()?;
    Ok(operand::joined(
        listed.into_iter().chain(written).collect(),
        Expr::and,
    ))
}

/// The answer of a table that has no version yet.
fn nothing() -> Answer {
    Answer {
        columns: Vec::new(),
        batches: Vec::new(),
        version: None,
        total_rows: 0,
        truncated: false,
        cached: false,
    }
}

/// Running out of memory is the question's fault, not the server's.
fn explained(error: QueryError, inner: &Inner) -> QueryError {
    if let QueryError::Failed(failed) = &error
        && let TableError::Engine(engine) = failed.as_ref()
        && matches!(engine.find_root(), DataFusionError::ResourcesExhausted(_))
    {
        return QueryError::TooLarge {
            bytes_max: inner.memory_bytes,
        };
    }
    error
}

/// A scan of what a query's filters let through, with no columns yet.
pub(crate) async fn scan(
    inner: &Inner,
    place: &Place,
    version: Arc<TableVersion>,
    predicate: Option<Predicate>,
) -> Result<Scan, TableError> {
    let copies = match &predicate {
        Some(_) if inner.wishes.covers(version.rows()) => inner.copies(place).await?,
        _ => Arc::default(),
    };
    Ok(Scan {
        store: inner.sealed(place),
        folder: place.folder(),
        footers: inner.remembered.footers.clone(),
        version,
        copies,
        costs: Arc::clone(&inner.costs),
        columns: Vec::new(),
        predicate: predicate.map(Arc::new),
        positions: false,
        words: false,
    })
}

async fn compute(
    inner: &Inner,
    place: &Place,
    version: Arc<TableVersion>,
    query: &Query,
    expression: Option<&Expression>,
) -> Result<Part, QueryError> {
    let schema = version.schema.clone();
    let condition = condition(&schema, &query.filters, expression, &inner.limits)?;
    let predicate = match condition.clone() {
        Some(condition) => Some(Predicate::new(
            inner.engine.context(),
            &schema.arrow,
            condition,
        )?),
        None => None,
    };
    let scan = scan(inner, place, version, predicate).await?;
    let (version, predicate) = (Arc::clone(&scan.version), scan.predicate.clone());
    // On the heap: it is large, and whoever waits for it would have to hold all of it.
    let part = Box::pin(shaped(inner, place, scan, condition, query, expression)).await?;
    if let Some(predicate) = predicate {
        inner.wishes.asked(place, &version, &predicate);
    }
    Ok(part)
}

/// What the question makes of the rows that meet its conditions.
async fn shaped(
    inner: &Inner,
    place: &Place,
    scan: Scan,
    condition: Option<Expr>,
    query: &Query,
    expression: Option<&Expression>,
) -> Result<Part, QueryError> {
    let engine = &inner.engine;
    let schema = scan.version.schema.clone();
    match &query.shape {
        Shape::Rows {
            columns,
            sort,
            limit,
            offset,
        } => {
            let found = match columns {
                Some(columns) => find_all(&schema, columns, "/columns")?,
                None => all(&scan),
            };
            let mut by = Vec::with_capacity(sort.len());
            for (index, sort) in sort.iter().enumerate() {
                let found = find(&schema, &sort.column, || format!("/sort/{index}/column"))?;
                by.push((found, sort.descending));
            }
            let scan = chosen(scan, &found)?;
            let counts = counted(inner, place, &scan, query, expression).await?;
            let total: u64 = counts.iter().sum();
            let batches = if by.is_empty() {
                rows::page(engine, &scan, &counts, *offset, *limit).await?
            } else if *limit == 0 || *offset >= total {
                Vec::new()
            } else {
                let page = *offset..offset.saturating_add(*limit).min(total);
                rows::sorted_page(engine, &scan, &by, total, page).await?
            };
            let end = offset.saturating_add(*limit);
            part(&found, batches, total, end < total)
        }
        Shape::Sample { columns, limit } => {
            let found = find_all(&schema, columns, "/columns")?;
            let scan = chosen(scan, &found)?;
            let counts = counted(inner, place, &scan, query, expression).await?;
            let total: u64 = counts.iter().sum();
            let batches = rows::sample(engine, &scan, &counts, *limit).await?;
            part(&found, batches, total, total > *limit)
        }
        Shape::Aggregate {
            group_by,
            measures,
            limit,
        } => summary::aggregate(engine, scan, group_by, measures, *limit).await,
        Shape::Bins {
            column,
            bins,
            group_by,
        } => bins::bins(engine, scan, condition, column, *bins, group_by.as_deref()).await,
        Shape::Spread {
            column,
            group_by,
            limit,
        } => {
            lists::spreads(
                engine,
                scan,
                lists::Asked {
                    column,
                    group_by,
                    limit: *limit,
                },
            )
            .await
        }
        Shape::Quantiles {
            column,
            at,
            group_by,
            limit,
        } => {
            let asked = lists::Asked {
                column,
                group_by,
                limit: *limit,
            };
            lists::quantiles(engine, scan, asked, at).await
        }
        Shape::Correlations { columns } => relations::correlations(engine, scan, columns).await,
        Shape::Distinct {
            column,
            search,
            limit,
        } => summary::distinct(engine, scan, column, search.as_deref(), *limit).await,
        Shape::Range { column } => summary::range(engine, scan, column).await,
    }
}

/// All columns, in the order of the table.
pub(crate) fn all(scan: &Scan) -> Vec<Found> {
    let columns = scan.version.schema.columns.iter().cloned().enumerate();
    columns
        .map(|(position, column)| Found { position, column })
        .collect()
}

fn chosen(mut scan: Scan, found: &[Found]) -> Result<Scan, QueryError> {
    if found.is_empty() {
        return Err(QueryError::Shape {
            pointer: "/columns".to_owned(),
            message: "name at least one column".to_owned(),
        });
    }
    scan.columns = found.iter().map(|found| found.position).collect();
    Ok(scan)
}

/// Matching rows of each unit, remembered for all pages and sorts under the same filters.
async fn counted(
    inner: &Inner,
    place: &Place,
    scan: &Scan,
    query: &Query,
    expression: Option<&Expression>,
) -> Result<Arc<Vec<u64>>, QueryError> {
    let key = (
        place.collection.clone(),
        scan.version.version,
        remembered::conditions(&query.filters, expression)?,
    );
    let count = async {
        let counts = run::counts(&inner.engine, scan).await?;
        Ok(Arc::new(counts))
    };
    let counted = inner.remembered.counts.try_get_with(key, count).await;
    counted.map_err(|error: Arc<QueryError>| QueryError::clone(&error))
}

fn part(
    found: &[Found],
    batches: Vec<RecordBatch>,
    total_rows: u64,
    truncated: bool,
) -> Result<Part, QueryError> {
    let columns: Vec<Column> = found.iter().map(|found| found.column.clone()).collect();
    let batches = batches
        .into_iter()
        .filter(|batch| batch.num_rows() > 0)
        .map(|batch| named(&columns, batch.columns().to_vec()))
        .collect::<Result<_, _>>()?;
    Ok(Part {
        columns,
        batches,
        total_rows,
        truncated,
    })
}
