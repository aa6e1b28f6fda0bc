//! Lines of CSV on their way to a file: counted, hashed, and never more than a buffer of them in memory.

use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

/// Lines held before they are written.
const BUFFER_BYTES: usize = 1 << 20;
/// The longest line is far shorter.
const LINE_BYTES_MAX: usize = 1 << 10;
/// Bytes between two lines of progress.
const PROGRESS_BYTES: u64 = 128 << 20;

/// A file being written.
pub(crate) struct Output {
    file: File,
    name: String,
    buffer: Vec<u8>,
    digest: Sha256,
    rows: u64,
    rows_expected: u64,
    bytes: u64,
    started: Instant,
}

/// A file that was written.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Output {
    pub(crate) fn create(path: &Path, header: &str, rows_expected: u64) -> io::Result<Self> {
        let mut output = Self {
            file: File::create(path)?,
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            buffer: Vec::with_capacity(BUFFER_BYTES + LINE_BYTES_MAX),
            digest: Sha256::new(),
            rows: 0,
            rows_expected,
            bytes: 0,
            started: Instant::now(),
        };
        output.buffer.extend_from_slice(header.as_bytes());
        output.buffer.push(b'\n');
        Ok(output)
    }

    /// A text field and the comma after it. No text of these tables needs quotes.
    pub(crate) fn text(&mut self, text: &[u8]) {
        self.buffer.extend_from_slice(text);
        self.buffer.push(b',');
    }

    /// A whole number with leading zeros up to a width, behind a prefix.
    pub(crate) fn numbered(&mut self, prefix: &[u8], number: u32, width: usize) {
        self.buffer.extend_from_slice(prefix);
        self.digits(number, width);
        self.buffer.push(b',');
    }

    /// A number given in thousandths, with three decimals.
    pub(crate) fn thousandths(&mut self, thousandths: i32) {
        if thousandths < 0 {
            self.buffer.push(b'-');
        }
        let size = thousandths.unsigned_abs();
        self.digits(size / 1_000, 1);
        self.buffer.push(b'.');
        self.digits(size % 1_000, 3);
        self.buffer.push(b',');
    }

    fn digits(&mut self, mut number: u32, width: usize) {
        // As many as a number of 32 bits can have.
        let mut digits = [b'0'; 10];
        let mut used = 0;
        for digit in digits.iter_mut().rev() {
            if number == 0 {
                break;
            }
            let lowest = (number % 10) as u8;
            *digit = b'0' + lowest;
            number /= 10;
            used += 1;
        }
        let from = digits.len().saturating_sub(used.max(width));
        self.buffer
            .extend_from_slice(digits.get(from..).unwrap_or_default());
    }

    /// Ends a line: its last comma becomes the line's end.
    pub(crate) fn end_row(&mut self) -> io::Result<()> {
        if let Some(last) = self.buffer.last_mut() {
            *last = b'\n';
        }
        self.rows += 1;
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.digest.update(&self.buffer);
        self.file.write_all(&self.buffer)?;
        let before = self.bytes / PROGRESS_BYTES;
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        if self.bytes / PROGRESS_BYTES > before {
            self.say();
        }
        Ok(())
    }

    fn say(&self) {
        let seconds = self.started.elapsed().as_secs_f64().max(1e-9);
        #[expect(clippy::cast_precision_loss, reason = "shown with no decimals")]
        let (megabytes, share) = (
            self.bytes as f64 / 1e6,
            100.0 * self.rows as f64 / self.rows_expected.max(1) as f64,
        );
        eprintln!(
            "{}: {} rows, {megabytes:.0} MB, {share:.0} %, {:.0} MB/s",
            self.name,
            self.rows,
            megabytes / seconds
        );
    }

    pub(crate) fn finish(mut self) -> io::Result<Made> {
        self.flush()?;
        self.file.sync_all()?;
        self.say();
        let sha256 = self
            .digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Made {
            rows: self.rows,
            bytes: self.bytes,
            sha256,
        })
    }
}
