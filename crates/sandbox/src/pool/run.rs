//! One run: a worker taken, talked to and ended.

use std::os::fd::OwnedFd;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Signal, pidfd_send_signal};
use tokio::task::spawn_blocking;

use super::Inner;
use super::ending::{late, milliseconds, off, refuse_by_source, said, silent, text, with_text};
use super::queue::Ticket;
use super::settings::{Job, Run, lower};
use super::supervisor::kept_ready;
use crate::conversation::{End, Printed, Task, converse};
use crate::error::{Place, RunError, StartError};
use crate::frame::Frame;
use crate::wall;
use crate::zygote::{Orderly, Worker};

/// How long a run waits for a worker when the zygote is being started again.
const WORKER_WAIT: Duration = Duration::from_secs(30);
/// How long after a silent end the zygote's word on it is awaited.
const ENDED_WAIT: Duration = Duration::from_secs(2);

/// Kills a worker when dropped, at the end of its run and when nobody waits for it any more, and asks for another one
/// in its place. Not earlier: forking and warming it would take from the run what it waits for, and one more than can
/// run at a time is ready all along.
struct Taken {
    process: OwnedFd,
    orderly: Orderly,
    generation: u64,
}

impl Drop for Taken {
    fn drop(&mut self) {
        // Fails when the worker has ended already, which is what is wanted.
        let _ = pidfd_send_signal(&self.process, Signal::KILL);
        self.orderly.replace(self.generation);
    }
}

/// An answer, read.
struct Answer<T> {
    read: T,
    cut: bool,
    printed: Printed,
    started: Instant,
}

impl Inner {
    /// Why nothing can run now, while the zygote cannot be started again.
    pub(super) fn off_now(&self) -> Option<RunError> {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = status.reason.as_deref().unwrap_or("it is being started");
        (!status.on).then(|| off(reason))
    }

    pub(super) async fn run(&self, ticket: Ticket, job: Job) -> Result<Run, RunError> {
        let limits = lower(job.limits, self.settings.limits);
        if self.settings.walls().guard() {
            refuse_by_source(&job.code, &limits).await?;
        }
        if job.frame.bytes() > limits.code_frame_bytes_max {
            return Err(RunError::Memory(Place::says(format!(
                "The data has {} bytes; a run may have {}. Filter it or choose fewer columns.",
                job.frame.bytes(),
                limits.code_frame_bytes_max
            ))));
        }
        let task = Task {
            code: job.code,
            frame: job.frame,
            limits,
            attempts: Vec::new(),
            confine: self.settings.walls().kernel(),
        };
        ticket.turn().await;
        let walls = self.settings.walls();
        let answer = self
            .work(Arc::new(task), move |body| walls.figure(body))
            .await?;
        drop(ticket);
        let stdout = text(&answer.printed);
        match answer.read {
            Ok(figure) => Ok(Run {
                figure,
                stdout,
                stdout_cut: answer.cut,
                duration_ms: milliseconds(answer.started.elapsed()),
            }),
            Err(error) => Err(RunError::Output(Place {
                stdout,
                stdout_cut: answer.cut,
                ..Place::says(error.to_string())
            })),
        }
    }

    /// Takes a worker, talks to it and reads its answer, all on one thread: waking another costs more than reading
    /// most figures.
    async fn work<T: Send + 'static>(
        &self,
        task: Arc<Task>,
        read: impl Fn(&[u8]) -> T + Clone + Send + 'static,
    ) -> Result<Answer<T>, RunError> {
        let mut again = true;
        // A worker that was ended while it waited, by whomever, is found stale; another one takes the job.
        for _ in 0..=kept_ready(&self.settings) {
            let worker = self.take().await?;
            let _taken = Taken {
                process: worker.process,
                orderly: self.orderly.clone(),
                generation: worker.generation,
            };
            let printed = Printed::default();
            let started = Instant::now();
            let talk = {
                let (task, printed) = (Arc::clone(&task), Arc::clone(&printed));
                let (socket, bytes) = (worker.socket, worker.interpreter_bytes);
                let read = read.clone();
                spawn_blocking(move || {
                    let (body, cut) = converse(socket, bytes, &task, &printed)?;
                    Ok((read(&body), cut))
                })
            };
            let end = talk
                .await
                .map_err(|_| RunError::Failed(Place::says("The run was interrupted.")))?;
            return match end {
                Ok((read, cut)) => Ok(Answer {
                    read,
                    cut,
                    printed,
                    started,
                }),
                Err(End::Stale) => continue,
                Err(End::Error(error)) => Err(with_text(error, &printed)),
                Err(End::Late) => Err(late(&task.limits, &printed)),
                Err(End::Silent) => match tokio::time::timeout(ENDED_WAIT, worker.ended).await {
                    Ok(Ok(status)) => Err(silent(Some(status), &task.limits, &printed)),
                    // The zygote went away and took the worker with it. A run has no effect but its answer, so it is
                    // simply run once more.
                    Ok(Err(_)) if again => {
                        again = false;
                        continue;
                    }
                    Ok(Err(_)) => Err(RunError::Failed(said(
                        "The sandbox was started again while the script ran. Run it again.",
                        &printed,
                    ))),
                    Err(_) => Err(silent(None, &task.limits, &printed)),
                },
            };
        }
        Err(off(
            "its workers end before they can work; the log says more",
        ))
    }

    /// The next worker of the zygote that lives.
    async fn take(&self) -> Result<Worker, RunError> {
        let next = async {
            loop {
                let worker = self.workers.lock().await.recv().await?;
                if self.orderly.lives(worker.generation) {
                    return Some(worker);
                }
            }
        };
        tokio::time::timeout(WORKER_WAIT, next)
            .await
            .map_err(|_| {
                let late = || off("it is being started again and is not ready yet");
                self.off_now().unwrap_or_else(late)
            })?
            .ok_or_else(|| off("it is shutting down"))
    }

    /// A worker, sealed like every other, tries what must be impossible.
    pub(super) async fn self_test(&self) -> Result<(), StartError> {
        let failed = |error: &dyn std::fmt::Display| StartError::SelfTest(error.to_string());
        let frame =
            Frame::seal(&arrow_schema::Schema::empty(), &[]).map_err(|error| failed(&error))?;
        let task = Task {
            code: String::new(),
            frame,
            limits: self.settings.limits,
            attempts: wall::attempts::attempts(),
            confine: true,
        };
        let answer = self
            .work(Arc::new(task), |body| {
                serde_json::from_slice::<Vec<(String, i32)>>(body)
            })
            .await
            .map_err(|error| failed(&error))?;
        let report = answer.read.map_err(|error| failed(&error))?;
        match wall::attempts::not_refused(&report) {
            None => Ok(()),
            Some(reason) => Err(StartError::SelfTest(reason)),
        }
    }
}
