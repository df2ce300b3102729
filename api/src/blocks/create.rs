//! `POST /v1/blocks`: takes leads that no open block holds.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::FailureCode;
use domain::role::Permission;
use entities::block::{self, MAX_BLOCK_LEADS, Taken, Wanted};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::leads::Criteria;
use crate::problem::Problem;
use crate::state::AppState;

use super::Block;

/// The longest name, in bytes.
const MAX_NAME: usize = 200;

/// A block to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBlock)]
pub(crate) struct New {
    /// What to call it.
    name: String,
    /// Which leads; of those that no open block holds, the best scores first.
    #[serde(default)]
    criteria: Criteria,
    /// With fewer leads there is to be no block. 1 where it is not said.
    #[serde(default)]
    min_leads: Option<u64>,
    /// How many leads at the most: 1 to 2,000, or what the team's settings say.
    #[serde(default)]
    max_leads: Option<u64>,
}

/// Makes a block of leads that no open block holds. Two requests at once never share a lead.
#[utoipa::path(
    post, path = "/v1/blocks", tag = "blocks", request_body = New,
    responses(
        (status = 201, body = Block),
        (status = 409, body = crate::problem::ProblemBody, description = "Too few leads fit and are free: campaign.insufficient_leads"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    caller.may(Permission::ManageBlocks)?;
    let name = new.name.trim().to_owned();
    if !(1..=MAX_NAME).contains(&name.len()) {
        return Err(Problem::invalid("/name", format!("must be 1 to {MAX_NAME} bytes long")));
    }
    let most = MAX_BLOCK_LEADS;
    let max_leads = new.max_leads.unwrap_or(most);
    let min_leads = new.min_leads.unwrap_or(1);
    if !(1..=most).contains(&max_leads) {
        return Err(Problem::invalid("/max_leads", format!("must be 1 to {most}")));
    }
    if min_leads > max_leads {
        return Err(Problem::invalid("/min_leads", "must not be more than max_leads"));
    }
    let filter = new.criteria.filter("/criteria")?;
    let tx = caller.transaction(&state).await?;
    let wanted = Wanted { name, filter, min_leads, max_leads, created_by: Some(caller.user) };
    let block = match block::take(&tx, wanted).await? {
        Taken::Block(block) => block,
        Taken::TooFew(free) => {
            return Err(Problem::failure(
                StatusCode::CONFLICT,
                FailureCode::CampaignInsufficientLeads,
                format!(
                    "only {free} leads fit and are in no open block, {min_leads} are wanted; widen the criteria"
                ),
            ));
        }
    };
    caller.record(&tx, "block.create", block.id, json!({ "leads": block.lead_count })).await?;
    tx.commit().await?;
    let location = format!("/v1/blocks/{}", block.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(Block::from(block))).into_response())
}
