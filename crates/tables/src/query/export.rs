//! All rows that meet some conditions, as a file, sent while it is made.
//!
//! Neither the table nor the file is ever whole in memory: units are read one after the other, and reading stops
//! while nobody takes what was made. Meanwhile the turn at the engine goes to others, so a slow line holds up nobody.

use super::error::QueryError;
use super::{Selection, named, selected};
use crate::engine::Engine;
use crate::file::{Encoder, FileFormat};
use crate::place::Place;
use crate::query::scan::Scan;
use crate::tables::Inner;
use bytes::Bytes;
use domain::Column;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::task::AbortOnDropHandle;

/// Pieces of a file that wait to be sent.
const PIECES: usize = 2;

/// A file that is being made. Dropping it ends the work.
pub struct Export {
    /// The version its rows are of.
    pub version: u64,
    /// Its bytes. A file that cannot be made to its end ends with an error, so that nobody takes it for whole.
    pub bytes: BoxStream<'static, Result<Bytes, QueryError>>,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Export(version {})", self.version)
    }
}

type Piece = Result<Bytes, QueryError>;

pub(crate) async fn export(
    inner: Arc<Inner>,
    place: &Place,
    selection: Selection,
    format: FileFormat,
    fairness: &str,
) -> Result<Export, QueryError> {
    let found = {
        let (within, place) = (Arc::clone(&inner), place.clone());
        let work = async move { selected(&within, &place, &selection).await };
        inner.engine.run(work).await??
    };
    let Some((scan, found)) = found else {
        return Err(QueryError::Shape {
            pointer: "/version".to_owned(),
            message: "there is no version yet: nothing was uploaded".to_owned(),
        });
    };
    if found.is_empty() {
        return Err(QueryError::Shape {
            pointer: "/columns".to_owned(),
            message: "name at least one column".to_owned(),
        });
    }
    let columns: Vec<Column> = found.into_iter().map(|found| found.column).collect();
    let version = scan.version.version;
    let wall_ms_max = inner.limits.export_wall_ms_max;
    let (sender, receiver) = channel(PIECES);
    let (within, who) = (Arc::clone(&inner), fairness.to_owned());
    let work = async move {
        let making = make(&within.engine, &who, scan, &columns, format, &sender);
        let made = tokio::time::timeout(Duration::from_millis(wall_ms_max), making).await;
        if let Err(error) = made.unwrap_or(Err(QueryError::Deadline { wall_ms_max })) {
            // Nobody listens any more: then nobody is to be told.
            drop(sender.send(Err(error)).await);
        }
    };
    let task = inner.engine.spawn(work)?;
    Ok(Export {
        version,
        bytes: pieces(receiver, task),
    })
}

/// What is made, and the error if its making breaks off.
fn pieces(receiver: Receiver<Piece>, task: AbortOnDropHandle<()>) -> BoxStream<'static, Piece> {
    futures::stream::unfold(Some((receiver, task)), |open| async move {
        let (mut receiver, task) = open?;
        match receiver.recv().await {
            Some(piece) => Some((piece, Some((receiver, task)))),
            None => match task.await {
                Ok(()) => None,
                Err(error) => Some((Err(QueryError::from(error)), None)),
            },
        }
    })
    .boxed()
}

async fn make(
    engine: &Engine,
    who: &str,
    scan: Scan,
    columns: &[Column],
    format: FileFormat,
    sender: &Sender<Piece>,
) -> Result<(), QueryError> {
    let mut turn = Some(engine.turn(who).await?);
    let mut encoder = Encoder::new(format, columns)?;
    for unit in 0..scan.units() {
        let mut rows = scan.clone().read(unit, None).await?;
        while let Some(batch) = rows.try_next().await? {
            if batch.num_rows() == 0 {
                continue;
            }
            let batch = named(columns, batch.columns().to_vec())?;
            let piece = encoder.write(&batch)?;
            if piece.is_empty() {
                continue;
            }
            match sender.try_send(Ok(Bytes::from(piece))) {
                Ok(()) => {}
                Err(TrySendError::Closed(_)) => return Ok(()),
                Err(TrySendError::Full(piece)) => {
                    drop(turn.take());
                    if sender.send(piece).await.is_err() {
                        return Ok(());
                    }
                    turn = Some(engine.turn(who).await?);
                }
            }
        }
    }
    let end = encoder.finish()?;
    drop(turn);
    if !end.is_empty() {
        drop(sender.send(Ok(Bytes::from(end))).await);
    }
    Ok(())
}
