//! Arrow files (Feather 2) and Arrow streams.
//!
//! Both are one sequence of messages; a file has eight bytes before it and an index behind it, which
//! is not needed to read from the beginning. Each message says itself how large it and its buffers
//! are, and the reader believes it and sets memory aside. So every message passes here first: what
//! it claims is compared with the file, and with what a batch may take up.

use super::columnar::{ColumnarRows, columns_of};
use super::error::IngestError;
use super::{Cut, RowSink};
use crate::schema::TableSchema;
use crate::spool::SourceFile;
use deltalake::arrow::ipc::reader::StreamReader;
use deltalake::arrow::ipc::{CompressionType, RecordBatch as BatchMessage, root_as_message};
use domain::ColumnType;
use domain::limits::RequestLimits;
use objects::ScratchReader;
use std::io::{Error, Read, Seek as _, SeekFrom};

/// The first bytes of an Arrow file.
pub(crate) const FILE_MAGIC: &[u8] = b"ARROW1";
/// What stands before each message.
pub(crate) const CONTINUATION: &[u8] = &[0xff; 4];
/// What a message says of itself, without its data.
const HEAD_BYTES_MAX: u64 = 64 << 20;
/// Rows of one batch.
const BATCH_ROWS_MAX: i64 = 1 << 26;

/// An Arrow file whose schema was read.
pub(crate) struct IpcSource {
    file: SourceFile,
    limits: RequestLimits,
    pub(crate) names: Vec<String>,
    pub(crate) kinds: Vec<ColumnType>,
}

impl IpcSource {
    pub(crate) fn open(file: &SourceFile, limits: RequestLimits) -> Result<Self, IngestError> {
        let reader = Self::reader(file, limits)?;
        let (names, kinds) = columns_of(&file.name, reader.schema().fields(), limits)?;
        Ok(Self {
            file: file.clone(),
            limits,
            names,
            kinds,
        })
    }

    fn reader(
        file: &SourceFile,
        limits: RequestLimits,
    ) -> Result<StreamReader<Checked>, IngestError> {
        let mut magic = [0; 6];
        let bytes = file.bytes()?;
        if bytes < 8 {
            return Err(unreadable(file, &"the file is too short"));
        }
        file.reader(0).read_exact(&mut magic)?;
        let at = if magic == FILE_MAGIC {
            Self::first_message(file, bytes)?
        } else {
            0
        };
        let checked = Checked {
            reader: file.reader(at),
            ahead: file.reader(at),
            bytes,
            ready: 0,
            left: limits.upload_unpacked_bytes_max,
            batch_max: limits.arrow_batch_bytes_max,
        };
        StreamReader::try_new(checked, None).map_err(|error| unreadable(file, &error))
    }

    /// Where the first message of a file begins: after eight bytes, or more where the writer aligns
    /// messages more widely.
    fn first_message(file: &SourceFile, bytes: u64) -> Result<u64, IngestError> {
        let mut head = [0_u8; 72];
        let length = usize::try_from(bytes).unwrap_or(72).min(72);
        let head = head.get_mut(..length).unwrap_or_default();
        file.reader(0).read_exact(head)?;
        let padded = |at: &usize| head.get(*at..*at + 4) == Some(&[0; 4]);
        let blank = (8..length).step_by(8).take_while(padded).count();
        Ok(8 + 8 * blank as u64)
    }

    /// How many rows the first batches hold, until `rows_max` are counted.
    pub(crate) fn count(&self, rows_max: u64) -> Result<u64, IngestError> {
        let mut rows = 0;
        for batch in Self::reader(&self.file, self.limits)? {
            let batch = batch.map_err(|error| unreadable(&self.file, &error))?;
            rows += batch.num_rows() as u64;
            if rows >= rows_max {
                break;
            }
        }
        Ok(rows)
    }

    /// Reads the rows into `sink` as `schema` wants them; `order` says, for each of its columns,
    /// where it stands in the file.
    pub(crate) fn read_rows(
        &self,
        schema: &TableSchema,
        order: &[usize],
        sink: &mut dyn RowSink,
    ) -> Result<(), IngestError> {
        let mut rows = ColumnarRows::new(&self.file.name, schema, order, self.limits);
        for batch in Self::reader(&self.file, self.limits)? {
            let batch = batch.map_err(|error| unreadable(&self.file, &error))?;
            if rows.push(&batch, sink)? == Cut::Stop {
                break;
            }
        }
        Ok(())
    }
}

fn unreadable(file: &SourceFile, error: &dyn std::fmt::Display) -> IngestError {
    let message = format!("not readable Arrow: {error}");
    IngestError::bad(&file.name, None, message)
}

/// A reader that has looked at each message before it gives out its first byte.
struct Checked {
    reader: ScratchReader,
    /// Looks at what `reader` comes to next.
    ahead: ScratchReader,
    /// Bytes of the file.
    bytes: u64,
    /// Bytes that were looked at and may be given out.
    ready: u64,
    /// What may still be unpacked.
    left: u64,
    batch_max: u64,
}

fn wrong(message: impl Into<String>) -> Error {
    Error::other(message.into())
}

impl Checked {
    fn bytes_at(&mut self, at: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.ahead.seek(SeekFrom::Start(at))?;
        self.ahead.read_exact(buffer)
    }

    fn word(&mut self, at: u64) -> std::io::Result<u32> {
        let mut word = [0; 4];
        self.bytes_at(at, &mut word)?;
        Ok(u32::from_le_bytes(word))
    }

    /// Looks at the message that begins here.
    fn look(&mut self) -> std::io::Result<()> {
        let at = self.reader.stream_position()?;
        if self.bytes.saturating_sub(at) < 8 {
            self.ready = self.bytes.saturating_sub(at);
            return Ok(());
        }
        if self.word(at)? != u32::MAX {
            return Err(wrong(
                "a message does not begin as one; files of before 2020 are not read",
            ));
        }
        let head_bytes = u64::from(self.word(at + 4)?);
        if head_bytes == 0 {
            self.ready = 8;
            return Ok(());
        }
        let body_at = at + 8 + head_bytes;
        if head_bytes > HEAD_BYTES_MAX || body_at > self.bytes {
            return Err(wrong("a message claims to be longer than the file"));
        }
        let length = usize::try_from(head_bytes).map_err(|_| wrong("too long"))?;
        let mut head = vec![0; length];
        self.bytes_at(at + 8, &mut head)?;
        let message = root_as_message(&head).map_err(|error| wrong(error.to_string()))?;
        let body = u64::try_from(message.bodyLength()).map_err(|_| wrong("a length below zero"))?;
        if body > self.bytes - body_at {
            return Err(wrong("a message claims to be longer than the file"));
        }
        let batch = message.header_as_record_batch().or_else(|| {
            let dictionary = message.header_as_dictionary_batch();
            dictionary.and_then(|dictionary| dictionary.data())
        });
        if let Some(batch) = batch {
            let unpacked = self.unpacked(&batch, body_at, body)?;
            if unpacked.max(body) > self.batch_max {
                let max = self.batch_max;
                return Err(wrong(format!(
                    "a batch has more than {max} bytes; write the file in smaller batches"
                )));
            }
            self.left = self
                .left
                .checked_sub(unpacked)
                .ok_or_else(|| wrong("more bytes once unpacked than an upload may have"))?;
        }
        self.ready = 8 + head_bytes + body;
        Ok(())
    }

    /// What the buffers of a batch take up once unpacked, or more.
    fn unpacked(
        &mut self,
        batch: &BatchMessage<'_>,
        body_at: u64,
        body: u64,
    ) -> std::io::Result<u64> {
        let rows = |length: i64| (0..=BATCH_ROWS_MAX).contains(&length);
        let mut nodes = batch.nodes().into_iter().flatten();
        if !rows(batch.length()) || !nodes.all(|node| rows(node.length())) {
            return Err(wrong(format!(
                "a batch has more than {BATCH_ROWS_MAX} rows; write the file in smaller batches"
            )));
        }
        let codec = batch.compression().map(|compression| compression.codec());
        let mut sum = 0_u64;
        for buffer in batch.buffers().into_iter().flatten() {
            let offset =
                u64::try_from(buffer.offset()).map_err(|_| wrong("an offset below zero"))?;
            let length =
                u64::try_from(buffer.length()).map_err(|_| wrong("a length below zero"))?;
            if offset.checked_add(length).is_none_or(|end| end > body) {
                return Err(wrong("a buffer lies outside of its message"));
            }
            let plain = match codec {
                Some(codec) if length > 0 => self.claimed(codec, body_at + offset, length)?,
                _ => length,
            };
            sum = sum.saturating_add(plain);
        }
        Ok(sum)
    }

    /// What a compressed buffer unpacks to: its own word for it, or what its blocks can hold.
    fn claimed(&mut self, codec: CompressionType, at: u64, length: u64) -> std::io::Result<u64> {
        if length < 8 {
            return Err(wrong("a compressed buffer without its length"));
        }
        let mut word = [0; 8];
        self.bytes_at(at, &mut word)?;
        let claimed = i64::from_le_bytes(word);
        if claimed == -1 {
            return Ok(length - 8);
        }
        let claimed = u64::try_from(claimed).map_err(|_| wrong("a length below zero"))?;
        if codec == CompressionType::LZ4_FRAME {
            // Zstandard is unpacked into the length it claims; LZ4 for as long as there are blocks.
            return Ok(claimed.max(self.lz4_blocks(at + 8, at + length)?));
        }
        Ok(claimed)
    }

    /// The most that the blocks of LZ4 frames unpack to.
    fn lz4_blocks(&mut self, mut at: u64, end: u64) -> std::io::Result<u64> {
        let mut sum = 0_u64;
        while at.saturating_add(7) <= end {
            if self.word(at)? != 0x184d_2204 {
                return Err(wrong("a buffer is not compressed as it claims"));
            }
            let [flags, descriptor, ..] = self.word(at + 4)?.to_le_bytes();
            let block_max = match (descriptor >> 4) & 7 {
                4 => 64 << 10,
                5 => 256 << 10,
                6 => 1 << 20,
                _ => 4_u64 << 20,
            };
            let sized = u64::from(flags >> 3 & 1) * 8;
            let named = u64::from(flags & 1) * 4;
            at += 7 + sized + named;
            loop {
                if at.saturating_add(4) > end {
                    return Ok(sum);
                }
                let block = u64::from(self.word(at)? & 0x7fff_ffff);
                // A byte of LZ4 stands for at most 255.
                let plain = block_max.min(block.saturating_mul(255));
                at += 4;
                if block == 0 {
                    break;
                }
                at += block + u64::from(flags >> 4 & 1) * 4;
                sum = sum.saturating_add(plain);
            }
            at += u64::from(flags >> 2 & 1) * 4;
        }
        Ok(sum)
    }
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.ready == 0 {
            self.look()?;
        }
        let most = usize::try_from(self.ready).unwrap_or(usize::MAX);
        let length = buffer.len().min(most);
        let read = self
            .reader
            .read(buffer.get_mut(..length).unwrap_or_default())?;
        self.ready -= read as u64;
        Ok(read)
    }
}
