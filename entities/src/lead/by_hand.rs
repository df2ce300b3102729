//! Leads entered or changed by a person, through the same rules as a file's rows.

use chrono::Utc;
use domain::id::{BusinessId, LeadId, PersonaId, TypedId};
use domain::normalize::NormalizedRow;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, Set, Statement};

use super::entity::{ActiveModel, Column, Entity};
use super::{Lead, LeadStatus, locked};
use crate::merge::Kind;
use crate::pipeline::leads::Grade;
use crate::pipeline::match_keys::{self, EnteredKeys};
use crate::pipeline::normalized::RowKeys;
use crate::{Result, Stored, TeamTransaction, business, fresh_id, persona};

/// `leads.source` of what a person entered. No list has it.
pub const BY_HAND: &str = "manual";

/// A lead as a person gives it, normalized, keyed and graded as a file's row is.
#[derive(Debug, Clone, Copy)]
pub struct ByHand<'a> {
    /// What was given, normalized.
    pub row: &'a NormalizedRow,
    /// Its keys.
    pub keys: RowKeys,
    /// The keys by which lists find its person and business under another spelling.
    pub match_keys: &'a EnteredKeys,
    /// Its grade.
    pub grade: &'a Grade,
    /// The version of the weights it was graded with.
    pub score_rules: i16,
}

/// What became of a lead that was entered.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The lead.
    pub lead: Lead,
    /// Whether it is new; a lead that was known is as it was, but for `last_seen_at`.
    pub created: bool,
}

/// Enters a lead with its business, person and contact points. What is known already is not entered again.
///
/// # Errors
/// [`crate::DbError::Conflict`] with `leads_vendor_record` where its vendor id is another lead's.
pub async fn enter(team: &TeamTransaction, new: ByHand<'_>) -> Result<Entered> {
    let business_id = match new.keys.business {
        Some(key) => Some(business::ensure(team, key, new.row).await?),
        None => None,
    };
    let persona_id = match new.keys.persona {
        Some(key) => Some(persona::ensure(team, key, new.row).await?),
        None => None,
    };
    if let Some(persona) = persona_id {
        add_contact_points(team, persona, business_id, new.row).await?;
    }
    add_match_keys(team, persona_id, business_id, new.match_keys).await?;
    let id: LeadId = fresh_id();
    let now = Utc::now();
    let mut lead = ActiveModel {
        team_id: Set(team.team_id().into()),
        id: Set(id.into()),
        kind: Set(if persona_id.is_some() { "person" } else { "business" }.to_owned()),
        persona_id: Set(persona_id.map(Stored)),
        business_id: Set(business_id.map(Stored)),
        source: Set(BY_HAND.to_owned()),
        vendor_record_id: Set(new.row.vendor_record_id.clone()),
        status: Set(LeadStatus::New),
        first_seen_at: Set(now),
        last_seen_at: Set(now),
        ..Default::default()
    };
    fill(&mut lead, new);
    lead.tags = Set(new.grade.tags.clone());
    let known =
        OnConflict::columns([Column::TeamId, Column::LeadKey]).update_column(Column::LastSeenAt).to_owned();
    let lead = Entity::insert(lead).on_conflict(known).exec_with_returning(team).await?;
    let created = lead.id.0 == id;
    Ok(Entered { lead, created })
}

/// What a person changes of a lead; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct LeadPatch<'a> {
    /// How far it has come.
    pub status: Option<LeadStatus>,
    /// All of its tags, checked by `domain::lead::TagSet`.
    pub tags: Option<Vec<String>>,
    /// Why it was closed or lost; `Some(None)` takes the reason away.
    pub close_reason: Option<Option<String>>,
    /// How to reach it and what it is, normalized, keyed and graded anew. Business and person stay.
    pub contact: Option<ByHand<'a>>,
}

/// Changes a lead.
///
/// # Errors
/// [`crate::DbError::NotFound`]; [`crate::DbError::Conflict`] with `leads_lead_key` where the change would make it
/// the same as another lead.
pub async fn patch(team: &TeamTransaction, id: LeadId, patch: LeadPatch<'_>) -> Result<Lead> {
    let lead = locked(team, id).await?;
    let persona_id = lead.persona_id;
    let business_id = lead.business_id;
    let mut lead = ActiveModel::from(lead);
    if let Some(contact) = patch.contact {
        fill(&mut lead, contact);
        lead.tags = Set(contact.grade.tags.clone());
        if let Some(persona) = persona_id {
            add_contact_points(team, persona.0, business_id.map(|id| id.0), contact.row).await?;
        }
        let (persona, business) = (persona_id.map(|id| id.0), business_id.map(|id| id.0));
        add_match_keys(team, persona, business, contact.match_keys).await?;
    }
    if let Some(status) = patch.status {
        lead.status = Set(status);
    }
    if let Some(tags) = patch.tags {
        lead.tags = Set(tags);
    }
    if let Some(reason) = patch.close_reason {
        lead.close_reason = Set(reason);
    }
    if !lead.is_changed() {
        return super::get(team, id).await;
    }
    Ok(lead.update(team).await?)
}

/// Sets what follows from the row, its keys and its grade.
fn fill(lead: &mut ActiveModel, given: ByHand<'_>) {
    let ByHand { row, keys, grade, score_rules, .. } = given;
    lead.lead_key = Set(keys.lead);
    lead.fingerprint = Set(keys.fingerprint);
    lead.county = Set(row.county.clone());
    lead.phone = Set(row.phone.as_ref().map(|phone| phone.expose().to_owned()));
    lead.email = Set(row.email.as_ref().map(|email| email.expose().to_owned()));
    lead.title = Set(row.title.clone());
    lead.seniority = Set(row.seniority.map(|seniority| seniority.as_str().to_owned()));
    lead.state = Set(row.state.map(str::to_owned));
    lead.city = Set(row.city.clone());
    lead.zip5 = Set(row.zip5.clone());
    lead.time_zone = Set(row.time_zone.map(str::to_owned));
    lead.sic4 = Set(row.sic4.map(str::to_owned));
    lead.subsector = Set(row.subsector);
    lead.contact_class = Set(grade.contact_class.to_owned());
    lead.score = Set(grade.score);
    lead.facts = Set(grade.of.facts);
    lead.score_rules = Set(score_rules);
    lead.quality_score = Set(grade.quality);
    lead.flags = Set(row.flags.bits().cast_signed());
}

/// Lets lists find the person and the business by what was given.
async fn add_match_keys(
    team: &TeamTransaction,
    persona: Option<PersonaId>,
    business: Option<BusinessId>,
    keys: &EnteredKeys,
) -> Result<()> {
    let records = [
        (Kind::Persona, persona.map(|id| id.uuid()), &keys.persona),
        (Kind::Business, business.map(|id| id.uuid()), &keys.business),
    ];
    for (kind, id, keys_of_kind) in records {
        if let Some(id) = id {
            match_keys::enter(team, kind, id, keys.rules, keys_of_kind).await?;
        }
    }
    Ok(())
}

const LINK: &str = "INSERT INTO business_owners (team_id, business_id, persona_id, title, seniority) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

const PHONE: &str = "INSERT INTO persona_phones (team_id, persona_id, number, extension, class, source) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (team_id, persona_id, number) DO UPDATE SET last_seen_at = now()";

const EMAIL: &str = "INSERT INTO persona_emails (team_id, persona_id, address, class, source) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (team_id, persona_id, address) DO UPDATE SET last_seen_at = now()";

/// Links the person to the business and adds what the row says of how to reach them.
async fn add_contact_points(
    team: &TeamTransaction,
    persona: PersonaId,
    business: Option<BusinessId>,
    row: &NormalizedRow,
) -> Result<()> {
    let (team_id, persona) = (Stored(team.team_id()), Stored(persona));
    let run = |sql: &str, values: Vec<sea_orm::Value>| {
        team.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
    };
    if let Some(business) = business {
        let seniority = row.seniority.map(|seniority| seniority.as_str());
        run(
            LINK,
            vec![
                team_id.into(),
                Stored(business).into(),
                persona.into(),
                row.title.clone().into(),
                seniority.into(),
            ],
        )
        .await?;
    }
    let phones =
        [(&row.phone, row.phone_extension.clone(), row.phone_class), (&row.phone_2, None, row.phone_2_class)];
    for (phone, extension, class) in phones {
        if let (Some(phone), Some(class)) = (phone, class) {
            run(
                PHONE,
                vec![
                    team_id.into(),
                    persona.into(),
                    phone.expose().into(),
                    extension.into(),
                    class.as_str().into(),
                    BY_HAND.into(),
                ],
            )
            .await?;
        }
    }
    if let (Some(email), Some(class)) = (&row.email, row.email_class) {
        run(
            EMAIL,
            vec![
                team_id.into(),
                persona.into(),
                email.expose().into(),
                class.as_str().into(),
                BY_HAND.into(),
            ],
        )
        .await?;
    }
    Ok(())
}
