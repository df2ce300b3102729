//! Sector buckets: what the team has per state and trade.

use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use domain::role::Permission;
use domain::sector::BucketId;
use entities::DbError;
use entities::sector_bucket::{self, SectorBucket};
use providers::object_store::ObjectKey;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

/// How long a caller should wait for an index that is being written.
const INDEX_SECONDS: u64 = 5;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// A bucket that has leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Bucket {
    /// State or `us`, sector and subsector.
    #[schema(example = "ny-construction-plumbers")]
    id: String,
    /// What a person calls it.
    name: Option<String>,
    /// How many leads it has.
    leads: i64,
    updated_at: DateTime<Utc>,
    /// Its index: counts by state, county, city and SIC code, and its files.
    index: String,
}

impl From<SectorBucket> for Bucket {
    fn from(bucket: SectorBucket) -> Self {
        Self {
            name: bucket.bucket_id.parse::<BucketId>().ok().map(BucketId::name),
            index: format!("/v1/buckets/{}", bucket.bucket_id),
            id: bucket.bucket_id,
            leads: bucket.leads,
            updated_at: bucket.updated_at,
        }
    }
}

/// Which buckets.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Only those of this state (two letters) or of the whole country (`us`).
    region: Option<String>,
}

/// The team's buckets that have leads, by id. All are on one page.
#[utoipa::path(get, path = "/v1/buckets", tag = "buckets", params(Which), responses((status = 200, body = Page<Bucket>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Bucket>>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let buckets = sector_bucket::list(&tx).await?;
    tx.commit().await?;
    let prefix = which.region.map(|region| format!("{}-", region.to_ascii_lowercase()));
    let wanted =
        |bucket: &SectorBucket| prefix.as_ref().is_none_or(|prefix| bucket.bucket_id.starts_with(prefix));
    let items = buckets.into_iter().filter(wanted).map(Into::into).collect();
    Ok(Json(Page { items, next_cursor: None }))
}

/// The index of a bucket: counts by state, county, city and SIC code, and its files. A sweep writes it, some seconds after
/// the first leads.
#[utoipa::path(
    get, path = "/v1/buckets/{id}", tag = "buckets", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 503, description = "The index is not written yet")),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let bucket = sector_bucket::find(&tx, &id).await?;
    tx.commit().await?;
    let Some(bucket) = bucket else {
        return Err(Problem::not_found("bucket with leads", format_args!("{id:?}")));
    };
    let key: ObjectKey =
        bucket.index_key.parse().map_err(|error| DbError::unreadable("sector_buckets.index_key", error))?;
    match state.store.get(&key).await {
        Ok(index) => serde_json::from_slice(&index).map(Json).map_err(Problem::internal),
        Err(error) if error.is_not_found() && bucket.stale_since.is_some() => {
            let detail = "the bucket's first index is written as soon as the imports under way have ended, or two minutes after the \
                          first of them; ask again in a few seconds";
            Err(Problem::unavailable(detail).retry_after(INDEX_SECONDS))
        }
        Err(error) => Err(error.into()),
    }
}
