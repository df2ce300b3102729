//! The leads of a run, in order, and how each of them ended: a cursor that outlives workers.

use domain::id::{EnrichmentId, LeadId, TypedId};
use domain::named_enum;
use sea_orm::{ConnectionTrait, DbBackend, QueryOrder, QuerySelect, QueryTrait, Statement, Value};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::lead::{LeadColumn, LeadFilter};
use crate::{BulkTransaction, DbError, Result, TeamTransaction};

/// How many leads are worked off together.
pub const PAGE: i64 = 250;

named_enum! {
    /// How a lead ended in a run.
    LeadOutcome {
        /// Not yet.
        Pending = "pending",
        /// It can be reached.
        Contactable = "contactable",
        /// Known better, and not well enough.
        Enriched = "enriched",
        /// Nobody should be bothered.
        DoNotContact = "do_not_contact",
        /// It waits for money, a vendor or a person: a later run asks again.
        OnHold = "on_hold",
        /// It could not be asked about.
        Failed = "failed",
    }
}

/// Which leads a run is about.
#[derive(Debug, Clone)]
pub enum Which {
    /// These. Those that the team does not have are passed over.
    Leads(Vec<LeadId>),
    /// All that fit: of a block, a file, or whatever else a filter can say.
    Filter(Box<LeadFilter>),
    /// Those that the run before left on hold.
    OnHold,
}

/// Gives a run its leads, in the order of their ids, once. Answers how many there are.
///
/// # Errors
/// [`DbError::Conflict`] where the run has leads already.
pub async fn fill(team: &TeamTransaction, run: EnrichmentId, which: &Which) -> Result<u64> {
    let (ids, values): (String, Vec<Value>) = match which {
        Which::Leads(leads) => {
            let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
            (
                "SELECT id FROM leads WHERE team_id = current_team() AND id = ANY($1)".to_owned(),
                vec![ids.into()],
            )
        }
        Which::OnHold => (
            "SELECT id FROM leads WHERE team_id = current_team() AND enrichment_status = 'on_hold'"
                .to_owned(),
            Vec::new(),
        ),
        Which::Filter(filter) => {
            let select =
                filter.select(team).select_only().column(LeadColumn::Id).order_by_asc(LeadColumn::Id);
            let statement = select.build(DbBackend::Postgres);
            (statement.sql, statement.values.map(|values| values.0).unwrap_or_default())
        }
    };
    // Ids of ours are written out, the texts of users are parameters.
    let sql = format!(
        "WITH found AS (INSERT INTO enrichment_leads (team_id, enrichment_id, position, lead_id) \
              SELECT '{team}', '{run}', row_number() OVER (ORDER BY id), id FROM ({ids}) l RETURNING 1) \
         UPDATE enrichments e SET leads = n.leads FROM (SELECT count(*)::integer AS leads FROM found) n \
          WHERE e.team_id = '{team}' AND e.id = '{run}' RETURNING e.leads",
        team = team.team_id().uuid(),
        run = run.uuid(),
    );
    let filled = team
        .query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
        .await?
        .ok_or_else(|| DbError::not_found("enrichment", run))?;
    let leads: i32 = filled.try_get("", "leads")?;
    Ok(u64::from(leads.unsigned_abs()))
}

/// A lead of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadOfRun {
    /// Its place, from 1.
    pub position: i32,
    /// Which.
    pub lead: LeadId,
}

struct Row {
    position: i32,
    lead_id: Uuid,
}
from_row!(Row { position, lead_id });

/// The next leads of a run behind `after` (0 for the first) that have no outcome yet, at most `limit`. Those that an
/// earlier attempt was through with are not among them.
///
/// # Errors
/// Any [`DbError`].
pub async fn pending(
    tx: &mut BulkTransaction,
    run: EnrichmentId,
    after: i32,
    limit: i64,
) -> Result<Vec<LeadOfRun>> {
    let query = sqlx::query_as(
        "SELECT position, lead_id FROM enrichment_leads \
          WHERE team_id = $1 AND enrichment_id = $2 AND position > $3 AND outcome = 'pending' ORDER BY position LIMIT $4",
    );
    let rows: Vec<Row> =
        tx.all(query.bind(tx.team_id().uuid()).bind(run.uuid()).bind(after).bind(limit)).await?;
    Ok(rows
        .into_iter()
        .map(|row| LeadOfRun { position: row.position, lead: LeadId::from_uuid(row.lead_id) })
        .collect())
}

/// How a lead ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its place in the run.
    pub position: i32,
    /// How.
    pub outcome: LeadOutcome,
    /// The provider that was asked last, by its word.
    pub last_rung: Option<String>,
    /// Why it ended there, without personal data.
    pub reason: Option<String>,
}

/// What leads show of it: a lead whose run was broken off is as it was.
const RECORD: &str = "
WITH ended AS (
    UPDATE enrichment_leads l SET outcome = e.outcome, last_rung = e.rung, reason = e.reason, updated_at = clock_timestamp()
      FROM unnest($3::integer[], $4::text[], $5::text[], $6::text[]) e (position, outcome, rung, reason)
     WHERE l.team_id = $1 AND l.enrichment_id = $2 AND l.position = e.position AND l.outcome = 'pending'
    RETURNING l.lead_id, l.outcome),
shown AS (
    UPDATE leads l SET enrichment_status = CASE WHEN e.outcome IN ('on_hold', 'failed') THEN e.outcome ELSE 'answered' END
      FROM ended e WHERE l.team_id = $1 AND l.id = e.lead_id)
UPDATE enrichments r
   SET contactable = r.contactable + n.contactable, enriched = r.enriched + n.enriched,
       do_not_contact = r.do_not_contact + n.do_not_contact, on_hold = r.on_hold + n.on_hold, failed = r.failed + n.failed
  FROM (SELECT count(*) AS ended, count(*) FILTER (WHERE outcome = 'contactable') AS contactable,
               count(*) FILTER (WHERE outcome = 'enriched') AS enriched,
               count(*) FILTER (WHERE outcome = 'do_not_contact') AS do_not_contact,
               count(*) FILTER (WHERE outcome = 'on_hold') AS on_hold,
               count(*) FILTER (WHERE outcome = 'failed') AS failed FROM ended) n
 WHERE r.team_id = $1 AND r.id = $2 RETURNING n.ended";

/// Notes how leads ended, and counts them: each once, however often it is repeated. Answers how many were still to be
/// noted.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such run.
pub async fn record(tx: &mut BulkTransaction, run: EnrichmentId, ended: &[Ended]) -> Result<u64> {
    let query = sqlx::query_as(RECORD)
        .bind(tx.team_id().uuid())
        .bind(run.uuid())
        .bind(ended.iter().map(|lead| lead.position).collect::<Vec<_>>())
        .bind(ended.iter().map(|lead| lead.outcome.as_str()).collect::<Vec<_>>())
        .bind(ended.iter().map(|lead| lead.last_rung.clone()).collect::<Vec<_>>())
        .bind(ended.iter().map(|lead| lead.reason.clone()).collect::<Vec<_>>());
    let noted: Option<(i64,)> = tx.first(query).await?;
    noted.map(|(noted,)| noted.cast_unsigned()).ok_or_else(|| DbError::not_found("enrichment", run))
}
