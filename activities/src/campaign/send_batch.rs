//! `campaign.send_batch`: sends what is due, each message through the gate. Key: the row of each message's intent.
//!
//! A batch claims a few messages at a time (`claim`), begins each when its slot has come by one last look at the database,
//! calls the vendor, several calls at once (`pump`), and writes down what came of each call as soon as it is known
//! (`record`). Whoever dies leaves rows that say what may have happened: a claim goes back when its lease is over, a call that
//! was begun is unknown, and is asked after before it is sent again.

mod claim;
mod error_rate;
mod halt;
mod limits;
mod outgoing;
mod pump;
mod record;
mod signals;
mod slots;
mod spacing;
mod within_reach;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use domain::FailureCode;
use entities::budget;
use entities::campaign::change;
use entities::outreach::Scene;
use entities::send_intent::{self, Open};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use workflows::campaign::{CampaignRef, Left, SendInput, SendOutput};

use self::signals::Signals;
use self::within_reach::WithinReach;
use super::change::{settings, standing};
use super::span;
use crate::heartbeat::{claimant, see_through};
use crate::sending::doors;
use crate::{Fault, Resources};

/// What a batch works with.
struct Batch {
    resources: Resources,
    of: CampaignRef,
    scene: Scene,
    /// Whoever takes what its senders send.
    vendors: WithinReach,
    /// Where each of them is to post what becomes of a message, where it takes an address with each.
    callbacks: BTreeMap<String, String>,
    claimed_by: String,
    /// The share of refusals at which the campaign is paused.
    error_rate_pause: f64,
    /// The most messages a minute and a day of all the team's campaigns together.
    team_limits: (Option<u32>, Option<u32>),
    /// Set when nobody waits for the batch any more: nothing more is claimed or begun.
    given_up: CancellationToken,
    signals: Signals,
}

impl Batch {
    fn is_given_up(&self) -> bool {
        self.given_up.is_cancelled()
    }
}

/// Does the work in a task of its own. When the worker ends, nothing more is begun; what was begun is seen through and
/// written down.
pub(super) async fn seen_through(
    ctx: &ActivityContext,
    resources: Resources,
    input: SendInput,
) -> Result<SendOutput, ActivityError> {
    const NAME: &str = "campaign.send_batch";
    let span = span(ctx, NAME, input.campaign);
    let given_up = CancellationToken::new();
    let work = send(resources, input, claimant(ctx), given_up.clone()).instrument(span.clone());
    let done = see_through(ctx, &given_up, work).await;
    let _in_span = span.entered();
    match done {
        Ok(output) => {
            tracing::info!(
                accepted = output.accepted,
                refused = output.refused,
                unknown = output.unknown,
                "done"
            );
            Ok(output)
        }
        Err(fault) => Err(fault.into_activity_error(NAME)),
    }
}

async fn send(
    resources: Resources,
    input: SendInput,
    claimed_by: String,
    given_up: CancellationToken,
) -> Result<SendOutput, Fault> {
    let (of, now) = (input.campaign, Utc::now());
    let settings = settings(&resources, of).await?;
    let mut tx = resources.db.team_bulk(of.team).await?;
    let held = change::look(&mut tx, of.campaign).await?;
    // What others who died had in their hands.
    let reclaimed = send_intent::reclaim(&mut tx, of.campaign, now).await?;
    budget::release_many(&mut tx, &reclaimed.back).await?;
    let scene = Scene::read(&mut tx, of.campaign, None, now).await?;
    tx.commit().await?;
    if !reclaimed.unknown.is_empty() {
        tracing::warn!(
            messages = reclaimed.unknown.len(),
            "calls of which nobody knows what came: they are asked after"
        );
    }
    let mut output = SendOutput { unknown: number(reclaimed.unknown.len()), ..SendOutput::default() };
    if held.state.sends() {
        has_sender(held.provider.as_deref())?;
        let vendors = WithinReach::of(&resources, of, &scene)?;
        let callbacks = callbacks(&resources, of, &vendors).await?;
        let batch = Arc::new(Batch {
            of,
            scene,
            vendors,
            callbacks,
            claimed_by,
            error_rate_pause: settings.error_rate_pause,
            team_limits: (settings.send_per_minute, settings.send_per_day),
            given_up,
            signals: Signals::default(),
            resources: resources.clone(),
        });
        let until = Instant::now() + Duration::from_millis(input.batch_ms);
        pump::pump(&batch, until, input.batch_messages, &mut output).await?;
    }
    let mut tx = resources.db.team_bulk(of.team).await?;
    let open = send_intent::open(&mut tx, of.campaign).await?;
    let held = change::look(&mut tx, of.campaign).await?;
    tx.commit().await?;
    output.left = left(&open, output.left.next_due);
    output.standing = standing(&held, settings.four_eyes);
    Ok(output)
}

/// Whether anybody is to send it.
fn has_sender(vendor: Option<&str>) -> Result<(), Fault> {
    vendor.map(drop).ok_or_else(|| {
        let what = "no active sender; set one active, or give the campaign another, and resume";
        Fault::permanent(FailureCode::CampaignSenderMissing, what)
    })
}

/// Where each of them is to post what becomes of a message. One door for a batch: what is opened or closed meanwhile holds for the
/// next one.
async fn callbacks(
    resources: &Resources,
    of: CampaignRef,
    vendors: &WithinReach,
) -> Result<BTreeMap<String, String>, Fault> {
    let mut all = BTreeMap::new();
    let mut tx = resources.db.team_bulk(of.team).await?;
    for word in vendors.words() {
        if let Some(url) = doors::address(&mut tx, &resources.keys, word).await? {
            all.insert(word.to_owned(), url);
        }
    }
    tx.commit().await?;
    Ok(all)
}

/// What is left, where a limit that was met says `not_before`.
fn left(open: &Open, not_before: Option<i64>) -> Left {
    let due = open.next_due.map(|at| at.timestamp_millis());
    // What somebody else has in hands is looked at when its lease is over.
    let lease = open.next_lease.map(|at| at.timestamp_millis());
    let due = match (due, not_before) {
        (Some(due), Some(not_before)) => Some(due.max(not_before)),
        (due, _) => due,
    };
    Left {
        open: number(open.planned + open.held + open.claimed + open.calling + open.unknown),
        unknown: number(open.unknown),
        next_due: [due, lease].into_iter().flatten().min(),
    }
}

fn number<T: TryInto<u32>>(count: T) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}
