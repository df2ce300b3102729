//! Whose list a file is: `sql/m20261122_000009_name_sources.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000009_name_sources.sql");

const DOWN: &str = "ALTER TABLE data_sources DROP COLUMN lead_source";

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
