//! Files, how to read them, what was set aside, and the staging of a file in flight: `sql/m20261122_000002_create_uploads.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000002_create_uploads.sql");

const DOWN: &str = "
DROP FUNCTION sources_left_uploaded(interval);
DROP FUNCTION settle_staging(uuid, text);
DROP FUNCTION drop_staging(uuid);
DROP FUNCTION open_staging(uuid);
DROP FUNCTION row_uuid(text, integer);
DROP TABLE resolved_rows, normalized_rows, raw_prospects, rejected_rows, stage_runs, data_sources, mapping_profiles;
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
