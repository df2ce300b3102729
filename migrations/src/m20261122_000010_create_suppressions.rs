//! Whom nobody may contact: `sql/m20261122_000010_create_suppressions.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000010_create_suppressions.sql");

const DOWN: &str = "
ALTER TABLE skiptrace_results DROP COLUMN body_hash;
DROP TABLE suppressions;
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
