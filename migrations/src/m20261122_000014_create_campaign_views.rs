//! What campaigns did and what it cost: `sql/m20261122_000014_create_campaign_views.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000014_create_campaign_views.sql");

const DOWN: &str = "
DROP VIEW campaign_calendar, campaign_costs, campaign_totals, campaign_failures, campaign_stats;
DROP FUNCTION team_time_zone(), release_budgets(uuid[]), settle_budgets(uuid[], bigint[]),
    reserve_budgets(uuid[], bigint[], text[], text[]);
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
