//! `deliverable.send`: sends what somebody wrote for a deliverable; where nobody has, puts it before a person. Key: the row of the
//! letter; what may have left is not sent again.

use domain::FailureCode;
use entities::letter::Under;
use entities::{deliverable, reply};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use workflows::deliverable::{DeliverableRef, Delivered};

use super::hand_over::hand_over;
use super::span;
use crate::heartbeat::see_through;
use crate::sending::letters;
use crate::{Fault, Resources};

/// Does the work in a task of its own: a call that was begun is seen through and written down.
pub(super) async fn seen_through(
    ctx: &ActivityContext,
    resources: Resources,
    of: DeliverableRef,
) -> Result<Delivered, ActivityError> {
    const NAME: &str = "deliverable.send";
    let span = span(ctx, NAME, of);
    let work = async move { send(&resources, of).await }.instrument(span.clone());
    let done = see_through(ctx, &CancellationToken::new(), work).await;
    let _in_span = span.entered();
    match done {
        Ok(delivered) => {
            tracing::info!(state = delivered.state, "done");
            Ok(delivered)
        }
        Err(fault) => Err(fault.into_activity_error(NAME)),
    }
}

async fn send(resources: &Resources, of: DeliverableRef) -> Result<Delivered, Fault> {
    let mut tx = resources.db.team_bulk(of.team).await?;
    let owed = deliverable::get(&mut tx, of.deliverable).await?;
    tx.commit().await?;
    if owed.state == "requested" {
        return hand_over(resources, of).await;
    }
    let tally = letters::send_open(resources, of.team, Under::Deliverable(of.deliverable)).await?;
    let mut tx = resources.db.team_bulk(of.team).await?;
    let state = reply::owed(&mut tx, of.deliverable).await?.state;
    tx.commit().await?;
    let again_at_ms = tally.again_at.map(|at| at.timestamp_millis());
    if state == "made" && again_at_ms.is_none() {
        // A letter that is there without being open ends what is owed: this cannot be, and a person should know.
        return Err(Fault::permanent(
            FailureCode::SystemInternal,
            "what is owed was written, and nothing of it is to be sent",
        ));
    }
    Ok(Delivered { state, again_at_ms })
}
