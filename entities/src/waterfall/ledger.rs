//! What a run wants to know of the ledger of calls beside its own claims.

use domain::id::{EnrichmentId, ProviderCallId, TypedId};
use domain::money::MicroDollars;
use uuid::Uuid;

use crate::provider_call::CallState;
use crate::{BulkTransaction, DbError, Result};

/// How far a call has come; `None` where there is none such.
///
/// # Errors
/// Any [`DbError`].
pub async fn state(tx: &mut BulkTransaction, call: ProviderCallId) -> Result<Option<CallState>> {
    let query =
        sqlx::query_as::<_, (String,)>("SELECT state FROM provider_calls WHERE team_id = $1 AND id = $2");
    let team = tx.team_id().uuid();
    let row = tx.first(query.bind(team).bind(call.uuid())).await?;
    row.map(|(state,)| state.parse().map_err(|error| DbError::unreadable("provider_calls.state", error)))
        .transpose()
}

/// Notes that a call whose outcome nobody will know cost the most that it may have: what was put aside for it. Answers how
/// much that is, each time, since whoever noted it first may have died before the budgets were settled; `None` where the call
/// is not of unknown outcome.
///
/// # Errors
/// Any [`DbError`].
pub async fn give_up(tx: &mut BulkTransaction, call: ProviderCallId) -> Result<Option<MicroDollars>> {
    let query = sqlx::query_as::<_, (i64,)>(
        "UPDATE provider_calls SET settled_micros = coalesce(settled_micros, reserved_micros)
          WHERE team_id = $1 AND id = $2 AND state = 'unknown' RETURNING settled_micros",
    );
    let team = tx.team_id().uuid();
    Ok(tx.first(query.bind(team).bind(call.uuid())).await?.map(|(micros,)| MicroDollars::new(micros)))
}

/// A call whose rest has not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    /// The call.
    pub call: ProviderCallId,
    /// What was put aside for all of it.
    pub reserved: MicroDollars,
    /// What the part that came cost.
    pub cost: MicroDollars,
}

/// The run's calls of which a part is still to come.
///
/// # Errors
/// Any [`DbError`].
pub async fn awaited(tx: &mut BulkTransaction, enrichment: EnrichmentId) -> Result<Vec<Awaited>> {
    let query = sqlx::query_as::<_, (Uuid, i64, Option<i64>)>(
        "SELECT id, reserved_micros, settled_micros FROM provider_calls
          WHERE team_id = $1 AND enrichment_id = $2 AND state = 'pending' AND superseded_at IS NULL ORDER BY id",
    );
    let team = tx.team_id().uuid();
    let rows = tx.all(query.bind(team).bind(enrichment.uuid())).await?;
    Ok(rows
        .into_iter()
        .map(|(id, reserved, cost)| Awaited {
            call: ProviderCallId::from_uuid(id),
            reserved: MicroDollars::new(reserved),
            cost: MicroDollars::new(cost.unwrap_or(0)),
        })
        .collect())
}

/// Notes of awaited calls what the part cost that came, before they are ended at the most that all of it may have cost.
///
/// # Errors
/// Any [`DbError`].
pub async fn keep_first_cost(tx: &mut BulkTransaction, calls: &[ProviderCallId]) -> Result<()> {
    let query = sqlx::query(
        "UPDATE provider_calls SET first_micros = coalesce(settled_micros, 0)
          WHERE team_id = $1 AND id = ANY($2) AND state = 'pending'",
    );
    let ids: Vec<Uuid> = calls.iter().map(|call| call.uuid()).collect();
    tx.run(query.bind(tx.team_id().uuid()).bind(ids)).await?;
    Ok(())
}

/// The rest of an answer came after it was given up and counted as charged: notes what it cost. Answers what all of the call
/// cost; `None` where its rest was not given up or has come before.
///
/// # Errors
/// Any [`DbError`].
pub async fn rest_came(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    rest: MicroDollars,
) -> Result<Option<MicroDollars>> {
    let query = sqlx::query_as::<_, (i64,)>(
        "UPDATE provider_calls SET settled_micros = first_micros + $3, first_micros = NULL, verdict = 'later'
          WHERE team_id = $1 AND id = $2 AND state = 'match' AND first_micros IS NOT NULL RETURNING settled_micros",
    );
    let team = tx.team_id().uuid();
    let row = tx.first(query.bind(team).bind(call.uuid()).bind(rest.micros())).await?;
    Ok(row.map(|(micros,)| MicroDollars::new(micros)))
}

/// The run's calls that are awaited although a delivery that may be about them is kept: it came before the answer to the
/// call itself, or the word of it got lost.
///
/// # Errors
/// Any [`DbError`].
pub async fn delivered(tx: &mut BulkTransaction, enrichment: EnrichmentId) -> Result<Vec<ProviderCallId>> {
    let query = sqlx::query_as::<_, (Uuid,)>(
        "SELECT c.id FROM provider_calls c
          WHERE c.team_id = $1 AND c.enrichment_id = $2 AND c.state = 'pending' AND c.superseded_at IS NULL
            AND EXISTS (SELECT FROM skiptrace_results r JOIN provider_calls d ON d.team_id = $1 AND d.id = r.call_id
                         WHERE r.team_id = $1 AND r.part > 0 AND (d.id = c.id OR d.batch_id = c.batch_id)) ORDER BY c.id",
    );
    let team = tx.team_id().uuid();
    let rows = tx.all(query.bind(team).bind(enrichment.uuid())).await?;
    Ok(rows.into_iter().map(|(id,)| ProviderCallId::from_uuid(id)).collect())
}

/// What the run has spent and put aside, in micro-dollars, and how many subjects it asked about.
///
/// # Errors
/// Any [`DbError`].
pub async fn account(tx: &mut BulkTransaction, enrichment: EnrichmentId) -> Result<Vec<RungAccount>> {
    let query = sqlx::query_as(
        "SELECT provider, count(*) AS asked, count(*) FILTER (WHERE state IN ('match', 'pending')) AS matched,
                count(*) FILTER (WHERE state = 'unknown') AS unknown,
                coalesce(sum(settled_micros), 0)::bigint AS spent_micros
           FROM provider_calls WHERE team_id = $1 AND enrichment_id = $2 AND sent_at IS NOT NULL AND state <> 'released'
          GROUP BY provider ORDER BY provider",
    );
    let team = tx.team_id().uuid();
    tx.all(query.bind(team).bind(enrichment.uuid())).await
}

/// What a run asked of one vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RungAccount {
    /// The vendor, by its word.
    pub provider: String,
    /// Subjects asked about.
    pub asked: i64,
    /// Those of whom something was found.
    pub matched: i64,
    /// Calls of which nobody knows what came.
    pub unknown: i64,
    /// What they cost; of unknown ones the most they may have.
    pub spent_micros: i64,
}
crate::from_row::from_row!(RungAccount { provider, asked, matched, unknown, spent_micros });

/// The last vendor that was asked about each of these subjects in this run.
///
/// # Errors
/// Any [`DbError`].
pub async fn last_asked(
    tx: &mut BulkTransaction,
    enrichment: EnrichmentId,
    subjects: &[Uuid],
) -> Result<Vec<LastAsked>> {
    let query = sqlx::query_as(
        "SELECT DISTINCT ON (subject_id) subject_id, provider, state,
                bool_or(state IN ('match', 'pending')) OVER (PARTITION BY subject_id) AS found,
                bool_or(state = 'unknown') OVER (PARTITION BY subject_id) AS unknown,
                bool_or(state = 'pending' AND coalesce(late_deadline > clock_timestamp(), false))
                    OVER (PARTITION BY subject_id) AS awaited,
                coalesce(array_agg(provider)
                    FILTER (WHERE state IN ('match', 'no_match', 'ambiguous', 'pending', 'permanent'))
                    OVER (PARTITION BY subject_id), '{}') AS answered_by,
                enrichment_id IS NOT DISTINCT FROM $2 AS by_this_run
           FROM provider_calls WHERE team_id = $1 AND subject_id = ANY($3) AND superseded_at IS NULL
          ORDER BY subject_id, (enrichment_id IS NOT DISTINCT FROM $2) DESC, created_at DESC, id DESC",
    );
    let team = tx.team_id().uuid();
    tx.all(query.bind(team).bind(enrichment.uuid()).bind(subjects)).await
}

/// What vendors were asked about a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAsked {
    /// The persona or lead.
    pub subject_id: Uuid,
    /// The vendor that was asked last.
    pub provider: String,
    /// How that ended.
    pub state: String,
    /// Whether any vendor knew anything.
    pub found: bool,
    /// Whether of any call nobody knows what came.
    pub unknown: bool,
    /// Whether a part of any answer is still to come.
    pub awaited: bool,
    /// The vendors that answered.
    pub answered_by: Vec<String>,
    /// Whether it was this run that asked.
    pub by_this_run: bool,
}
crate::from_row::from_row!(LastAsked {
    subject_id,
    provider,
    state,
    found,
    unknown,
    awaited,
    answered_by,
    by_this_run
});

/// The run that asked; `None` where it was none.
///
/// # Errors
/// Any [`DbError`].
pub async fn run_of(tx: &mut BulkTransaction, call: ProviderCallId) -> Result<Option<EnrichmentId>> {
    let query = sqlx::query_as::<_, (Option<Uuid>,)>(
        "SELECT enrichment_id FROM provider_calls WHERE team_id = $1 AND id = $2",
    );
    let team = tx.team_id().uuid();
    let row = tx.first(query.bind(team).bind(call.uuid())).await?;
    Ok(row.and_then(|(run,)| run).map(EnrichmentId::from_uuid))
}
