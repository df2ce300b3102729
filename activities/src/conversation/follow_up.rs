//! `conversation.follow_up`: does what silence asks for. Key: rule, conversation and occasion; each is done once or not at all.
//!
//! A follow-up is planned when the item that it follows upon has its place, and cancelled by whatever is said, by an opt-out
//! or by a person. When its time has come it is asked again whether it may be: what has been answered needs none, a lead
//! has three messages by follow-up at the most over all campaigns, and what it says is a suggestion like any other, released by
//! the team's settings or by a person, and put before the gate as something that nobody asked for.

use chrono::{DateTime, TimeDelta, Utc};
use domain::message::Template;
use domain::reply::{Bucket, FollowUpAction, Trigger};
use entities::BulkTransaction;
use entities::alert::{self, NewAlert};
use entities::reply::{self, DueFollowUp, NewSuggestion};
use entities::task::{self, NewTask, TaskPriority};
use entities::team::TeamSettings;
use serde::Deserialize;
use serde_json::json;
use workflows::conversation::{ConversationRef, FollowUpOutput};

use super::{settings, told};
use crate::{Fault, Resources};

/// The most messages by follow-up to one lead, over all campaigns.
const MOST_CONTACTS: u8 = domain::reply::MOST_PER_LEAD;

pub(super) async fn follow_up(resources: &Resources, of: ConversationRef) -> Result<FollowUpOutput, Fault> {
    let now = Utc::now();
    let settings = settings(resources, of.team).await?;
    let mut output = FollowUpOutput::default();
    let mut tx = resources.db.team_bulk(of.team).await?;
    reply::lock(&mut tx, of.conversation).await?;
    for due in reply::due_follow_ups(&mut tx, of.conversation, now).await? {
        match forbidden(&due, &settings) {
            Some(why) => {
                reply::end_follow_up(&mut tx, due.id, Err(why), now).await?;
                output.skipped += 1;
            }
            None => {
                let made = act(&mut tx, of, &due, &settings, now).await?;
                match made {
                    Ok(made) => {
                        reply::end_follow_up(&mut tx, due.id, Ok(made), now).await?;
                        output.done += 1;
                    }
                    Err(why) => {
                        reply::end_follow_up(&mut tx, due.id, Err(why), now).await?;
                        output.skipped += 1;
                    }
                }
            }
        }
    }
    let standing = reply::standing(&mut tx, of.conversation).await?;
    tx.commit().await?;
    output.standing = told(&standing);
    Ok(output)
}

/// What forbids a follow-up now, whatever it would do.
fn forbidden(due: &DueFollowUp, settings: &TeamSettings) -> Option<&'static str> {
    if !settings.follow_up {
        return Some("team");
    }
    if !due.in_force {
        return Some("switch");
    }
    let asks_for_an_answer = [Trigger::QuestionUnanswered, Trigger::CalledNotContacted]
        .map(Trigger::as_str)
        .contains(&due.trigger.as_str());
    (asks_for_an_answer && due.answered).then_some("answered")
}

/// What a follow-up made, or what forbade it.
type Made = Result<(Option<domain::id::SuggestionId>, Option<domain::id::TaskId>, Option<u8>), &'static str>;

/// Does what a rule says, in its order. A message that may not be is left out, and what else the rule says is done all the same.
async fn act(
    tx: &mut BulkTransaction,
    of: ConversationRef,
    due: &DueFollowUp,
    settings: &TeamSettings,
    now: DateTime<Utc>,
) -> Result<Made, Fault> {
    let actions = Vec::<FollowUpAction>::deserialize(&due.actions).map_err(|error| {
        Fault::permanent(domain::FailureCode::SystemInternal, "a follow-up's actions cannot be read")
            .because(error)
    })?;
    let (mut suggestion, mut put, mut contact, mut refused, mut did) = (None, None, None, None, false);
    for action in &actions {
        match action {
            FollowUpAction::SendSms { text } => match message(tx, of, due, text, settings, now).await? {
                Ok(id) => {
                    suggestion = Some(id);
                    contact = Some(due.contacts + 1);
                    did = true;
                }
                Err(why) => refused = Some(why),
            },
            // Who writes mail from a conversation is a person.
            FollowUpAction::SendEmail { subject, text } => {
                let notes = format!("{subject}\n\n{text}");
                put = task_for(tx, of, due, "Send an e-mail", &notes, TaskPriority::Normal).await?;
                did = true;
            }
            FollowUpAction::CreateTask { title, priority } => {
                let priority = priority.as_str().parse().unwrap_or(TaskPriority::Normal);
                put = task_for(tx, of, due, title, "", priority).await?;
                did = true;
            }
            FollowUpAction::MoveBucket { bucket } => {
                let bucket: Bucket = *bucket;
                reply::move_newest(tx, of.conversation, bucket.as_str(), "a follow-up's rule", now).await?;
                did = true;
            }
            FollowUpAction::AdjustScore { points } => {
                reply::adjust_score(tx, of.conversation, i16::from(*points)).await?;
                did = true;
            }
            FollowUpAction::Tag { tag } => {
                reply::tag(tx, of.conversation, tag).await?;
                did = true;
            }
            FollowUpAction::Notify { .. } => {
                let (subject, key) = (of.conversation.to_string(), format!("follow_up:{}", due.id));
                let detail = json!({ "trigger": due.trigger, "follow_up": due.id });
                let alert =
                    NewAlert { kind: "reply.follow_up", subject: &subject, detail: &detail, dedup_key: &key };
                alert::raise(tx, alert).await?;
                did = true;
            }
        }
    }
    Ok(match refused {
        Some(why) if !did => Err(why),
        _ => Ok((suggestion, put, contact)),
    })
}

/// Suggests what a follow-up says; `Err`: what forbids it.
async fn message(
    tx: &mut BulkTransaction,
    of: ConversationRef,
    due: &DueFollowUp,
    text: &str,
    settings: &TeamSettings,
    now: DateTime<Utc>,
) -> Result<Result<domain::id::SuggestionId, &'static str>, Fault> {
    if due.lead.is_none() {
        return Ok(Err("no_lead"));
    }
    if due.contacts >= MOST_CONTACTS {
        return Ok(Err("contacts"));
    }
    if due.suggestion_open {
        return Ok(Err("suggestion_open"));
    }
    let who = reply::values(tx, of.conversation).await?;
    let Some(text) = Template::parse(text).ok().and_then(|template| template.render(&who).ok()) else {
        return Ok(Err("no_text"));
    };
    let suggestion = NewSuggestion {
        conversation: of.conversation,
        item: None,
        origin: "follow_up",
        stage: &due.stage,
        text,
        alternatives: Vec::new(),
        intent: None,
        confidence: None,
        next_action: None,
        notes: String::new(),
        rebuttal: false,
        profile: None,
        expires_at: now + TimeDelta::hours(i64::from(settings.suggestion_ttl_hours.max(1))),
    };
    let Some((_, id)) = reply::suggest(tx, &[suggestion], now).await?.pop() else {
        return Ok(Err("suggestion_open"));
    };
    if settings.auto_reply {
        reply::approve_automatically(tx, &[id], now).await?;
    }
    Ok(Ok(id))
}

async fn task_for(
    tx: &mut BulkTransaction,
    of: ConversationRef,
    due: &DueFollowUp,
    title: &str,
    notes: &str,
    priority: TaskPriority,
) -> Result<Option<domain::id::TaskId>, Fault> {
    let dedup_key = format!("follow_up:{}", due.id);
    let what = NewTask {
        kind: &due.trigger,
        subject: None,
        title,
        notes,
        priority,
        due_at: None,
        conversation: Some(of.conversation),
        lead: due.lead,
        assigned_to: None,
        dedup_key: Some(&dedup_key),
        by: None,
    };
    Ok(task::put(tx, &what).await?)
}
