//! A database of one's own: a copy of one that is migrated once.

use anyhow::{Context, Result};
use entities::Database;
use reqwest::Url;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::Services;

/// A database that only this test uses, dropped with it.
///
/// Role `refinery_app` belongs to the whole server, not to one database: tests must not change it.
#[derive(Debug)]
pub struct TestDb {
    url: String,
    server_url: String,
    name: String,
}

impl TestDb {
    /// A migrated database with nothing in it.
    ///
    /// # Errors
    /// What the server said.
    pub async fn new(services: &Services) -> Result<Self> {
        let template = services.template().await?;
        // Copying blocks through the log takes no checkpoint, and is the faster way for a database this small.
        Self::create(services.database_url(), &format!("TEMPLATE \"{template}\" STRATEGY WAL_LOG")).await
    }

    /// A database without any schema, for tests of the migrations themselves.
    ///
    /// # Errors
    /// What the server said.
    pub async fn empty(services: &Services) -> Result<Self> {
        Self::create(services.database_url(), "TEMPLATE template0").await
    }

    async fn create(server_url: &str, how: &str) -> Result<Self> {
        let name = format!("refinery_test_{}", Uuid::new_v4().simple());
        execute(server_url, &format!("CREATE DATABASE \"{name}\" {how}")).await?;
        Ok(Self { url: with_database(server_url, &name)?, server_url: server_url.to_owned(), name })
    }

    /// Where it is, as the owner.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection as the owner.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub async fn admin(&self) -> Result<Database> {
        Ok(Database::admin(&self.url).await?)
    }

    /// A pool as the application's role.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub async fn app(&self, max_connections: u32) -> Result<Database> {
        Ok(Database::connect(&self.url, max_connections).await?)
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let (url, sql) = (self.server_url.clone(), format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name));
        // The test's runtime cannot be waited for from here, and may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&url, &sql))
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            // Where a test has killed the server, or stopped it, there is nothing to be dropped.
            Ok(Err(error)) => tracing::debug!(%error, "a test's database stays"),
            Err(_) => tracing::warn!("a test's database stays: dropping it panicked"),
        }
    }
}

/// Makes the database that the others are copies of. With services of our own it goes with them; on a server that
/// runs elsewhere it stays, for whoever looks after that server.
pub(crate) async fn make_template(server_url: &str) -> Result<String> {
    let name = format!("refinery_template_{}", Uuid::new_v4().simple());
    execute(server_url, &format!("CREATE DATABASE \"{name}\" TEMPLATE template0")).await?;
    let database = Database::admin(&with_database(server_url, &name)?).await?;
    migrations::migrate(database.connection()).await.context("the migrations")?;
    // Nobody may be connected to a database that is copied.
    database.close().await;
    Ok(name)
}

async fn execute(url: &str, sql: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

fn with_database(server_url: &str, name: &str) -> Result<String> {
    let mut url = Url::parse(server_url)?;
    url.set_path(&format!("/{name}"));
    Ok(url.into())
}
