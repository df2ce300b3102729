//! Which business, person and lead each normalized row is, by exact keys.
//!
//! First [`map`] finds the exceptions: rows that repeat what an earlier row or file has named. Then
//! [`land_new`] makes businesses, people and contact points of ordinary rows in slices, and
//! [`land_exceptions`] does what is left for the others.

use std::collections::BTreeMap;
use std::time::Instant;

use super::staging::{RowRange, Staging};
use crate::{BulkTransaction, Result};

/// Memory for one sort or hash of one statement; the default spills every import to disk.
const WORK_MEM: &str = "SET LOCAL work_mem = '96MB'";

/// Rows meet their exceptions by hash: looked up one by one in the BRIN index, as a planner that takes the exceptions
/// for few would do it, thousands of exceptions take minutes.
pub(super) const JOIN_BY_HASH: &str = "SET LOCAL enable_nestloop = off";

/// Waits until no other file of the team is being resolved, and keeps others out to the end of `tx`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn lock_team(tx: &mut BulkTransaction) -> Result<()> {
    let key = format!("resolve:{}", tx.team_id());
    tx.lock(&key).await
}

/// Who has the keys of a row `n`, put in for `{holders}`.
pub(super) const HOLDERS: &str = "
  LEFT JOIN businesses kb ON kb.team_id = {team} AND kb.match_key = n.business_key
  LEFT JOIN personas kp ON kp.team_id = {team} AND kp.match_key = n.persona_key
  LEFT JOIN business_merge_history hb ON hb.team_id = {team} AND hb.merged_key = n.business_key
        AND hb.unmerged_at IS NULL
  LEFT JOIN persona_merge_history hp ON hp.team_id = {team} AND hp.merged_key = n.persona_key
        AND hp.unmerged_at IS NULL
  LEFT JOIN leads kl ON kl.team_id = {team} AND kl.lead_key = n.lead_key";

const MAP: &str = "
WITH b AS (SELECT business_key AS k, min(row_no) AS first FROM {normalized}
            WHERE business_key IS NOT NULL GROUP BY 1 HAVING count(*) > 1),
     p AS (SELECT persona_key AS k, min(row_no) AS first FROM {normalized}
            WHERE persona_key IS NOT NULL GROUP BY 1 HAVING count(*) > 1),
     l AS (SELECT lead_key AS k, min(row_no) AS first FROM {normalized} GROUP BY 1 HAVING count(*) > 1)
INSERT INTO {resolved} (team_id, data_source_id, row_no, business_id, persona_id, lead_id,
                        new_business, new_persona, new_lead)
SELECT {team}, {source}, n.row_no,
       CASE WHEN n.business_key IS NOT NULL
            THEN coalesce(kb.id, hb.root_id, row_uuid({prefix}, coalesce(b.first, n.row_no))) END,
       CASE WHEN n.persona_key IS NOT NULL
            THEN coalesce(kp.id, hp.root_id, row_uuid({prefix}, coalesce(p.first, n.row_no))) END,
       coalesce(kl.id, row_uuid({prefix}, coalesce(l.first, n.row_no))),
       n.business_key IS NOT NULL AND kb.id IS NULL AND hb.root_id IS NULL AND coalesce(b.first, n.row_no) = n.row_no,
       n.persona_key IS NOT NULL AND kp.id IS NULL AND hp.root_id IS NULL AND coalesce(p.first, n.row_no) = n.row_no,
       kl.id IS NULL AND coalesce(l.first, n.row_no) = n.row_no
  FROM {normalized} n
  LEFT JOIN b ON b.k = n.business_key
  LEFT JOIN p ON p.k = n.persona_key
  LEFT JOIN l ON l.k = n.lead_key {holders}
 WHERE b.first < n.row_no OR p.first < n.row_no OR l.first < n.row_no
    OR kb.id IS NOT NULL OR kp.id IS NOT NULL OR kl.id IS NOT NULL OR hb.id IS NOT NULL OR hp.id IS NOT NULL";

/// Rows that would make a lead, of somebody who was merged into another: `via_history`.
const OF_THE_MERGED: &str = "
CREATE TEMP TABLE via_history ON COMMIT DROP AS
SELECT x.row_no, x.persona_id, x.business_id
  FROM {resolved} x JOIN {normalized} n ON n.row_no = x.row_no
 WHERE x.new_lead AND NOT x.new_persona AND NOT x.new_business
   AND (EXISTS (SELECT FROM persona_merge_history h WHERE h.team_id = {team} AND h.merged_key = n.persona_key
                   AND h.unmerged_at IS NULL)
     OR EXISTS (SELECT FROM business_merge_history h WHERE h.team_id = {team} AND h.merged_key = n.business_key
                   AND h.unmerged_at IS NULL))";

/// The lead of such a row went into that of the survivor at the same business, where it still is.
const TO_THE_SURVIVORS: &str = "
UPDATE {resolved} x SET lead_id = l.id, new_lead = false
  FROM (SELECT v.row_no, min(l.id::text)::uuid AS id
          FROM via_history v
          JOIN leads l ON l.team_id = {team} AND l.kind <> 'property'
               AND coalesce(l.persona_id, l.business_id) = coalesce(v.persona_id, v.business_id)
               AND l.business_id IS NOT DISTINCT FROM v.business_id
               AND l.persona_id IS NOT DISTINCT FROM v.persona_id
         GROUP BY 1) l
 WHERE x.row_no = l.row_no";

/// Finds the rows that repeat something, and what they repeat. Answers how many there are.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn map(tx: &mut BulkTransaction, staging: &Staging) -> Result<u64> {
    tx.execute(WORK_MEM).await?;
    let sql = staging.sql(tx, &MAP.replace("{holders}", HOLDERS));
    let mapped = tx.execute(sql).await?;
    let any: Option<(bool,)> = tx
        .first(sqlx::query_as(
            "SELECT EXISTS (SELECT FROM persona_merge_history) OR EXISTS (SELECT FROM business_merge_history)",
        ))
        .await?;
    if mapped > 0 && any.is_some_and(|(any,)| any) {
        let sql = staging.sql(tx, OF_THE_MERGED);
        if tx.execute(sql).await? > 0 {
            let sql = staging.sql(tx, TO_THE_SURVIVORS);
            tx.execute(sql).await?;
        }
    }
    Ok(mapped)
}

const BUSINESS_COLUMNS: &str =
    "(team_id, id, match_key, name, display_name, legal_suffix, dba, phone, email, street,
    unit, city, state, zip5, zip4, county, time_zone, website, employees_min, employees_max, revenue_min,
    revenue_max, revenue_tier, sic_delivered, sic4, sic_description, subsector, year_founded, extras,
    data_source_id, source_row)
SELECT {team}, n.row_id, n.business_key, coalesce(n.company, n.company_display, ''),
    coalesce(n.company_display, n.company, ''), n.legal_suffix, n.dba, n.phone, n.email, n.street, n.unit,
    n.city, n.state, n.zip5, n.zip4, n.county, n.time_zone, n.website, n.employees_min, n.employees_max,
    n.revenue_min, n.revenue_max, n.revenue_tier, n.sic_delivered, n.sic4, n.sic_description, n.subsector,
    n.year_founded, n.extras, {source}, n.row_no";

const PERSONA_COLUMNS: &str = "(team_id, id, match_key, given_name, middle_name, family_name, name_suffix,
    data_source_id, source_row)
SELECT {team}, n.row_id, n.persona_key, n.given_name, n.middle_name, n.family_name, n.name_suffix,
    {source}, n.row_no";

/// Rows of the range `$1..$2` that repeat nothing.
const ORDINARY: &str = "
  FROM {normalized} n LEFT JOIN {resolved} x ON x.row_no = n.row_no
 WHERE n.row_no >= $1 AND n.row_no < $2 AND x.row_no IS NULL";

/// Rows that repeat something.
const EXCEPTIONS: &str = "
  FROM {normalized} n JOIN {resolved} x ON x.row_no = n.row_no";

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Landed {
    /// Businesses not known before.
    pub businesses: u64,
    /// People not known before.
    pub personas: u64,
    /// Time that each table took, in milliseconds.
    pub table_ms: BTreeMap<String, u64>,
}

/// The tables in the order of the statements of [`land_new`] and [`land_exceptions`].
const TABLES: [&str; 7] = [
    "businesses",
    "personas",
    "business_owners",
    "persona_phones",
    "persona_phones (second)",
    "persona_emails",
    "persona_addresses",
];

impl Landed {
    fn count(&mut self, table: &str, rows: u64, since: Instant) {
        match table {
            "businesses" => self.businesses = rows,
            "personas" => self.personas = rows,
            _ => {}
        }
        let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.table_ms.insert(table.to_owned(), ms);
    }
}

/// Makes businesses, people, the links between them and their contact points of the ordinary rows of `range`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn land_new(tx: &mut BulkTransaction, staging: &Staging, range: RowRange) -> Result<Landed> {
    tx.execute(WORK_MEM).await?;
    tx.execute(JOIN_BY_HASH).await?;
    let mut landed = Landed::default();
    let statements = [
        format!("INSERT INTO businesses {BUSINESS_COLUMNS} {ORDINARY} AND n.business_key IS NOT NULL"),
        format!("INSERT INTO personas {PERSONA_COLUMNS} {ORDINARY} AND n.persona_key IS NOT NULL"),
        format!(
            "INSERT INTO business_owners (team_id, business_id, persona_id, title, seniority, data_source_id)
             SELECT {{team}}, n.row_id, n.row_id, n.title, n.seniority, {{source}} {ORDINARY}
             AND n.business_key IS NOT NULL AND n.persona_key IS NOT NULL"
        ),
        format!(
            "INSERT INTO persona_phones (team_id, persona_id, number, extension, class, data_source_id)
             SELECT {{team}}, n.row_id, n.phone, n.phone_extension, n.phone_class, {{source}} {ORDINARY}
             AND n.persona_key IS NOT NULL AND n.phone IS NOT NULL"
        ),
        format!(
            "INSERT INTO persona_phones (team_id, persona_id, number, class, data_source_id)
             SELECT {{team}}, n.row_id, n.phone_2, n.phone_2_class, {{source}} {ORDINARY}
             AND n.persona_key IS NOT NULL AND n.phone_2 IS NOT NULL AND n.phone_2 IS DISTINCT FROM n.phone"
        ),
        format!(
            "INSERT INTO persona_emails (team_id, persona_id, address, class, data_source_id)
             SELECT {{team}}, n.row_id, n.email, n.email_class, {{source}} {ORDINARY}
             AND n.persona_key IS NOT NULL AND n.email IS NOT NULL"
        ),
        format!(
            "INSERT INTO persona_addresses (team_id, persona_id, addr_hash, street, unit, city, state, zip5,
                 zip4, county, data_source_id)
             SELECT {{team}}, n.row_id, decode(compute_addr_hash(n.street, n.city, n.state, n.zip5), 'hex'),
                 n.street, n.unit, n.city, n.state, n.zip5, n.zip4, n.county, {{source}} {ORDINARY}
             AND n.persona_key IS NOT NULL AND n.business_key IS NULL AND n.street IS NOT NULL"
        ),
    ];
    for (statement, table) in statements.iter().zip(TABLES) {
        let since = Instant::now();
        let sql = staging.sql(tx, statement);
        let rows = tx.run(sqlx::query(sql).bind(range.first).bind(range.end)).await?;
        landed.count(table, rows, since);
    }
    Ok(landed)
}

/// Does for the rows that repeat something what [`land_new`] does for the others: makes what is new about them
/// and adds contact points that were not known. Run it after all slices.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn land_exceptions(tx: &mut BulkTransaction, staging: &Staging) -> Result<Landed> {
    tx.execute(WORK_MEM).await?;
    tx.execute(JOIN_BY_HASH).await?;
    let mut landed = Landed::default();
    let statements = [
        format!("INSERT INTO businesses {BUSINESS_COLUMNS} {EXCEPTIONS} WHERE x.new_business"),
        format!("INSERT INTO personas {PERSONA_COLUMNS} {EXCEPTIONS} WHERE x.new_persona"),
        format!(
            "INSERT INTO business_owners (team_id, business_id, persona_id, title, seniority, data_source_id)
             SELECT {{team}}, x.business_id, x.persona_id, n.title, n.seniority, {{source}} {EXCEPTIONS}
             WHERE x.business_id IS NOT NULL AND x.persona_id IS NOT NULL AND x.new_lead
             ORDER BY n.row_no ON CONFLICT DO NOTHING"
        ),
        format!(
            "INSERT INTO persona_phones (team_id, persona_id, number, extension, class, data_source_id)
             SELECT {{team}}, x.persona_id, n.phone, n.phone_extension, n.phone_class, {{source}} {EXCEPTIONS}
             WHERE x.persona_id IS NOT NULL AND n.phone IS NOT NULL AND x.new_lead
             ORDER BY n.row_no ON CONFLICT DO NOTHING"
        ),
        format!(
            "INSERT INTO persona_phones (team_id, persona_id, number, class, data_source_id)
             SELECT {{team}}, x.persona_id, n.phone_2, n.phone_2_class, {{source}} {EXCEPTIONS}
             WHERE x.persona_id IS NOT NULL AND n.phone_2 IS NOT NULL
             ORDER BY n.row_no ON CONFLICT DO NOTHING"
        ),
        format!(
            "INSERT INTO persona_emails (team_id, persona_id, address, class, data_source_id)
             SELECT {{team}}, x.persona_id, n.email, n.email_class, {{source}} {EXCEPTIONS}
             WHERE x.persona_id IS NOT NULL AND n.email IS NOT NULL AND x.new_lead
             ORDER BY n.row_no ON CONFLICT DO NOTHING"
        ),
        format!(
            "INSERT INTO persona_addresses (team_id, persona_id, addr_hash, street, unit, city, state, zip5,
                 zip4, county, data_source_id)
             SELECT {{team}}, x.persona_id, decode(compute_addr_hash(n.street, n.city, n.state, n.zip5), 'hex'),
                 n.street, n.unit, n.city, n.state, n.zip5, n.zip4, n.county, {{source}} {EXCEPTIONS}
             WHERE x.persona_id IS NOT NULL AND n.business_key IS NULL AND n.street IS NOT NULL
             ORDER BY n.row_no ON CONFLICT DO NOTHING"
        ),
    ];
    for (statement, table) in statements.iter().zip(TABLES) {
        let since = Instant::now();
        let sql = staging.sql(tx, statement);
        let rows = tx.execute(sql).await?;
        landed.count(table, rows, since);
    }
    Ok(landed)
}
