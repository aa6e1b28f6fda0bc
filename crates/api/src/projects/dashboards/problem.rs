//! What can go wrong with dashboards, in words for a client.

use crate::http::problem::{FieldError, Problem, sentence};
use axum::http::StatusCode;
use dashboards::{DashboardError, Failure, RenderError};
use sandbox::RunError;

impl From<DashboardError> for Problem {
    fn from(error: DashboardError) -> Self {
        match error {
            DashboardError::NotFound => Self::not_found(),
            DashboardError::Invalid(flaws) => Self::flawed("", flaws),
            DashboardError::Stale(current) => Self::stale().with("current", current),
            DashboardError::Access(error) => error.into(),
        }
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Dashboard(error) => error.into(),
            RenderError::Invalid(flaws) => Self::flawed("", flaws),
            RenderError::Access(error) => error.into(),
        }
    }
}

/// Why one component shows nothing.
pub(crate) fn failure(failure: Failure) -> Problem {
    let words = sentence(&failure.to_string());
    let code = failure.code();
    let status = match &failure {
        Failure::Code(RunError::Busy) => StatusCode::TOO_MANY_REQUESTS,
        Failure::Code(RunError::Off { .. }) | Failure::Broken => StatusCode::SERVICE_UNAVAILABLE,
        Failure::CodeForbidden => StatusCode::FORBIDDEN,
        Failure::Ended => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let flaws = failure.flaws();
    let errors: Vec<FieldError> = flaws
        .into_iter()
        .map(|flaw| FieldError {
            pointer: flaw.pointer,
            message: flaw.message,
        })
        .collect();
    let mut problem = Problem::new(status, code, words).with_errors(errors);
    if let Failure::Code(error) = &failure {
        if let Some(place) = error.place() {
            problem = problem
                .with("line", place.line)
                .with("column", place.column)
                .with("stdout", &place.stdout)
                .with("stdout_cut", place.stdout_cut);
        }
        if matches!(error, RunError::Busy) {
            problem = problem.retry_after(2);
        }
    }
    problem
}
