//! How a run, or the start of the sandbox, can end badly.

use serde::Serialize;

/// Where in the script, and what it had printed until then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What happened, for the person who wrote the script.
    pub message: String,
    /// Line in the script, from 1.
    pub line: Option<u32>,
    /// Column in characters, from 1.
    pub column: Option<u32>,
    /// What the script had printed.
    pub stdout: String,
    /// Whether more was printed than is kept.
    pub stdout_cut: bool,
}

impl Place {
    /// A place that is nowhere in particular.
    pub(crate) fn says(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }
}

/// Why a run gave no figure. Each carries its sentence and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The script is not Python.
    #[error("{}", .0.message)]
    Syntax(Place),
    /// The script uses what Code Mode does not give.
    #[error("{}", .0.message)]
    Refused(Place),
    /// The script raised an error.
    #[error("{}", .0.message)]
    Failed(Place),
    /// The script ended without a Plotly figure in `fig`.
    #[error("{}", .0.message)]
    NoFigure(Place),
    /// Wall-clock or processor time is used up.
    #[error("{}", .0.message)]
    Timeout(Place),
    /// Memory is used up.
    #[error("{}", .0.message)]
    Memory(Place),
    /// The figure is too large, or is none that may be shown.
    #[error("{}", .0.message)]
    Output(Place),
    /// The run was stopped from outside.
    #[error("{}", .0.message)]
    Cancelled(Place),
    /// Too many runs are waiting already.
    #[error("Code Mode is busy: too many runs are waiting. Try again in a moment.")]
    Busy,
    /// Code Mode is off.
    #[error("Code Mode is off: {reason}")]
    Off {
        /// Why.
        reason: String,
    },
}

impl RunError {
    /// The code on the wire.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "syntax",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
            Self::NoFigure(_) => "no_figure",
            Self::Timeout(_) => "timeout",
            Self::Memory(_) => "memory",
            Self::Output(_) => "output",
            Self::Cancelled(_) => "cancelled",
            Self::Busy => "busy",
            Self::Off { .. } => "off",
        }
    }

    /// Where it happened; none when the script did not run.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Syntax(place)
            | Self::Refused(place)
            | Self::Failed(place)
            | Self::NoFigure(place)
            | Self::Timeout(place)
            | Self::Memory(place)
            | Self::Output(place)
            | Self::Cancelled(place) => Some(place),
            Self::Busy | Self::Off { .. } => None,
        }
    }

    /// The error of a code that a worker may answer with; an unknown one is a failure.
    pub(crate) fn from_code(code: &str, place: Place) -> Self {
        match code {
            "syntax" => Self::Syntax(place),
            "refused" => Self::Refused(place),
            "no_figure" => Self::NoFigure(place),
            "memory" => Self::Memory(place),
            "output" => Self::Output(place),
            _ => Self::Failed(place),
        }
    }
}

/// Why the sandbox could not be started; Code Mode is then off with this sentence as its reason.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The interpreter does not answer, or is not one that fits.
    #[error("the Python interpreter cannot be used: {0}")]
    Python(String),
    /// The launcher could not be started or refused a step.
    #[error("the sandbox could not be launched: {0}")]
    Launch(String),
    /// The zygote did not become ready.
    #[error("the sandbox did not become ready: {0}")]
    Zygote(String),
    /// A worker could do what it must not be able to do.
    #[error("the sandbox does not hold: {0}")]
    SelfTest(String),
}
