//! The tenant session: a transaction that belongs to one team.
//!
//! The team is a setting local to the transaction (`app.team`), which the policies of all tenant tables
//! compare with `team_id`. It ends with the transaction, so a pooled connection never carries one team's
//! setting to another's request.

use std::future::Future;
use std::pin::Pin;

use domain::id::{TeamId, TypedId};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement, StreamTrait,
    TransactionStream,
};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::{Query, QueryAs};
use sqlx::{AssertSqlSafe, Postgres, SqlSafeStr, Transaction};

use crate::{CopyBuffer, Result};

const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
const SET_TEAM: &str = "SELECT set_config('app.team', $1, true)";

/// Begins a transaction as `team`, in one message: a call to a vendor passes several transactions, and what begins each of
/// them is waited for while the vendor waits. All of it is our own text and the hex digits of an id.
pub(crate) fn begin_as(team: TeamId) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("BEGIN; SET LOCAL app.team = '{}'", team.uuid()))
}

/// A transaction of one team, for sea-orm's entities and queries.
#[derive(Debug)]
pub struct TeamTransaction {
    inner: DatabaseTransaction,
    team_id: TeamId,
}

impl TeamTransaction {
    pub(crate) async fn enter(inner: DatabaseTransaction, team_id: TeamId) -> Result<Self> {
        let team = team_id.uuid().to_string();
        inner
            .query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, SET_TEAM, [team.into()]))
            .await?;
        Ok(Self { inner, team_id })
    }

    /// Whose transaction this is.
    pub fn team_id(&self) -> TeamId {
        self.team_id
    }

    /// Waits until no other transaction holds the lock called `key`, and holds it to the end of this one. Name
    /// the team or the file in `key`: the names are shared by all teams.
    ///
    /// # Errors
    /// [`crate::DbError::Contention`] on a deadlock, [`crate::DbError::Unavailable`] on a lost connection.
    pub async fn lock(&self, key: &str) -> Result<()> {
        let lock = Statement::from_sql_and_values(DbBackend::Postgres, LOCK, [key.into()]);
        self.inner.query_one_raw(lock).await?;
        Ok(())
    }

    /// Makes everything done in it lasting.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; the transaction then left nothing, except where the connection broke while
    /// the server was already committing, which only a later look can tell.
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// Takes everything done in it back.
    ///
    /// # Errors
    /// [`crate::DbError::Unavailable`] where the connection broke; nothing was kept then either.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for TeamTransaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}

impl StreamTrait for TeamTransaction {
    type Stream<'a> = TransactionStream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    fn stream_raw<'a>(
        &'a self,
        statement: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        self.inner.stream_raw(statement)
    }
}

/// How much of a [`CopyBuffer`] goes to the driver at once, in bytes: the driver copies what it is given.
const COPY_SLICE: usize = 256 * 1024;

/// A transaction of one team, for what is done to many rows at once: COPY into temporary tables, set-wise
/// SQL. PostgreSQL refuses COPY into tables behind row-level security, so rows get there by `INSERT … SELECT`
/// from a temporary table, under policy (`docs/adr/0005-copy-under-row-level-security.md`).
#[derive(Debug)]
pub struct BulkTransaction {
    inner: Transaction<'static, Postgres>,
    team_id: TeamId,
}

impl BulkTransaction {
    /// A transaction that was begun by [`begin_as`].
    pub(crate) fn enter(inner: Transaction<'static, Postgres>, team_id: TeamId) -> Self {
        Self { inner, team_id }
    }

    /// Whose transaction this is.
    pub fn team_id(&self) -> TeamId {
        self.team_id
    }

    /// The connection itself, for what the methods here do not offer.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Waits until no other transaction holds the lock called `key`, and holds it to the end of this one. Name
    /// the team or the file in `key`: the names are shared by all teams.
    ///
    /// # Errors
    /// [`crate::DbError::Contention`] on a deadlock, [`crate::DbError::Unavailable`] on a lost connection.
    pub async fn lock(&mut self, key: &str) -> Result<()> {
        sqlx::query(LOCK).bind(key).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Runs one or more statements without parameters, unprepared; answers how many rows they touched.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; the transaction is then of no more use.
    pub async fn execute(&mut self, sql: impl SqlSafeStr) -> Result<u64> {
        Ok(sqlx::raw_sql(sql).execute(&mut *self.inner).await?.rows_affected())
    }

    /// Runs a statement with parameters (`sqlx::query(…).bind(…)`); answers how many rows it touched.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; the transaction is then of no more use.
    pub async fn run(&mut self, query: Query<'_, Postgres, PgArguments>) -> Result<u64> {
        Ok(query.execute(&mut *self.inner).await?.rows_affected())
    }

    /// All rows that a query (`sqlx::query_as(…).bind(…)`) answers with.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; the transaction is then of no more use.
    pub async fn all<T>(&mut self, query: QueryAs<'_, Postgres, T, PgArguments>) -> Result<Vec<T>>
    where
        T: Send + Unpin + for<'r> sqlx::FromRow<'r, PgRow>,
    {
        Ok(query.fetch_all(&mut *self.inner).await?)
    }

    /// The first row that a query answers with, if any.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; the transaction is then of no more use.
    pub async fn first<T>(&mut self, query: QueryAs<'_, Postgres, T, PgArguments>) -> Result<Option<T>>
    where
        T: Send + Unpin + for<'r> sqlx::FromRow<'r, PgRow>,
    {
        Ok(query.fetch_optional(&mut *self.inner).await?)
    }

    /// COPYs the buffer's rows into `target`, a table with its columns as in `rows (row_no, body)`; answers how
    /// many there were. Of a database that was [connected to copy](crate::Database::connect_to_copy). The table must be a temporary one: PostgreSQL refuses COPY where there are policies.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; the transaction is then of no more use.
    pub async fn copy_in(&mut self, target: &str, rows: &CopyBuffer) -> Result<u64> {
        let mut copy = self.inner.copy_in_raw(&format!("COPY {target} FROM STDIN")).await?;
        for slice in rows.as_bytes().chunks(COPY_SLICE) {
            copy.send(slice).await?;
        }
        Ok(copy.finish().await?)
    }

    /// Makes everything done in it lasting.
    ///
    /// # Errors
    /// As [`TeamTransaction::commit`].
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// Takes everything done in it back.
    ///
    /// # Errors
    /// [`crate::DbError::Unavailable`] where the connection broke; nothing was kept then either.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }
}
