//! Runs scripts in Code Mode's workers without the server, with both walls, one of them or none: for whoever wants to
//! see what each of them holds. Jobs are JSON lines on standard input, each is answered with one on standard output.
//!
//! It is a program beside the product, which has neither it nor the feature that leaves a wall out.

mod arguments;
mod late;
mod lines;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use domain::limits::CodeLimits;
use sandbox::{Frame, Job, Launcher, Sandbox, Settings, find_python};
use tokio::sync::{Semaphore, mpsc};

use arguments::{Arguments, Wish};
use lines::{Answer, Line, Request};

/// The hidden first argument by which this program becomes its own launcher.
const LAUNCHER: &str = "sandbox-launcher";

fn main() -> ExitCode {
    // First thing, before any thread: the launcher must hold nothing.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == LAUNCHER)
    {
        sandbox::launcher_main();
    }
    match arguments::read(std::env::args().skip(1)) {
        Ok(Wish::Help) => {
            print!("{}", arguments::HELP);
            ExitCode::SUCCESS
        }
        Ok(Wish::Run(arguments)) => match serve(arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                eprintln!("sandbox-run: {message}");
                ExitCode::FAILURE
            }
        },
        Err(message) => {
            eprintln!("sandbox-run: {message}\n\n{}", arguments::HELP);
            ExitCode::from(2)
        }
    }
}

fn serve(arguments: Arguments) -> Result<(), String> {
    let frame = Frame::copy(&arguments.frame)
        .map_err(|error| format!("{}: {error}", arguments.frame.display()))?;
    let settings = settings(&arguments)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let sandbox = Sandbox::start(settings)
            .await
            .map_err(|error| error.to_string())?;
        let trial = Arc::new(Trial {
            sandbox,
            frame,
            limits: late::room(arguments.walls, arguments.limits),
        });
        all(&trial, arguments.jobs).await
    })
}

fn settings(arguments: &Arguments) -> Result<Settings, String> {
    let named = std::env::var_os("DEPICTIO_PYTHON").map(Into::into);
    let python = find_python(named).map_err(|error| error.to_string())?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let launcher = Launcher {
        program,
        args: vec![LAUNCHER.to_owned()],
    };
    let mut settings = Settings::new(python, launcher);
    settings.workers = arguments.jobs;
    settings.queue = arguments.jobs;
    settings.walls = arguments.walls;
    settings.limits = late::room(arguments.walls, arguments.limits);
    Ok(settings)
}

/// What every job of this trial shares.
struct Trial {
    sandbox: Sandbox,
    frame: Frame,
    limits: CodeLimits,
}

/// Answers every line. With one job at a time the answers keep the order of the lines.
async fn all(trial: &Arc<Trial>, jobs: usize) -> Result<(), String> {
    let (lines, mut incoming) = mpsc::channel(jobs);
    std::thread::spawn(move || lines::read(std::io::stdin().lock(), &lines));
    let turns = Arc::new(Semaphore::new(jobs));
    while let Some(line) = incoming.recv().await {
        let turn = Arc::clone(&turns).acquire_owned().await;
        let trial = Arc::clone(trial);
        let one = async move {
            let answer = trial.answer(line).await;
            // Whoever reads the answers has gone: nobody is left to work for.
            if say(&answer).is_err() {
                std::process::exit(1);
            }
            drop(turn);
        };
        if jobs == 1 {
            one.await;
        } else {
            tokio::spawn(one);
        }
    }
    let every = u32::try_from(jobs).map_err(|error| error.to_string())?;
    // All turns are free again when the last answer is written.
    let _ = turns.acquire_many(every).await;
    Ok(())
}

impl Trial {
    async fn answer(&self, line: Line) -> Answer {
        let started = Instant::now();
        match line {
            Line::Bad { id, message } => Answer::bad(id, message),
            Line::Job(request) => {
                let outcome = self.sandbox.run(self.job(&request)).await;
                Answer::of(request.id, outcome, started.elapsed())
            }
        }
    }

    fn job(&self, request: &Request) -> Job {
        let mut limits = self.limits;
        let lower =
            |limit: &mut u64, wish: Option<u64>| *limit = wish.map_or(*limit, |ms| ms.min(*limit));
        lower(&mut limits.code_wall_ms_max, request.wall_ms);
        lower(&mut limits.code_cpu_ms_max, request.cpu_ms);
        Job {
            code: request.code.clone(),
            frame: self.frame.clone(),
            limits,
        }
    }
}

/// One line, whole and at once.
fn say(answer: &Answer) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}
