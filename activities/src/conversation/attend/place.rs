//! Puts what was classified in its place. What has its place keeps it, wherever a person moves it afterwards.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::ConversationId;
use domain::reply::{Bucket, Classification, Intent, Stage, SuggestedAction, Temperature, priority_score};
use entities::BulkTransaction;
use entities::call_queue::{self, NewCall};
use entities::reply::{self, Place, Placing};

use crate::Fault;

/// How soon somebody is to be called who asked for it, or called.
const CALL_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// Places whatever of these conversations is not; whoever is to be called has their place in the call queue.
pub(super) async fn place(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let items = reply::placing(tx, conversations).await?;
    let places: Vec<(SuggestedAction, Place<'static>)> = items.iter().map(belongs).collect();
    let rows: Vec<Place<'static>> = places.iter().map(|(_, place)| place.clone()).collect();
    let new = reply::place(tx, &rows, now).await?;
    let asked = items.iter().zip(&places);
    let asked = asked.filter(|(item, (action, _))| action.is_call() && new.contains(&item.item));
    let calls: Vec<NewCall<'_>> = asked
        .map(|(item, (_, place))| NewCall {
            conversation: Some(item.conversation),
            item: Some(item.item),
            lead: item.lead,
            phone: &item.from,
            reason: intent(item).as_str(),
            skill: None,
            priority: place.score,
            due_at: now + CALL_WITHIN,
        })
        .collect();
    call_queue::enqueue_all(tx, &calls).await?;
    Ok(())
}

fn intent(item: &Placing) -> Intent {
    item.intent.parse().unwrap_or(Intent::Other)
}

/// Where one item belongs, and what is to be done about it.
fn belongs(item: &Placing) -> (SuggestedAction, Place<'static>) {
    let intent = intent(item);
    let says = |field: &str| item.extracted.get(field).and_then(serde_json::Value::as_bool) == Some(true);
    let has_interest = item.has_interest || intent == Intent::Interested;
    let temperature = Temperature::of(intent, item.number == 1, has_interest);
    let mut said = Classification::plain(intent, item.confidence);
    said.needs_person = item.needs_person;
    said.extracted.call_me = says("call_me");
    let action = SuggestedAction::of(&said, temperature);
    let why = item.rule.as_ref().unwrap_or(&item.intent);
    let place = Place {
        item: item.item,
        conversation: item.conversation,
        bucket: Bucket::of(intent).as_str(),
        why: format!("classified: {why}"),
        priority: intent.priority(),
        score: priority_score(intent, item.lead_score),
        temperature: temperature.as_str(),
        action: action.as_str(),
        stage: Stage::of(item.number, intent).as_str(),
    };
    (action, place)
}
