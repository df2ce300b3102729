//! `POST /v1/providers/{provider}/resume`: says who lets a vendor be called again whose account was stopped.

use axum::Json;
use axum::extract::{Path, State};
use domain::role::Permission;
use entities::provider_account::{self, AccountState};
use providers::enrichment::ProviderId;
use providers::sms::SmsProviderId;

use crate::auth::Caller;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::Providers;

/// A vendor's account is the installation's, and what is resumed is resumed for all teams: so no key of a team does it, and this
/// says what does: `refinery providers resume`, by the operator of the installation.
#[utoipa::path(
    post, path = "/v1/providers/{provider}/resume", tag = "enrichment", params(("provider" = String, Path)),
    responses(
        (status = 403, body = crate::problem::ProblemBody, description = "It is paused; the operator of the installation resumes it"),
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
    let words: Vec<&str> = ProviderId::ALL
        .iter()
        .map(|id| id.as_str())
        .chain(SmsProviderId::ALL.iter().map(|id| id.as_str()))
        .collect();
    let Some(provider) = words.iter().copied().find(|known| *known == word) else {
        let words = words.into_iter().map(str::to_owned);
        return Err(Problem::not_found("vendor", format_args!("{word:?}")).expected(words));
    };
    let mut tx = caller.bulk_transaction(&state).await?;
    let accounts = provider_account::list(&mut tx).await?;
    tx.commit().await?;
    let paused =
        accounts.iter().any(|account| account.provider == provider && account.state == AccountState::Paused);
    if !paused {
        return Err(Problem::http(HttpCode::Conflict, format!("{provider} is not paused: it may be called")));
    }
    let what = format!(
        "the account at {provider} is every team's; see to it, then have the operator of the installation run: \
         refinery providers resume {provider}"
    );
    Err(Problem::http(HttpCode::Forbidden, what))
}
