//! `GET /v1/campaigns/{id}/exclusions.csv`: who is left out, and by which rule.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use domain::id::CampaignId;
use domain::role::Permission;
use entities::outreach;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// Each lead that is left out as of now, with the rule that decides and why.
#[utoipa::path(
    get, path = "/v1/campaigns/{id}/exclusions.csv", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String)),
)]
pub(crate) async fn exclusions(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Response, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let preview = outreach::preview(&mut tx, id, Utc::now()).await?;
    tx.commit().await?;
    let mut csv = String::from("lead,rule,why\n");
    for one in &preview.exclusions {
        // Writing to a text cannot fail.
        let _ = writeln!(csv, "{},{},\"{}\"", one.lead, one.rule, one.says.replace('"', "\"\""));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"exclusions_{id}.csv\"")),
    ];
    Ok((headers, csv).into_response())
}
