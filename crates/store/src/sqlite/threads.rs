//! The threads SQLite runs on. The server's runtime sends work and awaits the answer.

use super::file::failure;
use crate::error::StoreError;
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// Most changes that share one commit; past it the first ones would wait too long for their answer.
const GROUP_MAX: usize = 256;

/// Answers a change, once it is known whether its group was committed.
type Answer = Box<dyn FnOnce(&Result<(), StoreError>) + Send>;

enum WriterMessage {
    Work(Box<dyn FnOnce(&Connection) -> Answer + Send>),
    Close(oneshot::Sender<()>),
}

/// The one thread that writes a file.
pub(super) struct Writer {
    queue: Sender<WriterMessage>,
    path: String,
    _thread: Joined,
}

impl Writer {
    pub(super) fn start(connection: Connection, path: &str) -> Result<Self, StoreError> {
        let (queue, messages) = channel();
        let name = path.to_owned();
        let thread = spawn("store-writer", move || {
            write_all(connection, &messages, &name)
        })?;
        Ok(Self {
            queue,
            path: path.to_owned(),
            _thread: Joined(vec![thread]),
        })
    }

    /// Does `work` in the next transaction and answers when that is on the disk. Work that fails
    /// leaves nothing behind and does not disturb what shares its transaction.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (sender, answer) = oneshot::channel();
        let path = self.path.clone();
        let work = move |connection: &Connection| -> Answer {
            let result = alone(connection, work, &path);
            Box::new(move |committed| {
                // Whoever asked may have gone; the change stays.
                let _ = sender.send(committed.clone().and(result));
            })
        };
        self.queue
            .send(WriterMessage::Work(Box::new(work)))
            .map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Waits until all that was asked before is done and the file is closed.
    pub(super) async fn close(&self) {
        let (sender, closed) = oneshot::channel();
        if self.queue.send(WriterMessage::Close(sender)).is_ok() {
            // An error means that another close was first, and is done.
            let _ = closed.await;
        }
    }
}

/// Runs one change in a savepoint of its own.
fn alone<R>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<R, StoreError>,
    path: &str,
) -> Result<R, StoreError> {
    let step = |sql: &str| {
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map_err(|error| failure(&error, path))
    };
    step("SAVEPOINT change")?;
    let result = work(connection);
    if result.is_err() {
        step("ROLLBACK TO change")?;
    }
    step("RELEASE change")?;
    result
}

fn write_all(connection: Connection, messages: &Receiver<WriterMessage>, path: &str) {
    let mut closing = None;
    while closing.is_none()
        && let Ok(first) = messages.recv()
    {
        let mut group = Vec::new();
        let begun = connection.execute_batch("BEGIN IMMEDIATE");
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                WriterMessage::Work(work) => group.push(work(&connection)),
                WriterMessage::Close(sender) => {
                    closing = Some(sender);
                    break;
                }
            }
            next = messages.try_recv().ok().filter(|_| group.len() < GROUP_MAX);
        }
        let committed = begun.and_then(|()| connection.execute_batch("COMMIT"));
        if committed.is_err() && !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        let committed = committed.map_err(|error| failure(&error, path));
        if let Err(error) = &committed {
            tracing::error!(path, %error, "a group of changes was not written");
        }
        for answer in group {
            answer(&committed);
        }
    }
    drop(connection);
    if let Some(sender) = closing {
        let _ = sender.send(());
    }
}

enum ReaderMessage {
    Work(Box<dyn FnOnce(&Connection) + Send>),
    Close(oneshot::Sender<()>),
}

/// A few threads that read a file, each with a connection of its own.
pub(super) struct Readers {
    queue: Sender<ReaderMessage>,
    path: String,
    threads: Joined,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>, path: &str) -> Result<Self, StoreError> {
        // Made first, so that it goes last also when a thread cannot be had.
        let mut threads = Joined(Vec::new());
        let (queue, messages) = channel();
        let messages = Arc::new(Mutex::new(messages));
        for connection in connections {
            let messages = Arc::clone(&messages);
            let thread = spawn("store-reader", move || read_all(connection, &messages))?;
            threads.0.push(thread);
        }
        Ok(Self {
            queue,
            path: path.to_owned(),
            threads,
        })
    }

    /// The file, for messages.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Does `work` as of one moment: what is committed meanwhile is not seen.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (sender, answer) = oneshot::channel();
        let work = move |connection: &Connection| {
            // Who asked and left needs no answer, and so no work.
            if sender.is_closed() {
                return;
            }
            let snapshot = connection.unchecked_transaction();
            let _ = sender.send(snapshot.and_then(|snapshot| {
                let result = work(connection)?;
                snapshot.commit()?;
                Ok(result)
            }));
        };
        self.queue
            .send(ReaderMessage::Work(Box::new(work)))
            .map_err(|_| StoreError::Closed)?;
        let result = answer.await.map_err(|_| StoreError::Closed)?;
        result.map_err(|error| failure(&error, &self.path))
    }

    /// Waits until all that was asked before is answered and the connections are closed.
    pub(super) async fn close(&self) {
        let mut closing = Vec::new();
        for _ in 0..self.threads.0.len() {
            let (sender, closed) = oneshot::channel();
            if self.queue.send(ReaderMessage::Close(sender)).is_ok() {
                closing.push(closed);
            }
        }
        for closed in closing {
            let _ = closed.await;
        }
    }
}

fn read_all(connection: Connection, messages: &Mutex<Receiver<ReaderMessage>>) {
    let closing = loop {
        // One idle reader waits in recv while it holds the lock, the others wait for the lock.
        let message = messages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        match message {
            Ok(ReaderMessage::Work(work)) => work(&connection),
            Ok(ReaderMessage::Close(sender)) => break Some(sender),
            Err(_) => break None,
        }
    };
    drop(connection);
    if let Some(sender) = closing {
        let _ = sender.send(());
    }
}

/// Threads that are waited for when this is dropped. It stands behind the queue in each struct, so that the queue goes
/// first and tells them to end. A process that ends while one of them still closes its file would have SQLCipher use a
/// libcrypto that has cleaned up already: it crashed.
struct Joined(Vec<JoinHandle<()>>);

impl Drop for Joined {
    fn drop(&mut self) {
        for thread in self.0.drain(..) {
            // One that panicked has said so, and has ended.
            let _ = thread.join();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map_err(|error| StoreError::Failed(format!("no thread for the store: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(connection: &Connection) -> u32 {
        let count = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
        count.unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_gathers_while_the_writer_is_busy_shares_one_transaction() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x INTEGER)")
            .unwrap();
        let writer = Arc::new(Writer::start(connection, "t.db").unwrap());

        // The first change holds the writer until the others are queued behind it.
        let (go, wait) = channel::<()>();
        let first = tokio::spawn({
            let writer = Arc::clone(&writer);
            async move {
                let work = move |_: &Connection| wait.recv().map_err(|_| StoreError::Closed);
                writer.run(work).await
            }
        });
        let queued = Arc::new(tokio::sync::Semaphore::new(0));
        let others: Vec<_> = (0..100)
            .map(|_| {
                let (writer, path, queued) = (writer.clone(), path.clone(), queued.clone());
                tokio::spawn(async move {
                    let change = writer.run(move |connection| {
                        connection
                            .execute_batch("INSERT INTO t VALUES (1)")
                            .unwrap();
                        // What another connection sees is what has been committed so far.
                        Ok(rows(&Connection::open(path).unwrap()))
                    });
                    tokio::pin!(change);
                    // The first poll puts the change into the queue.
                    std::future::poll_fn(|context| {
                        let polled = change.as_mut().poll(context);
                        assert!(polled.is_pending());
                        std::task::Poll::Ready(())
                    })
                    .await;
                    queued.add_permits(1);
                    change.await
                })
            })
            .collect();
        let _all = queued.acquire_many(100).await.unwrap();
        go.send(()).unwrap();
        first.await.unwrap().unwrap();
        for other in others {
            assert_eq!(other.await.unwrap(), Ok(0), "nothing was committed between");
        }
        assert_eq!(rows(&Connection::open(&path).unwrap()), 100);
    }
}
