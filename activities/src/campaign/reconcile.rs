//! `campaign.reconcile`: asks the vendor what became of messages of which nobody knows. Key: the row of each message's
//! intent; what is settled stays.

use chrono::{TimeDelta, Utc};
use domain::FailureCode;
use entities::campaign::change;
use entities::outreach::Scene;
use entities::send_intent::{self, IntentState, Outcome, Planned, Settled, UnknownIntent};
use entities::{budget, outreach};
use providers::sms::{Found, MessageText, SmsProvider, Sought};
use workflows::campaign::{CampaignRef, ReconcileOutput};

use crate::{Fault, Resources};

/// The most messages of one page.
const PAGE: u32 = 200;

/// Clocks differ, and a call takes a moment: what the vendor took a little before may be what is sought.
const BEFORE: TimeDelta = TimeDelta::seconds(60);

/// What the vendor's record says of one message.
enum Known {
    Accepted { external_id: String, segments: Option<u16>, price: Option<domain::money::MicroDollars> },
    Absent,
    NotYet,
}

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
        let Some(provider) = resources.texters.get(&unknown.provider) else {
            let what = format!(
                "this worker has no key to {}, so nobody can ask what became of its messages",
                unknown.provider
            );
            return Err(Fault::permanent(FailureCode::SendOutcomeUnknown, what));
        };
        let known = ask(resources, of, provider.as_ref(), unknown).await?;
        settle(resources, of, &scene, unknown, known, held.state.is_final(), &mut output).await?;
    }
    let mut tx = resources.db.team_bulk(of.team).await?;
    let open = send_intent::open(&mut tx, of.campaign).await?;
    tx.commit().await?;
    output.unknown = u32::try_from(open.unknown).unwrap_or(u32::MAX);
    Ok(output)
}

async fn ask(
    resources: &Resources,
    of: CampaignRef,
    provider: &dyn SmsProvider,
    unknown: &UnknownIntent,
) -> Result<Known, Fault> {
    let (Ok(from), Ok(to)) = (unknown.from.parse(), unknown.to.parse()) else { return Ok(Known::Absent) };
    let since = unknown.called_at - BEFORE;
    let mut tx = resources.db.team_bulk(of.team).await?;
    let accounted = outreach::accounted(&mut tx, &unknown.to, &unknown.provider, since).await?;
    tx.commit().await?;
    let sought = Sought { from, to, text: MessageText::from(unknown.body.as_str()), since, accounted };
    match provider.find(&sought).await {
        Ok(Found::Message(report)) => Ok(Known::Accepted {
            external_id: report.external_id,
            segments: report.segments,
            price: report.price,
        }),
        Ok(Found::Absent) => Ok(Known::Absent),
        Ok(Found::NotYetCertain) => Ok(Known::NotYet),
        Err(fault) if fault.may_repeat() => Err(Fault::transient(FailureCode::SendProviderError, fault)),
        Err(fault) => {
            let what = format!("{fault}; nobody knows what became of a message, and it is not sent again");
            Err(Fault::permanent(FailureCode::SendOutcomeUnknown, what))
        }
    }
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
        if one.state != IntentState::Accepted {
            budget::release_many(&mut tx, &[one.intent]).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
