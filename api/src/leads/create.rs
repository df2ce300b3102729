//! `POST /v1/leads`: a lead entered by a person.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::lead::LeadFacts;
use domain::role::Permission;
use entities::lead;
use serde_json::json;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::by_hand::{Cells, Graded};
use super::view::FullLead;

/// Enters a lead by hand. The body has cells by field, as a list would have them: `company`, `contact` (or
/// `first_name`, `last_name`), `title`, `email`, `phone`, `mobile`, `address`, `city`, `state`, `zip`,
/// `website`, `employees`, `revenue`, `sic_code` … A lead that is known already is answered as it is, with 200.
#[utoipa::path(
    post, path = "/v1/leads", tag = "leads",
    request_body(content = Object, example = json!({"company": "Acme Plumbing", "contact": "Jane Doe", "phone": "(212) 736-5000"})),
    responses(
        (status = 201, body = FullLead),
        (status = 200, body = FullLead, description = "Known already"),
        (status = 422, body = crate::problem::ProblemBody, description = "An unknown field, or nothing to go by"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(cells): JsonBody<Cells>,
) -> Result<Response, Problem> {
    caller.may(Permission::EditLeads)?;
    let graded = Graded::of(&cells, &caller, LeadFacts::NONE)?;
    let tx = caller.transaction(&state).await?;
    let entered = lead::enter(&tx, graded.by_hand()).await.map_err(|error| {
        if error.violates("leads_vendor_record") {
            return Problem::http(
                HttpCode::Conflict,
                "another lead has this vendor_record_id; leave it out or correct that lead",
            );
        }
        error.into()
    })?;
    let id = entered.lead.id.0;
    let fields: Vec<_> = cells.keys().collect();
    caller.record(&tx, "lead.create", id, json!({ "fields": fields, "created": entered.created })).await?;
    let detail = lead::detail(&tx, id).await?;
    tx.commit().await?;
    let status = if entered.created { StatusCode::CREATED } else { StatusCode::OK };
    let location = format!("/v1/leads/{id}");
    Ok((status, [(header::LOCATION, location)], Json(FullLead::try_from(detail)?)).into_response())
}
