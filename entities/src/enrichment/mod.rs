//! Runs of enrichment: which leads, how far it has come, and what came of it.
//!
//! [`leads`](mod@leads) is the cursor that outlives workers, [`subject`] what is known of a lead before anybody is asked,
//! [`contact_points`], [`email_checks`], [`socials`], [`property`] and [`raw_results`] where answers go, [`settle`] what follows from them.

mod by_itself;
pub mod contact_points;
pub mod email_checks;
pub mod leads;
pub mod property;
pub mod raw_results;
pub mod settle;
pub mod socials;
pub mod subject;

use domain::id::{CampaignId, DataSourceId, EnrichmentId, TeamId, TypedId, UserId};
use domain::money::MicroDollars;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Set, Statement,
};

use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, DbError, Result, Stored, TeamTransaction, fresh_id};

pub use by_itself::{for_upload, on_hold, teams_on_hold, to_begin};
pub use entity::Model as Enrichment;

/// How far a run has come.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    sea_orm::EnumIter,
    sea_orm::DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum EnrichmentState {
    /// Its cost is estimated and nobody has begun it.
    #[sea_orm(string_value = "estimated")]
    Estimated,
    /// It is under way.
    #[sea_orm(string_value = "running")]
    Running,
    /// Every lead has an outcome.
    #[sea_orm(string_value = "completed")]
    Completed,
    /// It could not go on.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// A person stopped it.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
}

impl EnrichmentState {
    /// The state as it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Estimated => "estimated",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

domain::named_enum! {
    /// What started a run.
    Origin {
        /// A person or program that asked for it.
        Request = "request",
        /// An upload that was to be enriched when through.
        Upload = "upload",
        /// The clock: leads on hold.
        Schedule = "schedule",
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A run of enrichment.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "enrichments")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<EnrichmentId>,
        /// Whose.
        pub team_id: Stored<TeamId>,
        /// Which leads, as they were asked for.
        pub what: Json,
        /// What is to be found, as the waterfall reads it.
        pub wanted: Json,
        /// What started it: [`Origin`].
        pub origin: String,
        /// How far it has come.
        pub state: EnrichmentState,
        /// How many leads.
        pub leads: i32,
        /// How many of them can be reached now.
        pub contactable: i32,
        /// How many are known better, and not well enough.
        pub enriched: i32,
        /// How many should not be bothered.
        pub do_not_contact: i32,
        /// How many wait for money, a vendor or a person.
        pub on_hold: i32,
        /// How many could not be asked about.
        pub failed: i32,
        /// The most it may cost, in micro-dollars.
        pub budget_micros: Option<i64>,
        /// What it was expected to cost at the most, in micro-dollars.
        pub estimate_micros: i64,
        /// The workflow that does it.
        pub workflow_id: Option<String>,
        /// The campaign that asks for it and pays with.
        pub campaign_id: Option<Stored<CampaignId>>,
        /// The file that asks for it.
        pub data_source_id: Option<Stored<DataSourceId>>,
        /// When Temporal took it on.
        pub begun_at: Option<DateTimeUtc>,
        /// What went wrong, without personal data.
        pub failure: Option<String>,
        /// Who asked for it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
        /// When it began.
        pub started_at: Option<DateTimeUtc>,
        /// When it ended.
        pub ended_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A run to be made. Its leads come by [`leads::fill`].
#[derive(Debug, Clone)]
pub struct NewEnrichment {
    /// Which leads, as they were asked for: without personal data, so ids and filters only.
    pub what: serde_json::Value,
    /// What is to be found.
    pub wanted: serde_json::Value,
    /// What starts it.
    pub origin: Origin,
    /// The campaign that asks for it: what it costs is put aside in the campaign's budget, too.
    pub campaign: Option<CampaignId>,
    /// The most it may cost. Set it as limit of [`crate::budget::Scope::Enrichment`] too: that is what stops calls.
    pub budget: Option<MicroDollars>,
    /// Who asks for it.
    pub created_by: Option<UserId>,
}

/// Makes a run, estimated and without leads.
///
/// # Errors
/// Any [`DbError`].
pub async fn create(team: &TeamTransaction, new: NewEnrichment) -> Result<Enrichment> {
    let run = entity::ActiveModel {
        id: Set(fresh_id::<EnrichmentId>().into()),
        team_id: Set(team.team_id().into()),
        what: Set(new.what),
        wanted: Set(new.wanted),
        origin: Set(new.origin.as_str().to_owned()),
        state: Set(EnrichmentState::Estimated),
        budget_micros: Set(new.budget.map(MicroDollars::micros)),
        campaign_id: Set(new.campaign.map(Stored)),
        created_by: Set(new.created_by.map(Stored)),
        created_at: Set(chrono::Utc::now()),
        ..Default::default()
    };
    Ok(run.insert(team).await?)
}

/// The team's run with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: EnrichmentId) -> Result<Enrichment> {
    entity::Entity::find_by_id(Stored(id))
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("enrichment", id))
}

/// The team's runs, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    state: Option<EnrichmentState>,
    request: PageRequest<EnrichmentId>,
) -> Result<Page<Enrichment, EnrichmentId>> {
    let mut select = entity::Entity::find().filter(entity::Column::TeamId.eq(Stored(team.team_id())));
    if let Some(state) = state {
        select = select.filter(entity::Column::State.eq(state));
    }
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |run| run.id.0).await
}

/// Notes what a run is expected to cost at the most.
///
/// # Errors
/// Any [`DbError`].
pub async fn estimate(tx: &mut BulkTransaction, id: EnrichmentId, most: MicroDollars) -> Result<()> {
    let query = sqlx::query("UPDATE enrichments SET estimate_micros = $3 WHERE team_id = $1 AND id = $2");
    tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(most.micros())).await?;
    Ok(())
}

/// Begins an estimated run, under a workflow. Answers whether that was still to be done.
///
/// # Errors
/// Any [`DbError`].
pub async fn start(tx: &mut BulkTransaction, id: EnrichmentId, workflow_id: &str) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE enrichments SET state = 'running', workflow_id = $3, started_at = clock_timestamp() \
          WHERE team_id = $1 AND id = $2 AND state = 'estimated'",
    );
    Ok(tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(workflow_id)).await? > 0)
}

/// Notes that Temporal has taken a run on: no sweep starts it again.
///
/// # Errors
/// Any [`DbError`].
pub async fn begun(tx: &mut BulkTransaction, id: EnrichmentId) -> Result<()> {
    let query = sqlx::query(
        "UPDATE enrichments SET begun_at = clock_timestamp() WHERE team_id = $1 AND id = $2 AND begun_at IS NULL",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    Ok(())
}

/// Whether the team has such a campaign.
///
/// # Errors
/// Any [`DbError`].
pub async fn campaign_exists(team: &TeamTransaction, id: CampaignId) -> Result<bool> {
    let asked = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT 1 FROM campaigns WHERE team_id = $1 AND id = $2",
        [Stored(team.team_id()).into(), Stored(id).into()],
    );
    Ok(team.query_one_raw(asked).await?.is_some())
}

/// The campaign that pays for a run with the team, if there is one.
///
/// # Errors
/// Any [`DbError`].
pub async fn campaign_of(tx: &mut BulkTransaction, id: EnrichmentId) -> Result<Option<CampaignId>> {
    let query = sqlx::query_as::<_, (Option<uuid::Uuid>,)>(
        "SELECT campaign_id FROM enrichments WHERE team_id = $1 AND id = $2",
    );
    let found = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    Ok(found.and_then(|(campaign,)| campaign).map(CampaignId::from_uuid))
}

/// Ends a run that is under way or was never begun, as completed, failed or cancelled. `failure` says what went wrong,
/// without personal data. Answers whether that was still to be done.
///
/// # Errors
/// Any [`DbError`].
pub async fn end(
    tx: &mut BulkTransaction,
    id: EnrichmentId,
    state: EnrichmentState,
    failure: Option<&str>,
) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE enrichments SET state = $3, failure = $4, ended_at = clock_timestamp() \
          WHERE team_id = $1 AND id = $2 AND state IN ('estimated', 'running')",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(state.as_str()).bind(failure);
    Ok(tx.run(query).await? > 0)
}
