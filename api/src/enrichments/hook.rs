//! `POST /hooks/enrichment/{token}`: what a vendor sends later.
//!
//! The vendor signs nothing, so the address is the proof: 256 random bits that were made for one call and given to one
//! vendor. Only their hash is stored. A delivery is stored before it is answered, a repeated one changes nothing, and a
//! token that nobody was given is not found.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use entities::provider_call::find_late;
use entities::waterfall::{answer, ledger};
use providers::enrichment::{ProviderId, later};
use sha2::{Digest, Sha256};
use workflows::enrichment::EnrichmentRef;

use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// Hex digits of a token.
const TOKEN: usize = 64;

/// Takes what a vendor announced. No key: whoever knows the address is the vendor.
#[utoipa::path(
    post, path = "/hooks/enrichment/{token}", tag = "operations", params(("token" = String, Path)),
    request_body(content = Object, description = "In the vendor's own shape"),
    responses(
        (status = 202, description = "Stored; a repetition changes nothing"),
        (status = 400, body = crate::problem::ProblemBody, description = "Not what this vendor sends"),
        (status = 404, body = crate::problem::ProblemBody, description = "Nobody was given this address"),
    ),
)]
pub(crate) async fn receive(
    State(state): State<AppState>,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let unknown = || Problem::http(HttpCode::NotFound, "nobody was given this address");
    let well_formed = token.len() == TOKEN
        && token.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !well_formed {
        return Err(unknown());
    }
    let late = find_late(&state.db, token.as_bytes()).await?.ok_or_else(unknown)?;
    let provider: ProviderId = late.provider.parse().map_err(Problem::internal)?;
    if let Err(error) = later(provider, &body) {
        return Err(Problem::http(HttpCode::BadRequest, error.to_string()));
    }
    let hash: [u8; 32] = Sha256::digest(&body).into();
    let (key_id, raw) = state.payload_keys.seal(&body).map_err(Problem::internal)?;
    let mut tx = state.db.team_bulk(late.team).await?;
    let new = answer::keep_later(&mut tx, late.call, &late.provider, (&key_id, &raw), &hash).await?;
    let run = ledger::run_of(&mut tx, late.call).await?;
    tx.commit().await?;
    tracing::info!(call = %late.call, provider = %late.provider, new, "a vendor sent what was to come later");
    // Also where it is not new: the signal may have got lost, and a repeated one changes nothing.
    if let Some(enrichment) = run {
        let run = EnrichmentRef { team: late.team, enrichment };
        state.temporal.vendor_result_arrived(&state.task_queue, run, late.call).await?;
    }
    Ok(StatusCode::ACCEPTED)
}
