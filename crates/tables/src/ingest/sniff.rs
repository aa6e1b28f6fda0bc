//! What a file is: by its name and, against it, by its first bytes.

use super::error::IngestError;
use super::ipc::{CONTINUATION, FILE_MAGIC};
use crate::spool::SourceFile;
use futures::executor::block_on;
use objects::ScratchReader;
use std::io::{Chain, Cursor, Read};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt as _, BufReader, ReadBuf};

/// How much is looked at to find the delimiter.
const LOOK: usize = 64 * 1024;

/// Text as it is read: what was looked at first, then the rest.
pub(crate) type Text = Chain<Cursor<Vec<u8>>, Unpacked>;

/// What a file is.
pub(crate) enum Format {
    /// Delimited text, perhaps compressed.
    Delimited { packing: Packing, delimiter: u8 },
    /// Parquet.
    Parquet,
    /// An Arrow file or stream.
    Arrow,
    /// An Excel workbook.
    Excel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Gzip,
    Zstd,
}

const NAMES: &str = "a file is named .csv, .tsv or .txt (also with .gz or .zst), .parquet, .arrow, \
                     .feather or .xlsx";

const OLD_SHEET: &str = "an old Excel sheet";
const ZIP: &str = "a ZIP archive or an Excel sheet";
const ARROW: &str = "Arrow or Feather";
const STREAM: &str = "an Arrow stream";

/// First bytes that tell what a file is, whatever it is called.
const MAGIC: [(&[u8], &str); 11] = [
    (b"PAR1", "Parquet"),
    (b"PK\x03\x04", ZIP),
    (b"\xd0\xcf\x11\xe0", OLD_SHEET),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard"),
    (FILE_MAGIC, ARROW),
    (CONTINUATION, STREAM),
    (
        b"FEA1",
        "Feather version 1, which is no longer written: write it again as version 2",
    ),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"SQLite format 3", "a database"),
];

fn first_bytes(file: &SourceFile, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.reader(0).take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn what(bytes: &[u8]) -> Option<&'static str> {
    let found = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
    found.map(|(_, what)| *what)
}

/// Finds out what a file is.
pub(crate) fn sniff(file: &SourceFile, bytes_max: u64) -> Result<Format, IngestError> {
    let name = file.name.to_ascii_lowercase();
    let first = first_bytes(file, 16)?;
    if first.is_empty() {
        return Err(IngestError::Empty {
            file: file.name.clone(),
        });
    }
    let is = what(&first);
    let differs = |named: &str| {
        let found = is.map_or_else(|| "is not".to_owned(), |what| format!("is {what}"));
        let message = format!("the file is named as {named} but {found}");
        Err(IngestError::bad(&file.name, None, message))
    };
    if name.ends_with(".parquet") || name.ends_with(".pq") {
        return match is {
            Some("Parquet") => Ok(Format::Parquet),
            _ => differs("Parquet"),
        };
    }
    if [".arrow", ".feather", ".arrows", ".ipc"]
        .iter()
        .any(|ending| name.ends_with(ending))
    {
        return match is {
            Some(ARROW | STREAM) => Ok(Format::Arrow),
            _ => differs("Arrow"),
        };
    }
    if name.ends_with(".xlsx") || name.ends_with(".xlsm") {
        return match is {
            Some(ZIP) => Ok(Format::Excel),
            // What Excel protects with a password is a file of the old kind around the new one.
            Some(OLD_SHEET) => Err(IngestError::bad(
                &file.name,
                None,
                "the workbook is protected by a password, or old: save it as .xlsx without one",
            )),
            _ => differs("an Excel workbook"),
        };
    }
    let (stem, packing) = if let Some(stem) = name.strip_suffix(".gz") {
        if is != Some("compressed by gzip") {
            return differs("gzip");
        }
        (stem, Packing::Gzip)
    } else if let Some(stem) = name.strip_suffix(".zst") {
        if is != Some("compressed by Zstandard") {
            return differs("Zstandard");
        }
        (stem, Packing::Zstd)
    } else {
        (name.as_str(), Packing::None)
    };
    let known = [".csv", ".tsv", ".tab", ".txt"];
    if !known.iter().any(|ending| stem.ends_with(ending)) {
        return Err(IngestError::bad(&file.name, None, NAMES));
    }
    if packing == Packing::None && is.is_some() {
        return differs("text");
    }
    let mut head = Vec::new();
    let mut unpacked = Unpacked::open(file, packing, bytes_max);
    let looked = (&mut unpacked).take(LOOK as u64).read_to_end(&mut head);
    if let Err(error) = looked {
        return Err(unpacked.explain(&error));
    }
    if let Some(what) = what(&head) {
        let message = format!("the file is named as text but is {what}");
        return Err(IngestError::bad(&file.name, None, message));
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        let message = "the text is UTF-16, not UTF-8: save the file in that encoding";
        return Err(IngestError::bad(&file.name, Some(1), message));
    }
    let start: String = String::from_utf8_lossy(head.get(..64).unwrap_or(&head)).to_lowercase();
    if start.trim_start().starts_with("<!doctype") || start.trim_start().starts_with("<html") {
        let message = "the file is named as text but is a web page";
        return Err(IngestError::bad(&file.name, None, message));
    }
    let tabs = stem.ends_with(".tsv") || stem.ends_with(".tab");
    let delimiter = if tabs { b'\t' } else { delimiter(&head) };
    Ok(Format::Delimited { packing, delimiter })
}

/// The delimiter of the first line: a comma unless there is none and another one is there.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|b| matches!(b, b'\n' | b'\r')).next();
    let line = line.unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0), (b'|', 0)];
    for byte in line {
        quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += u32::from(!quoted && byte == delimiter);
        }
    }
    let found = counts.iter().find(|(_, count)| *count > 0);
    found.map_or(b',', |(delimiter, _)| *delimiter)
}

/// Opens a delimited file as text, without its byte order mark.
pub(crate) fn open_text(
    file: &SourceFile,
    packing: Packing,
    bytes_max: u64,
) -> Result<Text, IngestError> {
    let mut unpacked = Unpacked::open(file, packing, bytes_max);
    let mut head = vec![];
    if let Err(error) = (&mut unpacked).take(3).read_to_end(&mut head) {
        return Err(unpacked.explain(&error));
    }
    if head == b"\xef\xbb\xbf" {
        head.clear();
    }
    Ok(Read::chain(Cursor::new(head), unpacked))
}

/// What reads a spool file runs on a thread that may wait, so for who reads it asynchronously it is always ready.
pub(crate) struct Ready(pub(crate) ScratchReader);

impl AsyncRead for Ready {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let read = self.0.read(buffer.initialize_unfilled())?;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}

enum Unpacker {
    Plain(ScratchReader),
    Packed(Pin<Box<dyn AsyncRead + Send>>),
}

/// The bytes of a file once unpacked, up to a limit: a small file can unpack to any size.
pub(crate) struct Unpacked {
    name: String,
    unpacker: Unpacker,
    left: u64,
    bytes_max: u64,
    exceeded: bool,
}

impl Unpacked {
    fn open(file: &SourceFile, packing: Packing, bytes_max: u64) -> Self {
        use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
        let reader = file.reader(0);
        let buffered = |reader| BufReader::with_capacity(1 << 18, Ready(reader));
        let unpacker = match packing {
            Packing::None => Unpacker::Plain(reader),
            Packing::Gzip => {
                let mut decoder = GzipDecoder::new(buffered(reader));
                decoder.multiple_members(true);
                Unpacker::Packed(Box::pin(decoder))
            }
            Packing::Zstd => {
                let mut decoder = ZstdDecoder::new(buffered(reader));
                decoder.multiple_members(true);
                Unpacker::Packed(Box::pin(decoder))
            }
        };
        Self {
            name: file.name.clone(),
            unpacker,
            left: bytes_max,
            bytes_max,
            exceeded: false,
        }
    }

    /// What a failed read means.
    pub(crate) fn explain(&self, error: &std::io::Error) -> IngestError {
        if self.exceeded {
            return IngestError::TooLarge {
                file: self.name.clone(),
                bytes_max: self.bytes_max,
            };
        }
        let message = format!("the compressed file is damaged: {error}");
        IngestError::bad(&self.name, None, message)
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = match &mut self.unpacker {
            Unpacker::Plain(reader) => reader.read(buffer)?,
            Unpacker::Packed(decoder) => block_on(decoder.read(buffer))?,
        };
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                self.exceeded = true;
                return Err(std::io::Error::other("larger than allowed"));
            }
        }
        Ok(read)
    }
}
