//! `deliverable.hand_over`: puts what is owed before people. Key: the row; what is handed over stays so.

use chrono::Utc;
use entities::reply;
use workflows::deliverable::{DeliverableRef, Delivered};

use crate::{Fault, Resources};

/// Puts what is owed before a person of the queue that makes it, unless the person it is for has opted out meanwhile. What a
/// deliverable says is made by people; that it is asked for once, and by whom, is certain.
pub(super) async fn hand_over(resources: &Resources, of: DeliverableRef) -> Result<Delivered, Fault> {
    let now = Utc::now();
    let mut tx = resources.db.team_bulk(of.team).await?;
    let owed = reply::owed(&mut tx, of.deliverable).await?;
    let open = matches!(owed.state.as_str(), "requested" | "made");
    if open && owed.forbidden {
        reply::call_off(&mut tx, of.deliverable, now).await?;
    } else if open {
        reply::hand_over(&mut tx, of.deliverable, &owed, now).await?;
    }
    let state = reply::owed(&mut tx, of.deliverable).await?.state;
    tx.commit().await?;
    Ok(Delivered { state })
}
