//! Calls of which nobody knows what came, for whoever has the vendor's bill.

use chrono::{DateTime, Utc};
use domain::id::{EnrichmentId, ProviderCallId, TypedId};
use domain::money::MicroDollars;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::page::{MAX_PAGE, Page, PageRequest};
use crate::{BulkTransaction, Result, budget};

/// A call of unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCall {
    /// Which.
    pub call: ProviderCallId,
    /// The vendor, by its word.
    pub provider: String,
    /// Which of its products.
    pub product: String,
    /// What it was about: `persona`, `lead` or `point`.
    pub subject_kind: String,
    /// Its id; of a point 16 bytes of SHA-256.
    pub subject_id: Uuid,
    /// The run that asked.
    pub enrichment: Option<EnrichmentId>,
    /// Why nobody knows: the adapter's word, or `lost`.
    pub verdict: Option<String>,
    /// When it left.
    pub sent_at: Option<DateTime<Utc>>,
    /// What it counts as having cost until somebody knows.
    pub cost: MicroDollars,
}

struct Row {
    id: Uuid,
    provider: String,
    product: String,
    subject_kind: String,
    subject_id: Uuid,
    enrichment_id: Option<Uuid>,
    verdict: Option<String>,
    sent_at: Option<DateTime<Utc>>,
    cost: i64,
}
from_row!(Row { id, provider, product, subject_kind, subject_id, enrichment_id, verdict, sent_at, cost });

/// The team's calls of unknown outcome, newest first.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn list_unknown(
    tx: &mut BulkTransaction,
    request: PageRequest<ProviderCallId>,
) -> Result<Page<UnknownCall, ProviderCallId>> {
    let limit = request.limit.clamp(1, MAX_PAGE);
    let query = sqlx::query_as(
        "SELECT id, provider, product, subject_kind, subject_id, enrichment_id, verdict, sent_at, \
                coalesce(settled_micros, reserved_micros) AS cost \
           FROM provider_calls WHERE team_id = $1 AND state = 'unknown' AND superseded_at IS NULL \
            AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
    );
    let query = query.bind(tx.team_id().uuid()).bind(request.after.map(TypedId::uuid));
    let mut rows: Vec<Row> = tx.all(query.bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| ProviderCallId::from_uuid(row.id));
    let items = rows
        .into_iter()
        .map(|row| UnknownCall {
            call: ProviderCallId::from_uuid(row.id),
            provider: row.provider,
            product: row.product,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            enrichment: row.enrichment_id.map(EnrichmentId::from_uuid),
            verdict: row.verdict,
            sent_at: row.sent_at,
            cost: MicroDollars::new(row.cost),
        })
        .collect();
    Ok(Page { items, next })
}

/// A person found out what a call of unknown outcome cost: the budgets are corrected by it. One that cost nothing never
/// reached the vendor and may be made again at once; one that was charged spares another for 30 days, as an answer does.
/// Where its answer is to be had, note it by [`super::finish`] instead. Answers whether it was unknown.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn resolve_unknown(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    cost: MicroDollars,
) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE provider_calls SET state = CASE WHEN $3 = 0 THEN 'released' ELSE 'permanent' END, verdict = 'resolved', \
                settled_micros = $3, \
                valid_until = CASE WHEN $3 > 0 THEN clock_timestamp() + interval '30 days' END \
          WHERE team_id = $1 AND id = $2 AND state = 'unknown' AND superseded_at IS NULL",
    );
    let query = query.bind(tx.team_id().uuid()).bind(call.uuid()).bind(cost.micros());
    if tx.run(query).await? == 0 {
        return Ok(false);
    }
    budget::correct(tx, call, cost).await?;
    Ok(true)
}
