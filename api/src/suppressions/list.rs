//! `GET /v1/suppressions` and `GET /v1/suppressions/{id}`: the team's book.

use axum::Json;
use axum::extract::State;
use domain::id::SuppressionId;
use domain::role::Permission;
use entities::suppression::{self, Filter};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::{Id, Params};
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::Suppression;

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// `phone`, `email` or `persona`.
    kind: Option<String>,
    /// Of this number (E.164), address or person.
    value: Option<String>,
    /// For this reason.
    reason: Option<String>,
    /// Also those that were lifted or have run out.
    #[serde(default)]
    past: bool,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

fn word<T>(name: &str, text: Option<&str>) -> Result<Option<T>, Problem>
where
    T: std::str::FromStr<Err = domain::named::UnknownName>,
{
    text.map(str::parse::<T>).transpose().map_err(|error| Problem::invalid(name, error.to_string()))
}

/// The entries of the team's book that hold, oldest first. What is suppressed for everybody is not among them.
#[utoipa::path(
    get, path = "/v1/suppressions", tag = "campaigns", params(Which), responses((status = 200, body = Page<Suppression>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Suppression>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let filter = Filter {
        kind: word("kind", which.kind.as_deref())?,
        reason: word("reason", which.reason.as_deref())?,
        value: which.value,
        past: which.past,
    };
    let mut tx = caller.bulk_transaction(&state).await?;
    let entries = suppression::list(&mut tx, &filter, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(entries, Into::into)))
}

/// One entry.
#[utoipa::path(
    get, path = "/v1/suppressions/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Suppression)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SuppressionId>,
) -> Result<Json<Suppression>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let entry = suppression::by_id(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(entry.into()))
}
