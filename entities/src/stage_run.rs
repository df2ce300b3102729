//! Stage runs: what is done of a file, and how long it took. Written by [`crate::pipeline::checkpoint`].

use domain::id::{DataSourceId, TeamId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement,
};

use crate::{Result, Stored, TeamTransaction};

pub use entity::Model as StageRun;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// One chunk of one stage of one file, done.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stage_runs")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Of which file.
        #[sea_orm(primary_key, auto_increment = false)]
        pub data_source_id: Stored<DataSourceId>,
        /// The verb of its activity.
        #[sea_orm(primary_key, auto_increment = false)]
        pub stage: String,
        /// Number of the chunk, from 0.
        #[sea_orm(primary_key, auto_increment = false)]
        pub chunk: i32,
        /// How many rows it was.
        pub rows: i64,
        /// What the activity answered.
        pub output: Json,
        /// When its transaction began.
        pub started_at: DateTimeUtc,
        /// When it was done.
        pub ended_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// All that is done of a file, in the order in which it was begun.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn list(team: &TeamTransaction, source: DataSourceId) -> Result<Vec<StageRun>> {
    Ok(entity::Entity::find()
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::DataSourceId.eq(Stored(source)))
        .order_by_asc(entity::Column::StartedAt)
        .order_by_asc(entity::Column::Chunk)
        .all(team)
        .await?)
}

/// A stage of a file, all chunks together.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct StageTotal {
    /// The verb of its activity.
    pub stage: String,
    /// How many chunks are done.
    pub chunks: i64,
    /// How many rows they were.
    pub rows: i64,
    /// Time the chunks took, added up, in milliseconds: more than the clock's where chunks ran side by side.
    pub busy_ms: i64,
    /// Time from the first beginning to the last end, in milliseconds.
    pub wall_ms: i64,
}

/// The stages of a file that have at least one chunk done, in the order in which they began.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn totals(team: &TeamTransaction, source: DataSourceId) -> Result<Vec<StageTotal>> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT stage, count(*) AS chunks, sum(rows)::bigint AS rows, \
                (sum(extract(epoch FROM ended_at - started_at)) * 1000)::bigint AS busy_ms, \
                (extract(epoch FROM max(ended_at) - min(started_at)) * 1000)::bigint AS wall_ms \
           FROM stage_runs WHERE team_id = $1 AND data_source_id = $2 \
          GROUP BY stage ORDER BY min(started_at), stage",
        [Stored(team.team_id()).into(), Stored(source).into()],
    );
    let rows = team.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(StageTotal::from_query_result(row, "")?)).collect()
}
