//! `GET /v1/templates/{id}` and `POST /v1/templates/{id}/archive`: one template.

use axum::Json;
use axum::extract::State;
use domain::id::TemplateId;
use domain::role::Permission;
use entities::template;
use serde_json::json;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::TemplateDetail;

/// One template, with all it ever said.
#[utoipa::path(
    get, path = "/v1/templates/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = TemplateDetail)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
) -> Result<Json<TemplateDetail>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(detail(&state, &caller, id).await?))
}

/// Puts a template away: no new campaign takes it. Campaigns that have it keep it.
#[utoipa::path(
    post, path = "/v1/templates/{id}/archive", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = TemplateDetail)),
)]
pub(crate) async fn archive(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
) -> Result<Json<TemplateDetail>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if template::archive(&mut tx, id, true).await? {
        caller.record_in_bulk(&mut tx, "template.archive", id, json!({})).await?;
    }
    tx.commit().await?;
    Ok(Json(detail(&state, &caller, id).await?))
}

/// A template with its versions.
pub(super) async fn detail(
    state: &AppState,
    caller: &Caller,
    id: TemplateId,
) -> Result<TemplateDetail, Problem> {
    let tx = caller.transaction(state).await?;
    let template = template::get(&tx, id).await?;
    tx.commit().await?;
    let mut tx = caller.bulk_transaction(state).await?;
    let versions = template::versions(&mut tx, id).await?;
    tx.commit().await?;
    Ok(TemplateDetail { template: template.into(), versions: versions.into_iter().map(Into::into).collect() })
}
