//! Why a run did not reach its end, and why a vendor was left out without ending it.

use domain::FailureCode;
use temporalio_common::error::IncomingError;
use temporalio_workflow::ActivityExecutionError;

use super::messages::{Ending, LookupOutput};
use crate::calling::{is_cancelled, told};

/// Why the story did not reach its end.
pub(super) struct Stop {
    pub(super) ending: Ending,
    pub(super) code: FailureCode,
    pub(super) detail: String,
}

impl Stop {
    pub(super) fn cancelled() -> Self {
        Self {
            ending: Ending::Cancelled,
            code: FailureCode::EnrichCancelled,
            detail: "cancelled by a person".to_owned(),
        }
    }
}

/// What an activity's failure means for the run.
pub(super) fn stop(error: &ActivityExecutionError) -> Stop {
    if is_cancelled(error) {
        return Stop::cancelled();
    }
    let late =
        "a step took longer than it may; see its last failure in the Temporal UI, then start another run";
    let (code, detail) = told(error, (FailureCode::SystemUnavailable, late));
    Stop { ending: Ending::Failed, code, detail }
}

/// What the failure of asking a vendor means: it is left out of this page where it only could not be asked.
pub(super) fn held_up(error: &ActivityExecutionError) -> Result<LookupOutput, Stop> {
    if is_cancelled(error) {
        return Err(Stop::cancelled());
    }
    let held = |code| LookupOutput { held: Some(code), ..LookupOutput::default() };
    match error.reason() {
        Some(IncomingError::Timeout(_)) => Ok(held(FailureCode::EnrichApiTimeout)),
        Some(IncomingError::Application(reason)) => {
            match reason.type_name().and_then(|name| name.parse().ok()) {
                Some(code) if holds(code) => Ok(held(code)),
                _ => Err(stop(error)),
            }
        }
        _ => Err(stop(error)),
    }
}

/// Whether a code says that a vendor could not be asked, and not that the run is broken.
const fn holds(code: FailureCode) -> bool {
    matches!(
        code,
        FailureCode::EnrichApiTimeout
            | FailureCode::EnrichRateLimited
            | FailureCode::EnrichAccountStopped
            | FailureCode::EnrichBudgetExhausted
    )
}
