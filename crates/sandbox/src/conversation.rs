//! One run as an exchange over a worker's socket. What the worker says is bounded and believed only as far as its
//! form: a script that has taken over its process can say anything here.

use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::limits::CodeLimits;
use serde::{Deserialize, Serialize};

use crate::error::{Place, RunError};
use crate::frame::Frame;
use crate::passing;
use crate::wall::{self, Step};

/// A worker that has not warmed up by then is given up.
const READY_WAIT: Duration = Duration::from_secs(20);
/// A worker's account of an error.
const ERROR_BYTES_MAX: usize = 64 << 10;

/// What is sent ahead of the frame.
#[derive(Serialize)]
struct Header<'a> {
    code: &'a str,
    text_bytes_max: u64,
    result_bytes_max: u64,
    seal: Vec<Step>,
    attempts: &'a [Step],
}

/// A worker's account of an error.
#[derive(Deserialize)]
struct Account {
    code: String,
    message: String,
    line: Option<u32>,
    column: Option<u32>,
    cut: bool,
}

/// A figure's JSON, not yet looked at, and whether text was cut.
pub(crate) type Drawn = (Vec<u8>, bool);

/// How the exchange ended without a figure.
pub(crate) enum End {
    /// The run's own error.
    Error(RunError),
    /// The worker was gone before it had the job: another one can do it.
    Stale,
    /// The worker ended without an answer; its exit status says why.
    Silent,
    /// Wall-clock time is used up.
    Late,
}

/// What a script printed, kept also when the run is cut off.
pub(crate) type Printed = Arc<Mutex<String>>;

/// What a worker is asked to do.
pub(crate) struct Task {
    pub(crate) code: String,
    pub(crate) frame: Frame,
    pub(crate) limits: CodeLimits,
    /// For the self-test: calls to make instead of running code.
    pub(crate) attempts: Vec<Step>,
    pub(crate) confine: bool,
}

struct Line {
    stream: UnixStream,
    deadline: Instant,
}

impl Line {
    /// Fills the buffer; `Ok(false)` when the worker is gone.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<bool, End> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(End::Late);
            }
            if self.stream.set_read_timeout(Some(left)).is_err() {
                return Ok(false);
            }
            match self.stream.read(rest) {
                Ok(0) => return Ok(false),
                Ok(length) => done += length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if late(&error) => return Err(End::Late),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Puts the job down, its frame with the first byte. A worker that does not take it runs out of time like one
    /// that does not answer.
    fn give(&mut self, message: &[u8], frame: BorrowedFd<'_>) -> Result<(), End> {
        let mut done = 0;
        while done < message.len() {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(End::Late);
            }
            if self.stream.set_write_timeout(Some(left)).is_err() {
                return Err(End::Silent);
            }
            let rest = message.get(done..).unwrap_or_default();
            let sent = if done == 0 {
                passing::send(self.stream.as_fd(), rest, &[frame])
            } else {
                self.stream.write(rest)
            };
            match sent {
                Ok(length) => done += length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if late(&error) => return Err(End::Late),
                // Gone before it had any of it: another one can do the job.
                Err(_) if done == 0 => return Err(End::Stale),
                Err(_) => return Err(End::Silent),
            }
        }
        Ok(())
    }

    /// The next message: its kind and its length.
    fn heading(&mut self) -> Result<Option<(u8, usize)>, End> {
        let mut heading = [0; 5];
        if !self.fill(&mut heading)? {
            return Ok(None);
        }
        let [kind, a, b, c, d] = heading;
        Ok(Some((
            kind,
            usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX),
        )))
    }

    fn body(&mut self, length: usize) -> Result<Vec<u8>, End> {
        let mut body = vec![0; length];
        if self.fill(&mut body)? {
            Ok(body)
        } else {
            Err(End::Silent)
        }
    }
}

/// Whether a socket's own clock ran out.
fn late(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut)
}

/// Waits for the worker, gives it the job, takes its answer. Blocking.
pub(crate) fn converse(
    socket: OwnedFd,
    interpreter_bytes: u64,
    task: &Task,
    printed: &Printed,
) -> Result<Drawn, End> {
    let mut line = Line {
        stream: UnixStream::from(socket),
        deadline: Instant::now() + READY_WAIT,
    };
    prepare(&mut line, interpreter_bytes, task)?;
    answer(&mut line, task, printed)
}

fn prepare(line: &mut Line, interpreter_bytes: u64, task: &Task) -> Result<(), End> {
    let used_ms = match line.heading() {
        Ok(Some((b'R', length @ ..=20))) => {
            let body = line.body(length).map_err(|_| End::Stale)?;
            String::from_utf8_lossy(&body).parse().unwrap_or(0)
        }
        Ok(Some((b'E', length @ ..=ERROR_BYTES_MAX))) => {
            return Err(End::Error(account(&line.body(length)?)));
        }
        _ => return Err(End::Stale),
    };
    let seal = if task.confine {
        wall::seal(&task.limits, interpreter_bytes, task.frame.bytes(), used_ms)
            .map_err(|error| failed(format!("the system call filter cannot be made: {error}")))?
    } else {
        wall::limits_only(&task.limits, interpreter_bytes, task.frame.bytes(), used_ms)
    };
    let header = Header {
        code: &task.code,
        text_bytes_max: task.limits.code_text_bytes_max,
        result_bytes_max: task.limits.code_result_bytes_max,
        seal,
        attempts: &task.attempts,
    };
    let body = serde_json::to_vec(&header).map_err(|error| failed(error.to_string()))?;
    let mut message = u32::try_from(body.len())
        .unwrap_or(u32::MAX)
        .to_le_bytes()
        .to_vec();
    message.extend(body);
    line.deadline = Instant::now() + Duration::from_millis(task.limits.code_wall_ms_max);
    line.give(&message, task.frame.descriptor())
}

fn answer(line: &mut Line, task: &Task, printed: &Printed) -> Result<Drawn, End> {
    let figure_max = usize::try_from(task.limits.code_result_bytes_max)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let text_max = usize::try_from(task.limits.code_text_bytes_max).unwrap_or(usize::MAX);
    let mut text_left = text_max;
    loop {
        match line.heading()? {
            None => return Err(End::Silent),
            Some((b'T', length)) if length <= text_left => {
                text_left -= length;
                let body = line.body(length)?;
                let mut text = printed.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&String::from_utf8_lossy(&body));
                // What is no text is shown by signs that take more bytes than it had.
                let end = text.floor_char_boundary(text_max);
                text.truncate(end);
            }
            Some((b'F', length)) if (1..=figure_max).contains(&length) => {
                let mut body = line.body(length)?;
                let cut = body.first() == Some(&b'1');
                body.drain(..1);
                return Ok((body, cut));
            }
            Some((b'E', length)) if length <= ERROR_BYTES_MAX => {
                return Err(End::Error(account(&line.body(length)?)));
            }
            // A message of a kind or size that no worker sends.
            Some(_) => {
                return Err(End::Error(RunError::Output(Place::says(
                    "The run's answer was not readable.",
                ))));
            }
        }
    }
}

fn account(body: &[u8]) -> RunError {
    match serde_json::from_slice::<Account>(body) {
        Ok(account) => {
            let place = Place {
                message: account.message.chars().take(4000).collect(),
                line: account.line,
                column: account.column,
                stdout: String::new(),
                stdout_cut: account.cut,
            };
            RunError::from_code(&account.code, place)
        }
        Err(_) => RunError::Failed(Place::says("The run's answer was not readable.")),
    }
}

fn failed(message: String) -> End {
    End::Error(RunError::Failed(Place::says(message)))
}

#[cfg(test)]
mod tests;
