//! The data of a run: Arrow's file format in memory that nobody can write any more.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_empty_array};
use arrow_cast::cast;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Schema};
use arrow_select::concat::concat;
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
        Self::seal_owned(schema, batches.to_vec())
    }

    /// The same, giving up the batches' memory column by column as it goes, when nobody else holds them.
    ///
    /// # Errors
    /// See [`FrameError`].
    pub fn seal_owned(schema: &Schema, batches: Vec<RecordBatch>) -> Result<Self, FrameError> {
        let memory =
            rustix::fs::memfd_create("frame", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        let file = File::from(memory);
        let rows = joined(schema, batches)?;
        let buffer = BufWriter::with_capacity(1 << 20, file);
        let mut writer = FileWriter::try_new(buffer, &rows.schema())?;
        writer.write(&rows)?;
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

/// One batch of all rows. A worker then uses each column where it lies, without a copy; and categories, which every
/// batch numbers for itself, are numbered once, as the file format asks.
fn joined(schema: &Schema, batches: Vec<RecordBatch>) -> Result<RecordBatch, ArrowError> {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::new(); schema.fields().len()];
    for batch in batches {
        if batch.num_columns() != columns.len() {
            return Err(ArrowError::SchemaError(
                "a batch has other columns than the schema".to_owned(),
            ));
        }
        for (parts, column) in columns.iter_mut().zip(batch.columns()) {
            parts.push(Arc::clone(column));
        }
    }
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for (parts, field) in columns.into_iter().zip(schema.fields()) {
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        let mut array = if parts.is_empty() {
            new_empty_array(field.data_type())
        } else {
            concat(&parts)?
        };
        // The form in which pandas keeps text: any other is rewritten in each run.
        if *array.data_type() == DataType::Utf8 {
            array = cast(&array, &DataType::LargeUtf8)?;
        }
        let kind = array.data_type().clone();
        fields.push(field.as_ref().clone().with_data_type(kind));
        arrays.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
}

#[cfg(test)]
mod tests {
    use std::io::Seek as _;

    use arrow_array::types::Int32Type;
    use arrow_array::{DictionaryArray, Int64Array, StringArray};
    use arrow_ipc::reader::FileReader;
    use arrow_schema::Field;

    use super::*;

    fn categories(words: [&str; 2]) -> RecordBatch {
        let column: DictionaryArray<Int32Type> = words.into_iter().collect();
        let numbers = Int64Array::from(vec![1, 2]);
        RecordBatch::try_from_iter([
            ("word", Arc::new(column) as ArrayRef),
            ("number", Arc::new(numbers) as ArrayRef),
        ])
        .unwrap()
    }

    #[test]
    fn batches_that_number_their_categories_differently_become_one() {
        let batches = [categories(["b", "a"]), categories(["c", "b"])];
        let schema = batches[0].schema();
        let frame = Frame::seal(&schema, &batches).unwrap();
        let mut file = File::from(frame.memory.try_clone().unwrap());
        file.rewind().unwrap();
        let read: Vec<RecordBatch> = FileReader::try_new(file, None)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(read.len(), 1);
        let words = arrow_array::cast::as_dictionary_array::<Int32Type>(read[0].column(0));
        let words: Vec<_> = words
            .downcast_dict::<StringArray>()
            .unwrap()
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(words, ["b", "a", "c", "b"]);
    }

    #[test]
    fn a_table_without_rows_keeps_its_columns() {
        let schema = Schema::new(vec![Field::new("a", DataType::Utf8, true)]);
        assert!(Frame::seal(&schema, &[]).is_ok());
        let narrow = categories(["a", "b"]);
        assert!(Frame::seal(&schema, &[narrow]).is_err());
    }

    #[test]
    fn a_sealed_frame_cannot_be_written_by_anyone() {
        let frame = Frame::seal(&Schema::empty(), &[]).unwrap();
        assert!(frame.bytes() > 0);
        let error = rustix::io::pwrite(frame.descriptor(), b"x", 0).unwrap_err();
        assert_eq!(error, rustix::io::Errno::PERM);
        assert!(rustix::fs::ftruncate(frame.descriptor(), 0).is_err());
    }
}
