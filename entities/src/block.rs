//! Blocks: cohorts of leads that are ready to be contacted.

use chrono::Utc;
use domain::id::{BlockId, DataSourceId, TeamId, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Select,
    Set, Statement,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::lead::LeadFilter;
use crate::page::{Order, Page, PageRequest, page};
use crate::{DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as Block;

/// The most leads that a block holds.
pub const MAX_BLOCK_LEADS: u64 = 2_000;

/// What a block is for at the moment.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    sea_orm::EnumIter,
    sea_orm::DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum BlockStatus {
    /// Waits for a campaign; its leads are in no other open block.
    #[sea_orm(string_value = "open")]
    Open,
    /// A campaign has it.
    #[sea_orm(string_value = "assigned")]
    Assigned,
    /// Taken apart.
    #[sea_orm(string_value = "dissolved")]
    Dissolved,
}

impl BlockStatus {
    /// The status as it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Assigned => "assigned",
            Self::Dissolved => "dissolved",
        }
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A cohort of leads.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "blocks")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<BlockId>,
        /// Whose.
        pub team_id: Stored<TeamId>,
        /// Its name.
        pub name: String,
        /// What it is for at the moment.
        pub status: BlockStatus,
        /// What its leads have in common.
        pub criteria: Json,
        /// How many there are.
        pub lead_count: i32,
        /// The file whose import made it; `None` where a person did.
        pub data_source_id: Option<Stored<DataSourceId>>,
        /// Who made it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn mine(team: &TeamTransaction) -> Select<entity::Entity> {
    entity::Entity::find().filter(entity::Column::TeamId.eq(Stored(team.team_id())))
}

/// The team's block with this id. Its leads: [`crate::lead::list`] with [`LeadFilter::block`].
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: BlockId) -> Result<Block> {
    let one = mine(team).filter(entity::Column::Id.eq(Stored(id)));
    one.one(team).await?.ok_or_else(|| DbError::not_found("block", id))
}

/// Which blocks. An empty filter is all of the team's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BlockFilter {
    /// In this status.
    pub status: Option<BlockStatus>,
    /// Made by the import of this file.
    pub source: Option<DataSourceId>,
}

/// The team's blocks that fit, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    filter: BlockFilter,
    request: PageRequest<BlockId>,
) -> Result<Page<Block, BlockId>> {
    let mut select = mine(team);
    if let Some(status) = filter.status {
        select = select.filter(entity::Column::Status.eq(status));
    }
    if let Some(source) = filter.source {
        select = select.filter(entity::Column::DataSourceId.eq(Stored(source)));
    }
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |block| block.id.0).await
}

/// A block to be made by hand.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What to call it.
    pub name: String,
    /// Which leads; only those that no open block holds are taken, the best scores first.
    pub filter: LeadFilter,
    /// With fewer leads there is to be no block.
    pub min_leads: u64,
    /// How many leads at the most; held to 1..=[`MAX_BLOCK_LEADS`].
    pub max_leads: u64,
    /// Who makes it.
    pub created_by: Option<UserId>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// The block.
    Block(Block),
    /// Nothing: only so many leads fit and are free.
    TooFew(u64),
}

const HOLD: &str = "INSERT INTO block_leads (team_id, block_id, lead_id) \
    SELECT $1, $2, unnest($3::uuid[]) ON CONFLICT (team_id, lead_id) WHERE open DO NOTHING";

/// Makes a block of leads that no open block holds. Two calls at the same time never share a lead: each skips
/// what the other is looking at, and the index on open blocks decides where they still meet.
///
/// # Errors
/// Any [`DbError`].
pub async fn take(team: &TeamTransaction, wanted: Wanted) -> Result<Taken> {
    let id: BlockId = fresh_id();
    let max = wanted.max_leads.clamp(1, MAX_BLOCK_LEADS);
    let free = LeadFilter { unassigned: true, ..wanted.filter.clone() };
    let mut held = 0;
    while held < max {
        let found: Vec<Uuid> = free.best_ids(team).limit(max - held).into_tuple().all(team).await?;
        if found.is_empty() {
            break;
        }
        let values = [Stored(team.team_id()).into(), Stored(id).into(), found.into()];
        let hold = Statement::from_sql_and_values(DbBackend::Postgres, HOLD, values);
        // What another transaction took between the two statements is not free for the next look.
        held += team.execute_raw(hold).await?.rows_affected();
    }
    if held < wanted.min_leads.max(1) {
        let values = [Stored(team.team_id()).into(), Stored(id).into()];
        let release = "DELETE FROM block_leads WHERE team_id = $1 AND block_id = $2";
        team.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, release, values)).await?;
        return Ok(Taken::TooFew(held));
    }
    let block = entity::ActiveModel {
        id: Set(id.into()),
        team_id: Set(team.team_id().into()),
        name: Set(wanted.name),
        status: Set(BlockStatus::Open),
        criteria: Set(wanted.filter.to_criteria()),
        lead_count: Set(held as i32),
        data_source_id: Set(None),
        created_by: Set(wanted.created_by.map(Stored)),
        created_at: Set(Utc::now()),
    };
    Ok(Taken::Block(block.insert(team).await?))
}

/// Takes an open block apart: its leads are free for other blocks. Taking it apart again changes nothing.
///
/// # Errors
/// [`DbError::NotFound`]; [`DbError::WrongState`] where a campaign has it.
pub async fn dissolve(team: &TeamTransaction, id: BlockId) -> Result<Block> {
    let one = mine(team).filter(entity::Column::Id.eq(Stored(id))).lock_exclusive();
    let block = one.one(team).await?.ok_or_else(|| DbError::not_found("block", id))?;
    match block.status {
        BlockStatus::Dissolved => return Ok(block),
        BlockStatus::Assigned => {
            return Err(DbError::WrongState {
                what: "block",
                id: id.to_string(),
                found: block.status.as_str().to_owned(),
                wanted: BlockStatus::Open.as_str().to_owned(),
            });
        }
        BlockStatus::Open => {}
    }
    let values = [Stored(team.team_id()).into(), Stored(id).into()];
    let release = "UPDATE block_leads SET open = false WHERE team_id = $1 AND block_id = $2 AND open";
    team.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, release, values)).await?;
    let mut block = entity::ActiveModel::from(block);
    block.status = Set(BlockStatus::Dissolved);
    Ok(block.update(team).await?)
}
