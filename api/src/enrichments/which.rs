//! Which leads a run is about.

use domain::id::{BlockId, CampaignId, EnrichmentId, LeadId};
use domain::money::MicroDollars;
use entities::enrichment::leads::{self, Which};
use entities::enrichment::{self, Enrichment, NewEnrichment, Origin};
use entities::lead::LeadFilter;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::leads::Criteria;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The most leads named one by one.
const MOST_NAMED: usize = 10_000;

/// Which leads: exactly one of these.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = EnrichmentLeads)]
pub(crate) struct Leads {
    /// The leads of this block.
    #[schema(value_type = Option<String>)]
    pub(crate) block: Option<BlockId>,
    /// All leads that fit.
    pub(crate) criteria: Option<Criteria>,
    /// These leads, 10,000 at the most.
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) leads: Option<Vec<LeadId>>,
    /// Those that an earlier run left on hold.
    pub(crate) on_hold: bool,
}

impl Leads {
    /// What the database understands, and how it is written down.
    fn read(self) -> Result<(Which, Value), Problem> {
        let said = [self.block.is_some(), self.criteria.is_some(), self.leads.is_some(), self.on_hold];
        if said.iter().filter(|one| **one).count() != 1 {
            return Err(Problem::http(
                HttpCode::Invalid,
                "say which leads, in one way: block, criteria, leads or on_hold",
            ));
        }
        if let Some(leads) = self.leads {
            if !(1..=MOST_NAMED).contains(&leads.len()) {
                return Err(Problem::invalid("/leads", format!("must be 1 to {MOST_NAMED} leads")));
            }
            let what = json!({ "leads": leads.len() });
            return Ok((Which::Leads(leads), what));
        }
        if let Some(block) = self.block {
            let filter = LeadFilter { block: Some(block), ..LeadFilter::default() };
            return Ok((Which::Filter(Box::new(filter)), json!({ "block": block })));
        }
        if let Some(criteria) = self.criteria {
            let what = json!({ "filter": criteria });
            return Ok((Which::Filter(Box::new(criteria.filter("/criteria")?)), what));
        }
        Ok((Which::OnHold, json!({ "on_hold": true })))
    }
}

/// Who pays for a run beside the team, and how much at the most.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PaidBy {
    /// The campaign in whose budget everything is put aside, too.
    pub(crate) campaign: Option<CampaignId>,
    /// The most that the run may cost.
    pub(crate) budget: Option<MicroDollars>,
}

/// Makes a run of these leads, which nobody has begun.
pub(crate) async fn make(
    state: &AppState,
    caller: &Caller,
    leads: Leads,
    paid_by: PaidBy,
) -> Result<Enrichment, Problem> {
    if state.vendors.iter().all(|vendor| vendor.capabilities().contract_required) {
        return Err(Problem::http(
            HttpCode::Conflict,
            "no vendor is configured; an operator of the installation sets the key of one (.env.sample lists them)",
        ));
    }
    let (which, what) = leads.read()?;
    let tx = caller.transaction(state).await?;
    if let Some(campaign) = paid_by.campaign
        && !enrichment::campaign_exists(&tx, campaign).await?
    {
        return Err(Problem::not_found("campaign", campaign));
    }
    let new = NewEnrichment {
        what,
        wanted: json!({}),
        origin: Origin::Request,
        campaign: paid_by.campaign,
        budget: paid_by.budget,
        created_by: Some(caller.user),
    };
    let run = enrichment::create(&tx, new).await?;
    let id: EnrichmentId = run.id.0;
    let found = leads::fill(&tx, id, &which).await?;
    if found == 0 {
        return Err(Problem::http(
            HttpCode::Conflict,
            "no lead of the team is meant by this; nothing was made",
        ));
    }
    caller.record(&tx, "enrichment.create", id, json!({ "leads": found })).await?;
    let run = enrichment::get(&tx, id).await?;
    tx.commit().await?;
    Ok(run)
}
