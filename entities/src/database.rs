//! One pool of connections, each acting as the application's role.

use std::str::FromStr;
use std::time::Duration;

use domain::id::TeamId;
use sea_orm::{DatabaseConnection, SqlxPostgresConnector, TransactionTrait};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection as _};

use crate::Result;
use crate::transaction::{BulkTransaction, TeamTransaction, begin_as};

/// The role as which everything but migrations and administration runs: it owns nothing and row-level
/// security binds it.
pub const APPLICATION_ROLE: &str = "refinery_app";

/// How long a caller waits for a free connection, and how long a connection may take to be made.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection that comes back may take to show that it is in order.
const RETURN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may have lain unused and still be given out unasked: the driver asked the server when it came back.
const FRESH: Duration = Duration::from_millis(500);

/// How many prepared statements a connection remembers.
const STATEMENT_CACHE: usize = 256;

/// A pool of connections to one database. Cloning is cheap and shares the pool.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    connection: DatabaseConnection,
}

impl Database {
    /// Connects as the application: every connection of the pool acts as [`APPLICATION_ROLE`], set while it
    /// is made, so that even `RESET ROLE` does not lead out of it.
    ///
    /// # Errors
    /// [`crate::DbError::Unavailable`] where nobody answers within ten seconds; [`crate::DbError::Other`] where
    /// the URL makes no sense or the database was never migrated.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self> {
        Self::open(as_application(url)?, pool(max_connections)).await
    }

    /// [`Self::connect`] for whoever uses COPY, which the driver, when it is broken off, leaves one answer behind: the next
    /// user of the connection would be answered what the last one asked. Each connection shows that it is in order when it
    /// comes back, which costs one more question to the server.
    ///
    /// # Errors
    /// As [`Database::connect`].
    pub async fn connect_to_copy(url: &str, max_connections: u32) -> Result<Self> {
        let pool = pool(max_connections)
            .after_release(|connection, _| Box::pin(async { Ok(is_in_order(connection).await) }));
        Self::open(as_application(url)?, pool).await
    }

    /// Connects as the URL's own user, for migrations and for making teams, users and keys.
    ///
    /// # Errors
    /// As [`Database::connect`].
    pub async fn admin(url: &str) -> Result<Self> {
        Self::open(PgConnectOptions::from_str(url)?, pool(2)).await
    }

    async fn open(options: PgConnectOptions, pool: PgPoolOptions) -> Result<Self> {
        let options = options
            .application_name("refinery")
            .statement_cache_capacity(STATEMENT_CACHE)
            // The driver would log statements it finds slow; the import's are slow by design and timed by stage.
            .disable_statement_logging();
        let pool = pool.connect_with(options).await?;
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
        Ok(Self { pool, connection })
    }

    /// The pool itself, for what needs the driver: without a team it sees no tenant's rows.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The pool as sea-orm sees it: without a team it sees no tenant's rows.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`crate::DbError::Unavailable`] where it gives none.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Begins a transaction of one team, for typed entities. Dropped without commit, it leaves nothing.
    ///
    /// # Errors
    /// [`crate::DbError::Unavailable`] where no connection is to be had.
    pub async fn team(&self, team_id: TeamId) -> Result<TeamTransaction> {
        let connection = self.connection.clone();
        let begun = unbroken(async move { connection.begin().await }).await?;
        TeamTransaction::enter(begun, team_id).await
    }

    /// Begins a transaction of one team, for COPY and set-wise SQL. Dropped without commit, it leaves nothing.
    ///
    /// # Errors
    /// [`crate::DbError::Unavailable`] where no connection is to be had.
    pub async fn team_bulk(&self, team_id: TeamId) -> Result<BulkTransaction> {
        let pool = self.pool.clone();
        let begun = unbroken(async move { pool.begin_with(begin_as(team_id)).await }).await?;
        Ok(BulkTransaction::enter(begun, team_id))
    }

    /// Waits until every connection is back, and closes them.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn as_application(url: &str) -> Result<PgConnectOptions> {
    Ok(PgConnectOptions::from_str(url)?.options([("role", APPLICATION_ROLE)]))
}

fn pool(max_connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // In place of the driver's own question to the server each time.
        .test_before_acquire(false)
        .before_acquire(|connection, lain| {
            Box::pin(async move { Ok(lain.idle_for < FRESH || connection.ping().await.is_ok()) })
        })
}

/// Whether a connection that comes back to the pool answers what it is asked, and is in nobody's transaction. One
/// whose user was dropped in the middle of a COPY may be out of step with the server, and would answer the next
/// user what the last one asked; it is closed instead.
async fn is_in_order(connection: &mut PgConnection) -> bool {
    let question: i64 = rand::random();
    let asked = sqlx::query_as::<_, (i64, String)>(
        "SELECT $1::bigint, coalesce(current_setting('app.team', true), '')",
    )
    .bind(question)
    .fetch_one(connection);
    let answer = tokio::time::timeout(RETURN_TIMEOUT, asked).await;
    matches!(answer, Ok(Ok((answer, team))) if answer == question && team.is_empty())
}

/// Begins a transaction in a task of its own, so that a caller who is dropped meanwhile does not break it off: the
/// driver forgets a BEGIN whose answer nobody waited for, and would give the next caller a connection that is inside
/// a transaction already. Begun for nobody, the transaction is rolled back as any other.
async fn unbroken<T, E>(begin: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T>
where
    T: Send + 'static,
    E: Send + 'static,
    crate::DbError: From<E>,
{
    match tokio::spawn(begin).await {
        Ok(begun) => Ok(begun?),
        Err(broken) => Err(sqlx::Error::Io(std::io::Error::other(broken)).into()),
    }
}
