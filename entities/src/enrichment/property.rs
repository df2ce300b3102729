//! What a lead of kind `property` is about.

use std::fmt;

use domain::id::{LeadId, TypedId};

use crate::{BulkTransaction, Result};

/// What a vendor says of a property and its owner; `None` where it says nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FoundProperty {
    /// House, condo, land.
    pub property_type: Option<String>,
    /// The address key (Melissa's MAK).
    pub mak: Option<String>,
    /// The parcel number; counts with its county only.
    pub apn: Option<String>,
    /// The county of the parcel.
    pub county: Option<String>,
    /// What it is worth, in dollars.
    pub value: Option<i64>,
    /// What of that is the owner's, in dollars.
    pub equity: Option<i64>,
    /// The owner's age, in years.
    pub owner_age: Option<i16>,
    /// How long the owner has had it, in years.
    pub years_owned: Option<i16>,
    /// Whether the owner lives there.
    pub owner_occupied: Option<bool>,
    /// The company that owns it.
    pub owner_company: Option<String>,
    /// Where the owner gets mail: house number and street.
    pub mailing_street: Option<String>,
    /// Apartment, suite or the like.
    pub mailing_unit: Option<String>,
    /// City.
    pub mailing_city: Option<String>,
    /// State, two letters.
    pub mailing_state: Option<String>,
    /// ZIP, five digits.
    pub mailing_zip5: Option<String>,
}

/// All of it is personal data.
impl fmt::Debug for FoundProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FoundProperty(…)")
    }
}

const UPDATE: &str = "
UPDATE properties p
   SET property_type = coalesce($3, p.property_type), value = coalesce($4, p.value), equity = coalesce($5, p.equity),
       owner_age = coalesce($6, p.owner_age), years_owned = coalesce($7, p.years_owned),
       owner_occupied = coalesce($8, p.owner_occupied), owner_company = coalesce($9, p.owner_company),
       mailing_street = coalesce($10, p.mailing_street), mailing_unit = coalesce($11, p.mailing_unit),
       mailing_city = coalesce($12, p.mailing_city), mailing_state = coalesce($13, p.mailing_state),
       mailing_zip5 = coalesce($14, p.mailing_zip5), apn = coalesce(p.apn, $15), county = coalesce(p.county, $16),
       source = $17, updated_at = clock_timestamp()
 WHERE p.team_id = $1 AND p.lead_id = $2";

/// Another lead may be the one with this key: then this one stays without.
const IDENTIFY: &str = "
UPDATE leads l
   SET mak = CASE WHEN l.mak IS NULL AND NOT EXISTS (SELECT FROM leads o WHERE o.team_id = $1 AND o.kind = 'property'
                       AND o.mak = $3) THEN $3 ELSE l.mak END,
       apn = CASE WHEN l.apn IS NULL AND NOT EXISTS (SELECT FROM leads o WHERE o.team_id = $1 AND o.kind = 'property'
                       AND o.county = coalesce(l.county, $5) AND o.apn = $4) THEN $4 ELSE l.apn END,
       county = coalesce(l.county, $5)
 WHERE l.team_id = $1 AND l.id = $2 AND l.kind = 'property'";

/// Notes what a vendor says of a property lead: what it does not say stays. Address key and parcel number are set where
/// the lead has none and no other lead has them. Answers whether the lead is one of a property.
///
/// # Errors
/// [`crate::DbError::Conflict`] where another lead gets the same key at the same moment; repeat the transaction.
pub async fn update(
    tx: &mut BulkTransaction,
    lead: LeadId,
    source: &str,
    found: &FoundProperty,
) -> Result<bool> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(UPDATE)
        .bind(team)
        .bind(lead.uuid())
        .bind(&found.property_type)
        .bind(found.value)
        .bind(found.equity)
        .bind(found.owner_age)
        .bind(found.years_owned)
        .bind(found.owner_occupied)
        .bind(&found.owner_company)
        .bind(&found.mailing_street)
        .bind(&found.mailing_unit)
        .bind(&found.mailing_city)
        .bind(&found.mailing_state)
        .bind(&found.mailing_zip5)
        .bind(&found.apn)
        .bind(&found.county)
        .bind(source);
    if tx.run(query).await? == 0 {
        return Ok(false);
    }
    let query = sqlx::query(IDENTIFY).bind(team).bind(lead.uuid());
    tx.run(query.bind(&found.mak).bind(&found.apn).bind(&found.county)).await?;
    Ok(true)
}
