//! Rejected rows: what was set aside, with where it stood, for the person who mends the file. Written by
//! [`crate::pipeline::rejects`].

use std::fmt;

use domain::id::{DataSourceId, TeamId};
use futures::Stream;
use futures::stream::{self, TryStreamExt};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use crate::{Database, DbError, Result, Stored, TeamTransaction};

pub use entity::Model as RejectedRow;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A row that was set aside.
    #[derive(Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "rejected_rows")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Of which file.
        #[sea_orm(primary_key, auto_increment = false)]
        pub data_source_id: Stored<DataSourceId>,
        /// Number of the row, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub row_no: i32,
        /// Which stage set it aside.
        pub stage: String,
        /// In which chunk.
        pub chunk: i32,
        /// Line of the file, from 1.
        pub line_no: i64,
        /// Byte of the stored object, from 0.
        pub byte_no: i64,
        /// Column of the cell to blame, from 1.
        pub column_no: Option<i32>,
        /// What is wrong: a failure code.
        pub code: String,
        /// What would have been right.
        pub expected: String,
        /// What there was.
        pub got: String,
        /// The row as it stood in the file.
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where it stands and why; what it says is personal data.
impl fmt::Debug for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectedRow")
            .field("row_no", &self.row_no)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// How many rows [`stream`] reads at once.
const PAGE: u64 = 1_000;

/// The next rows after row number `after` (0 for the first), in the order of the file, at most `limit`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn page_after(
    team: &TeamTransaction,
    source: DataSourceId,
    after: i32,
    limit: u64,
) -> Result<Vec<RejectedRow>> {
    Ok(entity::Entity::find()
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::DataSourceId.eq(Stored(source)))
        .filter(entity::Column::RowNo.gt(after))
        .order_by_asc(entity::Column::RowNo)
        .limit(limit)
        .all(team)
        .await?)
}

/// All rows that were set aside of a file, in its order. Reads a thousand at a time, each in a transaction of
/// its own: a slow reader holds neither memory nor a connection.
pub fn stream(
    database: Database,
    team_id: TeamId,
    source: DataSourceId,
) -> impl Stream<Item = Result<RejectedRow>> + Send + 'static {
    stream::try_unfold((database, 0), move |(database, after)| async move {
        let team = database.team(team_id).await?;
        let rows = page_after(&team, source, after, PAGE).await?;
        team.commit().await?;
        let Some(last) = rows.last() else { return Ok::<_, DbError>(None) };
        let next = (database, last.row_no);
        Ok(Some((stream::iter(rows.into_iter().map(Ok)), next)))
    })
    .try_flatten()
}

/// How many rows of a file were set aside for which code, the most frequent first.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn counts_by_code(team: &TeamTransaction, source: DataSourceId) -> Result<Vec<(String, i64)>> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT code, count(*) AS rows FROM rejected_rows WHERE team_id = $1 AND data_source_id = $2 \
          GROUP BY code ORDER BY count(*) DESC, code",
        [Stored(team.team_id()).into(), Stored(source).into()],
    );
    let rows = team.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get("", "code")?, row.try_get("", "rows")?))).collect()
}
