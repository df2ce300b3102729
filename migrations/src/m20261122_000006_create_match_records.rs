//! What rows say, in the form in which they are matched, and statistics in time for it: `sql/m20261122_000006_create_match_records.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000006_create_match_records.sql");

const DOWN: &str = "DROP FUNCTION settle_grown(); DROP TABLE match_records";

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
