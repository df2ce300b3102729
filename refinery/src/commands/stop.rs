//! `refinery stop` and `refinery go`: the kill switch of everything, for whoever runs the system.

use entities::kill_switch;
use serde_json::json;

use super::operator;
use crate::cli::{Go, Stop};
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Stops everything that any team sends: each text is checked right before it leaves.
pub(super) async fn stop(options: Stop) -> anyhow::Result<Exit> {
    let reason = options.reason.trim();
    if reason.is_empty() {
        return Err(UsageError("say why, for whoever wants to go on".to_owned()).into());
    }
    let db = operator::database().await?;
    let new = kill_switch::stop_everything(&db, reason).await?;
    match (options.format.json, new) {
        (true, _) => speak::result(json!({"stopped": true, "new": new})),
        (false, true) => speak::result("stopped: nothing leaves any more; `refinery go` lets it"),
        (false, false) => speak::result("it was stopped already; `refinery go` lets everybody send again"),
    }
    Ok(Exit::Success)
}

/// Lets everybody send again what nothing else stops.
pub(super) async fn go(options: Go) -> anyhow::Result<Exit> {
    let db = operator::database().await?;
    let was = kill_switch::resume_everything(&db).await?;
    match (options.format.json, was) {
        (true, _) => speak::result(json!({"stopped": false, "was_stopped": was})),
        (false, true) => speak::result("everybody may send again what nothing else stops"),
        (false, false) => speak::result("it was not stopped"),
    }
    Ok(Exit::Success)
}
