//! Campaigns: what is to be said to whom, and how far that has come.
//!
//! A campaign is drafted here; every change of its state after that is [`change`]'s, once each, and what came of it is
//! [`stats`]'s.

pub mod change;
mod channels;
mod draft;
pub mod stats;

use chrono::{DateTime, Utc};
use domain::campaign::{CampaignState, Channel, ConsentBasis, Limits, OnWindowClose, Step};
use domain::id::{
    BlockId, CampaignId, LeadId, SdrProfileId, SenderId, TeamId, TemplateId, TemplateVersionId, TypedId,
    UserId,
};
use domain::money::MicroDollars;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, DbError, Result, Stored, TeamTransaction};

pub use channels::{Mismatch, mismatch};
pub use draft::{create, fix_versions, redraft};
pub use entity::Model as Campaign;

/// Whom a campaign is for, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The leads of these blocks.
    Blocks(Vec<BlockId>),
    /// These leads.
    Leads(Vec<LeadId>),
}

/// From whom it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentFrom {
    /// One number or address.
    Sender(SenderId),
    /// The active ones of a pool.
    Pool(String),
}

/// A campaign as its author wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What to call it.
    pub name: String,
    /// By which way it reaches people.
    pub channel: Channel,
    /// Whom it is for.
    pub audience: Audience,
    /// From whom; `None` while nobody has said, and nothing can be staged.
    pub sent_from: Option<SentFrom>,
    /// In whose voice.
    pub sdr_profile: Option<SdrProfileId>,
    /// Words by which people find it.
    pub tags: Vec<String>,
    /// When it begins; `None`: when it is scheduled.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends, whatever is left.
    pub expires_at: Option<DateTime<Utc>>,
    /// What becomes of what a window's end leaves unsent.
    pub on_window_close: OnWindowClose,
    /// `domain::gate::Windows` as JSON; `{}`: only the law's and the house's.
    pub windows: Value,
    /// How much may be sent and spent.
    pub limits: Limits,
    /// On what grounds people may be contacted.
    pub consent_basis: ConsentBasis,
    /// What shows that, without personal data.
    pub consent_evidence: Value,
    /// One to four, in order.
    pub steps: Vec<Step>,
}

/// A step as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStep {
    /// Which, from 1.
    pub number: i16,
    /// The template.
    pub template: TemplateId,
    /// The version of it that is sent.
    pub version: TemplateVersionId,
    /// Minutes after the step before.
    pub delay_minutes: i64,
    /// Whether it is only for those who have not answered.
    pub only_silent: bool,
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A campaign.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "campaigns")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<CampaignId>,
        /// Its name.
        pub name: String,
        /// `domain::campaign::Channel`.
        pub channel: String,
        /// `domain::campaign::CampaignState`.
        pub state: String,
        /// [`Audience`].
        pub what: Json,
        /// The one that it is sent from.
        pub sender_id: Option<Stored<SenderId>>,
        /// The pool that it is sent from.
        pub sender_pool: Option<String>,
        /// In whose voice.
        pub sdr_profile_id: Option<Stored<SdrProfileId>>,
        /// Words by which people find it.
        pub tags: Vec<String>,
        /// When it begins.
        pub starts_at: Option<DateTimeUtc>,
        /// When it ends, whatever is left.
        pub expires_at: Option<DateTimeUtc>,
        /// `domain::campaign::OnWindowClose`.
        pub on_window_close: String,
        /// `domain::gate::Windows`.
        pub windows: Json,
        /// Messages a day.
        pub daily_limit: i32,
        /// Messages a minute.
        pub per_minute_limit: i32,
        /// The most it may cost, in micro-dollars.
        pub budget_micros: Option<i64>,
        /// `domain::campaign::ConsentBasis`.
        pub consent_basis: String,
        /// What shows it.
        pub consent_evidence: Json,
        /// What an approver sees.
        pub preview: Option<Json>,
        /// Its hash.
        pub preview_hash: Option<String>,
        /// When it was made.
        pub previewed_at: Option<DateTimeUtc>,
        /// Who asked for approval.
        pub staged_by: Option<Stored<UserId>>,
        /// When.
        pub staged_at: Option<DateTimeUtc>,
        /// Who released it.
        pub approved_by: Option<Stored<UserId>>,
        /// When.
        pub approved_at: Option<DateTimeUtc>,
        /// The preview that was released.
        pub approved_hash: Option<String>,
        /// When that lapses.
        pub approval_expires_at: Option<DateTimeUtc>,
        /// Who sent it back.
        pub rejected_by: Option<Stored<UserId>>,
        /// When.
        pub rejected_at: Option<DateTimeUtc>,
        /// Why.
        pub reject_reason: Option<String>,
        /// Why it is paused.
        pub pause_reason: Option<String>,
        /// Why it ended.
        pub ended_reason: Option<String>,
        /// The code of what went wrong.
        pub failure: Option<String>,
        /// The workflow that sends it.
        pub workflow_id: Option<String>,
        /// How many changes there were.
        pub version: i64,
        /// How many people it is for.
        pub leads: i32,
        /// How many of them are left out.
        pub excluded: i32,
        /// Who drafted it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
        /// When it first sent.
        pub started_at: Option<DateTimeUtc>,
        /// When it ended.
        pub ended_at: Option<DateTimeUtc>,
        /// When anything of it last changed.
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Campaign {
    /// Whom it is for, as it was asked for.
    ///
    /// # Errors
    /// [`DbError::Unreadable`] where a newer version wrote it.
    pub fn audience(&self) -> Result<Audience> {
        Audience::deserialize(&self.what).map_err(|error| DbError::unreadable("campaigns.what", error))
    }

    /// How far it has come.
    ///
    /// # Errors
    /// [`DbError::Unreadable`] where a newer version wrote it.
    pub fn campaign_state(&self) -> Result<CampaignState> {
        self.state.parse().map_err(|error| DbError::unreadable("campaigns.state", error))
    }

    /// How much it may send and spend.
    pub fn limits(&self) -> Limits {
        let count = |limit: i32| u32::try_from(limit).unwrap_or_default();
        Limits {
            per_day: count(self.daily_limit),
            per_minute: count(self.per_minute_limit),
            budget: self.budget_micros.map(MicroDollars::new),
        }
    }
}

/// The team's campaign with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: CampaignId) -> Result<Campaign> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("campaign", id))
}

/// The team's campaigns, in one state or all, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    state: Option<CampaignState>,
    request: PageRequest<CampaignId>,
) -> Result<Page<Campaign, CampaignId>> {
    let mut select = entity::Entity::find().filter(entity::Column::TeamId.eq(Stored(team.team_id())));
    if let Some(state) = state {
        select = select.filter(entity::Column::State.eq(state.as_str()));
    }
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |campaign| campaign.id.0).await
}

/// The steps of a campaign, in order.
///
/// # Errors
/// Any [`DbError`].
pub async fn steps(tx: &mut BulkTransaction, id: CampaignId) -> Result<Vec<StoredStep>> {
    let query = sqlx::query_as::<_, (i16, Uuid, Uuid, i64, bool)>(
        "SELECT step, template_id, template_version_id, (extract(epoch FROM delay) / 60)::bigint, only_silent
           FROM campaign_steps WHERE team_id = $1 AND campaign_id = $2 ORDER BY step",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    Ok(rows
        .into_iter()
        .map(|(number, template, version, delay_minutes, only_silent)| StoredStep {
            number,
            template: TemplateId::from_uuid(template),
            version: TemplateVersionId::from_uuid(version),
            delay_minutes,
            only_silent,
        })
        .collect())
}

/// Notes which workflow sends a campaign.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such campaign.
pub async fn set_workflow(tx: &mut BulkTransaction, id: CampaignId, workflow: &str) -> Result<()> {
    let query = sqlx::query("UPDATE campaigns SET workflow_id = $3 WHERE team_id = $1 AND id = $2");
    let changed = tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(workflow)).await?;
    if changed == 0 { Err(DbError::not_found("campaign", id)) } else { Ok(()) }
}
