//! A lead as callers see it.

use chrono::{DateTime, Utc};
use domain::id::{BlockId, BusinessId, DataSourceId, LeadId, PersonaId};
use domain::lead::explain;
use domain::normalize::RowFlags;
use domain::sector::SubsectorId;
use entities::business::Business;
use entities::lead::{self, LeadDetail, LeadStatus};
use entities::persona::Persona;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// A person at a business, or a business alone.
#[derive(Serialize, ToSchema)]
pub(crate) struct Lead {
    #[schema(value_type = String, example = "lead_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: LeadId,
    /// `person`, `business` or `property`.
    kind: String,
    /// How far it has come.
    #[schema(value_type = String)]
    status: LeadStatus,
    /// `likely_decision_maker` or `generic_contact`.
    contact_class: String,
    /// 0 to 100.
    score: i16,
    /// 0 to 100: how well it can be reached.
    quality_score: i16,
    /// `key:value`.
    tags: Vec<String>,
    phone: Option<String>,
    email: Option<String>,
    title: Option<String>,
    city: Option<String>,
    state: Option<String>,
    zip5: Option<String>,
    county: Option<String>,
    time_zone: Option<String>,
    /// SIC code, four digits.
    sic4: Option<String>,
    /// The subsector, as in bucket ids.
    subsector: Option<String>,
    /// `list`, `manual` or a vendor.
    source: String,
    #[schema(value_type = Option<String>)]
    business_id: Option<BusinessId>,
    #[schema(value_type = Option<String>)]
    persona_id: Option<PersonaId>,
    /// The upload it is from; `null` where it was entered by hand.
    #[schema(value_type = Option<String>)]
    upload: Option<DataSourceId>,
    close_reason: Option<String>,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
}

impl From<lead::Lead> for Lead {
    fn from(lead: lead::Lead) -> Self {
        Self {
            id: lead.id.0,
            kind: lead.kind,
            status: lead.status,
            contact_class: lead.contact_class,
            score: lead.score,
            quality_score: lead.quality_score,
            tags: lead.tags,
            phone: lead.phone,
            email: lead.email,
            title: lead.title,
            city: lead.city,
            state: lead.state,
            zip5: lead.zip5,
            county: lead.county,
            time_zone: lead.time_zone,
            sic4: lead.sic4,
            subsector: lead.subsector.and_then(SubsectorId::from_number).map(|known| known.slug().to_owned()),
            source: lead.source,
            business_id: lead.business_id.map(|id| id.0),
            persona_id: lead.persona_id.map(|id| id.0),
            upload: lead.data_source_id.map(|id| id.0),
            close_reason: lead.close_reason,
            first_seen_at: lead.first_seen_at,
            last_seen_at: lead.last_seen_at,
        }
    }
}

/// Where a lead came from.
#[derive(Serialize, ToSchema)]
#[schema(as = LeadProvenance)]
pub(crate) struct Provenance {
    #[schema(value_type = String)]
    upload: DataSourceId,
    /// What the file was called.
    file_name: String,
    /// Row of the file, from 1.
    row: Option<i32>,
    /// Line of the file, from 1.
    line: Option<i64>,
}

/// The business of a lead.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeadBusiness {
    #[schema(value_type = String)]
    id: BusinessId,
    /// Name to show.
    name: String,
    legal_suffix: Option<String>,
    dba: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    street: Option<String>,
    unit: Option<String>,
    city: Option<String>,
    state: Option<String>,
    zip5: Option<String>,
    website: Option<String>,
    employees_min: Option<i32>,
    employees_max: Option<i32>,
    /// In whole dollars a year.
    revenue_min: Option<i64>,
    revenue_max: Option<i64>,
    revenue_tier: Option<String>,
    sic_delivered: Option<String>,
    sic_description: Option<String>,
    year_founded: Option<i16>,
    /// Columns of the file that have no field, by header.
    #[schema(value_type = Option<Object>)]
    extras: Option<serde_json::Value>,
}

impl From<Business> for LeadBusiness {
    fn from(business: Business) -> Self {
        Self {
            id: business.id.0,
            name: business.display_name,
            legal_suffix: business.legal_suffix,
            dba: business.dba,
            phone: business.phone,
            email: business.email,
            street: business.street,
            unit: business.unit,
            city: business.city,
            state: business.state,
            zip5: business.zip5,
            website: business.website,
            employees_min: business.employees_min,
            employees_max: business.employees_max,
            revenue_min: business.revenue_min,
            revenue_max: business.revenue_max,
            revenue_tier: business.revenue_tier,
            sic_delivered: business.sic_delivered,
            sic_description: business.sic_description,
            year_founded: business.year_founded,
            extras: business.extras,
        }
    }
}

/// The person of a lead.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeadPersona {
    #[schema(value_type = String)]
    id: PersonaId,
    given_name: Option<String>,
    middle_name: Option<String>,
    family_name: Option<String>,
    name_suffix: Option<String>,
}

impl From<Persona> for LeadPersona {
    fn from(persona: Persona) -> Self {
        Self {
            id: persona.id.0,
            given_name: persona.given_name,
            middle_name: persona.middle_name,
            family_name: persona.family_name,
            name_suffix: persona.name_suffix,
        }
    }
}

/// One line of the account of a score.
#[derive(Serialize, ToSchema)]
#[schema(as = LeadScoreReason)]
pub(crate) struct ScoreReason {
    label: &'static str,
    points: i16,
}

/// A lead with all that belongs to it.
#[derive(Serialize, ToSchema)]
pub(crate) struct FullLead {
    #[serde(flatten)]
    lead: Lead,
    business: Option<LeadBusiness>,
    persona: Option<LeadPersona>,
    /// File, row and line it came from; `null` where it was entered by hand.
    provenance: Option<Provenance>,
    /// The open block that holds it.
    #[schema(value_type = Option<String>)]
    block: Option<BlockId>,
    /// What the score was made of; the points add up to it.
    score_reasons: Vec<ScoreReason>,
    /// What was remarkable about its row, as `invalid_phone`.
    flags: Vec<&'static str>,
}

impl TryFrom<LeadDetail> for FullLead {
    type Error = Problem;

    fn try_from(detail: LeadDetail) -> Result<Self, Problem> {
        let LeadDetail { lead, business, persona, provenance, block_id } = detail;
        let facts = domain::lead::LeadFacts::from_db(lead.facts);
        let account = explain(facts, lead.score_rules).map_err(Problem::internal)?;
        let flags = RowFlags::from_bits(lead.flags.cast_unsigned()).names().collect();
        Ok(Self {
            score_reasons: account
                .reasons
                .into_iter()
                .map(|reason| ScoreReason { label: reason.label, points: reason.points })
                .collect(),
            flags,
            lead: lead.into(),
            business: business.map(Into::into),
            persona: persona.map(Into::into),
            provenance: provenance.map(|from| Provenance {
                upload: from.data_source_id,
                file_name: from.file_name,
                row: from.row,
                line: from.line,
            }),
            block: block_id,
        })
    }
}
