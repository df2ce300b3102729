//! Numbers that vendors are asked to sell: `sql/m20261122_000030_order_numbers.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000030_order_numbers.sql");

const DOWN: &str = "
DROP FUNCTION teams_with_number_orders(integer);
DROP TABLE number_orders;
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
