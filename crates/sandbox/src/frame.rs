//! The data of a run: Arrow's file format in memory that nobody can write any more.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, Schema};
use rustix::fs::{MemfdFlags, SealFlags};

/// A data frame in a sealed memfd. Cloning shares the memory, so one frame serves many runs.
#[derive(Debug, Clone)]
pub struct Frame {
    memory: Arc<OwnedFd>,
    bytes: u64,
}

/// Why a frame could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The batches do not fit the schema, or a type has no Arrow file form.
    #[error("the data cannot be written as Arrow: {0}")]
    Arrow(#[from] ArrowError),
    /// The kernel gave no memory or no seal.
    #[error("no memory for the data frame: {0}")]
    Memory(#[from] std::io::Error),
}

impl From<rustix::io::Errno> for FrameError {
    fn from(error: rustix::io::Errno) -> Self {
        Self::Memory(error.into())
    }
}

impl Frame {
    /// Writes the batches in order and seals the memory: after this nobody, not even this process, can change it.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub fn seal(schema: &Schema, batches: &[RecordBatch]) -> Result<Self, FrameError> {
        let memory =
            rustix::fs::memfd_create("frame", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        let file = File::from(memory);
        let mut writer = FileWriter::try_new(BufWriter::with_capacity(1 << 20, file), schema)?;
        for batch in batches {
            writer.write(batch)?;
        }
        writer.finish()?;
        let mut buffered = writer.into_inner()?;
        buffered.flush()?;
        let file = buffered
            .into_inner()
            .map_err(|error| FrameError::Memory(error.into_error()))?;
        Self::from_file(file)
    }

    /// A file in Arrow's IPC file format, as it is, in sealed memory.
    ///
    /// # Errors
    /// [`FrameError::Arrow`] when it is of another format, and see [`FrameError`].
    #[cfg(feature = "one-wall")]
    pub fn copy(path: &std::path::Path) -> Result<Self, FrameError> {
        let mut from = File::open(path)?;
        arrow_ipc::reader::FileReader::try_new(std::io::BufReader::new(&from), None)?;
        let memory =
            rustix::fs::memfd_create("frame", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        let mut file = File::from(memory);
        std::io::Seek::rewind(&mut from)?;
        std::io::copy(&mut from, &mut file)?;
        Self::from_file(file)
    }

    fn from_file(file: File) -> Result<Self, FrameError> {
        let bytes = file.metadata()?.len();
        let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
        rustix::fs::fcntl_add_seals(&file, seals)?;
        Ok(Self {
            memory: Arc::new(file.into()),
            bytes,
        })
    }

    /// Size of the frame in memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.memory.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_frame_cannot_be_written_by_anyone() {
        let frame = Frame::seal(&Schema::empty(), &[]).unwrap();
        assert!(frame.bytes() > 0);
        let error = rustix::io::pwrite(frame.descriptor(), b"x", 0).unwrap_err();
        assert_eq!(error, rustix::io::Errno::PERM);
        assert!(rustix::fs::ftruncate(frame.descriptor(), 0).is_err());
    }
}
