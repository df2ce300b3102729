//! What is known of leads before a vendor is asked about them.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{BusinessId, LeadId, PersonaId, TypedId};
use domain::lead::LeadFacts;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// A phone that is known.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownPhone {
    /// E.164.
    pub number: String,
    /// `mobile`, `landline`, `voip`, as a lookup says; `None` until one was made.
    pub line_type: Option<String>,
    /// What the list says it is: `main`, `direct`, `mobile`, `toll_free`, `premium`.
    pub class: String,
    /// Whether there can be such a number, as a lookup says.
    pub is_valid: Option<bool>,
    /// Whether it was verified.
    pub verified: bool,
    /// When it last was.
    pub last_verified_at: Option<DateTime<Utc>>,
    /// Whether somebody on it must not be called: do-not-call, TCPA or litigator.
    pub flagged: bool,
}

/// An e-mail address that is known.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownEmail {
    /// Lower case.
    pub address: String,
    /// `business`, `free`, `role`, `disposable`.
    pub class: String,
    /// Whether it was verified.
    pub verified: bool,
    /// When it last was.
    pub last_verified_at: Option<DateTime<Utc>>,
}

/// A lead with all that a vendor may need to find its person.
#[derive(Clone, PartialEq, Eq)]
pub struct LeadSubject {
    /// Which.
    pub lead: LeadId,
    /// `person`, `business` or `property`.
    pub kind: String,
    /// How far it has come.
    pub status: String,
    /// 0 to 100.
    pub quality: i16,
    /// What is known of it.
    pub facts: LeadFacts,
    /// Its person.
    pub persona: Option<PersonaId>,
    /// Its business.
    pub business: Option<BusinessId>,
    /// Given name.
    pub given_name: Option<String>,
    /// Middle name or initial.
    pub middle_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Jr, III.
    pub name_suffix: Option<String>,
    /// Title in words.
    pub title: Option<String>,
    /// Whether the person died or sues callers, as a vendor says.
    pub forbidden: bool,
    /// The business's name.
    pub company: Option<String>,
    /// The business's website.
    pub website: Option<String>,
    /// The business's line, four digits.
    pub sic4: Option<String>,
    /// Of the property, else of the person, else of the business: house number and street.
    pub street: Option<String>,
    /// Apartment, suite or the like.
    pub unit: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, two letters.
    pub state: Option<String>,
    /// ZIP, five digits.
    pub zip5: Option<String>,
    /// County.
    pub county: Option<String>,
    /// Parcel number.
    pub apn: Option<String>,
    /// Address key.
    pub mak: Option<String>,
    /// The person's LinkedIn profile.
    pub linkedin: Option<String>,
    /// The person's phones, or the lead's own, the best first.
    pub phones: Vec<KnownPhone>,
    /// The person's addresses, or the lead's own, the best first.
    pub emails: Vec<KnownEmail>,
}

macro_rules! hides_itself {
    ($($name:ident),+) => {$(
        /// All of it is personal data.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}
hides_itself!(KnownPhone, KnownEmail);

/// Which one; the rest is personal data.
impl fmt::Debug for LeadSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeadSubject").field("lead", &self.lead).finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    kind: String,
    status: String,
    quality_score: i16,
    facts: i32,
    persona_id: Option<Uuid>,
    business_id: Option<Uuid>,
    given_name: Option<String>,
    middle_name: Option<String>,
    family_name: Option<String>,
    name_suffix: Option<String>,
    title: Option<String>,
    forbidden: bool,
    company: Option<String>,
    website: Option<String>,
    sic4: Option<String>,
    street: Option<String>,
    unit: Option<String>,
    city: Option<String>,
    state: Option<String>,
    zip5: Option<String>,
    county: Option<String>,
    apn: Option<String>,
    mak: Option<String>,
    linkedin: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}
from_row!(Row {
    id,
    kind,
    status,
    quality_score,
    facts,
    persona_id,
    business_id,
    given_name,
    middle_name,
    family_name,
    name_suffix,
    title,
    forbidden,
    company,
    website,
    sic4,
    street,
    unit,
    city,
    state,
    zip5,
    county,
    apn,
    mak,
    linkedin,
    phone,
    email
});

/// An address is taken whole from the first who has a street: parts of two places are none.
const LOAD: &str = "
SELECT l.id, l.kind, l.status, l.quality_score, current_facts(l) AS facts, l.persona_id, l.business_id, p.given_name,
       p.middle_name, p.family_name, p.name_suffix, l.title,
       l.facts < 0 OR coalesce(p.deceased_at, p.litigator_at) IS NOT NULL AS forbidden,
       b.display_name AS company, b.website, coalesce(l.sic4, b.sic4) AS sic4, d.street, d.unit,
       coalesce(d.city, l.city) AS city, coalesce(d.state, l.state) AS state, coalesce(d.zip5, l.zip5) AS zip5,
       coalesce(d.county, l.county) AS county, l.apn, l.mak, s.url AS linkedin, l.phone, l.email
  FROM leads l
  LEFT JOIN personas p ON p.team_id = $1 AND p.id = l.persona_id
  LEFT JOIN businesses b ON b.team_id = $1 AND b.id = l.business_id
  LEFT JOIN LATERAL (
       SELECT * FROM (
           SELECT l.street, l.unit, l.city, l.state, l.zip5, l.county, 1 AS rank
           UNION ALL (SELECT a.street, a.unit, a.city, a.state, a.zip5, a.county, 2 FROM persona_addresses a
                       WHERE a.team_id = $1 AND a.persona_id = l.persona_id ORDER BY a.first_seen_at, a.addr_hash LIMIT 1)
           UNION ALL SELECT b.street, b.unit, b.city, b.state, b.zip5, b.county, 3) x
        WHERE x.street IS NOT NULL ORDER BY x.rank LIMIT 1) d ON true
  LEFT JOIN LATERAL (SELECT url FROM social_profiles t WHERE t.team_id = $1 AND t.persona_id = l.persona_id
                        AND t.network = 'linkedin' ORDER BY t.last_seen_at DESC, t.url LIMIT 1) s ON true
 WHERE l.team_id = $1 AND l.id = ANY($2) ORDER BY l.id";

struct PhoneRow {
    persona_id: Uuid,
    number: String,
    line_type: Option<String>,
    class: String,
    is_valid: Option<bool>,
    verified: bool,
    last_verified_at: Option<DateTime<Utc>>,
    flagged: bool,
}
from_row!(PhoneRow { persona_id, number, line_type, class, is_valid, verified, last_verified_at, flagged });

struct EmailRow {
    persona_id: Uuid,
    address: String,
    class: String,
    verified: bool,
    last_verified_at: Option<DateTime<Utc>>,
}
from_row!(EmailRow { persona_id, address, class, verified, last_verified_at });

/// What is known of the leads, in the order of their ids. Those that the team does not have are not among them.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn load(tx: &mut BulkTransaction, leads: &[LeadId]) -> Result<Vec<LeadSubject>> {
    let team = tx.team_id().uuid();
    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
    let rows: Vec<Row> = tx.all(sqlx::query_as(LOAD).bind(team).bind(&ids)).await?;
    let people: Vec<Uuid> = rows.iter().filter_map(|row| row.persona_id).collect();
    let phones: Vec<PhoneRow> = tx
        .all(
            sqlx::query_as(
                "SELECT persona_id, number, line_type, class, is_valid, verified, last_verified_at, \
                        coalesce(dnc_at, tcpa_at, litigator_at) IS NOT NULL AS flagged FROM persona_phones \
                  WHERE team_id = $1 AND persona_id = ANY($2) ORDER BY persona_id, verified DESC, score DESC, number",
            )
            .bind(team)
            .bind(&people),
        )
        .await?;
    let emails: Vec<EmailRow> = tx
        .all(
            sqlx::query_as(
                "SELECT persona_id, address, class, verified, last_verified_at FROM persona_emails \
                  WHERE team_id = $1 AND persona_id = ANY($2) ORDER BY persona_id, verified DESC, score DESC, address",
            )
            .bind(team)
            .bind(&people),
        )
        .await?;
    let mut phones_of: HashMap<Uuid, Vec<KnownPhone>> = HashMap::new();
    for row in phones {
        phones_of.entry(row.persona_id).or_default().push(KnownPhone {
            number: row.number,
            line_type: row.line_type,
            class: row.class,
            is_valid: row.is_valid,
            verified: row.verified,
            last_verified_at: row.last_verified_at,
            flagged: row.flagged,
        });
    }
    let mut emails_of: HashMap<Uuid, Vec<KnownEmail>> = HashMap::new();
    for row in emails {
        emails_of.entry(row.persona_id).or_default().push(KnownEmail {
            address: row.address,
            class: row.class,
            verified: row.verified,
            last_verified_at: row.last_verified_at,
        });
    }
    Ok(rows.into_iter().map(|row| subject(row, &phones_of, &emails_of)).collect())
}

fn subject(
    row: Row,
    phones: &HashMap<Uuid, Vec<KnownPhone>>,
    emails: &HashMap<Uuid, Vec<KnownEmail>>,
) -> LeadSubject {
    let facts = LeadFacts::from_db(row.facts);
    // A lead without a person has one of each, verified where its facts say so.
    let own_phone = || {
        row.phone.clone().map(|number| KnownPhone {
            number,
            line_type: None,
            class: "main".to_owned(),
            is_valid: None,
            verified: facts.contains(LeadFacts::VERIFIED_PHONE),
            last_verified_at: None,
            flagged: false,
        })
    };
    let own_email = || {
        row.email.clone().map(|address| KnownEmail {
            address,
            class: "business".to_owned(),
            verified: facts.contains(LeadFacts::VERIFIED_EMAIL),
            last_verified_at: None,
        })
    };
    let (phones, emails) = match row.persona_id {
        Some(persona) => (
            phones.get(&persona).cloned().unwrap_or_default(),
            emails.get(&persona).cloned().unwrap_or_default(),
        ),
        None => (own_phone().into_iter().collect(), own_email().into_iter().collect()),
    };
    LeadSubject {
        lead: LeadId::from_uuid(row.id),
        kind: row.kind,
        status: row.status,
        quality: row.quality_score,
        facts,
        persona: row.persona_id.map(PersonaId::from_uuid),
        business: row.business_id.map(BusinessId::from_uuid),
        given_name: row.given_name,
        middle_name: row.middle_name,
        family_name: row.family_name,
        name_suffix: row.name_suffix,
        title: row.title,
        forbidden: row.forbidden,
        company: row.company,
        website: row.website,
        sic4: row.sic4,
        street: row.street,
        unit: row.unit,
        city: row.city,
        state: row.state,
        zip5: row.zip5,
        county: row.county,
        apn: row.apn,
        mak: row.mak,
        linkedin: row.linkedin,
        phones,
        emails,
    }
}
