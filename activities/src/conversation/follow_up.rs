//! `conversation.follow_up`: does what silence asks for. Key: rule, conversation and occasion; each is done once or not at all.
//!
//! A follow-up is planned when the item that it follows upon has its place, and cancelled by whatever is said, by an opt-out
//! or by a person. When its time has come `domain::reply::due` judges it by what is known then, as it does in a dry run over the
//! past. What it says is a suggestion like any other, released by the team's settings or by a person, and put before the gate as
//! something that nobody asked for. What it writes by e-mail goes by itself where the team's settings say so and somebody carries
//! it, through the gate too; else a person writes it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::message::Template;
use domain::reply::{Bucket, Due, FollowUpAction, due};
use entities::BulkTransaction;
use entities::alert::{self, NewAlert};
use entities::letter::{self, For, NewLetter};
use entities::reply::{self, DueFollowUp, NewSuggestion};
use entities::sender;
use entities::task::{self, NewTask, TaskPriority};
use entities::team::TeamSettings;
use serde_json::json;
use workflows::conversation::{ConversationRef, FollowUpOutput};

use super::{settings, told};
use crate::{Fault, Resources};

/// Why nothing is done where nothing stops it: the rule does not mean this conversation as it is now.
const NOT_MEANT: &str = "not_meant";

pub(super) async fn follow_up(resources: &Resources, of: ConversationRef) -> Result<FollowUpOutput, Fault> {
    let now = Utc::now();
    let settings = settings(resources, of.team).await?;
    let mut output = FollowUpOutput::default();
    let mut tx = resources.db.team_bulk(of.team).await?;
    reply::lock(&mut tx, of.conversation).await?;
    let line = settings.reply_line;
    let (mut sent, mut spoken_for) = (0u8, false);
    for mut one in reply::due_follow_ups(&mut tx, of.conversation, line, settings.follow_up, now).await? {
        // What one of them does the next one knows.
        one.facts.contacts_of_lead = one.facts.contacts_of_lead.saturating_add(sent);
        one.suggestion_open |= spoken_for;
        let judged = due(std::slice::from_ref(&one.rule), &one.facts, now);
        let made = match judged.first() {
            // What it waits for is no more, or its conditions do not hold any longer.
            None => Err(NOT_MEANT),
            Some(Due { stopped_by: Some(guardrail), .. }) => Err(guardrail.as_str()),
            Some(judged) => {
                let can_mail = resources.mail.ready().is_ok();
                act(&mut tx, of, &one, (judged.needs_approval, can_mail), &settings, now).await?
            }
        };
        if let Ok((suggestion, _, contact)) = &made {
            sent += u8::from(contact.is_some());
            spoken_for |= suggestion.is_some();
        }
        match made {
            Ok(_) => output.done += 1,
            Err(_) => output.skipped += 1,
        }
        reply::end_follow_up(&mut tx, one.id, made, now).await?;
    }
    let standing = reply::standing(&mut tx, of.conversation).await?;
    tx.commit().await?;
    output.standing = told(&standing);
    Ok(output)
}

/// What a follow-up made, or what forbade it.
type Made = Result<(Option<domain::id::SuggestionId>, Option<domain::id::TaskId>, Option<u8>), &'static str>;

/// Does what a rule says, in its order. A message that may not be is left out, and what else the rule says is done all the same.
async fn act(
    tx: &mut BulkTransaction,
    of: ConversationRef,
    due: &DueFollowUp,
    (needs_approval, can_mail): (bool, bool),
    settings: &TeamSettings,
    now: DateTime<Utc>,
) -> Result<Made, Fault> {
    let by_itself = settings.auto_reply && !needs_approval;
    let (mut suggestion, mut put, mut contact, mut refused, mut did) = (None, None, None, None, false);
    for action in &due.rule.actions {
        match action {
            FollowUpAction::SendSms { text } => {
                match message(tx, of, due, text, by_itself, settings, now).await? {
                    Ok(id) => {
                        suggestion = Some(id);
                        contact = Some(due.facts.contacts_of_lead + 1);
                        did = true;
                    }
                    Err(why) => refused = Some(why),
                }
            }
            FollowUpAction::SendEmail { subject, text } => {
                if can_mail && by_itself && write(tx, of, due, (subject, text), now).await? {
                    contact = Some(due.facts.contacts_of_lead + 1);
                } else {
                    let notes = format!("{subject}\n\n{text}");
                    put = task_for(tx, of, due, "Send an e-mail", &notes, TaskPriority::Normal).await?;
                }
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
                let detail = json!({ "trigger": due.rule.trigger, "follow_up": due.id });
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
    by_itself: bool,
    settings: &TeamSettings,
    now: DateTime<Utc>,
) -> Result<Result<domain::id::SuggestionId, &'static str>, Fault> {
    if due.lead.is_none() {
        return Ok(Err("no_lead"));
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
    if by_itself {
        reply::approve_automatically(tx, &[id], now).await?;
    }
    Ok(Ok(id))
}

/// Plans what a follow-up writes by e-mail, to the address that was given here last, or the lead's own; answers whether it did.
/// Where it did not, a person writes it.
async fn write(
    tx: &mut BulkTransaction,
    of: ConversationRef,
    due: &DueFollowUp,
    (subject, text): (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    if due.lead.is_none() || sender::mail_sender(tx, None).await?.is_none() {
        return Ok(false);
    }
    let Some(to) = reply::address(tx, of.conversation).await? else { return Ok(false) };
    let who = reply::values(tx, of.conversation).await?;
    let said = |text: &str| Template::parse(text).ok().and_then(|template| template.render(&who).ok());
    let (Some(subject), Some(body)) = (said(subject), said(text)) else { return Ok(false) };
    let new = NewLetter {
        conversation: of.conversation,
        lead: due.lead,
        what_for: For::FollowUp(due.id),
        sender: None,
        to: &to,
        subject: subject.trim(),
        body: &body,
        by: None,
    };
    Ok(letter::plan(tx, new, now).await?.is_some())
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
        kind: due.rule.trigger.as_str(),
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
