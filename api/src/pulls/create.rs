//! `POST /v1/pulls`: pulls a vendor's list.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::FailureCode;
use domain::id::PullId;
use domain::role::Permission;
use entities::pull::{self, EndedBy, NewPull};
use providers::lists::{ListQuestion, ListSourceId};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use workflows::pull::PullRef;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::Pull;

/// A pull to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPull)]
pub(crate) struct New {
    /// Which vendor's list: `batchdata`.
    #[schema(value_type = String, example = "batchdata")]
    source: ListSourceId,
    /// Only properties in these ZIP codes, 100 at the most; anywhere where it is left out.
    #[serde(default)]
    #[schema(example = json!(["46601", "46613"]))]
    zip_codes: Vec<String>,
    /// What else is to hold, in the vendor's own words.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"quickLists": ["high-equity"]}))]
    filters: Map<String, Value>,
    /// The order, in the vendor's own words; its default, newest first, where it is left out. In any other order a pull may
    /// stop before it has seen all that is new.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    sort: Value,
    /// The most pages to fetch, from 1. A page has 100 records at the most.
    most_pages: Option<i32>,
}

/// Pulls a vendor's list page by page and makes leads of its records, until a record comes that an earlier pull of the same
/// question has brought. A pull that was stopped, had enough or failed is not gone on with: another of the same question
/// goes on at the page where it was left.
#[utoipa::path(
    post, path = "/v1/pulls", tag = "pulls", request_body = New,
    responses(
        (status = 202, body = Pull),
        (status = 409, body = crate::problem::ProblemBody, description = "The vendor is not configured, or a pull of this question is under way"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    caller.may(Permission::Enrich)?;
    if new.most_pages.is_some_and(|most| most < 1) {
        return Err(Problem::invalid("/most_pages", "must be 1 or more"));
    }
    let question = ListQuestion { zip_codes: new.zip_codes, filters: new.filters, sort: new.sort };
    new.source.check(&question).map_err(|error| Problem::invalid(error.field, error.what))?;
    if state.vendors.get(new.source.provider()).is_none() {
        return Err(Problem::http(
            HttpCode::Conflict,
            format!("this installation has no key to {}, so its list cannot be pulled", new.source),
        ));
    }
    let id = make(&state, &caller, new.source, question, new.most_pages).await?;
    start(&state, &caller, id).await?;
    let tx = caller.transaction(&state).await?;
    let pull = pull::get(&tx, id).await?;
    tx.commit().await?;
    let location = format!("/v1/pulls/{id}");
    let body = Json(Pull::of(&state, pull));
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response())
}

async fn make(
    state: &AppState,
    caller: &Caller,
    source: ListSourceId,
    question: ListQuestion,
    most_pages: Option<i32>,
) -> Result<PullId, Problem> {
    let sig = question.signature();
    let tx = caller.transaction(state).await?;
    if let Some(open) = pull::open(&tx, source.as_str(), &sig).await? {
        return Err(Problem::http(
            HttpCode::Conflict,
            format!("{open} asks the same and has not ended; wait for it or stop it"),
        ));
    }
    let new = NewPull {
        source: source.as_str().to_owned(),
        query_sig: sig,
        pull_params: serde_json::to_value(&question).map_err(Problem::internal)?,
        most_pages,
        created_by: Some(caller.user),
    };
    let id = pull::create(&tx, new).await?.id.0;
    let details =
        json!({ "source": source, "zip_codes": question.zip_codes.len(), "most_pages": most_pages });
    caller.record(&tx, "pull.start", id, details).await?;
    tx.commit().await?;
    Ok(id)
}

async fn start(state: &AppState, caller: &Caller, id: PullId) -> Result<(), Problem> {
    let pull = PullRef { team: caller.team, pull: id };
    if let Err(error) = state.temporal.start_pull(&state.task_queue, pull).await {
        // Nothing was asked; the caller makes another when Temporal is back.
        let mut tx = caller.bulk_transaction(state).await?;
        pull::end(&mut tx, id, EndedBy::Failure, Some(FailureCode::SystemUnavailable.as_str())).await?;
        tx.commit().await?;
        return Err(error.into());
    }
    Ok(())
}
