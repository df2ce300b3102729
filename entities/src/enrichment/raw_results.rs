//! What vendors answered, as it came, encrypted by the caller.

use chrono::{DateTime, Utc};
use domain::id::{LeadId, PersonaId, ProviderCallId, SkiptraceResultId, TypedId};

use crate::from_row::from_row;
use crate::{BulkTransaction, Result, fresh_id};

/// An answer to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewResult<'a> {
    /// Which call it answers.
    pub call: ProviderCallId,
    /// 0 for what came at once; what comes later counts from 1.
    pub part: i16,
    /// The vendor, by its word.
    pub provider: &'a str,
    /// Who was asked about.
    pub persona: Option<PersonaId>,
    /// The lead it was asked for.
    pub lead: Option<LeadId>,
    /// The answer, encrypted.
    pub raw: &'a [u8],
    /// The key of the ring that it is encrypted under.
    pub key_id: &'a str,
    /// What was in it.
    pub counts: Counts,
}

/// How much was in an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// People.
    pub persons: i16,
    /// Of those, people who are somebody else: recorded, not attached.
    pub strangers: i16,
    /// Phones.
    pub phones: i16,
    /// E-mail addresses.
    pub emails: i16,
    /// Profiles.
    pub socials: i16,
}

/// Keeps an answer, unless that part of it is kept already. Answers whether it is new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn keep(tx: &mut BulkTransaction, new: NewResult<'_>) -> Result<bool> {
    let query = sqlx::query(
        "INSERT INTO skiptrace_results (team_id, id, call_id, part, provider, persona_id, lead_id, raw, key_id, persons, \
                strangers, phones, emails, socials) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT ON CONSTRAINT skiptrace_results_part DO NOTHING",
    )
    .bind(tx.team_id().uuid())
    .bind(fresh_id::<SkiptraceResultId>().uuid())
    .bind(new.call.uuid())
    .bind(new.part)
    .bind(new.provider)
    .bind(new.persona.map(TypedId::uuid))
    .bind(new.lead.map(TypedId::uuid))
    .bind(new.raw)
    .bind(new.key_id)
    .bind(new.counts.persons)
    .bind(new.counts.strangers)
    .bind(new.counts.phones)
    .bind(new.counts.emails)
    .bind(new.counts.socials);
    Ok(tx.run(query).await? > 0)
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawResult {
    /// 0 for what came at once; what came later counts from 1.
    pub part: i16,
    /// The answer, encrypted.
    pub raw: Vec<u8>,
    /// The key of the ring that it is encrypted under.
    pub key_id: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}
from_row!(RawResult { part, raw, key_id, received_at });

/// What is kept of a call's answer, part by part.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn of_call(tx: &mut BulkTransaction, call: ProviderCallId) -> Result<Vec<RawResult>> {
    let query = sqlx::query_as(
        "SELECT part, raw, key_id, received_at FROM skiptrace_results WHERE team_id = $1 AND call_id = $2 ORDER BY part",
    );
    let team = tx.team_id().uuid();
    tx.all(query.bind(team).bind(call.uuid())).await
}
