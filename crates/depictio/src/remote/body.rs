//! The body of an upload: files as multipart/form-data (RFC 7578), read from the disk while they are sent.
//!
//! Its length is known before it begins, so a file that grows or shrinks on the way would be cut or would end early.
//! Such a file ends the request before its last boundary: the server then has no upload at all.

use reqwest::Body;
use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use tokio::io::AsyncReadExt as _;

/// What is read of a file at a time.
const PIECE_BYTES: usize = 256 << 10;

/// Why a file was not sent to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    /// It is another than when its length was told.
    #[error("{name} changed while it was sent; send it again when it is at rest")]
    Changed {
        /// Its name.
        name: String,
    },
    /// It cannot be read.
    #[error("{name}: {cause}")]
    Unread {
        /// Its name.
        name: String,
        /// What the system said.
        cause: std::io::Error,
    },
}

/// A file that is to be sent, as it was when it was opened.
pub(super) struct Source {
    /// Its name, without folders.
    pub(super) name: String,
    /// Its length.
    pub(super) bytes: u64,
    modified: Option<SystemTime>,
    file: tokio::fs::File,
    left: u64,
}

impl Source {
    /// Opens a file.
    ///
    /// # Errors
    /// When it is no plain file, or cannot be opened.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        // Looked at first: opening a pipe waits for whoever writes into it.
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            return Err(format!("{} is no plain file", path.display()));
        }
        let file = File::open(path).map_err(failed)?;
        let met = file.metadata().map_err(failed)?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            bytes: met.len(),
            modified: met.modified().ok(),
            file: tokio::fs::File::from_std(file),
            left: met.len(),
        })
    }

    /// The next piece; none at the end.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        // At the end one more byte is asked for: there must be none.
        let mut piece = vec![0; left.clamp(1, PIECE_BYTES)];
        let read = match self.file.read(&mut piece).await {
            Ok(read) => read,
            Err(cause) => {
                let name = self.name.clone();
                return Err(FileError::Unread { name, cause });
            }
        };
        if self.left == 0 {
            let met = self.file.metadata().await.ok();
            return match read == 0 && met.is_some_and(|met| self.is_as_it_was(&met)) {
                true => Ok(None),
                false => Err(self.changed()),
            };
        }
        if read == 0 {
            return Err(self.changed());
        }
        self.left -= read as u64;
        piece.truncate(read);
        Ok(Some(piece))
    }

    fn is_as_it_was(&self, met: &Metadata) -> bool {
        met.len() == self.bytes && met.modified().ok() == self.modified
    }

    fn changed(&self) -> FileError {
        FileError::Changed {
            name: self.name.clone(),
        }
    }
}

enum Part {
    Words(Vec<u8>),
    File(Source),
}

/// What becomes known while a body is sent, for whoever waits for the answer.
#[derive(Default)]
pub(super) struct Sent {
    /// Bytes of files that were handed to the connection.
    pub(super) bytes: AtomicU64,
    /// The answer has begun: what is left of the body need not be sent.
    pub(super) is_answered: AtomicBool,
}

/// A body before it is sent.
pub(super) struct Form {
    boundary: String,
    parts: VecDeque<Part>,
}

impl Form {
    /// A part `file` of each file. The boundary is in no file: it is as unlikely as a guessed token.
    pub(super) fn of(files: Vec<Source>, boundary: String) -> Self {
        let mut parts = VecDeque::new();
        for source in files {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n",
                quoted(&source.name)
            );
            parts.push_back(Part::Words(head.into_bytes()));
            parts.push_back(Part::File(source));
            parts.push_back(Part::Words(b"\r\n".to_vec()));
        }
        parts.push_back(Part::Words(format!("--{boundary}--\r\n").into_bytes()));
        Self { boundary, parts }
    }

    /// For the header `Content-Type`.
    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> u64 {
        let lengths = self.parts.iter().map(|part| match part {
            Part::Words(words) => words.len() as u64,
            Part::File(source) => source.bytes,
        });
        lengths.sum()
    }

    /// The bytes, after a wait in which the server may refuse them.
    pub(super) fn into_body(self, wait: Option<Duration>, sent: Arc<Sent>) -> Body {
        let sending = Sending {
            wait,
            parts: self.parts,
            sent,
        };
        let pieces = futures::stream::try_unfold(sending, |mut sending| async move {
            let piece = sending.piece().await;
            piece.map(|piece| piece.map(|piece| (piece, sending)))
        });
        Body::wrap_stream(pieces)
    }
}

/// A file's name between quotes, as browsers write it (WHATWG, multipart/form-data encoding algorithm); the backslash
/// too, which some readers take for the start of an escape.
fn quoted(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_control() || matches!(c, '"' | '\\') {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

struct Sending {
    wait: Option<Duration>,
    parts: VecDeque<Part>,
    sent: Arc<Sent>,
}

impl Sending {
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        if let Some(wait) = self.wait.take() {
            tokio::time::sleep(wait).await;
        }
        // Who goes on sending to a server that has closed is told so by the kernel, and loses the words it closed with.
        if self.sent.is_answered.load(Ordering::Acquire) {
            std::future::pending::<()>().await;
        }
        while let Some(part) = self.parts.pop_front() {
            match part {
                Part::Words(words) => return Ok(Some(words)),
                Part::File(mut source) => {
                    if let Some(piece) = source.piece().await? {
                        let bytes = piece.len() as u64;
                        self.sent.bytes.fetch_add(bytes, Ordering::Relaxed);
                        self.parts.push_front(Part::File(source));
                        return Ok(Some(piece));
                    }
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    async fn all(form: Form) -> Result<Vec<u8>, FileError> {
        let mut sending = Sending {
            wait: None,
            parts: form.parts,
            sent: Arc::default(),
        };
        let mut bytes = Vec::new();
        while let Some(piece) = sending.piece().await? {
            bytes.extend(piece);
        }
        Ok(bytes)
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_it_says_and_names_are_harmless() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a\"; name=\"schema\r\n.csv\\");
        std::fs::write(&path, vec![b'x'; 3 * PIECE_BYTES + 1]).unwrap();
        let source = Source::open(&path).unwrap();
        let form = Form::of(vec![source], "b".to_owned());
        let (length, kind) = (form.length(), form.content_type());
        assert_eq!(kind, "multipart/form-data; boundary=b");
        let bytes = all(form).await.unwrap();
        assert_eq!(bytes.len() as u64, length);
        let text = String::from_utf8(bytes).unwrap();
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; \
                    filename=\"a%22; name=%22schema%0D%0A.csv%5C\"\r\n";
        assert!(text.starts_with(head), "{}", &text[..200]);
        assert!(text.ends_with("x\r\n--b--\r\n"));
    }

    #[tokio::test]
    async fn a_file_that_changes_on_the_way_ends_the_body_before_its_last_boundary() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        let grown: fn(&mut File) -> std::io::Result<()> = |file| file.write_all(b"2\n");
        let cut: fn(&mut File) -> std::io::Result<()> = |file| file.set_len(1);
        for change in [grown, cut] {
            std::fs::write(&path, "a\n1\n").unwrap();
            let source = Source::open(&path).unwrap();
            let mut file = File::options().append(true).open(&path).unwrap();
            change(&mut file).unwrap();
            let sent = all(Form::of(vec![source], "b".to_owned())).await;
            let told = sent.unwrap_err().to_string();
            assert!(told.starts_with("t.csv changed while"), "{told}");
        }
    }

    #[test]
    fn what_is_no_plain_file_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let told = Source::open(dir.path()).err().unwrap();
        assert!(told.ends_with("is no plain file"), "{told}");
    }
}
