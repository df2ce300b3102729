//! Campaigns by voice: `sql/m20261122_000024_call_leads.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000024_call_leads.sql");

const DOWN: &str = "
DROP INDEX call_queue_intent;
ALTER TABLE call_queue DROP COLUMN intent_id;
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
