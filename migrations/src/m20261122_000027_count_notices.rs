//! How often endpoints took what they were told: `sql/m20261122_000027_count_notices.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000027_count_notices.sql");

const DOWN: &str = "
DROP TABLE endpoint_tallies;
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
