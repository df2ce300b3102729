//! `conversation.send_reply`: sends what was approved, through the gate and the ledger. Key: the row of the suggestion's intent.
//!
//! As a campaign's batch does it: what is due is judged and claimed, slots and money are drawn in the same transaction, the
//! last look at the database begins the call, and what came of it is written down. Whoever dies leaves rows that say what may
//! have happened. What differs is what is due: one reply, that somebody released.

mod claim;
mod reconcile;

use std::time::{Duration, Instant};

use chrono::Utc;
use domain::FailureCode;
use domain::id::{IntentId, SenderId};
use entities::letter::Under;
use entities::send_intent::{self, IntentState, Settled};
use entities::suppression::{self, NewSuppression, SuppressedKind};
use entities::{budget, provider_account, rate_limit};
use futures::FutureExt;
use providers::sms::{OutgoingText, SendOutcome};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use workflows::conversation::{ConversationRef, SendReplyOutput};

use super::{look, span};
use crate::enrich::again::again;
use crate::heartbeat::{claimant, see_through};
use crate::sending::policy::{Follows, follows};
use crate::sending::{letters, limits};
use crate::{Fault, Resources};

/// A claimed reply, with the time at which it may leave.
struct Ready {
    intent: IntentId,
    attempt: u8,
    sender: SenderId,
    provider: String,
    slot: Instant,
    text: OutgoingText,
}

/// Does the work in a task of its own: a call that was begun is seen through and written down.
pub(super) async fn seen_through(
    ctx: &ActivityContext,
    resources: Resources,
    of: ConversationRef,
) -> Result<SendReplyOutput, ActivityError> {
    const NAME: &str = "conversation.send_reply";
    let span = span(ctx, NAME, of);
    let given_up = CancellationToken::new();
    let work = send(resources, of, claimant(ctx), given_up.clone()).instrument(span.clone());
    let done = see_through(ctx, &given_up, work).await;
    let _in_span = span.entered();
    match done {
        Ok(output) => {
            tracing::info!(accepted = output.accepted, held = output.held, unknown = output.unknown, "done");
            Ok(output)
        }
        Err(fault) => Err(fault.into_activity_error(NAME)),
    }
}

async fn send(
    resources: Resources,
    of: ConversationRef,
    claimed_by: String,
    given_up: CancellationToken,
) -> Result<SendReplyOutput, Fault> {
    let now = Utc::now();
    let mut output = SendReplyOutput::default();
    let mut tx = resources.db.team_bulk(of.team).await?;
    // What others who died had in their hands.
    let reclaimed = send_intent::reclaim_replies(&mut tx, of.conversation, now).await?;
    let mut dropped = send_intent::tidy_replies(&mut tx, &[of.conversation], now).await?;
    dropped.extend(reclaimed.back);
    budget::release_many(&mut tx, &dropped).await?;
    send_intent::plan_replies(&mut tx, of.conversation, now).await?;
    tx.commit().await?;
    reconcile::ask_after(&resources, of, &mut output).await?;
    let (ready, tally) = again(|| claim::claim(&resources, of, &claimed_by).boxed()).await?;
    output.held += tally.held;
    output.skipped += tally.skipped;
    for message in ready {
        if given_up.is_cancelled() {
            // Nobody waits any more.
            give_back(&resources, of, &claimed_by, message.intent).await?;
            continue;
        }
        tokio::time::sleep_until(message.slot.into()).await;
        call(&resources, of, &claimed_by, message, &mut output).await?;
    }
    // What follow-ups write by e-mail goes by the ledger of letters.
    let letters = letters::send_open(&resources, of.team, Under::Conversation(of.conversation)).await?;
    output.accepted += letters.accepted;
    output.refused += letters.refused;
    output.unknown += letters.unknown;
    output.held += letters.held;
    output.standing = look(&resources, of).await?;
    Ok(output)
}

/// Gives back what was claimed and not begun: the next attempt claims it without waiting for a lease.
async fn give_back(
    resources: &Resources,
    of: ConversationRef,
    claimed_by: &str,
    intent: IntentId,
) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(of.team).await?;
    let back = send_intent::give_back(&mut tx, claimed_by, &[intent]).await?;
    budget::release_many(&mut tx, &back).await?;
    Ok(tx.commit().await?)
}

/// One call: the last look, the vendor, and what came of it.
async fn call(
    resources: &Resources,
    of: ConversationRef,
    claimed_by: &str,
    message: Ready,
    output: &mut SendReplyOutput,
) -> Result<(), Fault> {
    let policy = &resources.texters.policy;
    let Some(provider) = resources.texters.get(&message.provider) else {
        give_back(resources, of, claimed_by, message.intent).await?;
        let what =
            format!("this worker has no key to {}; set it (.env.sample has its name)", message.provider);
        return Err(Fault::permanent(FailureCode::CampaignSenderMissing, what));
    };
    // Not repeated where it fails: it may have been done, and then nobody else sends this before it was asked after.
    let mut tx = resources.db.team_bulk(of.team).await?;
    let begun =
        send_intent::begin_reply(&mut tx, claimed_by, message.intent, policy.lease, Utc::now()).await?;
    if begun != Some(None) {
        // Money was put aside for a text that does not leave.
        budget::release_many(&mut tx, &[message.intent]).await?;
        tx.commit().await?;
        tracing::info!(
            stop = begun.flatten().map(|stop| stop.as_str()),
            "a reply was stopped at the last look"
        );
        output.skipped += 1;
        return Ok(());
    }
    tx.commit().await?;
    let outcome = match tokio::time::timeout(policy.call_timeout, provider.send(&message.text)).await {
        Ok(outcome) => outcome,
        Err(_late) => SendOutcome::Unknown { why: "timed_out".to_owned() },
    };
    let state = again(|| write(resources, of, &message, &outcome).boxed()).await?;
    match state {
        Some(IntentState::Accepted) => output.accepted += 1,
        Some(IntentState::Refused) => output.refused += 1,
        Some(IntentState::Unknown) => output.unknown += 1,
        _ => output.held += 1,
    }
    Ok(())
}

/// One transaction: the outcome, and what must not be lost with it.
async fn write(
    resources: &Resources,
    of: ConversationRef,
    message: &Ready,
    outcome: &SendOutcome,
) -> Result<Option<IntentState>, Fault> {
    let now = Utc::now();
    let follows: Follows<'_> = follows(outcome, message.attempt, now, &resources.texters.policy);
    let mut tx = resources.db.team_bulk(of.team).await?;
    let settled = [Settled { intent: message.intent, outcome: follows.outcome.clone() }];
    let settled = send_intent::settle(&mut tx, now, &settled).await?;
    let state = settled.first().map(|one| one.state);
    send_intent::tell_suggestion(&mut tx, message.intent, now).await?;
    if state == Some(IntentState::Unknown) {
        // As soon as the vendor's own books can say.
        let settle = chrono::TimeDelta::from_std(resources.texters.policy.missed_after).unwrap_or_default();
        send_intent::ask_later(&mut tx, message.intent, now + settle).await?;
    }
    if let Some(reason) = follows.suppress {
        let value = message.text.to.expose().to_owned();
        let what = [NewSuppression { kind: SuppressedKind::Phone, value, reason }];
        suppression::suppress(&mut tx, &message.provider, &what).await?;
    }
    if let Some(rest) = follows.rest {
        let rest: Duration = rest.min(Duration::from_secs(3_600));
        rate_limit::block(&mut tx, &limits::sender_bucket(message.sender), rest).await?;
    }
    if !matches!(state, None | Some(IntentState::Accepted | IntentState::Unknown)) {
        budget::release_many(&mut tx, &[message.intent]).await?;
    }
    if follows.account_stopped {
        provider_account::pause(&mut tx, &message.provider, "the account is stopped").await?;
    }
    tx.commit().await?;
    Ok(state)
}
