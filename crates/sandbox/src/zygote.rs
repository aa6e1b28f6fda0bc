//! The zygote as the server sees it: started, told to fork, heard, and started again when it has died.

use std::collections::HashMap;
use std::io::Read as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::net::{AddressFamily, SocketFlags, SocketType};
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::error::StartError;
use crate::guest;
use crate::launcher::Orders;
use crate::passing;
use crate::pool::Settings;
use crate::python::Interpreter;
use crate::wall::Step;

/// A worker that waits for its job, or is still warming up.
#[derive(Debug)]
pub(crate) struct Worker {
    /// Its end of the bounded channel.
    pub(crate) socket: OwnedFd,
    /// Its process: a handle that never means another process, as a number could.
    pub(crate) process: OwnedFd,
    /// Comes when it has ended: what `waitpid` said.
    pub(crate) ended: oneshot::Receiver<i32>,
    /// Address space of the zygote it was forked from, in bytes.
    pub(crate) interpreter_bytes: u64,
    /// Which zygote that was; a worker dies with it.
    pub(crate) generation: u64,
}

/// What the zygote says; one datagram each.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Ready { python: String },
    Failed { message: String },
    Worker { pid: i32 },
    Exit { pid: i32, status: i32 },
}

/// The way to the zygote that lives, shared with the runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Orderly(Arc<Mutex<Living>>);

#[derive(Debug, Default)]
struct Living {
    /// The socket over which workers are asked for; none while no zygote lives.
    socket: Option<OwnedFd>,
    /// Counts zygotes.
    generation: u64,
}

impl Orderly {
    fn living(&self) -> MutexGuard<'_, Living> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the zygote of this generation lives; when it has died, its workers have died with it.
    pub(crate) fn lives(&self, generation: u64) -> bool {
        let living = self.living();
        living.socket.is_some() && living.generation == generation
    }

    /// Asks for one more worker in the place of one of this generation. When that zygote has died, the next one is
    /// asked for all anew.
    pub(crate) fn replace(&self, generation: u64) {
        let living = self.living();
        if let Some(socket) = &living.socket
            && living.generation == generation
        {
            let _ = passing::send(socket, b"fork", &[]);
        }
    }

    fn set(&self, socket: OwnedFd) -> u64 {
        let mut living = self.living();
        living.socket = Some(socket);
        living.generation += 1;
        living.generation
    }

    fn unset(&self) {
        self.living().socket = None;
    }

    /// Lets go of the zygote, which ends when nobody holds its socket.
    pub(crate) fn close(&self) {
        if let Some(socket) = self.living().socket.take() {
            let _ = rustix::net::shutdown(&socket, rustix::net::Shutdown::Both);
        }
    }
}

/// A zygote that is ready.
pub(crate) struct Zygote {
    child: Child,
    control: OwnedFd,
    interpreter_bytes: u64,
    /// Version of the interpreter and its libraries.
    pub(crate) python: String,
}

impl Zygote {
    /// Launches, and waits until everything is warm.
    pub(crate) fn start(
        settings: &Settings,
        python: &Interpreter,
        confine: &[Step],
    ) -> Result<Self, StartError> {
        let failed = |error: std::io::Error| StartError::Launch(error.to_string());
        let (ours, theirs) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )
        .map_err(|error| failed(error.into()))?;
        let bundle = guest::bundle(settings.walls(), confine).map_err(failed)?;
        let mut child = Command::new(&settings.launcher.program)
            .args(&settings.launcher.args)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                StartError::Launch(format!("{}: {error}", settings.launcher.program.display()))
            })?;
        if let Some(stderr) = child.stderr.take() {
            listen(stderr);
        }
        let orders = Orders {
            python: python.program.clone(),
            readable: python.readable.clone(),
            confine: settings.walls().kernel(),
        };
        let mut zygote = Self {
            child,
            control: ours,
            interpreter_bytes: 0,
            python: String::new(),
        };
        let text =
            serde_json::to_vec(&orders).map_err(|error| StartError::Launch(error.to_string()))?;
        passing::send(&zygote.control, &text, &[bundle.as_fd()]).map_err(failed)?;
        match zygote.hear() {
            Some((Event::Ready { python }, _)) => zygote.python = python,
            Some((Event::Failed { message }, _)) => return Err(StartError::Zygote(message)),
            _ => {
                return Err(StartError::Zygote(
                    "it ended without a word; the log has what it said".to_owned(),
                ));
            }
        }
        zygote.interpreter_bytes = address_space(zygote.child.id())
            .ok_or_else(|| StartError::Zygote("its size cannot be read from /proc".to_owned()))?;
        Ok(zygote)
    }

    /// The next event, or none when the zygote has ended.
    fn hear(&self) -> Option<(Event, Vec<OwnedFd>)> {
        let mut buffer = [0; 4096];
        let (length, descriptors) = passing::receive(&self.control, &mut buffer).ok()?;
        if length == 0 {
            return None;
        }
        let event = serde_json::from_slice(buffer.get(..length)?).ok()?;
        Some((event, descriptors))
    }

    /// Serves until the zygote ends: `deliver` takes each new worker and says whether to go on.
    pub(crate) fn serve(
        self,
        orderly: &Orderly,
        count: usize,
        mut deliver: impl FnMut(Worker) -> bool,
    ) {
        let Ok(copy) = self.control.try_clone() else {
            return;
        };
        let generation = orderly.set(copy);
        for _ in 0..count {
            orderly.replace(generation);
        }
        let mut living: HashMap<i32, oneshot::Sender<i32>> = HashMap::new();
        while let Some((event, descriptors)) = self.hear() {
            match event {
                Event::Worker { pid } => {
                    let mut descriptors = descriptors.into_iter();
                    let (Some(socket), Some(process)) = (descriptors.next(), descriptors.next())
                    else {
                        break;
                    };
                    let (tell, ended) = oneshot::channel();
                    living.insert(pid, tell);
                    let interpreter_bytes = self.interpreter_bytes;
                    if !deliver(Worker {
                        socket,
                        process,
                        ended,
                        interpreter_bytes,
                        generation,
                    }) {
                        break;
                    }
                }
                Event::Exit { pid, status } => {
                    if let Some(tell) = living.remove(&pid) {
                        let _ = tell.send(status);
                    }
                }
                Event::Failed { message } => tracing::warn!(message, "the sandbox's zygote failed"),
                Event::Ready { .. } => {}
            }
        }
        orderly.unset();
    }
}

impl Drop for Zygote {
    /// Ends the process and takes its exit status, so that no zombie is left; its workers end with it.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hands what the zygote says on its standard error to the log, a bounded piece at a time. Workers cannot: theirs is
/// the null device.
fn listen(mut stream: ChildStderr) {
    let _ = std::thread::Builder::new()
        .name("sandbox-log".to_owned())
        .spawn(move || {
            let mut buffer = [0; 2048];
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default());
                tracing::warn!(text = text.trim(), "the sandbox's zygote says");
            }
        });
}

/// Address space of a process in bytes, the first number of its `statm` in pages.
fn address_space(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(pages.saturating_mul(u64::try_from(rustix::param::page_size()).ok()?))
}
