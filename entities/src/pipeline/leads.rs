//! Leads of the normalized rows, graded.
//!
//! A grade (score, quality, class, tags) follows from a row's facts and subsector alone. A file of a million rows
//! has a few thousand such pairs, so the caller grades the pairs ([`ungraded`]) in Rust, where the rules are, and
//! the rows get their grades by a join.

use domain::id::{DataSourceId, RowIds, TypedId};
use uuid::Uuid;

use super::overtaken::Taken;
use super::resolve::JOIN_BY_HASH;
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
INSERT INTO leads (team_id, id, kind, persona_id, business_id, lead_key, fingerprint, source, vendor_record_id, county,
    phone, email, title, seniority, state, city, zip5, time_zone, sic4, subsector, contact_class, score, facts,
    score_rules, quality_score, tags, flags, data_source_id, source_row, source_line)
SELECT {team}, n.row_id, CASE WHEN n.persona_key IS NULL THEN 'business' ELSE 'person' END,
    CASE WHEN n.persona_key IS NOT NULL THEN coalesce(x.persona_id, n.row_id) END,
    CASE WHEN n.business_key IS NOT NULL THEN coalesce(x.business_id, n.row_id) END,
    n.lead_key, n.fingerprint, (SELECT lead_source FROM data_sources WHERE id = {source}), n.vendor_record_id, n.county, n.phone, n.email, n.title, n.seniority, n.state,
    n.city, n.zip5, n.time_zone, n.sic4, n.subsector, g.contact_class, g.score, n.facts, $3, g.quality, g.tags,
    n.flags, {source}, n.row_no, n.line_no
  FROM {normalized} n
  LEFT JOIN {resolved} x ON x.row_no = n.row_no
  JOIN grades g ON g.facts = n.facts AND g.subsector = coalesce(n.subsector, -1)
 WHERE n.row_no >= $1 AND n.row_no < $2 AND (x.row_no IS NULL OR x.new_lead)";

const COUNT_MADE: &str =
    "SELECT count(*), count(*) FILTER (WHERE contact_class = 'likely_decision_maker') FROM made";

/// How leads of rows whose key nobody took since the file was resolved are inserted: plainly, because `ON CONFLICT` costs
/// as much again with every row. A file that came through meanwhile, or a lead entered by hand, makes the statement fail.
const PLAIN: &str = " AND n.vendor_record_id IS NULL";

/// Rows with a vendor's record number, which may repeat within the file.
const NUMBERED: &str = " AND n.vendor_record_id IS NOT NULL ORDER BY n.row_no ON CONFLICT DO NOTHING";

/// All rows, whatever was taken meanwhile.
const CAREFUL: &str = " ORDER BY n.row_no ON CONFLICT DO NOTHING";

/// The unique constraint that the statement violates where a key was taken.
pub const LEAD_KEY_CONSTRAINT: &str = "leads_lead_key";

/// Makes the leads of `range` with their `grades`, under version `score_rules` of the weights. Where keys are [`Taken::Hardly`]
/// taken it fails with [`LEAD_KEY_CONSTRAINT`] for one that was, else it passes over those.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn land(
    tx: &mut BulkTransaction,
    staging: &Staging,
    range: RowRange,
    grades: &[Grade],
    score_rules: i16,
    taken: Taken,
) -> Result<Prepared> {
    tx.execute(JOIN_BY_HASH).await?;
    tx.execute(
        "CREATE TEMP TABLE grades (facts integer, subsector smallint, score smallint, quality smallint, \
         contact_class text, tags text[]) ON COMMIT DROP",
    )
    .await?;
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
    let kinds: &[&str] = match taken {
        Taken::Hardly => &[PLAIN, NUMBERED],
        Taken::Some => &[CAREFUL],
    };
    for rows in kinds {
        let sql =
            staging.sql(tx, &format!("WITH made AS ({LAND}{rows} RETURNING contact_class) {COUNT_MADE}"));
        let query = sqlx::query_as(sql).bind(range.first).bind(range.end).bind(score_rules);
        let made: Option<(i64, i64)> = tx.first(query).await?;
        let (leads, decision_makers) = made.unwrap_or_default();
        prepared.leads += leads.cast_unsigned();
        prepared.decision_makers += decision_makers.cast_unsigned();
    }
    Ok(prepared)
}

/// How many leads there are that rows of the file made, and how many of them probably decide.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn made(tx: &mut BulkTransaction, source: DataSourceId) -> Result<(i64, i64)> {
    let team = tx.team_id().uuid();
    let ids = RowIds::of(source);
    let query = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE contact_class = 'likely_decision_maker') FROM leads \
          WHERE team_id = $1 AND id BETWEEN $2 AND $3",
    );
    Ok(tx.first(query.bind(team).bind(ids.row(0)).bind(ids.row(u32::MAX))).await?.unwrap_or_default())
}

/// The leads of earlier files that this file lists too, in the order of their ids, each once.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn known(tx: &mut BulkTransaction, staging: &Staging) -> Result<Vec<Uuid>> {
    let ids = RowIds::of(staging.source());
    let sql = staging.sql(
        tx,
        "SELECT DISTINCT lead_id FROM {resolved} WHERE NOT new_lead AND NOT lead_id BETWEEN $1 AND $2 ORDER BY 1",
    );
    let rows: Vec<(Uuid,)> = tx.all(sqlx::query_as(sql).bind(ids.row(0)).bind(ids.row(u32::MAX))).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Notes on `leads`, which earlier files made, that this file lists them too. Answers how many there are.
///
/// A page of leads has room for the new version of one of them. So touch neighbours in different transactions: the second
/// takes the room that the first one's old version left, in its page and without a word to the indexes, where all at once
/// would write every index anew and double the table.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn touch(tx: &mut BulkTransaction, source: DataSourceId, leads: &[Uuid]) -> Result<u64> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE leads SET last_seen_at = now(), last_source_id = $3 \
          WHERE team_id = $1 AND id = ANY($2) AND data_source_id IS DISTINCT FROM $3",
    );
    tx.run(query.bind(team).bind(leads).bind(source.uuid())).await
}
