//! What is said of a run that gave no figure.

use std::sync::PoisonError;
use std::time::Duration;

use domain::limits::CodeLimits;

use crate::conversation::Printed;
use crate::error::{Place, RunError};

/// What the source shows is refused before the first statement runs, so that such a script prints nothing.
pub(super) async fn refuse_by_source(code: &str, limits: &CodeLimits) -> Result<(), RunError> {
    let most = usize::try_from(limits.code_source_bytes_max).unwrap_or(usize::MAX);
    if code.len() > most {
        return Err(RunError::Syntax(Place::says(format!(
            "The script has {} bytes; {most} are allowed.",
            code.len()
        ))));
    }
    let depth = usize::try_from(limits.code_depth_max).unwrap_or(usize::MAX);
    match crate::check::first_aside(code, depth).await {
        None => Err(RunError::Failed(Place::says(
            "The script could not be read.",
        ))),
        Some(None) => Ok(()),
        Some(Some(finding)) => {
            let place = Place {
                line: Some(finding.line),
                column: Some(finding.column),
                ..Place::says(finding.message)
            };
            Err(match finding.code {
                crate::FindingCode::Syntax => RunError::Syntax(place),
                crate::FindingCode::Refused => RunError::Refused(place),
            })
        }
    }
}

/// A sentence, and what had been printed.
pub(super) fn said(message: impl Into<String>, printed: &Printed) -> Place {
    Place {
        stdout: text(printed),
        ..Place::says(message)
    }
}

/// What had been printed.
pub(super) fn text(printed: &Printed) -> String {
    printed
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Puts what was printed beside the error.
pub(super) fn with_text(mut error: RunError, printed: &Printed) -> RunError {
    match &mut error {
        RunError::Syntax(place)
        | RunError::Refused(place)
        | RunError::Failed(place)
        | RunError::NoFigure(place)
        | RunError::Timeout(place)
        | RunError::Memory(place)
        | RunError::Output(place)
        | RunError::Cancelled(place) => place.stdout = text(printed),
        RunError::Busy | RunError::Off { .. } => {}
    }
    error
}

/// Wall-clock time is used up.
pub(super) fn late(limits: &CodeLimits, printed: &Printed) -> RunError {
    let message = format!(
        "The script ran longer than {} s.",
        seconds(limits.code_wall_ms_max)
    );
    RunError::Timeout(said(message, printed))
}

/// What a worker's exit status says about a run without an answer.
pub(super) fn silent(status: Option<i32>, limits: &CodeLimits, printed: &Printed) -> RunError {
    let said = |message: &str| said(message, printed);
    match status.map(|status| status & 0x7f) {
        Some(libc::SIGXCPU) => RunError::Timeout(said(&format!(
            "The script used more than {} s of processor time.",
            seconds(limits.code_cpu_ms_max)
        ))),
        // Not by us: the kernel ends the largest process when the machine's memory is used up. An abort is what C++
        // does when memory is refused to it.
        Some(libc::SIGKILL | libc::SIGABRT) => {
            RunError::Memory(said("The script needed more memory than a run may use."))
        }
        Some(libc::SIGSEGV | libc::SIGBUS | libc::SIGILL) => {
            RunError::Failed(said("The interpreter crashed while it ran the script."))
        }
        _ => RunError::Failed(said("The run ended without an answer.")),
    }
}

/// Code Mode cannot run anything now.
pub(super) fn off(reason: &str) -> RunError {
    RunError::Off {
        reason: reason.to_owned(),
    }
}

fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1000) {
        format!("{}", ms / 1000)
    } else {
        format!("{:.1}", Duration::from_millis(ms).as_secs_f64())
    }
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
