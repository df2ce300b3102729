//! Sector buckets: what a team has per state and subsector.

use domain::id::TeamId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{Result, Stored, TeamTransaction};

pub use entity::Model as SectorBucket;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A bucket that has leads.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sector_buckets")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// As `ny-construction-plumbers`; `us` in place of the state for the whole country.
        #[sea_orm(primary_key, auto_increment = false)]
        pub bucket_id: String,
        /// How many leads it has.
        pub leads: i64,
        /// Where its index.json is stored.
        pub index_key: String,
        /// Since when index.json is older than the leads; `None` while it is not.
        pub stale_since: Option<DateTimeUtc>,
        /// When it last changed.
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The team's buckets that have leads, by id.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn list(team: &TeamTransaction) -> Result<Vec<SectorBucket>> {
    let mine = entity::Column::TeamId.eq(Stored(team.team_id()));
    Ok(entity::Entity::find().filter(mine).order_by_asc(entity::Column::BucketId).all(team).await?)
}

/// The team's bucket with this id, if it has leads.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn find(team: &TeamTransaction, bucket_id: &str) -> Result<Option<SectorBucket>> {
    let key = (Stored(team.team_id()), bucket_id.to_owned());
    Ok(entity::Entity::find_by_id(key).one(team).await?)
}
