//! Finds what is due, puts it before the gate, and claims what may go: one transaction, so that of several workers none sees
//! half of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use domain::FailureCode;
use domain::campaign::OnWindowClose;
use domain::gate::RuleId;
use domain::id::{IntentId, LeadId, SenderId, VerdictId};
use domain::money::MicroDollars;
use entities::audience::{self, Candidate};
use entities::budget::{self, Reservation, Scope};
use entities::gate_verdict::{self, Kept};
use entities::outreach::{Judged, Lacking, Moment, SceneStep};
use entities::rate_limit::Bucket;
use entities::send_intent::{self, Claim, Due, Hold, Skip};
use entities::{BulkTransaction, fresh_id};

use super::slots::{self, Slot};
use super::{Batch, halt, number, outgoing, pump};
use crate::Fault;
use crate::sending::carrier;
use crate::sending::vendor::Outgoing;

/// How long what circumstances stop, such as a switch, is left alone.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(15);
/// How long a message is left alone whose vendor this worker cannot reach: then one that can may have it.
const ANOTHER_WORKER: TimeDelta = TimeDelta::minutes(1);
/// The word where a rule's would stand for such a message.
const NO_VENDOR: &str = "no_vendor";

/// A claimed message, with the time at which it may leave.
pub(super) struct Ready {
    pub(super) intent: IntentId,
    pub(super) lead: LeadId,
    /// Which step, from 1.
    pub(super) step: u8,
    /// Which call this will be, from 1.
    pub(super) attempt: u8,
    pub(super) sender: SenderId,
    /// Who takes it, by its word.
    pub(super) vendor: String,
    pub(super) slot: Instant,
    /// How long it keeps each of its paces to itself.
    pub(super) takes: Vec<(Bucket, Duration)>,
    pub(super) outgoing: Outgoing,
}

/// When it makes sense to claim again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// At once: there may be more.
    Now,
    /// When what is claimed has left: there is no money for more, and the campaign is paused for that only then.
    AfterThese,
    /// After so long.
    In(Duration),
    /// Not before then.
    NotBefore(DateTime<Utc>),
    /// Nothing more is due.
    NextTime,
    /// The campaign is paused or over.
    Stop,
}

/// What came of one look.
pub(super) struct Claimed {
    pub(super) ready: Vec<Ready>,
    pub(super) held: u32,
    pub(super) skipped: u32,
    pub(super) then: Again,
}

impl Claimed {
    const fn nothing(then: Again) -> Self {
        Self { ready: Vec::new(), held: 0, skipped: 0, then }
    }
}

/// A message that the gate lets through, to whom, and the verdict.
pub(super) type Allowed<'a> = (Due, &'a Candidate, Judged<'a>, VerdictId);

/// What is to be written of the messages that were looked at.
#[derive(Default)]
struct Sorted<'a> {
    allowed: Vec<Allowed<'a>>,
    holds: Vec<(IntentId, DateTime<Utc>, &'static str)>,
    skips: Vec<(IntentId, &'static str)>,
    verdicts: Vec<Kept<'a>>,
    halt: Option<(FailureCode, String)>,
    /// The vendors that this worker cannot reach, and by which something is due.
    missing: BTreeSet<&'a str>,
}

/// Claims up to `most` messages that are due, where so many that were claimed before have not left.
pub(super) async fn claim(batch: &Batch, most: usize, ahead: usize) -> Result<Claimed, Fault> {
    let (now, moment_at) = (Utc::now(), Instant::now());
    let campaign = batch.of.campaign;
    let mut tx = batch.resources.db.team_bulk(batch.of.team).await?;
    let moment = Moment::read(&mut tx, campaign, batch.vendors.only(), now).await?;
    if !moment.state.sends() {
        return Ok(Claimed::nothing(Again::Stop));
    }
    if moment.switch.is_some() {
        return Ok(Claimed::nothing(Again::NotBefore(now + LOOK_AGAIN)));
    }
    let due = send_intent::due(&mut tx, campaign, now, number(most)).await?;
    let Some(last) = due.last() else {
        let open = send_intent::open(&mut tx, campaign).await?;
        let next = open.next_due.map(|at| (at - now).to_std().unwrap_or_default());
        return Ok(Claimed::nothing(next.map_or(Again::NextTime, |wait| match wait {
            wait if wait <= batch.resources.texters.policy.longest_wait => Again::In(wait),
            _ => Again::NextTime,
        })));
    };
    tracing::trace!(due = due.len(), oldest = %last.due_at, "looking at what is due");
    let leads: Vec<LeadId> = due.iter().map(|one| one.lead).collect();
    audience::hold_recipients(&mut tx, campaign, &leads).await?;
    let people = audience::of_leads(&mut tx, campaign, &leads, now).await?;
    let sorted = sort(batch, &due, &people, &moment, now);
    for vendor in &sorted.missing {
        batch.vendors.tell_of(vendor, &mut tx, batch.of).await?;
    }
    let all_looked_at = due.len() < most;
    let claimed = write(batch, &mut tx, sorted, (now, moment_at), (all_looked_at, ahead > 0)).await?;
    tx.commit().await?;
    let Written { claimed, halt: wanted } = claimed;
    if let Some((code, detail)) = wanted {
        halt::halt(batch, code, &detail).await?;
    }
    Ok(claimed)
}

/// Puts each message before the gate.
fn sort<'a>(
    batch: &'a Batch,
    due: &[Due],
    people: &'a [Candidate],
    moment: &Moment,
    now: DateTime<Utc>,
) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    let mut recipients = BTreeSet::new();
    for one in due {
        let Some(person) = people.iter().find(|person| person.lead == one.lead) else {
            sorted.skips.push((one.intent, "no_lead"));
            continue;
        };
        let Some(step) = batch.scene.step(one.step) else {
            sorted.skips.push((one.intent, "no_step"));
            continue;
        };
        if !person.state.takes_step(step.only_silent) {
            sorted.skips.push((one.intent, person.state.as_str()));
            continue;
        }
        let sender = batch.scene.sender_for(one.lead, &step.channel);
        if let Some(sender) = sender.filter(|sender| batch.vendors.misses(&sender.provider)) {
            sorted.holds.push((one.intent, now + ANOTHER_WORKER, NO_VENDOR));
            sorted.missing.insert(&sender.provider);
            continue;
        }
        match batch.scene.judge(person, step, moment, now) {
            // Two leads of one number: the second is judged when the first is known to be under way.
            Ok(judged) if judged.verdict.allowed && !recipients.insert(judged.to.clone()) => {}
            Ok(judged) => place(batch, &mut sorted, *one, person, step, judged, now),
            Err(Lacking::Sender) => {
                sorted.holds.push((one.intent, now + LOOK_AGAIN, Lacking::Sender.as_str()));
            }
            Err(lacking) => sorted.skips.push((one.intent, lacking.as_str())),
        }
    }
    sorted
}

/// What a verdict means for its message.
fn place<'a>(
    batch: &'a Batch,
    sorted: &mut Sorted<'a>,
    due: Due,
    person: &'a Candidate,
    step: &SceneStep,
    judged: Judged<'a>,
    now: DateTime<Utc>,
) {
    let id: VerdictId = fresh_id();
    let verdict = &judged.verdict;
    sorted.verdicts.push(Kept {
        id,
        lead: due.lead,
        step: step.number,
        intent: Some(due.intent),
        allowed: verdict.allowed,
        rule: verdict.rule.as_str(),
        rule_set: batch.scene.rules.version(),
        inputs_hash: verdict.inputs_hash,
        // Plain data of fixed shapes, which serializes.
        inputs: serde_json::to_value(judged.inputs).unwrap_or_default(),
        next_allowed_at: verdict.next_allowed_at,
        at: now,
    });
    let word = verdict.rule.as_str();
    match (verdict.allowed, verdict.rule, verdict.next_allowed_at) {
        (true, ..) => sorted.allowed.push((due, person, judged, id)),
        (false, RuleId::Budget, _) => {
            sorted.holds.push((due.intent, now + LOOK_AGAIN, word));
            sorted.halt = Some(halt::out_of_money());
        }
        (false, RuleId::QuietHours | RuleId::SendWindow, Some(next)) => match batch.scene.on_window_close {
            OnWindowClose::Hold => sorted.holds.push((due.intent, next, word)),
            OnWindowClose::Expire => sorted.skips.push((due.intent, word)),
            OnWindowClose::Ask => {
                sorted.holds.push((due.intent, next, word));
                sorted.halt = Some(halt::window_closed());
            }
        },
        (false, _, Some(next)) => sorted.holds.push((due.intent, next.max(now), word)),
        (false, RuleId::KillSwitch | RuleId::Campaign | RuleId::Team | RuleId::Approval, None) => {
            sorted.holds.push((due.intent, now + LOOK_AGAIN, word));
        }
        (false, _, None) => sorted.skips.push((due.intent, word)),
    }
}

struct Written {
    claimed: Claimed,
    halt: Option<(FailureCode, String)>,
}

/// Draws slots and money for what is allowed, claims that, and writes down the rest.
async fn write(
    batch: &Batch,
    tx: &mut BulkTransaction,
    sorted: Sorted<'_>,
    (now, moment_at): (DateTime<Utc>, Instant),
    (all_looked_at, others_wait): (bool, bool),
) -> Result<Written, Fault> {
    let Sorted { allowed, mut holds, skips, verdicts, mut halt, missing: _ } = sorted;
    let (drawn, wait, closed) = slots::draw(batch, tx, &allowed, now).await?;
    let paid = reserve(batch, tx, &allowed, &drawn, &mut halt).await?;
    let mut granted = Vec::with_capacity(paid.len());
    for slot in drawn {
        let Some(one) = allowed.get(slot.place).filter(|(due, ..)| paid.contains(&due.intent)) else {
            continue;
        };
        let key = outgoing::key(&one.0, one.2.sender);
        match outgoing::write(batch, one, &key, now) {
            Ok(outgoing) => granted.push((one, slot, key, outgoing)),
            Err(fault) => {
                holds.push((one.0.intent, now + LOOK_AGAIN, Lacking::Sender.as_str()));
                budget::release_many(tx, &[one.0.intent]).await?;
                halt = Some((FailureCode::CampaignSenderMissing, fault.to_string()));
            }
        }
    }
    let mut claims = Vec::with_capacity(granted.len());
    for ((due, person, judged, verdict), _, key, _) in &granted {
        let Some(step) = batch.scene.step(due.step) else { continue };
        claims.push(Claim {
            intent: due.intent,
            key: key.clone(),
            channel: &step.channel,
            provider: &judged.sender.provider,
            sender: Some(judged.sender.id),
            from: &judged.sender.address,
            to: &judged.to,
            subject: judged.text.subject.as_deref(),
            body: &judged.text.body,
            text_hash: judged.text.hash,
            segments: judged.text.segments,
            carrier: carrier::class(person.carrier.as_deref()),
            price: judged.text.price,
            template_version: Some(step.version),
            verdict: Some(*verdict),
        });
    }
    // What there is money for is sent first; the next look finds that there is no more.
    let is_out_of_money =
        halt.as_ref().is_some_and(|(code, _)| *code == FailureCode::CampaignBudgetExhausted);
    let after_these = is_out_of_money && (others_wait || !granted.is_empty());
    if after_these {
        halt = None;
    }
    // What is allowed and found no slot is judged again: its verdict says nothing of what was done.
    let looked: BTreeSet<VerdictId> = granted.iter().map(|((.., id), ..)| *id).collect();
    let kept: Vec<Kept<'_>> =
        verdicts.into_iter().filter(|verdict| !verdict.allowed || looked.contains(&verdict.id)).collect();
    gate_verdict::keep(tx, batch.of.campaign, &kept).await?;
    let lease = pump::horizon(batch) * 3;
    let taken = send_intent::claim(tx, &batch.claimed_by, lease, now, &claims).await?;
    let held: Vec<Hold<'_>> =
        holds.iter().map(|(intent, due_at, rule)| Hold { intent: *intent, due_at: *due_at, rule }).collect();
    let skipped: Vec<Skip<'_>> = skips.iter().map(|(intent, rule)| Skip { intent: *intent, rule }).collect();
    send_intent::hold(tx, &held).await?;
    send_intent::skip(tx, &skipped, now).await?;
    let mut ready = Vec::with_capacity(taken.len());
    for ((due, _, judged, _), slot, _, outgoing) in granted {
        if !taken.contains(&due.intent) {
            continue;
        }
        ready.push(Ready {
            intent: due.intent,
            lead: due.lead,
            step: due.step,
            attempt: due.attempt + 1,
            sender: judged.sender.id,
            vendor: judged.sender.provider.clone(),
            slot: moment_at + slot.after,
            takes: slot.takes,
            outgoing,
        });
    }
    let then = match (wait, closed) {
        _ if after_these => Again::AfterThese,
        (Some(wait), _) => Again::In(wait),
        (None, Some(at)) if ready.is_empty() => Again::NotBefore(slots::opens(batch, &allowed, at)),
        _ if halt.is_some() => Again::Stop,
        _ if all_looked_at && ready.is_empty() => Again::NextTime,
        _ => Again::Now,
    };
    let claimed = Claimed { ready, held: number(holds.len()), skipped: number(skips.len()), then };
    Ok(Written { claimed, halt })
}

/// Puts money aside for what has a slot, each in the budgets of its own vendor. Answers what there is money for.
async fn reserve(
    batch: &Batch,
    tx: &mut BulkTransaction,
    allowed: &[Allowed<'_>],
    drawn: &[Slot],
    halt: &mut Option<(FailureCode, String)>,
) -> Result<BTreeSet<IntentId>, Fault> {
    let mut paid = BTreeSet::new();
    for vendor in batch.vendors.words() {
        let of_it = drawn.iter().filter_map(|slot| allowed.get(slot.place));
        let wanted: Vec<(IntentId, MicroDollars)> = of_it
            .filter(|(_, _, judged, _)| judged.sender.provider == vendor)
            .map(|(due, _, judged, _)| (due.intent, judged.text.price))
            .collect();
        let scopes = Scope::of_message(Some(batch.of.campaign), Some(vendor));
        for (intent, reservation) in budget::reserve_many(tx, &wanted, &scopes).await? {
            match reservation {
                // What is settled counts as spent from an earlier life of the same intent: it is settled again at its end.
                Reservation::Reserved | Reservation::Settled => {
                    paid.insert(intent);
                }
                Reservation::Exhausted { .. } => *halt = Some(halt::out_of_money()),
            }
        }
    }
    Ok(paid)
}
