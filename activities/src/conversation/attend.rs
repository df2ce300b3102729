//! `conversation.attend`: sees to what came in. Key: the item; what is classified, placed and answered stays so.
//!
//! What came in is classified, opt-outs first; it gets its place; what is to follow upon silence is planned; and an answer is
//! prepared. All of it is rules and rows, so it is done for many conversations in one transaction: the relay sees to a hundred
//! at once, the activity to its own where something else than a message came in. Nobody is asked over a network here.

mod classify;
mod place;
mod plan;
mod suggest;

use chrono::Utc;
use domain::id::ConversationId;
use entities::reply;
use entities::team::TeamSettings;
use entities::{BulkTransaction, budget, send_intent};
use workflows::conversation::{ConversationRef, Standing};

use super::{settings, told};
use crate::{Fault, Resources};

/// Sees to one conversation; answers how it stands then.
pub(super) async fn attend(resources: &Resources, of: ConversationRef) -> Result<Standing, Fault> {
    let settings = settings(resources, of.team).await?;
    let mut tx = resources.db.team_bulk(of.team).await?;
    see_to(&mut tx, &[of.conversation], &settings).await?;
    let standing = reply::standing(&mut tx, of.conversation).await?;
    tx.commit().await?;
    Ok(told(&standing))
}

/// Sees to conversations within a transaction. They are locked to its end, in one order.
pub(crate) async fn see_to(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
    settings: &TeamSettings,
) -> Result<(), Fault> {
    let now = Utc::now();
    let all = reply::lock_all(tx, conversations).await?;
    // What a message that came in made stale takes its row of the ledger with it.
    let dropped = send_intent::tidy_replies(tx, &all, now).await?;
    budget::release_many(tx, &dropped).await?;
    classify::classify(tx, &all, settings.reply_line, now).await?;
    place::place(tx, &all, now).await?;
    plan::plan(tx, &all, settings.reply_line, now).await?;
    reply::lapse(tx, &all, now).await?;
    reply::raise_waiting(tx, &all, now).await?;
    suggest::suggest(tx, &all, settings, now).await
}
