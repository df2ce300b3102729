//! `campaign.reconcile`: asks the vendor what became of messages of which nobody knows. Key: the row of each message's
//! intent; what is settled stays.

use chrono::{TimeDelta, Utc};
use entities::campaign::change;
use entities::outreach::Scene;
use entities::send_intent::{self, IntentState, Outcome, Planned, Settled, UnknownIntent};
use entities::{budget, outreach};
use workflows::campaign::{CampaignRef, ReconcileOutput};

use crate::sending::sought::{Known, ask};
use crate::sending::vendor::{PERSON, Vendor};
use crate::{Fault, Resources};

/// The most messages of one page.
const PAGE: u32 = 200;

pub(super) async fn reconcile(resources: &Resources, of: CampaignRef) -> Result<ReconcileOutput, Fault> {
    let mut tx = resources.db.team_bulk(of.team).await?;
    // What others who died had in their hands is unknown by now too.
    let reclaimed = send_intent::reclaim(&mut tx, of.campaign, Utc::now()).await?;
    budget::release_many(&mut tx, &reclaimed.back).await?;
    let unknowns = send_intent::unknowns(&mut tx, of.campaign, PAGE).await?;
    let scene = Scene::read(&mut tx, of.campaign, None, Utc::now()).await?;
    let held = change::look(&mut tx, of.campaign).await?;
    tx.commit().await?;
    let mut output = ReconcileOutput::default();
    for unknown in &unknowns {
        // One that has its key asks; of a campaign with but one vendor that is each that serves its queue.
        if held.provider.as_deref() == Some(PERSON)
            && Vendor::of(resources, of.team, &unknown.provider).is_err()
        {
            continue;
        }
        let known = ask(resources, of.team, unknown).await?;
        settle(resources, of, &scene, unknown, known, held.state.is_final(), &mut output).await?;
    }
    let mut tx = resources.db.team_bulk(of.team).await?;
    let open = send_intent::open(&mut tx, of.campaign).await?;
    tx.commit().await?;
    output.unknown = u32::try_from(open.unknown).unwrap_or(u32::MAX);
    Ok(output)
}

/// Writes down what is known now, each message by itself: the next one is looked for with this one accounted for.
async fn settle(
    resources: &Resources,
    of: CampaignRef,
    scene: &Scene,
    unknown: &UnknownIntent,
    known: Known,
    over: bool,
    output: &mut ReconcileOutput,
) -> Result<(), Fault> {
    let now = Utc::now();
    let outcome = match &known {
        Known::NotYet => return Ok(()),
        Known::Accepted { external_id, segments, price } => {
            Outcome::Accepted { external_id, segments: *segments, price: *price }
        }
        // Nothing is sent any more, so nothing is tried again.
        Known::Absent if over => Outcome::Refused { code: "campaign_over" },
        Known::Absent => Outcome::Back { due_at: now, tried: true },
        // It may have arrived, and nobody will ever say: it is not sent again, and counts as paid for.
        Known::Unknowable => Outcome::Refused { code: "outcome_unknown" },
    };
    let mut tx = resources.db.team_bulk(of.team).await?;
    let settled = send_intent::settle(&mut tx, now, &[Settled { intent: unknown.intent, outcome }]).await?;
    for one in settled {
        match one.state {
            IntentState::Accepted => {
                output.accepted += 1;
                let step = outreach::step_of(&mut tx, one.intent).await?;
                let next = scene.step(step + 1).and_then(|next| {
                    let delay = TimeDelta::from_std(next.delay).ok()?;
                    Some(Planned { lead: one.lead, step: next.number, due_at: unknown.called_at + delay })
                });
                send_intent::plan(&mut tx, of.campaign, next.as_slice()).await?;
            }
            IntentState::Refused => output.given_up += 1,
            _ => output.again += 1,
        }
        match (&known, one.state) {
            (Known::Unknowable, _) => {
                budget::settle_many(&mut tx, &[(one.intent, unknown.price)]).await?;
            }
            (_, IntentState::Accepted) if unknown.provider == PERSON => {
                budget::settle_many(&mut tx, &[(one.intent, one.price)]).await?;
            }
            (_, IntentState::Accepted) => {}
            _ => {
                budget::release_many(&mut tx, &[one.intent]).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}
