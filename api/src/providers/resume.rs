//! `POST /v1/providers/{provider}/resume`: lets a vendor be called again whose account was stopped.

use axum::Json;
use axum::extract::{Path, State};
use domain::role::Permission;
use entities::provider_account;
use providers::enrichment::ProviderId;
use serde_json::json;

use crate::auth::Caller;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::{Providers, all};

/// Lets a vendor be called again, its circuit closed: for whoever has seen to its account. The account is the installation's,
/// so this holds for all teams; if the account is still stopped, the next call pauses it again. Leads that were left on hold
/// are asked about by the next run of those on hold.
#[utoipa::path(
    post, path = "/v1/providers/{provider}/resume", tag = "enrichment", params(("provider" = String, Path)),
    responses(
        (status = 200, body = Providers),
        (status = 404, body = crate::problem::ProblemBody, description = "There is no such vendor; those there are are listed"),
        (status = 409, body = crate::problem::ProblemBody, description = "It is not paused"),
    ),
)]
pub(crate) async fn resume(
    State(state): State<AppState>,
    caller: Caller,
    Path(word): Path<String>,
) -> Result<Json<Providers>, Problem> {
    caller.may(Permission::ManageLimits)?;
    let Ok(provider) = word.parse::<ProviderId>() else {
        let words = ProviderId::ALL.iter().map(|id| id.as_str().to_owned());
        return Err(Problem::not_found("vendor", format_args!("{word:?}")).expected(words));
    };
    let mut tx = caller.bulk_transaction(&state).await?;
    if !provider_account::resume(&mut tx, provider.as_str()).await? {
        return Err(Problem::http(HttpCode::Conflict, format!("{provider} is not paused: it may be called")));
    }
    caller.record_in_bulk(&mut tx, "provider.resume", provider, json!({})).await?;
    tx.commit().await?;
    Ok(Json(all(&state, &caller).await?))
}
