//! `campaign.plan_page`: writes down the first messages of a page of leads. Key: campaign, lead and step; what is planned
//! already stays as it is.

use chrono::Utc;
use domain::money::MicroDollars;
use entities::audience;
use entities::campaign_lead;
use entities::outreach::{Moment, Scene};
use entities::send_intent::{self, Planned};
use workflows::campaign::{PlanInput, PlanOutput};

use crate::{Fault, Resources};

pub(super) async fn plan_page(resources: &Resources, input: PlanInput) -> Result<PlanOutput, Fault> {
    let of = input.campaign;
    let mut tx = resources.db.team_bulk(of.team).await?;
    let now = Utc::now();
    let total = audience::size(&mut tx, of.campaign).await?;
    let scene = Scene::read(&mut tx, of.campaign, None, now).await?;
    let end = input.from.saturating_add(input.leads);
    let people = audience::page(&mut tx, of.campaign, (input.from, end), now).await?;
    let begins = scene.starts_at.map_or(now, |at| at.max(now));
    let mut planned = Vec::with_capacity(people.len());
    let mut excluded = Vec::new();
    // As if it were sending: the gate itself asks again at the moment of sending.
    let moment = Moment::if_released(None::<MicroDollars>);
    for person in &people {
        let Some(step) = scene.step(1).filter(|step| person.state.takes_step(step.only_silent)) else {
            continue;
        };
        let due_at = match scene.judge(person, step, &moment, begins) {
            Ok(judged) if judged.verdict.allowed => begins,
            Ok(judged) => match judged.verdict.next_allowed_at {
                Some(next) => next.max(begins),
                None => {
                    excluded.push((person.lead, judged.verdict.rule.as_str()));
                    continue;
                }
            },
            Err(lacking) => {
                excluded.push((person.lead, lacking.as_str()));
                continue;
            }
        };
        planned.push(Planned { lead: person.lead, step: step.number, due_at });
    }
    send_intent::plan(&mut tx, of.campaign, &planned).await?;
    campaign_lead::exclude(&mut tx, of.campaign, &excluded, now).await?;
    tx.commit().await?;
    Ok(PlanOutput {
        total,
        planned: u32::try_from(planned.len()).unwrap_or(u32::MAX),
        next: (end < total).then_some(end),
    })
}
