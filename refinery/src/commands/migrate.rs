//! `refinery migrate`.

use anyhow::Context;

use super::operator;
use crate::exit::Exit;
use crate::speak;

/// Brings the database to this version.
pub(super) async fn run() -> anyhow::Result<Exit> {
    let db = operator::database().await?;
    let steps = migrations::migrate(db.connection()).await.context("the database was left as it was")?;
    match steps.as_slice() {
        [] => speak::result("The database is at this version already."),
        steps => steps.iter().for_each(|step| speak::result(format!("applied {step}"))),
    }
    Ok(Exit::Success)
}
