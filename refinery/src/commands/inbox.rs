//! `refinery inbox`, `refinery conversation` and `refinery give-lead`: what people answered, for whoever has no browser at hand.

use anyhow::Context;
use chrono::Utc;
use domain::id::{ConversationId, IdError, InboxItemId, LeadId};
use domain::named::UnknownName;
use domain::reply::Bucket;
use entities::inbox_item::{self, Which};
use entities::{audit_log, conversation, page};
use serde_json::json;

use super::operator;
use crate::cli::{Conversation, GiveLead, Inbox};
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Lists what waits in a team's inbox, the hottest first. What was written is shown by `conversation` alone.
pub(super) async fn inbox(options: Inbox) -> anyhow::Result<Exit> {
    let bucket: Option<Bucket> = options
        .bucket
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|error: UnknownName| UsageError(error.to_string()))?;
    if !(1..=page::MAX_PAGE).contains(&options.limit) {
        return Err(UsageError(format!("--limit is 1 to {}", page::MAX_PAGE)).into());
    }
    let db = operator::database().await?;
    let team = operator::team(&db, &options.team).await?;
    let mut tx = db.team_bulk(team).await?;
    let which = Which { bucket, ..Which::default() };
    let (items, _) = inbox_item::list(&mut tx, which, None, options.limit, Utc::now()).await?;
    tx.commit().await?;
    if options.format.json {
        let items: Vec<_> = items
            .iter()
            .map(|item| {
                json!({
                    "id": item.id, "conversation": item.conversation, "lead": item.lead, "bucket": item.bucket,
                    "intent": item.intent, "temperature": item.temperature, "priority_score": item.priority_score,
                    "status": item.status, "needs_person": item.needs_person, "received_at": item.received_at,
                })
            })
            .collect();
        speak::result(serde_json::to_string(&items)?);
        return Ok(Exit::Success);
    }
    for item in &items {
        speak::result(format!(
            "{:3}  {:5} {:15} {:18} {}  {}",
            item.priority_score,
            item.temperature.as_deref().unwrap_or("-"),
            item.bucket,
            item.intent.as_deref().unwrap_or("not read yet"),
            item.received_at.format("%F %T UTC"),
            item.conversation,
        ));
    }
    speak::note(format!("{} shown, the hottest first", items.len()));
    Ok(Exit::Success)
}

/// The most messages that are shown.
const MESSAGES: u32 = 1_000;

/// Shows a conversation: how it stands, and what was said.
pub(super) async fn conversation(options: Conversation) -> anyhow::Result<Exit> {
    let id: ConversationId =
        options.conversation.parse().map_err(|error: IdError| UsageError(error.to_string()))?;
    let db = operator::database().await?;
    let team = operator::team(&db, &options.team).await?;
    let mut tx = db.team_bulk(team).await?;
    let found = conversation::get(&mut tx, id).await.with_context(|| format!("{id} cannot be shown"))?;
    let said = conversation::messages(&mut tx, &found, MESSAGES).await?;
    tx.commit().await?;
    if options.format.json {
        let messages: Vec<_> = said
            .iter()
            .map(|one| {
                json!({
                    "id": one.id, "direction": one.direction, "channel": one.channel, "text": one.body,
                    "classification": one.classification, "status": one.status, "at": one.at,
                })
            })
            .collect();
        let shown = json!({
            "id": id, "state": found.state, "hold_reason": found.hold_reason, "stage": found.stage,
            "temperature": found.temperature, "lead": found.lead, "campaign": found.campaign,
            "assigned_to": found.assigned_to, "closed_as": found.closed_as, "close_reason": found.close_reason,
            "messages": messages,
        });
        speak::result(serde_json::to_string(&shown)?);
        return Ok(Exit::Success);
    }
    let held = found.hold_reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
    speak::result(format!("{id} is {}{held}, {}", found.state, found.stage));
    for one in &said {
        let arrow = if one.direction == "inbound" { "<" } else { ">" };
        speak::result(format!("{}  {arrow} {}", one.at.format("%F %T UTC"), one.body));
    }
    Ok(Exit::Success)
}

/// Says whose a message is that nobody was written to for.
pub(super) async fn give_lead(options: GiveLead) -> anyhow::Result<Exit> {
    let unread = |error: IdError| UsageError(error.to_string());
    let item: InboxItemId = options.item.parse().map_err(unread)?;
    let lead: LeadId = options.lead.parse().map_err(unread)?;
    let db = operator::database().await?;
    let team = operator::team(&db, &options.team).await?;
    let mut tx = db.team_bulk(team).await?;
    let given = conversation::give_lead(&mut tx, item, lead, Utc::now()).await;
    let (of, new) = given.with_context(|| format!("{item} cannot be given to {lead}"))?;
    if new {
        let details = json!({ "lead": lead, "conversation": of, "by": "command line" });
        audit_log::record_in_bulk(&mut tx, None, "inbox.give_lead", &item.to_string(), &details).await?;
    }
    tx.commit().await?;
    speak::result(format!("{of} is {lead}'s{}", if new { "" } else { " already" }));
    Ok(Exit::Success)
}
