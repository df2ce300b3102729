//! Blocks: cohorts of leads, ready for a campaign.

mod create;
mod get;
mod list;

use chrono::{DateTime, Utc};
use domain::id::{BlockId, DataSourceId, UserId};
use entities::block::{self, BlockStatus};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(get::get))
}

/// A cohort of leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Block {
    #[schema(value_type = String, example = "blk_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: BlockId,
    #[schema(example = "Plumbing Contractors - TX - High Rev")]
    name: String,
    /// `open`, `assigned` or `dissolved`.
    #[schema(value_type = String)]
    status: BlockStatus,
    /// What its leads have in common.
    #[schema(value_type = Object)]
    criteria: serde_json::Value,
    /// How many there are.
    leads: i32,
    /// The upload that made it; absent where a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    upload: Option<DataSourceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    /// Where its leads are.
    see: String,
}

impl From<block::Block> for Block {
    fn from(block: block::Block) -> Self {
        Self {
            see: format!("/v1/leads?block={}", block.id),
            id: block.id.0,
            name: block.name,
            status: block.status,
            criteria: block.criteria,
            leads: block.lead_count,
            upload: block.data_source_id.map(|id| id.0),
            created_by: block.created_by.map(|id| id.0),
            created_at: block.created_at,
        }
    }
}
