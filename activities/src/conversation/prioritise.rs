//! `conversation.prioritise`: puts what was classified in its place, and says what waits for too long. Key: the item; what has
//! its place keeps it, wherever a person moves it afterwards.

use chrono::{DateTime, TimeDelta, Utc};
use domain::reply::{Bucket, Classification, Intent, Stage, SuggestedAction, Temperature, priority_score};
use entities::BulkTransaction;
use entities::call_queue::{self, NewCall};
use entities::reply::{self, Place, Placing};
use workflows::conversation::{ConversationRef, Standing};

use super::follow_up::plan;
use super::{settings, told};
use crate::{Fault, Resources};

/// How long a hot item may wait for a person before somebody is told.
const HOT_PATIENCE: TimeDelta = TimeDelta::hours(2);
/// How soon somebody is to be called who asked for it, or called.
const CALL_WITHIN: TimeDelta = TimeDelta::minutes(15);

pub(super) async fn prioritise(resources: &Resources, of: ConversationRef) -> Result<Standing, Fault> {
    let line = settings(resources, of).await?.reply_line;
    let now = Utc::now();
    let mut tx = resources.db.team_bulk(of.team).await?;
    reply::lock(&mut tx, of.conversation).await?;
    for item in reply::placing(&mut tx, of.conversation).await? {
        place(&mut tx, of, &item, now).await?;
    }
    plan(&mut tx, of, line, now).await?;
    reply::lapse(&mut tx, of.conversation, now).await?;
    reply::raise_waiting(&mut tx, of.conversation, HOT_PATIENCE, now).await?;
    let standing = reply::standing(&mut tx, of.conversation).await?;
    tx.commit().await?;
    Ok(told(&standing))
}

/// Puts one item in its place; whoever is to be called has their place in the call queue.
async fn place(
    tx: &mut BulkTransaction,
    of: ConversationRef,
    item: &Placing,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let intent: Intent = item.intent.parse().unwrap_or(Intent::Other);
    let says = |field: &str| item.extracted.get(field).and_then(serde_json::Value::as_bool) == Some(true);
    let has_interest = item.has_interest || intent == Intent::Interested;
    let temperature = Temperature::of(intent, item.number == 1, has_interest);
    let mut said = Classification::plain(intent, item.confidence);
    said.needs_person = item.needs_person;
    said.extracted.call_me = says("call_me");
    let action = SuggestedAction::of(&said, temperature);
    let why = item.rule.clone().unwrap_or_else(|| item.intent.clone());
    let place = Place {
        item: item.item,
        bucket: Bucket::of(intent).as_str(),
        why: &format!("classified: {why}"),
        priority: intent.priority(),
        score: priority_score(intent, item.lead_score),
        temperature: temperature.as_str(),
        action: action.as_str(),
        stage: Stage::of(item.number, intent).as_str(),
    };
    if !reply::place(tx, of.conversation, &place, now).await? || !action.is_call() {
        return Ok(());
    }
    let call = NewCall {
        conversation: Some(of.conversation),
        item: Some(item.item),
        lead: item.lead,
        phone: &item.from,
        reason: intent.as_str(),
        skill: None,
        priority: place.score,
        due_at: now + CALL_WITHIN,
    };
    call_queue::enqueue(tx, &call).await?;
    Ok(())
}
