//! Cohorts of leads, and the sector buckets they are counted in: `sql/m20261122_000004_create_blocks.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000004_create_blocks.sql");

const DOWN: &str = "
DROP FUNCTION stale_buckets();
DROP TABLE sector_buckets, block_leads, blocks;
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
