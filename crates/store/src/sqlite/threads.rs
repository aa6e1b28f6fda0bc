//! The threads SQLite runs on. The server's runtime sends work and awaits the answer; what takes
//! microseconds it does itself, since waking a thread and being woken again takes longer.

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

/// A few threads that read a file, each with a connection of its own, and a few connections for
/// whoever asks for little.
pub(super) struct Readers {
    queue: Sender<ReaderMessage>,
    path: String,
    threads: Joined,
    /// None once they are closed. Dropped when the threads have ended: of two connections that close at
    /// the same moment neither is the last one, which folds the log into the file.
    at_hand: Vec<Mutex<Option<Connection>>>,
}

impl Readers {
    pub(super) fn start(
        connections: Vec<Connection>,
        at_hand: Vec<Connection>,
        path: &str,
    ) -> Result<Self, StoreError> {
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
            at_hand: at_hand.into_iter().map(|it| Mutex::new(Some(it))).collect(),
        })
    }

    /// Does `work`, which takes microseconds, here and now where a connection is free, else as
    /// [`Self::run`] does. A page that is not in memory is one short read of the disk.
    pub(super) async fn run_briefly<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        match self.run_here(work) {
            Ok(result) => result.map_err(|error| failure(&error, &self.path)),
            Err(work) => self.run(work).await,
        }
    }

    /// Gives the work back when no connection is free.
    fn run_here<R, W>(&self, work: W) -> Result<rusqlite::Result<R>, W>
    where
        W: FnOnce(&Connection) -> rusqlite::Result<R>,
    {
        let mut free = self.at_hand.iter().filter_map(|it| it.try_lock().ok());
        match free.find_map(|guard| guard.is_some().then_some(guard)) {
            Some(guard) => match guard.as_ref() {
                Some(connection) => Ok(as_of_one_moment(connection, work)),
                None => Err(work),
            },
            None => Err(work),
        }
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
            let _ = sender.send(as_of_one_moment(connection, work));
        };
        self.queue
            .send(ReaderMessage::Work(Box::new(work)))
            .map_err(|_| StoreError::Closed)?;
        let result = answer.await.map_err(|_| StoreError::Closed)?;
        result.map_err(|error| failure(&error, &self.path))
    }

    /// Waits until all that was asked before is answered and the connections are closed.
    pub(super) async fn close(&self) {
        for connection in &self.at_hand {
            let mut open = connection.lock().unwrap_or_else(PoisonError::into_inner);
            drop(open.take());
        }
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

/// What is committed meanwhile is not seen.
fn as_of_one_moment<R>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<R>,
) -> rusqlite::Result<R> {
    let snapshot = connection.unchecked_transaction()?;
    let result = work(connection)?;
    snapshot.commit()?;
    Ok(result)
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

    #[tokio::test]
    async fn what_is_brief_waits_for_no_thread_and_is_refused_once_the_file_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let open = || Connection::open(&path).unwrap();
        open().execute_batch("CREATE TABLE t (x INTEGER)").unwrap();
        let readers = Readers::start(vec![open()], vec![open()], "t.db").unwrap();
        let readers = Arc::new(readers);
        // The only thread is held until the brief work has been answered.
        let (go, wait) = channel::<()>();
        let held = tokio::spawn({
            let readers = Arc::clone(&readers);
            async move { readers.run(move |_| Ok(wait.recv().is_ok())).await }
        });
        tokio::task::yield_now().await;
        let brief = readers.run_briefly(|connection| Ok(rows(connection)));
        assert_eq!(brief.await, Ok(0));
        go.send(()).unwrap();
        assert_eq!(held.await.unwrap(), Ok(true));
        // Where its connection is taken, a thread does it.
        let ((taken, is_taken), (release, wait)) = (channel::<()>(), channel::<()>());
        let holder = thread::spawn({
            let readers = Arc::clone(&readers);
            move || {
                let _held = readers.at_hand[0].lock().unwrap();
                taken.send(()).unwrap();
                wait.recv().unwrap();
            }
        });
        is_taken.recv().unwrap();
        let brief = readers.run_briefly(|connection| Ok(rows(connection)));
        assert_eq!(brief.await, Ok(0));
        release.send(()).unwrap();
        holder.join().unwrap();
        readers.close().await;
        let brief = readers.run_briefly(|connection| Ok(rows(connection)));
        assert_eq!(brief.await, Err(StoreError::Closed));
    }
}
