//! Merges, their undoing, and what waits for a person: `sql/m20261122_000005_create_merges.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000005_create_merges.sql");

const DOWN: &str = "
DROP TABLE kept_apart, merge_reviews, business_merge_history, persona_merge_history, match_keys;
DROP FUNCTION refuse_circular_merge();
DROP SEQUENCE merge_steps;
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
