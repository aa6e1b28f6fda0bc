//! Documents by their types, over a store that knows only bytes.

use crate::backend::{Backend, Content, RawDocument, Scan, ScanRange, Write};
use crate::document::{Cursor, Document, Index, Order, PRIMARY, Page, Stored};
use crate::error::StoreError;
use crate::key::{Key, Span};
use serde_json::Value;
use std::marker::PhantomData;
use std::sync::Arc;

/// All documents. Cheap to clone.
#[derive(Clone)]
pub struct Documents(Arc<dyn Backend>);

impl std::fmt::Debug for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Documents")
    }
}

impl Documents {
    /// Documents kept by `backend`.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self(backend)
    }

    /// The document with this key.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn get<T: Document>(&self, key: &Key) -> Result<Option<Stored<T>>, StoreError> {
        let mut batch = self.batch();
        let handle = batch.add::<T>(key);
        batch.read().await?.take(handle)
    }

    /// Starts a list of documents of any kinds to be read in one trip, as of one moment.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch {
            documents: self.clone(),
            keys: Vec::new(),
        }
    }

    /// The documents with these keys, in this order, as of one moment.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn get_many<T: Document>(
        &self,
        keys: &[Key],
    ) -> Result<Vec<Option<Stored<T>>>, StoreError> {
        let asked = keys.iter().map(|key| (T::KIND, key.as_bytes().to_vec()));
        let raw = self.0.read(asked.collect()).await?;
        raw.into_iter()
            .map(|raw| raw.map(typed).transpose())
            .collect()
    }

    /// Adds a document. Answers its revision, 1.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its key is taken, [`StoreError::Duplicate`] when a unique index
    /// holds one of its entries.
    pub async fn insert<T: Document>(&self, value: &T) -> Result<u64, StoreError> {
        let content = content(value)?;
        let key = value.key().as_bytes().to_vec();
        self.0.write(T::KIND, key, Write::Insert { content }).await
    }

    /// Replaces the document that has the same key, when it still has the revision that was read.
    /// Answers the new revision.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has changed or is gone, [`StoreError::Duplicate`] when a unique
    /// index holds one of its entries for another document.
    pub async fn replace<T: Document>(
        &self,
        value: &T,
        expected_revision: u64,
    ) -> Result<u64, StoreError> {
        let write = Write::Replace {
            expected: expected_revision,
            content: content(value)?,
        };
        let key = value.key().as_bytes().to_vec();
        self.0.write(T::KIND, key, write).await
    }

    /// Deletes a document when it still has the revision that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has changed or is gone.
    pub async fn delete<T: Document>(
        &self,
        key: &Key,
        expected_revision: u64,
    ) -> Result<(), StoreError> {
        let write = Write::Delete {
            expected: expected_revision,
        };
        let key = key.as_bytes().to_vec();
        self.0.write(T::KIND, key, write).await.map(|_| ())
    }

    /// Deletes all documents of a kind whose own key starts with `prefix`, whatever their revision.
    /// Answers how many. For the fall of a project.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn delete_prefix<T: Document>(&self, prefix: &Key) -> Result<u64, StoreError> {
        self.0
            .delete_range(T::KIND, range(Span::prefix(prefix)))
            .await
    }

    /// The first document under exactly this key of an index: the only one when it is unique.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn find<T: Document>(
        &self,
        index: &'static str,
        at: &Key,
    ) -> Result<Option<Stored<T>>, StoreError> {
        // The smallest key after `at` is `at` with a zero byte, so this range holds `at` alone.
        let low = at.as_bytes().to_vec();
        let high = [at.as_bytes(), &[0]].concat();
        let span = Span {
            shared: low.len(),
            low,
            high,
        };
        let page = self
            .scan::<T>(index, vec![range(span)], Order::Ascending, None, 1)
            .await?;
        Ok(page.items.into_iter().next())
    }

    /// One page of the documents whose entries in an index (or, with [`PRIMARY`], whose own keys)
    /// lie in a span: usually `&Key`, a prefix. A document with several entries there comes once an entry.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn list<T: Document>(
        &self,
        index: &'static str,
        span: impl Into<Span> + Send,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<T>, StoreError> {
        let ranges = vec![range(span.into())];
        self.scan(index, ranges, order, after, limit).await
    }

    /// One page of the documents found under any of several prefixes of an index, merged in the
    /// order of what follows the prefix. What is reached through several prefixes at the same place
    /// comes once: the list of what a person and their groups may see.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn list_any<T: Document>(
        &self,
        index: &'static str,
        prefixes: &[Key],
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<T>, StoreError> {
        let ranges = prefixes.iter().map(|p| range(Span::prefix(p))).collect();
        self.scan(index, ranges, order, after, limit).await
    }

    /// The keys of the documents with an entry under this prefix of an index, as bytes. For when it is
    /// enough to know which they are: a group's document names everyone in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keys<T: Document>(
        &self,
        index: &'static str,
        prefix: &Key,
        limit: u32,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let index = index_of::<T>(index)?.name;
        let range = range(Span::prefix(prefix));
        self.0.keys(T::KIND, index, range, limit).await
    }

    /// How many entries of an index (or own keys, with [`PRIMARY`]) lie in a span.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count<T: Document>(
        &self,
        index: &'static str,
        span: impl Into<Span> + Send,
    ) -> Result<u64, StoreError> {
        let index = declared::<T>(index)?;
        self.0.count(T::KIND, index, range(span.into())).await
    }

    /// How many entries of an index (or own keys, with [`PRIMARY`]) lie under each of these prefixes,
    /// in their order: for a list that says of each item how much lies in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count_each<T: Document>(
        &self,
        index: &'static str,
        prefixes: &[Key],
    ) -> Result<Vec<u64>, StoreError> {
        let index = declared::<T>(index)?;
        let ranges = prefixes.iter().map(|p| range(Span::prefix(p))).collect();
        self.0.count_each(T::KIND, index, ranges).await
    }

    /// Finishes what is queued and refuses what comes later.
    pub async fn close(&self) {
        self.0.close().await;
    }

    async fn scan<T: Document>(
        &self,
        index: &'static str,
        ranges: Vec<ScanRange>,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<T>, StoreError> {
        let scan = Scan {
            kind: T::KIND,
            index: declared::<T>(index)?,
            ranges,
            descending: order == Order::Descending,
            after: after.cloned(),
            // One more than asked for tells whether there is a next page.
            limit: limit.saturating_add(1),
        };
        let mut hits = self.0.scan(scan).await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = hits.len() > wanted;
        hits.truncate(wanted);
        let next = hits.last().filter(|_| more).map(|hit| hit.place.clone());
        let items = hits.into_iter().map(|hit| typed(hit.document));
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            next,
        })
    }
}

/// Documents to be read in one trip.
#[derive(Debug)]
pub struct Batch {
    documents: Documents,
    keys: Vec<(&'static str, Vec<u8>)>,
}

/// The place of one document in a batch.
#[derive(Debug)]
pub struct Handle<T>(usize, PhantomData<fn() -> T>);

/// What a batch brought.
#[derive(Debug)]
pub struct BatchResult(Vec<Option<RawDocument>>);

impl Batch {
    /// Adds a document; the handle takes it out of the result.
    pub fn add<T: Document>(&mut self, key: &Key) -> Handle<T> {
        self.keys.push((T::KIND, key.as_bytes().to_vec()));
        Handle(self.keys.len() - 1, PhantomData)
    }

    /// Reads them all, as of one moment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(self) -> Result<BatchResult, StoreError> {
        self.documents.0.read(self.keys).await.map(BatchResult)
    }
}

impl BatchResult {
    /// Takes one document out, `None` when there is none with its key.
    ///
    /// # Errors
    /// When its body cannot be read as its kind.
    pub fn take<T: Document>(
        &mut self,
        handle: Handle<T>,
    ) -> Result<Option<Stored<T>>, StoreError> {
        let raw = self.0.get_mut(handle.0).and_then(Option::take);
        raw.map(typed).transpose()
    }
}

fn range(span: Span) -> ScanRange {
    ScanRange {
        low: span.low,
        high: span.high,
        shared: span.shared,
    }
}

fn index_of<T: Document>(name: &'static str) -> Result<Index, StoreError> {
    let found = T::INDEXES.iter().find(|index| index.name == name);
    found.copied().ok_or(StoreError::UndeclaredIndex {
        kind: T::KIND,
        index: name,
    })
}

fn declared<T: Document>(name: &'static str) -> Result<Option<&'static str>, StoreError> {
    if name == PRIMARY {
        Ok(None)
    } else {
        index_of::<T>(name).map(|index| Some(index.name))
    }
}

fn unreadable<T: Document>(error: &serde_json::Error) -> StoreError {
    StoreError::Unreadable {
        kind: T::KIND,
        detail: error.to_string(),
    }
}

fn content<T: Document>(value: &T) -> Result<Content, StoreError> {
    let entries = value
        .index_keys()
        .into_iter()
        .map(|(name, key)| Ok((index_of::<T>(name)?, key.as_bytes().to_vec())));
    Ok(Content {
        schema: T::SCHEMA,
        body: serde_json::to_vec(value).map_err(|error| unreadable::<T>(&error))?,
        entries: entries.collect::<Result<_, StoreError>>()?,
    })
}

fn typed<T: Document>(raw: RawDocument) -> Result<Stored<T>, StoreError> {
    let value = if raw.schema == T::SCHEMA {
        serde_json::from_slice(&raw.body)
    } else if raw.schema > T::SCHEMA {
        return Err(StoreError::Newer {
            kind: T::KIND,
            found: raw.schema,
            known: T::SCHEMA,
        });
    } else {
        serde_json::from_slice::<Value>(&raw.body).and_then(|body| {
            let body = (raw.schema..T::SCHEMA).fold(body, |body, from| T::upgrade(from, body));
            serde_json::from_value(body)
        })
    };
    Ok(Stored {
        value: value.map_err(|error| unreadable::<T>(&error))?,
        revision: raw.revision,
    })
}
