//! Businesses, people, how to reach them, and leads: `sql/m20261122_000003_create_people_and_leads.sql`.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("sql/m20261122_000003_create_people_and_leads.sql");

const DOWN: &str = "
DROP VIEW vw_lead_quality_summary, vw_decision_makers;
DROP FUNCTION compute_addr_hash(text, text, text, text);
DROP FUNCTION normalize_zip(text);
DROP TABLE leads, persona_addresses, persona_emails, persona_phones, business_owners, personas, businesses;
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
