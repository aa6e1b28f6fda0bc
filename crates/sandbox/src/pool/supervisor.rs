//! The thread that keeps a zygote alive for as long as the sandbox is.

use std::sync::atomic::Ordering;
use std::sync::{PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::Inner;
use super::settings::Settings;
use crate::error::StartError;
use crate::python::{self, Interpreter};
use crate::wall::Step;
use crate::zygote::{Orderly, Worker, Zygote};

/// Workers kept ready beyond those that run at once.
const SPARE: usize = 1;
/// Pause before a zygote that has died is started again, doubled up to the maximum while it keeps dying.
const RESTART_WAIT: Duration = Duration::from_millis(500);
const RESTART_WAIT_MAX: Duration = Duration::from_secs(60);

/// Workers that are ready or warming up while nothing runs.
pub(super) fn kept_ready(settings: &Settings) -> usize {
    settings.workers.max(1) + SPARE
}

pub(super) struct Supervisor {
    pub(super) settings: Settings,
    pub(super) confine: Vec<Step>,
    pub(super) orderly: Orderly,
    pub(super) deliver: mpsc::UnboundedSender<Worker>,
    pub(super) inner: Weak<Inner>,
}

impl Supervisor {
    fn stopping(&self) -> bool {
        self.inner
            .upgrade()
            .is_none_or(|inner| inner.stopping.load(Ordering::SeqCst))
    }

    pub(super) fn supervise(self, first: oneshot::Sender<Result<String, StartError>>) {
        let python = match python::ask(&self.settings.python) {
            Ok(python) => python,
            Err(error) => {
                let _ = first.send(Err(error));
                return;
            }
        };
        let mut zygote = match Zygote::start(&self.settings, &python, &self.confine) {
            Ok(zygote) => zygote,
            Err(error) => {
                let _ = first.send(Err(error));
                return;
            }
        };
        if first.send(Ok(zygote.python.clone())).is_err() {
            return;
        }
        loop {
            zygote.serve(&self.orderly, kept_ready(&self.settings), |worker| {
                self.deliver.send(worker).is_ok()
            });
            match self.restart(&python) {
                Some(next) => zygote = next,
                None => return,
            }
        }
    }

    /// A new zygote, tried until there is one or the sandbox is gone.
    fn restart(&self, python: &Interpreter) -> Option<Zygote> {
        let mut wait = RESTART_WAIT;
        loop {
            if self.stopping() {
                return None;
            }
            tracing::warn!("the sandbox's zygote ended and is started again");
            std::thread::sleep(wait);
            if self.stopping() {
                return None;
            }
            match Zygote::start(&self.settings, python, &self.confine) {
                Ok(zygote) => {
                    self.say(None);
                    return Some(zygote);
                }
                Err(error) => {
                    tracing::error!(%error, "the sandbox cannot be started");
                    self.say(Some(error.to_string()));
                    wait = (wait * 2).min(RESTART_WAIT_MAX);
                }
            }
        }
    }

    fn say(&self, reason: Option<String>) {
        if let Some(inner) = self.inner.upgrade() {
            let mut status = inner.status.lock().unwrap_or_else(PoisonError::into_inner);
            status.on = reason.is_none();
            status.reason = reason;
        }
    }
}
