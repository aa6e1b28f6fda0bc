//! Unpacking a workbook under a count, before anything reads it.
//!
//! A workbook is a ZIP archive of XML, and a small one can unpack to any size. Two readers of an
//! archive may also disagree about what is in it, so counting in one and reading with another would
//! prove nothing. Therefore the parts that hold tables are unpacked here, counted, into a nameless
//! file as an archive without compression, and only that file is given on: what was counted is what
//! is read.

use super::error::IngestError;
use crate::spool::{SourceFile, scratch};
use domain::limits::RequestLimits;
use futures::executor::block_on;
use objects::Scratch;
use std::collections::HashSet;
use std::io::{Cursor, Write as _};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, BufReader};

/// Parts of one archive. Excel writes one for each sheet, and some more.
const PARTS_MAX: u64 = 10_000;
/// The list of all parts.
const DIRECTORY_BYTES_MAX: u64 = 4 << 20;
/// A part other than a sheet and the texts of cells: formats, names, relations.
const OTHER_BYTES_MAX: u64 = 8 << 20;

/// Where a part lies in the archive as it was sent.
struct Part {
    name: String,
    deflated: bool,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
}

/// A part as it was written.
struct Written {
    name: String,
    crc: u32,
    size: u32,
    at: u32,
}

fn short(bytes: &[u8], at: usize) -> Option<u64> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u64::from(u16::from_le_bytes(two.try_into().ok()?)))
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u64::from(u32::from_le_bytes(four.try_into().ok()?)))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(eight.try_into().ok()?))
}

/// The archive as it was sent.
struct Archive<'a> {
    file: &'a SourceFile,
    bytes: u64,
}

impl Archive<'_> {
    fn bad(&self, message: &str) -> IngestError {
        IngestError::bad(&self.file.name, None, message)
    }

    fn damaged(&self) -> IngestError {
        self.bad("not a readable Excel workbook: its archive is damaged")
    }

    fn bytes(&self, at: u64, length: u64) -> Result<Vec<u8>, IngestError> {
        let end = at.checked_add(length);
        if end.is_none_or(|end| end > self.bytes) {
            return Err(self.damaged());
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| self.damaged())?];
        std::io::Read::read_exact(&mut self.file.reader(at), &mut bytes)?;
        Ok(bytes)
    }

    /// Where the list of parts lies, its length, and how many there are.
    fn directory(&self) -> Result<(u64, u64, u64), IngestError> {
        const RECORD: u64 = 22;
        let tail_bytes = self.bytes.min(RECORD + 0xffff);
        let tail_at = self.bytes - tail_bytes;
        let tail = self.bytes(tail_at, tail_bytes)?;
        let found = tail.windows(22).rposition(|window| {
            // The record ends the file, but for its comment.
            window.starts_with(b"PK\x05\x06")
        });
        let at = found.ok_or_else(|| self.damaged())?;
        let record = tail.get(at..).unwrap_or_default();
        let fields = || Some((word(record, 16)?, word(record, 12)?, short(record, 10)?));
        let (start, length, parts) = fields().ok_or_else(|| self.damaged())?;
        if start != 0xffff_ffff && length != 0xffff_ffff && parts != 0xffff {
            return Ok((start, length, parts));
        }
        // Writers that do not know the size beforehand use the wide record (ZIP64).
        let locator = (tail_at + at as u64)
            .checked_sub(20)
            .ok_or_else(|| self.damaged())?;
        let locator = self.bytes(locator, 20)?;
        let wide_at = long(&locator, 8).filter(|_| locator.starts_with(b"PK\x06\x07"));
        let wide = self.bytes(wide_at.ok_or_else(|| self.damaged())?, 56)?;
        let fields = || Some((long(&wide, 48)?, long(&wide, 40)?, long(&wide, 32)?));
        match fields() {
            Some(found) if wide.starts_with(b"PK\x06\x06") => Ok(found),
            _ => Err(self.damaged()),
        }
    }

    fn parts(&self) -> Result<Vec<Part>, IngestError> {
        let (start, length, count) = self.directory()?;
        if count > PARTS_MAX || length > DIRECTORY_BYTES_MAX {
            return Err(self.bad("the workbook has more parts than Excel ever writes"));
        }
        let list = self.bytes(start, length)?;
        let (mut parts, mut at, mut seen) = (Vec::new(), 0, HashSet::new());
        for _ in 0..count {
            let entry = list.get(at..).unwrap_or_default();
            let (part, next) = self.entry(entry).ok_or_else(|| self.damaged())??;
            at += next;
            if !seen.insert(part.name.to_ascii_lowercase()) {
                return Err(self.bad("two parts of the workbook have one name"));
            }
            parts.push(part);
        }
        Ok(parts)
    }

    /// One entry of the list, and where the next one begins.
    fn entry(&self, entry: &[u8]) -> Option<Result<(Part, usize), IngestError>> {
        if !entry.starts_with(b"PK\x01\x02") {
            return None;
        }
        let (flags, method) = (short(entry, 8)?, short(entry, 10)?);
        let (name_bytes, extra_bytes) = (short(entry, 28)?, short(entry, 30)?);
        let comment_bytes = short(entry, 32)?;
        let name_end = 46 + usize::try_from(name_bytes).ok()?;
        let extra_end = name_end + usize::try_from(extra_bytes).ok()?;
        let name = entry.get(46..name_end)?;
        let extra = entry.get(name_end..extra_end)?;
        if flags & 1 != 0 {
            return Some(Err(self.bad(
                "the workbook is protected by a password: save it without one",
            )));
        }
        if method != 0 && method != 8 {
            return Some(Err(
                self.bad("the workbook is compressed in a way that Excel does not use")
            ));
        }
        let (mut size, mut packed, mut at) = (word(entry, 24)?, word(entry, 20)?, word(entry, 42)?);
        let mut wide = wide_fields(extra);
        for field in [&mut size, &mut packed, &mut at] {
            if *field == 0xffff_ffff {
                *field = wide.next()?;
            }
        }
        let part = Part {
            name: String::from_utf8_lossy(name).replace('\\', "/"),
            deflated: method == 8,
            crc: u32::try_from(word(entry, 16)?).ok()?,
            packed,
            size,
            at,
        };
        if !part.deflated && part.packed != part.size {
            return None;
        }
        Some(Ok((part, extra_end + usize::try_from(comment_bytes).ok()?)))
    }

    /// The plain bytes of a part, as they come.
    fn open(&self, part: &Part) -> Result<Box<dyn AsyncRead + Send + Unpin>, IngestError> {
        let head = self.bytes(part.at, 30)?;
        let lengths = || Some(short(&head, 26)? + short(&head, 28)?);
        let after = lengths().filter(|_| head.starts_with(b"PK\x03\x04"));
        let start = part.at + 30 + after.ok_or_else(|| self.damaged())?;
        let end = start.checked_add(part.packed);
        if end.is_none_or(|end| end > self.bytes) {
            return Err(self.damaged());
        }
        let reader = self.file.reader(start);
        let packed = super::sniff::Ready(reader).take(part.packed);
        if !part.deflated {
            return Ok(Box::new(packed));
        }
        // The bytes of a deflated part are those of a gzip member without its head and tail
        // (RFC 1952), and the archive's list has what the tail says: checksum and length.
        let head = Cursor::new(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
        let length = u32::try_from(part.size & 0xffff_ffff).unwrap_or(0);
        let tail = Cursor::new([part.crc.to_le_bytes(), length.to_le_bytes()].concat());
        let member = BufReader::with_capacity(1 << 17, head.chain(packed).chain(tail));
        Ok(Box::new(
            async_compression::tokio::bufread::GzipDecoder::new(member),
        ))
    }
}

/// The fields of an entry that did not fit, in their order.
fn wide_fields(mut extra: &[u8]) -> impl Iterator<Item = u64> + use<> {
    let mut found = Vec::new();
    while let (Some(kind), Some(length)) = (short(extra, 0), short(extra, 2)) {
        let end = 4 + usize::try_from(length).unwrap_or(usize::MAX - 4);
        let body = extra.get(4..end).unwrap_or_default();
        if kind == 1 {
            found.extend((0..body.len() / 8).filter_map(|index| long(body, index * 8)));
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    found.into_iter()
}

/// Whether a part may say something about cells. Pictures, drawings and caches do not.
fn wanted(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let aside = [
        "/media/",
        "/drawings/",
        "/theme/",
        "/pivotcache/",
        "/externallinks/",
        "/charts/",
    ];
    (name.ends_with(".xml") || name.ends_with(".rels"))
        && !name.starts_with("docprops/")
        && !aside.iter().any(|folder| name.contains(folder))
}

/// Unpacks what holds tables into a file without a name, counting all the while.
pub(crate) fn unpack(
    file: &SourceFile,
    limits: RequestLimits,
) -> Result<Arc<Scratch>, IngestError> {
    let bytes = file.bytes()?;
    let archive = Archive { file, bytes };
    if bytes > limits.excel_bytes_max {
        return Err(IngestError::ExcelTooLarge {
            file: file.name.clone(),
            bytes_max: limits.excel_bytes_max,
            unpacked: false,
        });
    }
    let mut out = scratch(&file.folder)?;
    let (mut written, mut used, mut buffer) = (Vec::new(), 0_u64, vec![0_u8; 1 << 17]);
    let mut left = limits.excel_unpacked_bytes_max;
    for part in archive.parts()? {
        if !wanted(&part.name) {
            continue;
        }
        let lower = part.name.to_ascii_lowercase();
        let most = if lower.contains("worksheets/") {
            left
        } else if lower.contains("sharedstrings") {
            left.min(limits.excel_strings_bytes_max)
        } else {
            left.min(OTHER_BYTES_MAX)
        };
        let mut plain = archive.open(&part)?;
        let at = used;
        let head = local_header(&part.name, part.crc, part.size);
        out.write_all(&head)?;
        used += head.len() as u64;
        let mut size = 0_u64;
        loop {
            let read = block_on(plain.read(&mut buffer)).map_err(|_| archive.damaged())?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if size > most {
                return Err(IngestError::ExcelTooLarge {
                    file: file.name.clone(),
                    bytes_max: most.max(1),
                    unpacked: true,
                });
            }
            out.write_all(buffer.get(..read).unwrap_or_default())?;
        }
        if size != part.size {
            return Err(archive.damaged());
        }
        left -= size;
        used += size;
        written.push(Written {
            name: part.name,
            crc: part.crc,
            size: u32::try_from(size).map_err(|_| archive.damaged())?,
            at: u32::try_from(at).map_err(|_| archive.damaged())?,
        });
    }
    let list: Vec<u8> = written.iter().flat_map(directory_entry).collect();
    out.write_all(&list)?;
    let start = u32::try_from(used).map_err(|_| archive.damaged())?;
    let count = u16::try_from(written.len()).map_err(|_| archive.damaged())?;
    out.write_all(&end_of_archive(start, list.len(), count))?;
    Ok(out.finish()?)
}

fn fields(signature: &[u8; 4], shorts: &[u16], crc: u32, size: u32, name: &str) -> Vec<u8> {
    let mut bytes = signature.to_vec();
    for field in shorts {
        bytes.extend(field.to_le_bytes());
    }
    for field in [crc, size, size] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(u16::try_from(name.len()).unwrap_or(0).to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// Version 2.0, names in UTF-8, no compression, no time.
fn local_header(name: &str, crc: u32, size: u64) -> Vec<u8> {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    let mut bytes = fields(b"PK\x03\x04", &[20, 0x800, 0, 0, 0x21], crc, size, name);
    bytes.extend(name.as_bytes());
    bytes
}

fn directory_entry(part: &Written) -> Vec<u8> {
    let shorts = [20, 20, 0x800, 0, 0, 0x21];
    let mut bytes = fields(b"PK\x01\x02", &shorts, part.crc, part.size, &part.name);
    bytes.extend([0; 10]);
    bytes.extend(part.at.to_le_bytes());
    bytes.extend(part.name.as_bytes());
    bytes
}

fn end_of_archive(start: u32, length: usize, count: u16) -> Vec<u8> {
    let mut bytes = b"PK\x05\x06\0\0\0\0".to_vec();
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(u32::try_from(length).unwrap_or(0).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}
