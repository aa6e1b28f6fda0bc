//! Reading delimited text strictly: RFC 4180, with the place of every fault.
//!
//! Readers that forgive a quote that is never closed swallow the rest of a file into one cell, and
//! nobody notices. This one knows the line on which each record begins and each quote opens.

use memchr::{memchr, memchr_iter, memchr3};
use std::io::Read;

const WINDOW: usize = 256 * 1024;

/// A fault in the text, and the line on which it begins (counted from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: u64,
    pub(crate) message: String,
}

/// Why reading ended early.
#[derive(Debug)]
pub(crate) enum RecordError {
    Fault(Fault),
    /// More fields in one record than any table may have.
    TooManyFields,
    Io(std::io::Error),
}

impl From<std::io::Error> for RecordError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// One record: its fields one after the other, and where each ends.
#[derive(Debug, Default)]
pub(crate) struct Record {
    text: String,
    /// Bytes on their way into the text, of a record that is read with care.
    raw: Vec<u8>,
    ends: Vec<usize>,
    /// Bytes between two fields: the delimiter, where the line was taken as it is.
    between: usize,
    /// The line it begins on.
    pub(crate) line: u64,
}

impl Record {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The fields as text.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let field = self.text.get(start..*end).unwrap_or_default();
            start = *end + self.between;
            field
        })
    }
}

enum State {
    FieldStart,
    Plain,
    Quoted { line: u64 },
    QuoteInQuoted { line: u64 },
}

/// Cuts a stream of bytes into records.
pub(crate) struct Records<R> {
    source: R,
    window: Vec<u8>,
    at: usize,
    filled: usize,
    /// Where in the window the next byte stands that a line taken whole may not have; the end of what was looked at
    /// when there is none. It may lie behind.
    special: usize,
    line: u64,
    delimiter: u8,
    cell_bytes_max: usize,
    fields_max: usize,
    /// A carriage return ended the last record: a line feed right after it belongs to it.
    after_return: bool,
}

impl<R: Read> Records<R> {
    pub(crate) fn new(source: R, delimiter: u8, cell_bytes_max: usize, fields_max: usize) -> Self {
        Self {
            source,
            window: vec![0; WINDOW],
            at: 0,
            filled: 0,
            special: 0,
            line: 1,
            delimiter,
            cell_bytes_max,
            fields_max,
            after_return: false,
        }
    }

    pub(crate) fn source(&self) -> &R {
        &self.source
    }

    fn fill(&mut self) -> Result<bool, RecordError> {
        while self.at == self.filled {
            (self.at, self.special) = (0, 0);
            self.filled = match self.source.read(&mut self.window) {
                Ok(0) => {
                    self.filled = 0;
                    return Ok(false);
                }
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => 0,
                Err(error) => {
                    self.filled = 0;
                    return Err(error.into());
                }
            };
        }
        Ok(true)
    }

    /// Reads the next record; `false` at the end. Empty lines are passed over.
    pub(crate) fn next(&mut self, record: &mut Record) -> Result<bool, RecordError> {
        loop {
            record.text.clear();
            record.ends.clear();
            record.line = self.line;
            record.between = 0;
            if !self.line(record)? {
                record.raw.clear();
                if !self.record(record)? {
                    return Ok(false);
                }
                self.check_text(record)?;
            }
            if record.ends.len() > 1 || !record.text.is_empty() {
                return Ok(true);
            }
        }
    }

    /// Takes what was read with care as text, if it is text.
    fn check_text(&self, record: &mut Record) -> Result<(), RecordError> {
        match std::str::from_utf8(&record.raw) {
            Ok(text) => record.text.push_str(text),
            Err(error) => {
                let before = record.raw.get(..error.valid_up_to()).unwrap_or_default();
                let below = before.iter().filter(|byte| **byte == b'\n').count() as u64;
                return Err(self.fault(
                    record.line + below,
                    "the text is not UTF-8: save the file in that encoding",
                ));
            }
        }
        if memchr(0, &record.raw).is_some() {
            return Err(self.fault(
                record.line,
                "there is a NUL byte: this does not look like a text file",
            ));
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "reads as a part of the reader")]
    fn fault(&self, line: u64, message: &str) -> RecordError {
        RecordError::Fault(Fault {
            line,
            message: message.to_owned(),
        })
    }

    fn end_field(&self, record: &mut Record) -> Result<(), RecordError> {
        record.ends.push(record.raw.len());
        if record.ends.len() > self.fields_max {
            return Err(RecordError::TooManyFields);
        }
        Ok(())
    }

    /// Checks that a growing field is not longer than a cell may be.
    fn check_cell(&self, record: &Record, quote: Option<u64>) -> Result<(), RecordError> {
        let start = record.ends.last().copied().unwrap_or(0);
        if record.raw.len() - start <= self.cell_bytes_max {
            return Ok(());
        }
        let message = format!(
            "a cell has more than {} bytes{}",
            self.cell_bytes_max,
            if quote.is_some() {
                "; is the quote that opens here never closed?"
            } else {
                ""
            }
        );
        Err(self.fault(quote.unwrap_or(record.line), &message))
    }

    /// Takes a whole line as it is, when it lies in the window and nothing in it needs care; `false` when it must be read
    /// with care.
    fn line(&mut self, record: &mut Record) -> Result<bool, RecordError> {
        let window = self.window.get(self.at..self.filled).unwrap_or_default();
        let Some(end) = memchr(b'\n', window).filter(|_| !self.after_return) else {
            return Ok(false);
        };
        if self.special < self.at {
            // Looked for once for many lines: most files have none.
            let next = memchr3(b'"', b'\r', 0, window);
            self.special = self.at + next.unwrap_or(window.len());
        }
        let mut line = window.get(..end).unwrap_or_default();
        if self.special < self.at + end {
            match line.split_last() {
                Some((b'\r', before)) if self.special == self.at + before.len() => line = before,
                _ => return Ok(false),
            }
        }
        if line.len() > self.cell_bytes_max {
            return Ok(false);
        }
        let Ok(text) = std::str::from_utf8(line) else {
            return Ok(false);
        };
        record.text.push_str(text);
        record.ends.extend(memchr_iter(self.delimiter, line));
        record.ends.push(line.len());
        record.between = 1;
        if record.ends.len() > self.fields_max {
            return Err(RecordError::TooManyFields);
        }
        self.at += end + 1;
        self.line += 1;
        Ok(true)
    }

    fn record(&mut self, record: &mut Record) -> Result<bool, RecordError> {
        let mut state = State::FieldStart;
        let mut begun = false;
        while self.fill()? {
            let window = self.window.get(self.at..self.filled).unwrap_or_default();
            let Some(first) = window.first().copied() else {
                break;
            };
            if std::mem::take(&mut self.after_return) && first == b'\n' {
                self.at += 1;
                continue;
            }
            begun = true;
            match state {
                State::FieldStart if first == b'"' => {
                    self.at += 1;
                    state = State::Quoted { line: self.line };
                }
                State::FieldStart | State::Plain => {
                    let delimiter = self.delimiter;
                    let stop = window
                        .iter()
                        .position(|b| *b == delimiter || *b == b'\n' || *b == b'\r');
                    let length = stop.unwrap_or(window.len());
                    record
                        .raw
                        .extend_from_slice(window.get(..length).unwrap_or_default());
                    let stopped_at = stop.and_then(|stop| window.get(stop)).copied();
                    self.at += length;
                    self.check_cell(record, None)?;
                    state = State::Plain;
                    if let Some(byte) = stopped_at {
                        state = State::FieldStart;
                        if self.separator(byte, record)? {
                            return Ok(true);
                        }
                    }
                }
                State::Quoted { line } => {
                    let stop = window.iter().position(|b| *b == b'"');
                    let length = stop.unwrap_or(window.len());
                    let piece = window.get(..length).unwrap_or_default();
                    self.line += piece.iter().filter(|b| **b == b'\n').count() as u64;
                    record.raw.extend_from_slice(piece);
                    self.at += length;
                    self.check_cell(record, Some(line))?;
                    if stop.is_some() {
                        self.at += 1;
                        state = State::QuoteInQuoted { line };
                    }
                }
                State::QuoteInQuoted { line } if first == b'"' => {
                    record.raw.push(b'"');
                    self.at += 1;
                    state = State::Quoted { line };
                }
                State::QuoteInQuoted { line } => {
                    if first != self.delimiter && first != b'\n' && first != b'\r' {
                        return Err(self.fault(
                            line,
                            "there is text right after a closing quote: a quote within a quoted \
                             cell is written twice",
                        ));
                    }
                    state = State::FieldStart;
                    if self.separator(first, record)? {
                        return Ok(true);
                    }
                }
            }
        }
        match state {
            State::Quoted { line } => {
                Err(self.fault(line, "the quote that opens here is never closed"))
            }
            _ if begun => {
                self.end_field(record)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Takes a delimiter or the end of a line; `true` when the record has ended.
    fn separator(&mut self, byte: u8, record: &mut Record) -> Result<bool, RecordError> {
        self.at += 1;
        self.end_field(record)?;
        if byte == self.delimiter {
            return Ok(false);
        }
        self.line += 1;
        self.after_return = byte == b'\r';
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, RecordError, Records};
    use proptest::prelude::*;
    use std::io::Read;

    /// Gives a few bytes at a time, so that no window holds a whole line.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let few = buffer.len().min(3);
            self.0.read(&mut buffer[..few])
        }
    }

    /// Every record with its line, or what was wrong.
    fn read(source: impl Read) -> Vec<Result<(u64, Vec<String>), String>> {
        let mut records = Records::new(source, b',', 12, 4);
        let mut record = Record::default();
        let mut all = Vec::new();
        loop {
            match records.next(&mut record) {
                Ok(true) => {
                    let fields = record.fields().map(str::to_owned).collect();
                    all.push(Ok((record.line, fields)));
                }
                Ok(false) => return all,
                Err(error) => {
                    all.push(Err(match error {
                        RecordError::Fault(fault) => format!("{} {}", fault.line, fault.message),
                        other => format!("{other:?}"),
                    }));
                    return all;
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_line_taken_whole_is_what_reading_it_with_care_gives(
            pieces in proptest::collection::vec(
                prop_oneof![
                    6 => "[a-c ]{0,5}", 6 => Just(",".to_owned()), 4 => Just("\n".to_owned()),
                    2 => Just("\r\n".to_owned()), 1 => Just("\r".to_owned()), 2 => Just("\"".to_owned()),
                    1 => Just("é".to_owned()), 1 => Just("\0".to_owned()), 1 => Just("abcdefghijklmn".to_owned()),
                ],
                0..40,
            ),
        ) {
            let text = pieces.concat();
            prop_assert_eq!(read(text.as_bytes()), read(Slowly(text.as_bytes())));
        }
    }
}
