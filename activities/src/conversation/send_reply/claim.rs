//! Finds the reply that is due, puts it before the gate, and claims it: one transaction.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use domain::gate::RuleId;
use domain::id::{IntentId, VerdictId};
use entities::audience::{self, Candidate};
use entities::budget;
use entities::gate_verdict::{self, Kept};
use entities::outreach::{Judged, Released, ReplyScene};
use entities::send_intent::{self, Claim, DueReply, Hold, Skip};
use entities::throttle::{self, Drawn, Wanted};
use entities::{BulkTransaction, fresh_id};
use providers::sms::{MessageText, OutgoingText};
use workflows::conversation::ConversationRef;

use super::Ready;
use crate::sending::{carrier, doors, limits};
use crate::{Fault, Resources};

/// How long what circumstances stop, such as a switch or a budget, is left alone.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(60);

/// What was not claimed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) held: u32,
    pub(super) skipped: u32,
}

/// Claims what of a conversation is due and may go out.
pub(super) async fn claim(
    resources: &Resources,
    of: ConversationRef,
    claimed_by: &str,
) -> Result<(Vec<Ready>, Tally), Fault> {
    let (now, moment_at) = (Utc::now(), Instant::now());
    let mut tally = Tally::default();
    let mut ready = Vec::new();
    let mut tx = resources.db.team_bulk(of.team).await?;
    let due = send_intent::due_replies(&mut tx, of.conversation, now).await?;
    if due.is_empty() {
        return Ok((ready, tally));
    }
    if let Some(person) = audience::of_conversation(&mut tx, of.conversation, now).await?
        && let Some(phone) = person.phone
    {
        // What counts against a recipient's caps is read and written by one at a time, campaigns among them.
        audience::hold_recipient(&mut tx, phone.expose()).await?;
    }
    for one in due {
        // Read behind the lock, and anew for each: the one before counts.
        let person = audience::of_conversation(&mut tx, of.conversation, now).await?;
        let scene = ReplyScene::read(&mut tx, of.conversation, now).await?;
        match judge(&mut tx, &scene, person.as_ref(), &one, now).await? {
            Verdict::Hold(until, rule) => {
                send_intent::hold(&mut tx, &[Hold { intent: one.intent, due_at: until, rule }]).await?;
                tally.held += 1;
            }
            Verdict::Never(rule) => {
                send_intent::skip(&mut tx, &[Skip { intent: one.intent, rule }], now).await?;
                send_intent::tell_suggestion(&mut tx, one.intent, now).await?;
                tally.skipped += 1;
            }
            Verdict::Allowed(judged, verdict) => {
                let Some(person) = person.as_ref() else { continue };
                let place = Place { scene: &scene, person, judged: &judged, verdict, claimed_by, moment_at };
                match take(resources, &mut tx, &one, place, now).await? {
                    Some(message) => ready.push(message),
                    None => tally.held += 1,
                }
            }
        }
    }
    tx.commit().await?;
    Ok((ready, tally))
}

/// What is to be done with a reply that is due.
enum Verdict<'a> {
    Allowed(Box<Judged<'a>>, VerdictId),
    Hold(DateTime<Utc>, &'static str),
    Never(&'static str),
}

/// Puts a reply before the gate and keeps what it says.
async fn judge<'a>(
    tx: &mut BulkTransaction,
    scene: &'a ReplyScene,
    person: Option<&Candidate>,
    due: &DueReply,
    now: DateTime<Utc>,
) -> Result<Verdict<'a>, Fault> {
    let Some(person) = person else { return Ok(Verdict::Never("no_lead")) };
    let released =
        Released { by_person: due.by_person, unasked: due.unasked, confirms: due.confirms_until.is_some() };
    let judged = match scene.judge(person, &due.text, released, now) {
        Ok(judged) => judged,
        Err(lacking) if lacking == entities::outreach::Lacking::Sender => {
            return Ok(Verdict::Hold(now + LOOK_AGAIN, lacking.as_str()));
        }
        Err(lacking) => return Ok(Verdict::Never(lacking.as_str())),
    };
    let id: VerdictId = fresh_id();
    let verdict = &judged.verdict;
    let kept = Kept {
        id,
        lead: due.lead,
        step: 0,
        intent: Some(due.intent),
        allowed: verdict.allowed,
        rule: verdict.rule.as_str(),
        rule_set: scene.rules.version(),
        inputs_hash: verdict.inputs_hash,
        // Plain data of fixed shapes, which serializes.
        inputs: serde_json::to_value(judged.inputs).unwrap_or_default(),
        next_allowed_at: verdict.next_allowed_at,
        at: now,
    };
    gate_verdict::keep_of_reply(tx, scene.conversation, &kept).await?;
    let word = verdict.rule.as_str();
    Ok(match (verdict.allowed, verdict.rule, verdict.next_allowed_at) {
        (true, ..) => Verdict::Allowed(Box::new(judged), id),
        // A confirmation is prompt or none.
        (false, _, Some(next)) if due.confirms_until.is_some_and(|until| next >= until) => {
            Verdict::Never(word)
        }
        (false, _, Some(next)) => Verdict::Hold(next.max(now), word),
        (false, RuleId::KillSwitch | RuleId::Team | RuleId::Budget, None) => {
            Verdict::Hold(now + LOOK_AGAIN, word)
        }
        (false, _, None) => Verdict::Never(word),
    })
}

/// What a reply is claimed with.
struct Place<'a> {
    scene: &'a ReplyScene,
    person: &'a Candidate,
    judged: &'a Judged<'a>,
    verdict: VerdictId,
    claimed_by: &'a str,
    moment_at: Instant,
}

/// Draws a slot and money and claims; `None` where one of them is not to be had now: it is held then.
async fn take(
    resources: &Resources,
    tx: &mut BulkTransaction,
    due: &DueReply,
    place: Place<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Ready>, Fault> {
    let policy = &resources.texters.policy;
    let (judged, person) = (place.judged, place.person);
    let carrier = carrier::class(person.carrier.as_deref());
    let wanted = [Wanted { segments: judged.text.segments, carrier }];
    let (paces, dailies) = (limits::paces(judged.sender), limits::dailies(judged.sender));
    let horizon = policy.longest_wait.min(policy.lease / 4);
    let drawn = throttle::draw(tx, &paces, &dailies, &wanted, horizon, now).await?;
    let slot = match drawn.first() {
        Some(Drawn::Slot(slot)) => *slot,
        Some(Drawn::Closed(until)) => return hold(tx, due.intent, *until, "daily_limit").await,
        Some(Drawn::Later(wait)) => return hold(tx, due.intent, now + *wait, "pace").await,
        None => return hold(tx, due.intent, now + LOOK_AGAIN, "pace").await,
    };
    if !budget::put_aside(tx, due.intent, judged.text.price, &place.scene.scopes()).await? {
        return hold(tx, due.intent, now + LOOK_AGAIN, RuleId::Budget.as_str()).await;
    }
    let (Some(to), Ok(from)) = (person.phone, judged.sender.address.parse()) else {
        budget::release_many(tx, &[due.intent]).await?;
        return hold(tx, due.intent, now + LOOK_AGAIN, "no_sender").await;
    };
    let status_callback = doors::address(tx, &resources.keys, &judged.sender.provider).await?;
    let key = format!("{}-{}", due.intent, due.attempt + 1);
    let claim = Claim {
        intent: due.intent,
        key: key.clone(),
        channel: "sms",
        provider: &judged.sender.provider,
        sender: Some(judged.sender.id),
        from: &judged.sender.address,
        to: &judged.to,
        subject: None,
        body: &judged.text.body,
        text_hash: judged.text.hash,
        segments: judged.text.segments,
        carrier,
        price: judged.text.price,
        template_version: None,
        verdict: Some(place.verdict),
    };
    let taken = send_intent::claim(tx, place.claimed_by, policy.lease, now, &[claim]).await?;
    if !taken.contains(&due.intent) {
        budget::release_many(tx, &[due.intent]).await?;
        return Ok(None);
    }
    Ok(Some(Ready {
        intent: due.intent,
        attempt: due.attempt + 1,
        sender: judged.sender.id,
        provider: judged.sender.provider.clone(),
        slot: place.moment_at + slot,
        text: OutgoingText {
            key,
            from,
            to,
            text: MessageText::from(judged.text.body.as_str()),
            status_callback,
            validity: None,
        },
    }))
}

async fn hold(
    tx: &mut BulkTransaction,
    intent: IntentId,
    due_at: DateTime<Utc>,
    rule: &'static str,
) -> Result<Option<Ready>, Fault> {
    send_intent::hold(tx, &[Hold { intent, due_at, rule }]).await?;
    Ok(None)
}
