//! What vendors answered, encrypted, and read again.

use chrono::{DateTime, Utc};
use domain::id::{LeadId, PersonaId, ProviderCallId, TypedId};
use uuid::Uuid;

use crate::enrichment::raw_results::{self, Counts, NewResult};
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// Keeps what came later, as a further part of the call's answer. Answers whether it is new: a body that was delivered
/// before, by its SHA-256, is not kept twice. Deliveries for one call wait for each other.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn keep_later(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    provider: &str,
    (key_id, raw): (&str, &[u8]),
    body_hash: &[u8; 32],
) -> Result<bool> {
    tx.lock(&format!("delivery:{call}")).await?;
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, (i16, bool, Option<Uuid>, Option<Uuid>)>(
        "SELECT (coalesce(max(part), 0) + 1)::smallint, coalesce(bool_or(body_hash = $3), false),
                (array_agg(persona_id ORDER BY part))[1], (array_agg(lead_id ORDER BY part))[1]
           FROM skiptrace_results WHERE team_id = $1 AND call_id = $2",
    );
    let known = tx.first(query.bind(team).bind(call.uuid()).bind(body_hash.as_slice())).await?;
    let (part, repeated, persona, lead) = known.unwrap_or((1, false, None, None));
    if repeated {
        return Ok(false);
    }
    let new = NewResult {
        call,
        part,
        provider,
        persona: persona.map(PersonaId::from_uuid),
        lead: lead.map(LeadId::from_uuid),
        raw,
        key_id,
        counts: Counts::default(),
    };
    raw_results::keep(tx, new).await?;
    let query = sqlx::query(
        "UPDATE skiptrace_results SET body_hash = $4 WHERE team_id = $1 AND call_id = $2 AND part = $3",
    );
    tx.run(query.bind(team).bind(call.uuid()).bind(part).bind(body_hash.as_slice())).await?;
    Ok(true)
}

/// A kept part of an answer. Encrypted; its `Debug` shows its size alone.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptPart {
    /// The call.
    pub call_id: Uuid,
    /// The vendor, by its word.
    pub provider: String,
    /// What was asked about: persona, lead, business or point, and which.
    pub subject_kind: String,
    /// Its id.
    pub subject_id: Uuid,
    /// The SHA-256 of what was asked.
    pub request_hash: Vec<u8>,
    /// The call's state.
    pub state: String,
    /// What the call cost as far as is known: of an awaited one, the part that came. Micro-dollars.
    pub settled_micros: Option<i64>,
    /// The calls that left together.
    pub batch_id: Option<Uuid>,
    /// The run that asked.
    pub enrichment_id: Option<Uuid>,
    /// The lead that was asked for.
    pub lead_id: Option<Uuid>,
    /// 0: what came at once.
    pub part: i16,
    /// Ciphertext.
    pub raw: Vec<u8>,
    /// The key of the ring that it is encrypted under.
    pub key_id: String,
    /// Until when the rest is awaited.
    pub late_deadline: Option<DateTime<Utc>>,
}
from_row!(KeptPart {
    call_id,
    provider,
    subject_kind,
    subject_id,
    request_hash,
    state,
    settled_micros,
    batch_id,
    enrichment_id,
    lead_id,
    part,
    raw,
    key_id,
    late_deadline,
});

impl std::fmt::Debug for KeptPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptPart")
            .field("call_id", &self.call_id)
            .field("part", &self.part)
            .field("raw", &format_args!("{} bytes", self.raw.len()))
            .finish_non_exhaustive()
    }
}

const PARTS: &str = "
SELECT c.id AS call_id, c.provider, c.subject_kind, c.subject_id, c.request_hash, c.state, c.settled_micros, c.batch_id,
       c.enrichment_id, r.lead_id, r.part, r.raw, r.key_id, c.late_deadline
  FROM provider_calls c JOIN skiptrace_results r ON r.team_id = c.team_id AND r.call_id = c.id
 WHERE c.team_id = $1 AND ";

/// The kept answers of a provider about these subjects, or to these very requests, the parts of each call in order.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn about(
    tx: &mut BulkTransaction,
    provider: &str,
    subjects: &[Uuid],
    request_hashes: &[Vec<u8>],
) -> Result<Vec<KeptPart>> {
    const WHICH: &str =
        "c.provider = $2 AND c.superseded_at IS NULL AND c.state IN ('match', 'ambiguous', 'pending')
         AND (c.subject_id = ANY($3) OR c.request_hash = ANY($4)) ORDER BY c.id, r.part";
    let sql = sqlx::AssertSqlSafe(format!("{PARTS}{WHICH}"));
    let team = tx.team_id().uuid();
    tx.all(sqlx::query_as(sql).bind(team).bind(provider).bind(subjects).bind(request_hashes)).await
}

/// The kept answers of calls, and of those that left together with them. The calls stay as they are read until the
/// transaction ends: whoever else wants to end one of them waits, and then sees that it has ended.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn of_calls(tx: &mut BulkTransaction, calls: &[Uuid]) -> Result<Vec<KeptPart>> {
    const WHICH: &str = "(c.id = ANY($2) OR c.batch_id IN (SELECT b.batch_id FROM provider_calls b
         WHERE b.team_id = $1 AND b.id = ANY($2) AND b.batch_id IS NOT NULL)) ORDER BY c.id, r.part FOR UPDATE OF c";
    let sql = sqlx::AssertSqlSafe(format!("{PARTS}{WHICH}"));
    let team = tx.team_id().uuid();
    tx.all(sqlx::query_as(sql).bind(team).bind(calls)).await
}
