//! `deliverable.hand_over`: puts what is owed before people. Key: the row; what is handed over stays so.

use chrono::Utc;
use entities::letter::{self, Under};
use entities::{deliverable, reply};
use workflows::deliverable::{DeliverableRef, Delivered};

use crate::{Fault, Resources};

/// Why a letter is withheld that its workflow has given up.
const GIVEN_UP: &str = "given_up";

/// Puts what is owed before a person of the queue that makes it, unless the person it is for has opted out meanwhile. What a
/// deliverable says is made by people; that it is asked for once, and by whom, is certain. What was written and has not left is
/// left to them too.
pub(super) async fn hand_over(resources: &Resources, of: DeliverableRef) -> Result<Delivered, Fault> {
    let now = Utc::now();
    let mut tx = resources.db.team_bulk(of.team).await?;
    let conversation = deliverable::get(&mut tx, of.deliverable).await?.conversation;
    // In the order in which everybody locks them.
    reply::lock(&mut tx, conversation).await?;
    for id in letter::open(&mut tx, Under::Deliverable(of.deliverable)).await? {
        letter::withhold(&mut tx, id, GIVEN_UP, now).await?;
    }
    let owed = reply::owed(&mut tx, of.deliverable).await?;
    let open = matches!(owed.state.as_str(), "requested" | "made");
    if open && owed.forbidden {
        reply::call_off(&mut tx, of.deliverable, now).await?;
    } else if open {
        reply::hand_over(&mut tx, of.deliverable, &owed, now).await?;
    }
    let state = reply::owed(&mut tx, of.deliverable).await?.state;
    tx.commit().await?;
    Ok(Delivered { state, again_at_ms: None })
}
