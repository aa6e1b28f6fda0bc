//! Running the units of a scan side by side, and putting what they give together in their order.

use super::error::QueryError;
use super::scan::Scan;
use crate::engine::Engine;
use crate::error::TableError;
use deltalake::arrow::array::RecordBatch;
use deltalake::arrow::datatypes::SchemaRef;
use deltalake::datafusion::datasource::memory::MemorySourceConfig;
use deltalake::datafusion::execution::TaskContext;
use deltalake::datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties as _};
use futures::{StreamExt as _, TryStreamExt as _};
use std::future::Future;
use std::sync::Arc;
use tokio_util::task::AbortOnDropHandle;

/// How many units are in work at one time: while one waits for its bytes, another computes.
pub(crate) fn side_by_side(engine: &Engine) -> usize {
    2 * engine.threads()
}

/// Does `work` for each unit on a task of its own, and gives the results in the order of units.
pub(crate) async fn each<T, F>(
    engine: &Engine,
    units: impl Iterator<Item = usize> + Send,
    work: impl Fn(usize) -> F + Send,
) -> Result<Vec<T>, QueryError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, QueryError>> + Send + 'static,
{
    futures::stream::iter(units)
        .map(|unit| {
            let task = AbortOnDropHandle::new(tokio::spawn(work(unit)));
            async move { task.await.map_err(QueryError::from).and_then(|done| done) }
        })
        .buffered(side_by_side(engine))
        .try_collect()
        .await
}

/// Runs every partition of a plan and gives all batches in the order of partitions.
pub(crate) async fn partitions(
    engine: &Engine,
    plan: Arc<dyn ExecutionPlan>,
) -> Result<Vec<RecordBatch>, QueryError> {
    let count = plan.output_partitioning().partition_count();
    let batches = each(engine, 0..count, |partition| {
        let (plan, task) = (Arc::clone(&plan), engine.task());
        async move { run(&plan, partition, task).await }
    })
    .await?;
    Ok(batches.into_iter().flatten().collect())
}

async fn run(
    plan: &Arc<dyn ExecutionPlan>,
    partition: usize,
    task: Arc<TaskContext>,
) -> Result<Vec<RecordBatch>, QueryError> {
    let stream = plan.execute(partition, task)?;
    Ok(stream.try_collect().await?)
}

/// Runs a plan of one partition over batches in memory.
pub(crate) async fn over(
    engine: &Engine,
    schema: &SchemaRef,
    batches: Vec<RecordBatch>,
    plan: impl FnOnce(Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, QueryError>,
) -> Result<Vec<RecordBatch>, QueryError> {
    let held = MemorySourceConfig::try_new_exec(&[batches], Arc::clone(schema), None)?;
    let plan = plan(held)?;
    run(&plan, 0, engine.task()).await
}

/// How many rows of each unit meet the scan's predicate.
pub(crate) async fn counts(engine: &Engine, scan: &Scan) -> Result<Vec<u64>, QueryError> {
    if scan.predicate.is_none() {
        return Ok(scan.version.files.iter().map(|file| file.rows).collect());
    }
    each(engine, 0..scan.units(), |unit| {
        let scan = scan.clone();
        async move {
            let masks = scan.masks(unit).await?;
            let count = masks.try_fold(0_u64, |sum, mask| async move {
                let kept = mask.kept.map_or(mask.rows, |kept| kept.count_set_bits());
                Ok::<_, TableError>(sum + kept as u64)
            });
            Ok(count.await?)
        }
    })
    .await
}
