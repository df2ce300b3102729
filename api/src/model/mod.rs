//! A team's language model: where it is, what it costs, and what it is asked for. `docs/model.md` tells what leaves for it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::money::MicroDollars;
use domain::role::Permission;
use entities::budget::{self, Limit, Scope};
use entities::model::{self, BUDGET, TeamModel};
use providers::notice::EndpointUrl;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The longest name of a model, and the longest key, in characters.
const LONGEST: usize = 500;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get, put, remove))
}

/// The team's model. Its key is not shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Model {
    /// What `/chat/completions` is put behind.
    #[schema(example = "https://api.openai.com/v1")]
    base_url: String,
    /// Its name, as the server knows it.
    #[schema(example = "gpt-4o-mini")]
    model: String,
    /// Whether a key is kept.
    has_key: bool,
    /// What a million tokens of questions costs, in micro-dollars.
    input_micros: i64,
    /// What a million tokens of answers costs, in micro-dollars.
    output_micros: i64,
    /// Whether it is asked what a reply means where the rules are unsure.
    reads: bool,
    /// Whether it writes suggestions, which a person releases.
    writes: bool,
    updated_at: DateTime<Utc>,
}

impl From<TeamModel> for Model {
    fn from(model: TeamModel) -> Self {
        Self {
            base_url: model.base_url,
            model: model.model,
            has_key: model.sealed_key.is_some(),
            input_micros: model.input.micros(),
            output_micros: model.output.micros(),
            reads: model.reads,
            writes: model.writes,
            updated_at: model.updated_at,
        }
    }
}

/// A model to be asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewModel)]
pub(crate) struct New {
    /// What `/chat/completions` is put behind: `https://…`.
    base_url: String,
    /// Its name, as the server knows it.
    model: String,
    /// The server's key. Left out, the one that is kept stays, unless the address changes; empty, none is shown to the server.
    #[serde(default)]
    key: Option<String>,
    /// What a million tokens of questions costs, in micro-dollars.
    input_micros: i64,
    /// What a million tokens of answers costs, in micro-dollars.
    output_micros: i64,
    /// The most that is spent in a day, in micro-dollars: from there on nothing is asked until tomorrow.
    daily_limit_micros: i64,
    /// Whether it is asked what a reply means where the rules are unsure.
    #[serde(default)]
    reads: bool,
    /// Whether it writes suggestions, which a person releases.
    #[serde(default)]
    writes: bool,
}

/// The team's model.
#[utoipa::path(get, path = "/v1/model", tag = "inbox", responses((status = 200, body = Model)))]
pub(crate) async fn get(State(state): State<AppState>, caller: Caller) -> Result<Json<Model>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let found = model::get(&mut tx).await?;
    tx.commit().await?;
    found.map(|found| Json(found.into())).ok_or_else(none)
}

/// Sets the team's model, and the most that it may cost in a day. It is asked from now on.
#[utoipa::path(
    put, path = "/v1/model", tag = "inbox", request_body = New, responses((status = 200, body = Model)),
)]
pub(crate) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<Json<Model>, Problem> {
    caller.may(Permission::ManageTeam)?;
    check(&new)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    tx.lock(&format!("model:{}", caller.team)).await?;
    let before = model::get(&mut tx).await?;
    let base_url = new.base_url.trim().trim_end_matches('/').to_owned();
    let sealed_key = match new.key.as_deref().map(str::trim) {
        Some("") => None,
        Some(key) => {
            let (key_id, sealed) = state.payload_keys.seal(key.as_bytes()).map_err(Problem::internal)?;
            Some((sealed, key_id))
        }
        // A key is for one server: whoever changes the address says what opens the new one.
        None => before.filter(|before| before.base_url == base_url).and_then(|before| before.sealed_key),
    };
    let set = TeamModel {
        base_url,
        model: new.model.trim().to_owned(),
        sealed_key,
        input: MicroDollars::new(new.input_micros),
        output: MicroDollars::new(new.output_micros),
        reads: new.reads,
        writes: new.writes,
        updated_at: Utc::now(),
    };
    model::put(&mut tx, &set, Some(caller.user)).await?;
    let limit = Limit { money: Some(MicroDollars::new(new.daily_limit_micros)), calls: None };
    budget::set_limit(&mut tx, &Scope::ProviderDay(BUDGET.to_owned()), limit).await?;
    let details = json!({
        "reads": set.reads, "writes": set.writes, "has_key": set.sealed_key.is_some(),
        "daily_limit_micros": new.daily_limit_micros,
    });
    caller.record_in_bulk(&mut tx, "model.set", caller.team, details).await?;
    tx.commit().await?;
    Ok(Json(set.into()))
}

/// Takes the team's model away: nothing is asked from now on, and its key is forgotten.
#[utoipa::path(
    delete, path = "/v1/model", tag = "inbox", responses((status = 204, description = "There is none any more")),
)]
pub(crate) async fn remove(State(state): State<AppState>, caller: Caller) -> Result<StatusCode, Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if !model::remove(&mut tx).await? {
        return Err(none());
    }
    caller.record_in_bulk(&mut tx, "model.remove", caller.team, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn none() -> Problem {
    Problem::http(
        HttpCode::NotFound,
        "the team has no model; rules read its replies, and the playbook answers them",
    )
}

fn check(new: &New) -> Result<(), Problem> {
    if let Err(error) = new.base_url.trim().parse::<EndpointUrl>() {
        return Err(Problem::invalid("/base_url", error.to_string()));
    }
    if new.base_url.contains('?') {
        return Err(Problem::invalid("/base_url", "must have no query: /chat/completions is put behind it"));
    }
    if !(1..=LONGEST).contains(&new.model.trim().chars().count()) {
        return Err(Problem::invalid("/model", format!("must be 1 to {LONGEST} characters")));
    }
    let is_key = |key: &str| key.len() <= LONGEST && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !new.key.as_deref().is_none_or(|key| is_key(key.trim())) {
        return Err(Problem::invalid(
            "/key",
            format!("must be at most {LONGEST} ASCII characters without spaces"),
        ));
    }
    for (place, amount) in [
        ("/input_micros", new.input_micros),
        ("/output_micros", new.output_micros),
        ("/daily_limit_micros", new.daily_limit_micros),
    ] {
        if amount < 0 {
            return Err(Problem::invalid(place, "must not be negative"));
        }
    }
    Ok(())
}
