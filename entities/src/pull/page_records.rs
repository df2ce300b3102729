//! All records of a page become leads at once: `upsert_lead` over arrays.

use std::collections::BTreeSet;

use domain::id::TypedId;
use uuid::Uuid;

use super::VendorRecord;
use crate::{BulkTransaction, Result};

/// What became of the records of a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageLeads {
    /// Leads that were made.
    pub new: i32,
    /// Records whose lead was known, or was made of an earlier record of the page.
    pub known: i32,
    /// Records that have none of the keys, so that nobody could know them again: no lead is made of them.
    pub without_key: i32,
}

/// Records in the vendor's order. `upsert_lead` refuses what has no key, and would take the page with it.
const UPSERT: &str = "
SELECT upsert_lead($1, r.id, r.list, r.line1, r.line2, r.city, r.state, r.zip, r.apn, r.first, r.last, r.full_name, r.company,
                   r.value::numeric, r.equity::numeric, r.age, r.county, r.mak)
  FROM (SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                             $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::bigint[], $16::int[],
                             $17::text[], $18::text[])
               WITH ORDINALITY AS u(id, list, line1, line2, city, state, zip, apn, first, last, full_name, company, value,
                                    equity, age, county, mak, place)
         WHERE btrim(id) <> '' OR btrim(mak) <> '' OR (btrim(county) <> '' AND btrim(apn) <> '')
            OR (btrim(line1) <> '' AND (normalize_zip(zip) IS NOT NULL OR (btrim(city) <> '' AND btrim(state) <> '')))
         ORDER BY place OFFSET 0) r";

/// Makes property leads of the records of a page, unless they are known by any of the four keys: as [`super::upsert`] for
/// each of them, in two statements. Pages of one team wait for each other, since two lists may have the same properties.
///
/// # Errors
/// [`crate::DbError::Contention`]; any other [`crate::DbError`].
pub async fn upsert_page(
    tx: &mut BulkTransaction,
    source: &str,
    records: &[VendorRecord],
) -> Result<PageLeads> {
    if records.is_empty() {
        return Ok(PageLeads::default());
    }
    let key = format!("pull-leads:{}", tx.team_id());
    tx.lock(&key).await?;
    let texts = |of: fn(&VendorRecord) -> &Option<String>| -> Vec<Option<&str>> {
        records.iter().map(|record| of(record).as_deref()).collect()
    };
    let query = sqlx::query_as(UPSERT)
        .bind(source)
        .bind(texts(|record| &record.vendor_record_id))
        .bind(texts(|record| &record.vendor_list_id))
        .bind(texts(|record| &record.address_line1))
        .bind(texts(|record| &record.address_line2))
        .bind(texts(|record| &record.city))
        .bind(texts(|record| &record.state))
        .bind(texts(|record| &record.postal_code))
        .bind(texts(|record| &record.apn))
        .bind(texts(|record| &record.owner_first_name))
        .bind(texts(|record| &record.owner_last_name))
        .bind(texts(|record| &record.owner_full_name))
        .bind(texts(|record| &record.owner_company))
        .bind(records.iter().map(|record| record.property_value).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.estimated_equity).collect::<Vec<_>>())
        .bind(records.iter().map(|record| record.age).collect::<Vec<_>>())
        .bind(texts(|record| &record.county))
        .bind(texts(|record| &record.mak));
    let made: Vec<(Uuid,)> = tx.all(query).await?;
    let leads: BTreeSet<Uuid> = made.iter().map(|(id,)| *id).collect();
    // A lead is first seen at the time of the transaction that makes it.
    let query = sqlx::query_as(
        "SELECT count(*) FROM leads WHERE team_id = $1 AND id = ANY($2) AND first_seen_at = now()",
    );
    let ids: Vec<Uuid> = leads.into_iter().collect();
    let created: Option<(i64,)> = tx.first(query.bind(tx.team_id().uuid()).bind(ids)).await?;
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let new = created.map_or(0, |(created,)| i32::try_from(created).unwrap_or(i32::MAX));
    Ok(PageLeads { new, known: count(made.len()) - new, without_key: count(records.len() - made.len()) })
}
