//! Templates sent to be looked at: `sql/m20261122_000025_test_sends.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000025_test_sends.sql");

const DOWN: &str = "
DROP FUNCTION teams_with_test_sends(integer), is_a_lead(text, text);
DROP TABLE test_sends, test_recipients;
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await.map(drop)
    }
}
