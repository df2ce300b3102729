//! `POST /v1/pulls`: pulls a vendor's list.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::PullId;
use domain::role::Permission;
use entities::DbError;
use entities::pull::schedule::{self, MOST_HOURS, NewSchedule};
use entities::pull::{self, NewPull};
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
    /// Pulls it again and again, from now on.
    schedule: Option<Every>,
}

/// How often a list is pulled.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PullEvery)]
pub(crate) struct Every {
    /// Hours from one pull to the next, 1 to 8,784. One that is under way when the next is due goes on instead.
    #[schema(example = 24)]
    every_hours: i32,
}

/// Pulls a vendor's list page by page and makes leads of its records, until a record comes that an earlier pull of the same
/// question has brought. A pull that was stopped, had enough or failed is not gone on with: another of the same question
/// goes on at the page where it was left.
#[utoipa::path(
    post, path = "/v1/pulls", tag = "pulls", request_body = New,
    responses(
        (status = 202, body = Pull),
        (status = 409, body = crate::problem::ProblemBody, description = "The vendor is not configured, a pull of this question is under way, or one is scheduled"),
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
    if new.schedule.is_some_and(|every| !(1..=MOST_HOURS).contains(&every.every_hours)) {
        return Err(Problem::invalid("/schedule/every_hours", format!("must be 1 to {MOST_HOURS}")));
    }
    let question = ListQuestion { zip_codes: new.zip_codes, filters: new.filters, sort: new.sort };
    new.source.check(&question).map_err(|error| Problem::invalid(error.field, error.what))?;
    if state.vendors.get(new.source.provider()).is_none() {
        return Err(Problem::http(
            HttpCode::Conflict,
            format!("this installation has no key to {}, so its list cannot be pulled", new.source),
        ));
    }
    let id = make(&state, &caller, new.source, &question, (new.most_pages, new.schedule)).await?;
    let pull = PullRef { team: caller.team, pull: id };
    if let Err(error) = state.temporal.start_pull(&state.task_queue, pull).await {
        tracing::warn!(pull = %id, cause = %error, "the pull will be started later");
    }
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
    question: &ListQuestion,
    (most_pages, every): (Option<i32>, Option<Every>),
) -> Result<PullId, Problem> {
    let sig = question.signature();
    let tx = caller.transaction(state).await?;
    if let Some(open) = pull::open(&tx, source.as_str(), &sig).await? {
        return Err(Problem::http(
            HttpCode::Conflict,
            format!("{open} asks the same and has not ended; wait for it or stop it"),
        ));
    }
    let pull_params = serde_json::to_value(question).map_err(Problem::internal)?;
    let schedule = match every {
        Some(Every { every_hours }) => {
            let new = NewSchedule {
                source: source.as_str().to_owned(),
                query_sig: sig.clone(),
                pull_params: pull_params.clone(),
                most_pages,
                every_hours,
                created_by: Some(caller.user),
            };
            Some(schedule::create(&tx, new).await.map_err(scheduled_already)?.id.0)
        }
        None => None,
    };
    let new = NewPull {
        source: source.as_str().to_owned(),
        query_sig: sig,
        pull_params,
        most_pages,
        schedule,
        created_by: Some(caller.user),
    };
    let id = pull::create(&tx, new).await?.id.0;
    if let Some(schedule) = schedule {
        schedule::made(&tx, schedule, id).await?;
    }
    let details = json!({ "source": source, "zip_codes": question.zip_codes.len(), "most_pages": most_pages,
                          "every_hours": every.map(|every| every.every_hours) });
    caller.record(&tx, "pull.start", id, details).await?;
    tx.commit().await?;
    Ok(id)
}

fn scheduled_already(error: DbError) -> Problem {
    if error.violates("pull_schedules_question") {
        return Problem::http(
            HttpCode::Conflict,
            "this question is scheduled already; see GET /v1/pull-schedules, and end that one first",
        );
    }
    error.into()
}
