//! A file that one process writes and reads again, sealed under a key that lies in its memory and nowhere else.
//!
//! It holds what is on its way into a store. Once the process has ended, whatever a disk still has of it is noise. A
//! reader may follow while the file is still being written: it waits for what is not there yet.

use crate::format::{CHUNK, FormatError, Header, ObjectCipher, TAG, chunks};
use keys::{DataKey, SystemRng};
use object_store::path::Path;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Sealed chunks written at a time.
const GATHER: usize = 16;

/// A file being written, from its beginning to its end. Dropped before its end, it is broken, and readers are told.
pub struct ScratchWriter {
    scratch: Arc<Scratch>,
    chunk: u64,
    plain: Vec<u8>,
    sealed: Vec<u8>,
}

/// A file that was written, or is being written.
pub struct Scratch {
    file: File,
    cipher: ObjectCipher,
    written: Mutex<Written>,
    more: Condvar,
}

/// How far a file is written.
#[derive(Clone, Copy)]
enum Written {
    /// So many bytes, in whole chunks, and more will follow.
    UpTo(u64),
    /// All of it: so many bytes.
    All(u64),
    /// Its writer has failed or gone; nothing more will follow.
    Broken,
}

/// Reads such a file, from a place of its own.
pub struct ScratchReader {
    file: Arc<Scratch>,
    at: u64,
    /// The chunk that was opened last, and its number.
    open: Option<u64>,
    plain: Vec<u8>,
    sealed: Vec<u8>,
}

fn failed(error: FormatError) -> Error {
    Error::other(error)
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

impl ScratchWriter {
    /// Writes into an empty file.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new(file: File) -> Result<Self> {
        let key = DataKey::generate(&SystemRng);
        let header = Header::fresh(key.id()).map_err(failed)?;
        let path = Path::from("scratch");
        let cipher = ObjectCipher::new(key.bytes(), &header, &path).map_err(failed)?;
        let scratch = Scratch {
            file,
            cipher,
            written: Mutex::new(Written::UpTo(0)),
            more: Condvar::new(),
        };
        Ok(Self {
            scratch: Arc::new(scratch),
            chunk: 0,
            plain: Vec::new(),
            sealed: Vec::new(),
        })
    }

    /// The file as it will be, for who reads it while it is written.
    #[must_use]
    pub fn scratch(&self) -> Arc<Scratch> {
        Arc::clone(&self.scratch)
    }

    fn seal(&mut self, last: bool, length: usize) -> Result<()> {
        let plain = self.plain.get(..length).unwrap_or_default();
        self.scratch
            .cipher
            .seal(self.chunk, last, plain, &mut self.sealed)
            .map_err(failed)?;
        self.plain.drain(..length);
        self.chunk += 1;
        if last || self.sealed.len() >= GATHER * size(CHUNK + TAG) {
            (&self.scratch.file).write_all(&self.sealed)?;
            self.sealed.clear();
            if !last {
                self.scratch.tell(Written::UpTo(self.chunk * CHUNK));
            }
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn finish(mut self) -> Result<Arc<Scratch>> {
        let bytes = self.chunk * CHUNK + self.plain.len() as u64;
        self.seal(true, self.plain.len())?;
        self.scratch.tell(Written::All(bytes));
        Ok(self.scratch())
    }
}

impl Drop for ScratchWriter {
    fn drop(&mut self) {
        if matches!(*self.scratch.written(), Written::UpTo(_)) {
            self.scratch.tell(Written::Broken);
        }
    }
}

impl Write for ScratchWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        // At most to the end of a chunk, and a chunk is sealed only when more follows it: the last one is known as such.
        if self.plain.len() == size(CHUNK) {
            self.seal(false, size(CHUNK))?;
        }
        let fits = bytes.len().min(size(CHUNK) - self.plain.len());
        self.plain
            .extend_from_slice(bytes.get(..fits).unwrap_or_default());
        Ok(fits)
    }

    /// What is sealed goes to the disk; the last, open chunk goes there when the file ends.
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Scratch {
    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, written: Written) {
        *self.written() = written;
        self.more.notify_all();
    }

    /// Waits until something beyond a place is written, or the file has ended. How many bytes can be read, and whether
    /// those are all.
    fn beyond(&self, at: u64) -> Result<(u64, bool)> {
        let waits = |written: &mut Written| matches!(written, Written::UpTo(bytes) if *bytes <= at);
        let written = self.more.wait_while(self.written(), waits);
        match *written.unwrap_or_else(PoisonError::into_inner) {
            Written::UpTo(bytes) => Ok((bytes, false)),
            Written::All(bytes) => Ok((bytes, true)),
            Written::Broken => Err(Error::new(
                ErrorKind::UnexpectedEof,
                "its writer ended before the file did",
            )),
        }
    }

    /// How many bytes it has. Waits until it has ended.
    ///
    /// # Errors
    /// When it was never written to its end.
    pub fn bytes(&self) -> Result<u64> {
        self.beyond(u64::MAX).map(|(bytes, _)| bytes)
    }

    /// Reads from a place on.
    #[must_use]
    pub fn reader(self: &Arc<Self>, at: u64) -> ScratchReader {
        ScratchReader {
            file: Arc::clone(self),
            at,
            open: None,
            plain: Vec::new(),
            sealed: Vec::new(),
        }
    }
}

impl ScratchReader {
    /// Reads and opens a chunk of a file of which so many bytes are there.
    fn chunk(&mut self, chunk: u64, (bytes, all): (u64, bool)) -> Result<()> {
        self.open = None;
        let last = all && chunk == chunks(bytes) - 1;
        let plain = (bytes - chunk * CHUNK).min(CHUNK);
        self.sealed.resize(size(plain + TAG), 0);
        let at = chunk * (CHUNK + TAG);
        self.file.file.read_exact_at(&mut self.sealed, at)?;
        let cipher = &self.file.cipher;
        let length = cipher.open(chunk, last, &mut self.sealed).map_err(failed)?;
        std::mem::swap(&mut self.plain, &mut self.sealed);
        self.plain.truncate(length);
        self.open = Some(chunk);
        Ok(())
    }
}

impl Read for ScratchReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let chunk = self.at / CHUNK;
        if self.open != Some(chunk) {
            let there = self.file.beyond(self.at)?;
            if self.at >= there.0 {
                return Ok(0);
            }
            self.chunk(chunk, there)?;
        }
        let from = size(self.at % CHUNK);
        let there = self.plain.get(from..).unwrap_or_default();
        let length = there.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), there.get(..length)) {
            to.copy_from_slice(from);
        }
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for ScratchReader {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let (base, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.file.bytes()?, by),
        };
        let at = base.checked_add_signed(by);
        self.at = at.ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl Clone for ScratchReader {
    fn clone(&self) -> Self {
        self.file.reader(self.at)
    }
}

macro_rules! named {
    ($($type:ident),+) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    )+};
}

named!(ScratchWriter, Scratch, ScratchReader);
