//! Leads: one person at one business, or a business alone.

mod by_hand;
mod engage;
mod list;

use std::fmt;

use domain::id::{BlockId, BusinessId, DataSourceId, LeadId, PersonaId, TeamId};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QuerySelect, Statement};
use serde::{Deserialize, Serialize};

use crate::business::{self, Business};
use crate::persona::{self, Persona};
use crate::{DbError, Result, Stored, TeamTransaction};

pub use by_hand::{BY_HAND, ByHand, Entered, LeadPatch, enter, patch};
pub use engage::engage;
pub(crate) use entity::Column as LeadColumn;
pub use entity::Model as Lead;
pub use list::{LeadFilter, list};

/// How far a lead has come.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    sea_orm::EnumIter,
    sea_orm::DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum LeadStatus {
    /// As a list brought it.
    #[sea_orm(string_value = "new")]
    New,
    /// Enrichment has answered, with too little to reach it by.
    #[sea_orm(string_value = "enriched")]
    Enriched,
    /// Can be reached.
    #[sea_orm(string_value = "contactable")]
    Contactable,
    /// Not worth the attempt.
    #[sea_orm(string_value = "do_not_contact")]
    DoNotContact,
    /// Has been written to.
    #[sea_orm(string_value = "contacted")]
    Contacted,
    /// Has shown interest.
    #[sea_orm(string_value = "qualified")]
    Qualified,
    /// Has become a customer.
    #[sea_orm(string_value = "converted")]
    Converted,
    /// Is done with.
    #[sea_orm(string_value = "closed")]
    Closed,
    /// Went elsewhere.
    #[sea_orm(string_value = "lost")]
    Lost,
}

impl LeadStatus {
    /// The status as it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Enriched => "enriched",
            Self::Contactable => "contactable",
            Self::DoNotContact => "do_not_contact",
            Self::Contacted => "contacted",
            Self::Qualified => "qualified",
            Self::Converted => "converted",
            Self::Closed => "closed",
            Self::Lost => "lost",
        }
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A lead.
    #[derive(Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "leads")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<LeadId>,
        /// `person`, `business` or `property`.
        pub kind: String,
        /// The person, where one is named.
        pub persona_id: Option<Stored<PersonaId>>,
        /// The business, where one is named.
        pub business_id: Option<Stored<BusinessId>>,
        /// What makes a row the same lead.
        pub lead_key: Uuid,
        /// E-mail and phone, hashed; `None` where there is neither.
        pub fingerprint: Option<Uuid>,
        /// `list`, `manual` or a vendor.
        pub source: String,
        /// The vendor's own id of it.
        pub vendor_record_id: Option<String>,
        /// County.
        pub county: Option<String>,
        /// Best phone, E.164.
        pub phone: Option<String>,
        /// Address, lower case.
        pub email: Option<String>,
        /// Title in words.
        pub title: Option<String>,
        /// How far up the title is.
        pub seniority: Option<String>,
        /// State, two letters.
        pub state: Option<String>,
        /// City.
        pub city: Option<String>,
        /// ZIP, five digits.
        pub zip5: Option<String>,
        /// IANA time zone.
        pub time_zone: Option<String>,
        /// SIC code, four digits.
        pub sic4: Option<String>,
        /// `domain::sector`'s number of the subsector.
        pub subsector: Option<i16>,
        /// How far it has come.
        pub status: LeadStatus,
        /// `likely_decision_maker` or `generic_contact`.
        pub contact_class: String,
        /// 0 to 100.
        pub score: i16,
        /// `domain::lead::LeadFacts`: what the score was made of.
        pub facts: i32,
        /// The version of the weights the score was made with.
        pub score_rules: i16,
        /// 0 to 100.
        pub quality_score: i16,
        /// `key:value`, one value a key.
        pub tags: Vec<String>,
        /// How far enrichment has come.
        pub enrichment_status: String,
        /// `domain::normalize::RowFlags`.
        pub flags: i32,
        /// Who of the outreach team owns it.
        pub assigned_persona: Option<String>,
        /// Its page.
        pub microsite_url: Option<String>,
        /// When a campaign took it.
        pub added_to_campaign_at: Option<DateTimeUtc>,
        /// Why it was closed or lost.
        pub close_reason: Option<String>,
        /// The file it is from; `None` where it was entered by hand.
        pub data_source_id: Option<Stored<DataSourceId>>,
        /// Row of that file, from 1.
        pub source_row: Option<i32>,
        /// Line of that file, from 1.
        pub source_line: Option<i64>,
        /// When it was first seen.
        pub first_seen_at: DateTimeUtc,
        /// When a list last had it.
        pub last_seen_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which one and how far; the rest is personal data.
impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Lead");
        out.field("id", &self.id)
            .field("status", &self.status)
            .field("score", &self.score)
            .finish_non_exhaustive()
    }
}

/// Where a lead came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The file.
    pub data_source_id: DataSourceId,
    /// What the file was called.
    pub file_name: String,
    /// Row of the file, from 1; `None` where the lead went over from another file that was undone.
    pub row: Option<i32>,
    /// Line of the file, from 1; likewise.
    pub line: Option<i64>,
}

/// A lead with what belongs to it.
#[derive(Debug, Clone)]
pub struct LeadDetail {
    /// The lead.
    pub lead: Lead,
    /// Its business.
    pub business: Option<Business>,
    /// Its person.
    pub persona: Option<Persona>,
    /// Where it came from; `None` where it was entered by hand.
    pub provenance: Option<Provenance>,
    /// The block that holds it for itself.
    pub block_id: Option<BlockId>,
}

/// The team's lead with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: LeadId) -> Result<Lead> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("lead", id))
}

/// The team's lead with this id, with what belongs to it.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn detail(team: &TeamTransaction, id: LeadId) -> Result<LeadDetail> {
    let lead = get(team, id).await?;
    let business = match lead.business_id {
        Some(id) => Some(business::get(team, id.0).await?),
        None => None,
    };
    let persona = match lead.persona_id {
        Some(id) => Some(persona::get(team, id.0).await?),
        None => None,
    };
    let around = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT (SELECT original_name FROM data_sources WHERE team_id = $1 AND id = $2) AS file_name, \
                (SELECT block_id FROM block_leads WHERE team_id = $1 AND lead_id = $3 AND open) AS block_id",
        [Stored(team.team_id()).into(), lead.data_source_id.into(), Stored(id).into()],
    );
    let around = team.query_one_raw(around).await?.ok_or_else(|| DbError::not_found("lead", id))?;
    let file_name: Option<String> = around.try_get("", "file_name")?;
    let block_id: Option<Stored<BlockId>> = around.try_get("", "block_id")?;
    let provenance = lead.data_source_id.zip(file_name).map(|(source, file_name)| Provenance {
        data_source_id: source.0,
        file_name,
        row: lead.source_row,
        line: lead.source_line,
    });
    Ok(LeadDetail { lead, business, persona, provenance, block_id: block_id.map(|id| id.0) })
}

/// The lead, kept from change by others to the end of the transaction.
async fn locked(team: &TeamTransaction, id: LeadId) -> Result<Lead> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .lock_exclusive()
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("lead", id))
}
