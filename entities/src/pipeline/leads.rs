//! Leads of the normalized rows, graded.
//!
//! A grade (score, quality, class, tags) follows from a row's facts and subsector alone. A file of a million rows
//! has a few thousand such pairs, so the caller grades the pairs ([`ungraded`]) in Rust, where the rules are, and
//! the rows get their grades by a join.

use domain::id::{RowIds, TypedId};
use uuid::Uuid;

use super::staging::{RowRange, Staging};
use crate::from_row::from_row;
use crate::{BulkTransaction, CopyBuffer, Result};

/// A pair that has a grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gradable {
    /// `domain::lead::LeadFacts`, the bits.
    pub facts: i32,
    /// `domain::sector`'s number of the subsector.
    pub subsector: Option<i16>,
}
from_row!(Gradable { facts, subsector });

/// A pair with its grade.
#[derive(Debug, Clone)]
pub struct Grade {
    /// What is graded.
    pub of: Gradable,
    /// 0 to 100.
    pub score: i16,
    /// 0 to 100.
    pub quality: i16,
    /// `likely_decision_maker` or `generic_contact`.
    pub contact_class: &'static str,
    /// `key:value`, one value a key.
    pub tags: Vec<String>,
}

/// The pairs of the file.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn ungraded(tx: &mut BulkTransaction, staging: &Staging) -> Result<Vec<Gradable>> {
    let sql = staging.sql(tx, "SELECT DISTINCT facts, subsector FROM {normalized} ORDER BY 1, 2");
    tx.all(sqlx::query_as(sql)).await
}

/// What was made of a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Prepared {
    /// Leads created.
    pub leads: u64,
    /// Those of them that probably decide.
    pub decision_makers: u64,
}

const LAND: &str = "
INSERT INTO leads (team_id, id, kind, persona_id, business_id, lead_key, fingerprint, vendor_record_id, county,
    phone, email, title, seniority, state, city, zip5, time_zone, sic4, subsector, contact_class, score, facts,
    score_rules, quality_score, tags, flags, data_source_id, source_row, source_line)
SELECT {team}, n.row_id, CASE WHEN n.persona_key IS NULL THEN 'business' ELSE 'person' END,
    CASE WHEN n.persona_key IS NOT NULL THEN coalesce(x.persona_id, n.row_id) END,
    CASE WHEN n.business_key IS NOT NULL THEN coalesce(x.business_id, n.row_id) END,
    n.lead_key, n.fingerprint, n.vendor_record_id, n.county, n.phone, n.email, n.title, n.seniority, n.state,
    n.city, n.zip5, n.time_zone, n.sic4, n.subsector, g.contact_class, g.score, n.facts, $3, g.quality, g.tags,
    n.flags, {source}, n.row_no, n.line_no
  FROM {normalized} n
  LEFT JOIN {resolved} x ON x.row_no = n.row_no
  JOIN grades g ON g.facts = n.facts AND g.subsector = coalesce(n.subsector, -1)
 WHERE n.row_no >= $1 AND n.row_no < $2 AND (x.row_no IS NULL OR x.new_lead)";

/// Most rows: nothing but the lead's key can be taken, by a file that came through since this one was resolved. A
/// look beforehand costs a fraction of what `ON CONFLICT` costs with every row, and the team's lock keeps files out
/// meanwhile; only a lead entered by hand at the very moment makes the statement fail, and the repetition sees it.
const PLAIN: &str = " AND n.vendor_record_id IS NULL
   AND NOT EXISTS (SELECT FROM leads k WHERE k.team_id = {team} AND k.lead_key = n.lead_key)";

/// Rows with a vendor's record number, which may repeat within the file.
const NUMBERED: &str = " AND n.vendor_record_id IS NOT NULL ORDER BY n.row_no ON CONFLICT DO NOTHING";

/// The unique constraint that a lead entered by hand at the same moment violates.
pub const LEAD_KEY_CONSTRAINT: &str = "leads_lead_key";

/// Makes the leads of `range` with their `grades`, under version `score_rules` of the weights.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn land(
    tx: &mut BulkTransaction,
    staging: &Staging,
    range: RowRange,
    grades: &[Grade],
    score_rules: i16,
) -> Result<Prepared> {
    tx.execute(
        "CREATE TEMP TABLE grades (facts integer, subsector smallint, score smallint, quality smallint, \
         contact_class text, tags text[]) ON COMMIT DROP",
    )
    .await?;
    let team = tx.team_id().uuid();
    let mut rows = CopyBuffer::new();
    for grade in grades {
        rows.i32(grade.of.facts)
            .i16(grade.of.subsector.unwrap_or(-1))
            .i16(grade.score)
            .i16(grade.quality)
            .text(grade.contact_class)
            .text_array(&grade.tags);
        rows.end_row();
    }
    tx.copy_in("grades", &rows).await?;
    let mut prepared = Prepared::default();
    for rows in [PLAIN, NUMBERED] {
        let sql = staging.sql(tx, &format!("{LAND}{rows}"));
        let query = sqlx::query(sql).bind(range.first).bind(range.end).bind(score_rules);
        prepared.leads += tx.run(query).await?;
    }
    let (first, end) = (id_of(staging, range.first), id_of(staging, range.end));
    let counted: Option<(i64,)> = tx
        .first(
            sqlx::query_as(
                "SELECT count(*) FROM leads WHERE team_id = $1 AND id >= $2 AND id < $3 \
                 AND contact_class = 'likely_decision_maker'",
            )
            .bind(team)
            .bind(first)
            .bind(end),
        )
        .await?;
    prepared.decision_makers = counted.map_or(0, |(count,)| count.cast_unsigned());
    Ok(prepared)
}

/// The id that a row of the file gives.
fn id_of(staging: &Staging, row_no: i32) -> Uuid {
    RowIds::of(staging.source()).row(row_no.cast_unsigned())
}

/// Notes on the leads of earlier files that this file lists them too. Answers how many there are.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn touch_known(tx: &mut BulkTransaction, staging: &Staging) -> Result<u64> {
    let sql = staging.sql(
        tx,
        "UPDATE leads l SET last_seen_at = now(), last_source_id = {source}
           FROM (SELECT DISTINCT lead_id FROM {resolved} WHERE NOT new_lead) x
          WHERE l.team_id = {team} AND l.id = x.lead_id AND l.data_source_id IS DISTINCT FROM {source}",
    );
    tx.execute(sql).await
}
