//! A store in memory that does one step at a time, when it is told to: so that a test can try every
//! order in which the steps of several acts may come.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Mutex;
use store::{
    Backend, Entry, JournalBackend, JournalQuery, RawDocument, RawHit, Record, Scan, ScanRange,
    StoreError, Write,
};
use tokio::sync::{Notify, oneshot};

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keys of the entries of one index, with the keys of their documents.
type Entries = BTreeSet<(Vec<u8>, Vec<u8>)>;

/// All documents and entries, as they are at one moment.
#[derive(Clone, Default)]
pub(super) struct Snapshot {
    documents: BTreeMap<(&'static str, Vec<u8>), RawDocument>,
    /// By kind and index.
    entries: BTreeMap<(&'static str, &'static str), Entries>,
}

/// The store, and the gate before each of its steps.
#[derive(Default)]
pub(super) struct Memory {
    now: Mutex<Snapshot>,
    /// Who waits before a step; none while the gate stands open.
    waiting: Mutex<Option<Vec<oneshot::Sender<()>>>>,
    arrived: Notify,
}

impl Memory {
    pub(super) fn snapshot(&self) -> Snapshot {
        self.now.lock().unwrap().clone()
    }

    pub(super) fn restore(&self, to: &Snapshot) {
        *self.now.lock().unwrap() = to.clone();
    }

    pub(super) fn close_gate(&self) {
        *self.waiting.lock().unwrap() = Some(Vec::new());
    }

    pub(super) fn open_gate(&self) {
        *self.waiting.lock().unwrap() = None;
    }

    /// Waits until somebody stands at the gate.
    pub(super) async fn arrival(&self) -> oneshot::Sender<()> {
        loop {
            if let Some(waiting) = self.waiting.lock().unwrap().as_mut()
                && let Some(next) = waiting.pop()
            {
                return next;
            }
            self.arrived.notified().await;
        }
    }

    /// One step, for acts that are no step of the store.
    pub(super) async fn step(&self) {
        let through = {
            let mut waiting = self.waiting.lock().unwrap();
            let Some(waiting) = waiting.as_mut() else {
                return;
            };
            let (open, through) = oneshot::channel();
            waiting.push(open);
            through
        };
        self.arrived.notify_one();
        through.await.unwrap();
    }
}

impl Snapshot {
    fn unindex(&mut self, kind: &'static str, key: &[u8]) {
        for ((of, _), entries) in &mut self.entries {
            if *of == kind {
                entries.retain(|(_, document)| document != key);
            }
        }
    }

    fn write(&mut self, kind: &'static str, key: Vec<u8>, write: Write) -> Result<u64, StoreError> {
        let place = (kind, key.clone());
        let found = self.documents.get(&place).map(|found| found.revision);
        let (content, revision) = match write {
            Write::Insert { content } if found.is_none() => (content, 1),
            Write::Insert { .. } => return Err(StoreError::Exists { kind }),
            Write::Replace { expected, content } if found == Some(expected) => {
                (content, expected + 1)
            }
            Write::Delete { expected } if found == Some(expected) => {
                self.documents.remove(&place);
                self.unindex(kind, &key);
                return Ok(expected);
            }
            Write::Replace { .. } | Write::Delete { .. } => return Err(StoreError::Stale),
        };
        for (index, entry) in &content.entries {
            let entries = self.entries.entry((kind, index.name)).or_default();
            let taken = entries.iter().any(|(at, of)| at == entry && *of != key);
            if index.unique && taken {
                return Err(StoreError::Duplicate { index: index.name });
            }
        }
        self.unindex(kind, &key);
        for (index, entry) in content.entries {
            let entries = self.entries.entry((kind, index.name)).or_default();
            entries.insert((entry, key.clone()));
        }
        let document = RawDocument {
            revision,
            schema: content.schema,
            body: content.body,
        };
        self.documents.insert(place, document);
        Ok(revision)
    }

    /// Keys of documents whose entries (or own keys) lie in a range, in order.
    fn within(
        &self,
        kind: &'static str,
        index: Option<&'static str>,
        range: &ScanRange,
    ) -> Vec<Vec<u8>> {
        let lies = |at: &[u8]| range.low.as_slice() <= at && at < range.high.as_slice();
        match index {
            None => {
                let own = self
                    .documents
                    .keys()
                    .filter(|(of, key)| *of == kind && lies(key));
                own.map(|(_, key)| key.clone()).collect()
            }
            Some(index) => {
                let entries = self.entries.get(&(kind, index)).into_iter().flatten();
                let entries = entries.filter(|(at, _)| lies(at));
                entries.map(|(_, key)| key.clone()).collect()
            }
        }
    }
}

// Written out as `async_trait` would, which this crate has no other need of.
impl Backend for Memory {
    fn read<'a, 'b>(
        &'a self,
        keys: Vec<(&'static str, Vec<u8>)>,
    ) -> Answer<'b, Vec<Option<RawDocument>>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.step().await;
            let now = self.now.lock().unwrap();
            Ok(keys
                .iter()
                .map(|place| now.documents.get(place).cloned())
                .collect())
        })
    }

    fn scan<'a, 'b>(&'a self, scan: Scan) -> Answer<'b, Vec<RawHit>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.step().await;
            // No page of these stories is full, so no place of a list is ever asked for.
            assert!(scan.after.is_none());
            let now = self.now.lock().unwrap();
            let ranges = scan.ranges.iter();
            let mut keys: Vec<_> = ranges
                .flat_map(|range| now.within(scan.kind, scan.index, range))
                .collect();
            if scan.descending {
                keys.reverse();
            }
            keys.truncate(scan.limit.try_into().unwrap());
            let hits = keys.into_iter().map(|key| RawHit {
                place: "AAAAAA".parse().unwrap(),
                document: now.documents[&(scan.kind, key)].clone(),
            });
            Ok(hits.collect())
        })
    }

    fn count<'a, 'b>(
        &'a self,
        kind: &'static str,
        index: Option<&'static str>,
        range: ScanRange,
    ) -> Answer<'b, u64>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.step().await;
            let found = self.now.lock().unwrap().within(kind, index, &range);
            Ok(found.len().try_into().unwrap())
        })
    }

    fn write<'a, 'b>(&'a self, kind: &'static str, key: Vec<u8>, write: Write) -> Answer<'b, u64>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.step().await;
            self.now.lock().unwrap().write(kind, key, write)
        })
    }

    fn delete_range<'a, 'b>(&'a self, kind: &'static str, range: ScanRange) -> Answer<'b, u64>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.step().await;
            let mut now = self.now.lock().unwrap();
            let keys = now.within(kind, None, &range);
            for key in &keys {
                now.documents.remove(&(kind, key.clone()));
                now.unindex(kind, key);
            }
            Ok(keys.len().try_into().unwrap())
        })
    }

    fn close<'a, 'b>(&'a self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async {})
    }
}

/// A journal that keeps nothing: these stories ask what lives, not what was written down.
pub(super) struct Nothing;

impl JournalBackend for Nothing {
    fn append<'a, 'b>(&'a self, entries: Vec<Entry>) -> Answer<'b, Vec<u64>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move { Ok(entries.iter().map(|_| 1).collect()) })
    }

    fn read<'a, 'b>(&'a self, _query: JournalQuery) -> Answer<'b, Vec<Record>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn head<'a, 'b>(&'a self) -> Answer<'b, Option<(u64, [u8; 32])>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async { Ok(None) })
    }

    fn check<'a, 'b>(&'a self) -> Answer<'b, ()>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async { Ok(()) })
    }

    fn close<'a, 'b>(&'a self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async {})
    }
}
