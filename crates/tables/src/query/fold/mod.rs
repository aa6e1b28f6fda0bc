//! Groups and measures of the kinds that dashboards ask for, made while the rows go by.
//!
//! Text is never taken apart row by row: a group is known by the number of its word in the file's own dictionary. What
//! cannot be made so, groups by numbers and combinations by the million, is left to the engine, which hashes values.
//! Each unit is folded on its own, and parts are joined in the order of units: sums are the same to the last bit on
//! any number of cores.

mod groups;
mod state;

use super::aggregate::Made;
use super::error::QueryError;
use super::run::each;
use super::scan::Scan;
use crate::engine::Engine;
use crate::error::TableError;
use deltalake::arrow::array::{ArrayRef, RecordBatch};
use deltalake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use deltalake::datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use futures::TryStreamExt as _;
use groups::{Groups, TooMany, can_be_numbered};
use state::{FoldError, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows folded: groups, and what was kept of each.
pub(crate) struct Folded {
    groups: Groups,
    states: Vec<State>,
    /// The types of the groups' columns in the scan.
    kinds: Vec<DataType>,
    /// What the values held were reserved with.
    _memory: Vec<MemoryReservation>,
}

/// Folds the rows of a scan by the columns at these places; `None` when the engine must do it.
pub(crate) async fn folded(
    engine: &Engine,
    scan: &Scan,
    by: &[usize],
    made: &[Made],
) -> Result<Option<Folded>, QueryError> {
    let scan = Scan {
        words: true,
        ..scan.clone()
    };
    let schema = scan.schema();
    let kinds = by.iter().filter_map(|place| schema.fields().get(*place));
    let kinds: Vec<DataType> = kinds.map(|field| field.data_type().clone()).collect();
    let made_here = fresh(made, &schema).is_some();
    if !made_here || kinds.len() != by.len() || !kinds.iter().all(can_be_numbered) {
        return Ok(None);
    }
    let asked = Arc::new(Asked {
        by: by.to_vec(),
        made: made.to_vec(),
        schema,
        too_many: AtomicBool::new(false),
    });
    let parts = each(engine, 0..scan.units(), |unit| {
        let consumer = MemoryConsumer::new("fold");
        let memory = consumer.register(&engine.task().runtime_env().memory_pool);
        let (scan, asked) = (scan.clone(), Arc::clone(&asked));
        async move {
            match asked.part(scan, unit, memory).await {
                Ok(part) => Ok(Some(part)),
                Err(FoldError::TooMany) => {
                    asked.too_many.store(true, Ordering::Relaxed);
                    Ok(None)
                }
                Err(FoldError::Failed(error)) => Err(QueryError::from(error)),
            }
        }
    })
    .await?;
    let Some(parts) = parts.into_iter().collect::<Option<Vec<Part>>>() else {
        return Ok(None);
    };
    let mut all = Folded {
        groups: Groups::by(by),
        states: fresh(made, &asked.schema).unwrap_or_default(),
        kinds,
        _memory: Vec::new(),
    };
    for part in parts {
        match all.take_in(part) {
            Ok(()) => {}
            Err(TooMany) => return Ok(None),
        }
    }
    Ok(Some(all))
}

fn fresh(made: &[Made], schema: &Schema) -> Option<Vec<State>> {
    made.iter().map(|made| State::of(made, schema)).collect()
}

/// What is folded.
struct Asked {
    by: Vec<usize>,
    made: Vec<Made>,
    schema: SchemaRef,
    /// A unit has more groups than are numbered here: the others need not go on.
    too_many: AtomicBool,
}

/// One unit, folded.
struct Part {
    groups: Groups,
    states: Vec<State>,
    memory: MemoryReservation,
}

impl Asked {
    async fn part(
        &self,
        scan: Scan,
        unit: usize,
        memory: MemoryReservation,
    ) -> Result<Part, FoldError> {
        let mut groups = Groups::by(&self.by);
        let mut states = fresh(&self.made, &self.schema).ok_or(FoldError::TooMany)?;
        let mut rows = scan.read(unit, None).await?;
        while let Some(batch) = rows.try_next().await? {
            if self.too_many.load(Ordering::Relaxed) {
                return Err(FoldError::TooMany);
            }
            // Groups are numbered first, so that each measure knows how many there are.
            groups.number(&batch)?;
            let count = groups.count();
            for state in &mut states {
                state.add(&batch, groups.ids(), count)?;
            }
            let size = states.iter().map(State::size).sum();
            memory.try_resize(size).map_err(TableError::from)?;
        }
        Ok(Part {
            groups,
            states,
            memory,
        })
    }
}

impl Folded {
    fn take_in(&mut self, part: Part) -> Result<(), TooMany> {
        let to = self.groups.take_in(part.groups)?;
        let count = self.groups.count();
        for (ours, theirs) in self.states.iter_mut().zip(part.states) {
            ours.take_in(theirs, &to, count)?;
        }
        self._memory.push(part.memory);
        Ok(())
    }

    /// The groups' columns, and of each group all values of the first measure in pieces.
    pub(crate) fn values(self) -> (Vec<ArrayRef>, Vec<Vec<Vec<f64>>>) {
        let groups = self.groups.arrays(&self.kinds);
        let first = self.states.into_iter().next();
        (groups, first.map(State::values).unwrap_or_default())
    }

    /// The groups' columns, then one column a measure.
    pub(crate) fn batch(self) -> Result<RecordBatch, QueryError> {
        let count = self.groups.count();
        let mut columns = self.groups.arrays(&self.kinds);
        let names = (0..columns.len()).map(|at| format!("g{at}"));
        let mut names: Vec<String> = names.collect();
        for (at, state) in self.states.into_iter().enumerate() {
            columns.push(state.end(count)?);
            names.push(format!("m{at}"));
        }
        let fields = names.into_iter().zip(&columns);
        let fields =
            fields.map(|(name, column)| Field::new(name, column.data_type().clone(), true));
        let schema = Schema::new(fields.collect::<Vec<_>>());
        Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
    }
}
