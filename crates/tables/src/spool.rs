//! The bytes of an upload while they arrive: on the disk, nameless, and counted.
//!
//! A spool file is unlinked before its first byte is written (`O_TMPFILE` where the file system has
//! it), so neither a crash nor a cut connection leaves anything behind, and no other process can
//! open it by name.

use crate::error::TableError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
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
}

impl Budget {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self {
            used: Arc::default(),
            bytes_max,
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
    file: Arc<File>,
    folder: std::path::PathBuf,
    budget: Budget,
    gathered: Vec<u8>,
    /// What was gathered before, on its way to the disk while more arrives.
    writing: Option<JoinHandle<std::io::Result<()>>>,
    bytes: u64,
}

impl Spool {
    pub(crate) fn new(folder: &Path, budget: Budget) -> Result<Self, TableError> {
        std::fs::create_dir_all(folder)?;
        Ok(Self {
            file: Arc::new(tempfile::tempfile_in(folder)?),
            folder: folder.to_owned(),
            budget,
            gathered: Vec::new(),
            writing: None,
            bytes: 0,
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
        self.bytes += length;
        self.gathered.extend_from_slice(chunk);
        if self.gathered.len() >= GATHER {
            self.flush().await?;
        }
        Ok(())
    }

    /// Hands on what was gathered, once what was handed on before is written.
    async fn flush(&mut self) -> Result<(), TableError> {
        self.written().await?;
        let file = Arc::clone(&self.file);
        let gathered = std::mem::replace(&mut self.gathered, Vec::with_capacity(GATHER));
        let write = tokio::task::spawn_blocking(move || (&*file).write_all(&gathered));
        self.writing = Some(write);
        Ok(())
    }

    async fn written(&mut self) -> Result<(), TableError> {
        if let Some(writing) = self.writing.take() {
            writing.await??;
        }
        Ok(())
    }

    /// How many bytes have arrived in this file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file received, under the name its sender gave it.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn finish(mut self, name: impl Into<String>) -> Result<SourceFile, TableError> {
        self.flush().await?;
        self.written().await?;
        Ok(SourceFile {
            name: name.into(),
            file: self.file,
            folder: self.folder.into(),
            bytes: self.bytes,
        })
    }
}

/// A file as it was sent: a name, which is only ever shown, and its bytes.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub(crate) name: String,
    pub(crate) file: Arc<File>,
    /// Where it was received, for what must be unpacked beside it.
    pub(crate) folder: Arc<Path>,
    pub(crate) bytes: u64,
}

impl SourceFile {
    /// The name its sender gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Reads a received file from a place of its own, so that several passes do not disturb each other.
#[derive(Debug, Clone)]
pub(crate) struct FileReader {
    pub(crate) file: Arc<File>,
    pub(crate) at: u64,
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let (base, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.file.metadata()?.len(), by),
        };
        let at = base.checked_add_signed(by);
        self.at = at.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
