//! How the schema came to be.
//!
//! One module per step, whose SQL lies beside it in `sql/`: a reader of SQL needs no Rust, and the same files
//! are what a linter reads. A step that has been released is never changed; the next one corrects it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DatabaseConnection, TransactionTrait};

mod m20261122_000001_create_tenancy;
mod m20261122_000002_create_uploads;
mod m20261122_000003_create_people_and_leads;
mod m20261122_000004_create_blocks;
mod m20261122_000005_create_merges;
mod m20261122_000006_create_match_records;
mod m20261122_000007_create_enrichment;
mod m20261122_000008_create_lead_functions;
mod m20261122_000009_name_sources;
mod m20261122_000010_create_suppressions;
mod m20261122_000011_let_enrichment_go_on;
mod m20261122_000012_create_campaigns;
mod m20261122_000013_create_consents;
mod m20261122_000014_create_campaign_views;
mod m20261122_000015_create_replies;
mod m20261122_000016_tell_of_what_happens;
mod m20261122_000017_send_replies;
mod m20261122_000018_name_replies;
mod m20261122_000020_forget_replies_due;
mod m20261122_000022_send_email;
mod m20261122_000023_ask_a_model;
mod m20261122_000024_call_leads;
mod m20261122_000025_test_sends;
mod m20261122_000026_write_letters;
mod m20261122_000027_count_notices;
mod m20261122_000029_let_imports_end;
mod m20261122_000030_order_numbers;
mod m20261122_000031_ring_landlines;
mod m20261123_000032_draw_tokens;
mod m20261123_000033_spare_webhooks;
mod m20261123_000034_tell_every_threshold;
mod step;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_tenancy::STEP),
            Box::new(m20261122_000002_create_uploads::STEP),
            Box::new(m20261122_000003_create_people_and_leads::STEP),
            Box::new(m20261122_000004_create_blocks::STEP),
            Box::new(m20261122_000005_create_merges::STEP),
            Box::new(m20261122_000006_create_match_records::STEP),
            Box::new(m20261122_000007_create_enrichment::STEP),
            Box::new(m20261122_000008_create_lead_functions::STEP),
            Box::new(m20261122_000009_name_sources::STEP),
            Box::new(m20261122_000010_create_suppressions::STEP),
            Box::new(m20261122_000011_let_enrichment_go_on::STEP),
            Box::new(m20261122_000012_create_campaigns::STEP),
            Box::new(m20261122_000013_create_consents::STEP),
            Box::new(m20261122_000014_create_campaign_views::STEP),
            Box::new(m20261122_000015_create_replies::STEP),
            Box::new(m20261122_000016_tell_of_what_happens::STEP),
            Box::new(m20261122_000017_send_replies::STEP),
            Box::new(m20261122_000018_name_replies::STEP),
            Box::new(m20261122_000020_forget_replies_due::STEP),
            Box::new(m20261122_000022_send_email::STEP),
            Box::new(m20261122_000023_ask_a_model::STEP),
            Box::new(m20261122_000024_call_leads::STEP),
            Box::new(m20261122_000025_test_sends::STEP),
            Box::new(m20261122_000026_write_letters::STEP),
            Box::new(m20261122_000027_count_notices::STEP),
            Box::new(m20261122_000029_let_imports_end::STEP),
            Box::new(m20261122_000030_order_numbers::STEP),
            Box::new(m20261122_000031_ring_landlines::STEP),
            Box::new(m20261123_000032_draw_tokens::STEP),
            Box::new(m20261123_000033_spare_webhooks::STEP),
            Box::new(m20261123_000034_tell_every_threshold::STEP),
        ]
    }
}

/// Held while migrating, so that processes that start together migrate once. Any number will do, as long as
/// nobody else in the database uses it.
const MIGRATION_LOCK: i64 = 0x5EED_1EAD;

/// Brings the database to this version: all missing steps or none. Answers the names of the steps it took.
///
/// Connect as the owner of the schema (`entities::Database::admin`), not as the application.
///
/// # Errors
/// What the database said. It is as it was before.
pub async fn migrate(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let transaction = connection.begin().await?;
    transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    let missing = Migrator::get_pending_migrations(&transaction).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(missing.iter().map(|step| step.name().to_owned()).collect())
}

/// Takes the last `steps` steps back, or all of them: with what they created goes everything stored in it.
///
/// # Errors
/// What the database said. It is as it was before.
pub async fn revert(connection: &DatabaseConnection, steps: Option<u32>) -> Result<(), DbErr> {
    let transaction = connection.begin().await?;
    transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    Migrator::down(&transaction, steps).await?;
    transaction.commit().await
}
