//! A record of a vendor's list becomes a lead: `upsert_lead` in SQL.

use std::fmt;

use domain::id::{LeadId, TypedId};
use uuid::Uuid;

use crate::{BulkTransaction, DbError, Result};

/// A property as a vendor's list has it; `None` where it says nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct VendorRecord {
    /// The vendor's id of it.
    pub vendor_record_id: Option<String>,
    /// The vendor's list that has it.
    pub vendor_list_id: Option<String>,
    /// House number and street.
    pub address_line1: Option<String>,
    /// Apartment, suite or the like.
    pub address_line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, two letters.
    pub state: Option<String>,
    /// ZIP, of five or nine digits.
    pub postal_code: Option<String>,
    /// County: without it a parcel number tells nothing.
    pub county: Option<String>,
    /// Parcel number.
    pub apn: Option<String>,
    /// Address key (Melissa's MAK).
    pub mak: Option<String>,
    /// The owner's given name.
    pub owner_first_name: Option<String>,
    /// The owner's family name.
    pub owner_last_name: Option<String>,
    /// The owner's name in one piece; only looked at where the parts are missing.
    pub owner_full_name: Option<String>,
    /// The company that owns it.
    pub owner_company: Option<String>,
    /// What it is worth, in dollars.
    pub property_value: Option<i64>,
    /// What of that is the owner's, in dollars.
    pub estimated_equity: Option<i64>,
    /// The owner's age, in years.
    pub age: Option<i32>,
}

/// All of it is personal data.
impl fmt::Debug for VendorRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VendorRecord(…)")
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upserted {
    /// The lead.
    pub lead: LeadId,
    /// Whether this transaction made it: by this record or by an earlier one that is the same. What was known before was
    /// only seen again.
    pub created: bool,
}

/// Makes a property lead of the record, unless one of its keys is known: the vendor's id, the address, the address key,
/// the parcel in its county.
///
/// # Errors
/// [`DbError::Other`] for a record that has none of the keys; [`DbError::Contention`].
pub async fn upsert(tx: &mut BulkTransaction, source: &str, record: &VendorRecord) -> Result<Upserted> {
    let query = sqlx::query_as(
        "SELECT upsert_lead($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::bigint::numeric, \
                $15::bigint::numeric, $16, $17, $18)",
    )
    .bind(source)
    .bind(&record.vendor_record_id)
    .bind(&record.vendor_list_id)
    .bind(&record.address_line1)
    .bind(&record.address_line2)
    .bind(&record.city)
    .bind(&record.state)
    .bind(&record.postal_code)
    .bind(&record.apn)
    .bind(&record.owner_first_name)
    .bind(&record.owner_last_name)
    .bind(&record.owner_full_name)
    .bind(&record.owner_company)
    .bind(record.property_value)
    .bind(record.estimated_equity)
    .bind(record.age)
    .bind(&record.county)
    .bind(&record.mak);
    let made: Option<(Uuid,)> = tx.first(query).await?;
    let (id,) = made.ok_or_else(|| DbError::unreadable("upsert_lead", "no answer"))?;
    // Who makes the lead makes its property, which nobody touches who only sees it again. (The time at which it was first seen would
    // not tell: two transactions may begin in the same microsecond.)
    let query = sqlx::query_as(
        "SELECT xmin = pg_current_xact_id()::xid FROM properties WHERE team_id = $1 AND lead_id = $2",
    );
    let created: Option<(bool,)> = tx.first(query.bind(tx.team_id().uuid()).bind(id)).await?;
    Ok(Upserted { lead: LeadId::from_uuid(id), created: created.is_some_and(|(created,)| created) })
}
