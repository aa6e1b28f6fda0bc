//! The bytes of an upload while they arrive: on the disk, nameless, sealed, and counted.
//!
//! A spool file is unlinked before its first byte is written (`O_TMPFILE` where the file system has
//! it), so neither a crash nor a cut connection leaves anything behind, and no other process can
//! open it by name. What the disk itself may still have of it is sealed under a key that is in no file.
//! It can be read while it arrives.

use crate::error::TableError;
use objects::{Scratch, ScratchReader, ScratchWriter};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinHandle;

/// The body is larger than an upload may be.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// More bytes than allowed have arrived; the rest need not be read.
    #[error("an upload may have at most {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// The server's disk failed.
    #[error(transparent)]
    Failed(#[from] TableError),
}

/// Counts the bytes of all files of one upload together.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    used: Arc<AtomicU64>,
    bytes_max: u64,
    /// Of the disk.
    reserve_bytes: u64,
}

impl Budget {
    pub(crate) fn new(bytes_max: u64, reserve_bytes: u64) -> Self {
        Self {
            used: Arc::default(),
            bytes_max,
            reserve_bytes,
        }
    }

    /// Refuses more while the disk has no more than its reserve.
    pub(crate) fn check_disk(&self, folder: &Path) -> std::io::Result<()> {
        let disk = rustix::fs::statvfs(folder)?;
        match disk.f_bavail.saturating_mul(disk.f_frsize) <= self.reserve_bytes {
            true => Err(std::io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }

    fn take(&self, bytes: u64) -> Result<(), SpoolError> {
        let used = self.used.fetch_add(bytes, Ordering::Relaxed);
        if used.saturating_add(bytes) > self.bytes_max {
            return Err(SpoolError::TooLarge {
                bytes_max: self.bytes_max,
            });
        }
        Ok(())
    }
}

/// Bytes gathered before they go to the disk, on a thread that may block.
const GATHER: usize = 1 << 20;

/// One file of an upload, being received. Dropping it leaves nothing.
#[derive(Debug)]
pub struct Spool {
    scratch: Arc<Scratch>,
    writing: Writing,
    folder: Arc<Path>,
    budget: Budget,
    gathered: Vec<u8>,
}

/// What was gathered before is on its way to the disk while more arrives.
#[derive(Debug)]
enum Writing {
    Idle(ScratchWriter),
    Busy(JoinHandle<std::io::Result<ScratchWriter>>),
    /// Writing has failed.
    Ended,
}

/// An empty file without a name.
pub(crate) fn scratch(folder: &Path) -> std::io::Result<ScratchWriter> {
    ScratchWriter::new(tempfile::tempfile_in(folder)?)
}

impl Spool {
    pub(crate) fn new(folder: &Path, budget: Budget) -> Result<Self, TableError> {
        std::fs::create_dir_all(folder)?;
        budget.check_disk(folder)?;
        let writer = scratch(folder)?;
        Ok(Self {
            scratch: writer.scratch(),
            writing: Writing::Idle(writer),
            folder: folder.into(),
            budget,
            gathered: Vec::new(),
        })
    }

    /// A spool for the next file of the same upload, counted together with this one.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn another(&self) -> Result<Self, TableError> {
        Self::new(&self.folder, self.budget.clone())
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// When the upload is larger than it may be, or the disk fails.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), SpoolError> {
        let length = chunk.len() as u64;
        self.budget.take(length)?;
        self.gathered.extend_from_slice(chunk);
        if self.gathered.len() >= GATHER {
            let mut writer = self.written().await?;
            let gathered = std::mem::replace(&mut self.gathered, Vec::with_capacity(GATHER));
            let (budget, folder) = (self.budget.clone(), Arc::clone(&self.folder));
            self.writing = Writing::Busy(tokio::task::spawn_blocking(move || {
                budget.check_disk(&folder)?;
                writer.write_all(&gathered)?;
                Ok(writer)
            }));
        }
        Ok(())
    }

    /// The writer, once all that was handed to it is written.
    async fn written(&mut self) -> Result<ScratchWriter, TableError> {
        match std::mem::replace(&mut self.writing, Writing::Ended) {
            Writing::Idle(writer) => Ok(writer),
            Writing::Busy(writing) => Ok(writing.await??),
            Writing::Ended => Err(TableError::Stopped("the spool has failed".to_owned())),
        }
    }

    /// The file as it arrives, under the name its sender gave it: who reads it waits for what is not there yet.
    #[must_use]
    pub fn arriving(&self, name: impl Into<String>) -> SourceFile {
        SourceFile {
            name: name.into(),
            file: Arc::clone(&self.scratch),
            folder: Arc::clone(&self.folder),
        }
    }

    /// The file received, under the name its sender gave it.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn finish(mut self, name: impl Into<String>) -> Result<SourceFile, TableError> {
        let mut writer = self.written().await?;
        let gathered = std::mem::take(&mut self.gathered);
        let written = tokio::task::spawn_blocking(move || {
            writer.write_all(&gathered)?;
            writer.finish()
        });
        written.await??;
        Ok(self.arriving(name))
    }
}

/// A file as it was sent: a name, which is only ever shown, and its bytes.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub(crate) name: String,
    file: Arc<Scratch>,
    /// Where it was received, for what must be unpacked beside it.
    pub(crate) folder: Arc<Path>,
}

impl SourceFile {
    /// The name its sender gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes it has. Waits until it has arrived.
    pub(crate) fn bytes(&self) -> std::io::Result<u64> {
        self.file.bytes()
    }

    /// Reads it from a place on, so that several passes do not disturb each other.
    pub(crate) fn reader(&self, at: u64) -> ScratchReader {
        self.file.reader(at)
    }
}
