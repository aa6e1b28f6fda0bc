//! The command line of `sandbox-run`.

use std::path::PathBuf;

use domain::limits::CodeLimits;
use sandbox::Walls;

pub(crate) const HELP: &str = "\
Runs scripts in Code Mode's workers, without the server.

Usage: sandbox-run --walls both|guard|kernel|none --frame FILE.arrow [options]

  --walls WALLS    both    the guard and the kernel, and the figure sanitised, as in the product
                   guard   the guard alone: RestrictedPython, no confinement by the kernel
                   kernel  the kernel alone: plain Python in a confined worker
                   none    neither; only limits of time and memory. Scripts can do what you can:
                           this is for showing that an attack is one. Run nothing with it that you
                           would not run yourself.
                   With guard, kernel and none the figure is the script's own JSON.
  --frame FILE     the data frame `df`, in Arrow's IPC file format
  --jobs N         workers at the same time (1); with more than one, answers come as they are ready
  --wall-ms N      wall-clock time of a run in milliseconds (10000)
  --cpu-ms N       processor time of a run in milliseconds, counted in whole seconds (5000)
  --help           this text

Each line of standard input is a job, a JSON object:

  {\"id\": any value, \"code\": \"the script\"}    and if wanted \"wall_ms\", \"cpu_ms\": lower limits for this one

Each is answered with one line, flushed:

  {\"id\", \"outcome\": \"ok\" or \"error\", \"figure\", \"stdout\", \"stdout_cut\", \"code\", \"line\", \"column\", \"message\", \"ms\"}

With ok, `figure` is the figure and `code` is null. With error, `figure` is null and `code` is one of timeout, memory,
output, cancelled, syntax, refused, failed, no_figure, busy, off; `line` and `column`, from 1, are those of the script
where they are known. `ms` is the time from the job to its answer. Without the kernel's wall there may be
`late_imports`: modules that were loaded while the script ran, which no worker in the product could do. A line that is no job is answered with an error of
code `failed`; its id comes back if it has one.

The interpreter is the one that scripts/python-env.sh makes, or the one named by DEPICTIO_PYTHON.
Exit status: 0 at the end of the input, 1 when the sandbox cannot start, 2 for a wrong command line.
";

/// Upper bound of `--jobs`: each worker holds tens of megabytes.
const JOBS_MAX: usize = 64;

/// What the command line asks for.
pub(crate) enum Wish {
    Help,
    Run(Arguments),
}

pub(crate) struct Arguments {
    pub(crate) walls: Walls,
    pub(crate) frame: PathBuf,
    pub(crate) jobs: usize,
    pub(crate) limits: CodeLimits,
}

/// Reads `--name value` and `--name=value`.
pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Wish, String> {
    let (mut walls, mut frame, mut jobs) = (None, None, 1);
    let mut limits = CodeLimits::default();
    let mut rest = arguments;
    while let Some(argument) = rest.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        if matches!(name.as_str(), "--help" | "-h") {
            return Ok(Wish::Help);
        }
        if !NAMES.contains(&name.as_str()) {
            return Err(format!("there is no argument {name}"));
        }
        let value = inline
            .or_else(|| rest.next())
            .ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--walls" => walls = Some(these_walls(&value)?),
            "--frame" => frame = Some(PathBuf::from(value)),
            "--jobs" => jobs = number(&name, &value, JOBS_MAX)?,
            "--wall-ms" => limits.code_wall_ms_max = number(&name, &value, u64::from(u32::MAX))?,
            _ => limits.code_cpu_ms_max = number(&name, &value, u64::from(u32::MAX))?,
        }
    }
    Ok(Wish::Run(Arguments {
        walls: walls.ok_or("--walls is missing")?,
        frame: frame.ok_or("--frame is missing")?,
        jobs,
        limits,
    }))
}

const NAMES: [&str; 5] = ["--walls", "--frame", "--jobs", "--wall-ms", "--cpu-ms"];

fn these_walls(value: &str) -> Result<Walls, String> {
    match value {
        "both" => Ok(Walls::Both),
        "guard" => Ok(Walls::Guard),
        "kernel" => Ok(Walls::Kernel),
        "none" => Ok(Walls::None),
        other => Err(format!(
            "--walls is both, guard, kernel or none, not {other}"
        )),
    }
}

fn number<N: std::str::FromStr + PartialOrd + From<u8> + std::fmt::Display>(
    name: &str,
    value: &str,
    most: N,
) -> Result<N, String> {
    value
        .parse()
        .ok()
        .filter(|number| *number >= N::from(1) && *number <= most)
        .ok_or_else(|| format!("{name} is a number from 1 to {most}, not {value}"))
}
