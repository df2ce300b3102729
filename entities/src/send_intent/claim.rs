//! Finding what is due, and claiming it before the call.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, IntentId, LeadId, SenderId, TemplateVersionId, TypedId, VerdictId};
use domain::money::MicroDollars;
use uuid::Uuid;

use super::micros;
use crate::{BulkTransaction, Result};

/// A text that is to be looked at now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Its row.
    pub intent: IntentId,
    /// To whom.
    pub lead: LeadId,
    /// Which step, from 1.
    pub step: u8,
    /// How many calls were begun for it before.
    pub attempt: u8,
    /// Since when it is due.
    pub due_at: DateTime<Utc>,
}

/// What is due at `now`, the longest waiting first, held to the end of the transaction: of several workers who ask at once
/// none sees what another one has in hands.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn due(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Due>> {
    let query = sqlx::query_as::<_, (Uuid, Uuid, i16, i16, DateTime<Utc>)>(
        "SELECT id, lead_id, step, attempt, due_at FROM send_intents
          WHERE team_id = $1 AND campaign_id = $2 AND state IN ('planned', 'held') AND due_at <= $3
          ORDER BY due_at, id LIMIT $4 FOR UPDATE SKIP LOCKED",
    );
    let team = tx.team_id().uuid();
    let rows = tx.all(query.bind(team).bind(campaign.uuid()).bind(now).bind(i64::from(limit))).await?;
    Ok(rows
        .into_iter()
        .map(|(id, lead, step, attempt, due_at)| Due {
            intent: IntentId::from_uuid(id),
            lead: LeadId::from_uuid(lead),
            step: u8::try_from(step).unwrap_or_default(),
            attempt: u8::try_from(attempt).unwrap_or_default(),
            due_at,
        })
        .collect())
}

/// What is about to be sent, and by whom. The text, the numbers and the price are fixed here: whatever happens afterwards,
/// the row says what left.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Its row.
    pub intent: IntentId,
    /// What the vendor sees through a repetition by; the same at each attempt.
    pub key: String,
    /// `sms`, `email` or `voice`.
    pub channel: &'a str,
    /// The vendor, by its word.
    pub provider: &'a str,
    /// The sender's row.
    pub sender: Option<SenderId>,
    /// The number or address it comes from.
    pub from: &'a str,
    /// The number (E.164) or address it goes to.
    pub to: &'a str,
    /// Of an e-mail.
    pub subject: Option<&'a str>,
    /// What it says.
    pub body: &'a str,
    /// SHA-256 of that.
    pub text_hash: [u8; 32],
    /// How many segments that is.
    pub segments: u16,
    /// Who carries the number, where it is known.
    pub carrier: Option<&'a str>,
    /// What it is expected to cost.
    pub price: MicroDollars,
    /// The template it was made of; a reply is made of none.
    pub template_version: Option<TemplateVersionId>,
    /// The verdict that lets it through.
    pub verdict: Option<VerdictId>,
}

impl fmt::Debug for Claim<'_> {
    /// Without numbers and text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("intent", &self.intent).finish_non_exhaustive()
    }
}

const CLAIM: &str = "
UPDATE send_intents i
   SET state = 'claimed', claimed_by = $2, claimed_at = $3, lease_until = $3 + $4 * interval '1 microsecond',
       idempotency_key = c.key, channel = c.channel, provider = c.provider, sender_id = c.sender, from_value = c.sent_from,
       to_value = c.sent_to, subject = c.subject, body = c.body, text_hash = c.text_hash, segments = c.segments,
       carrier = c.carrier, price_micros = c.price, template_version_id = c.template, verdict_id = c.verdict, refusal = NULL
  FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[],
              $14::bytea[], $15::smallint[], $16::text[], $17::bigint[], $18::uuid[], $19::uuid[])
       c (id, key, channel, provider, sender, sent_from, sent_to, subject, body, text_hash, segments, carrier, price, template,
          verdict)
 WHERE i.team_id = $1 AND i.id = c.id AND i.state IN ('planned', 'held')
RETURNING i.id";

/// Claims texts that [`due`] answered with, for `claimed_by` and so long. Answers those that are claimed now. Reserve money
/// and draw from throttles in the same transaction.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn claim(
    tx: &mut BulkTransaction,
    claimed_by: &str,
    lease: Duration,
    now: DateTime<Utc>,
    claims: &[Claim<'_>],
) -> Result<Vec<IntentId>> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = claims.iter().map(|claim| claim.intent.uuid()).collect();
    let keys: Vec<&str> = claims.iter().map(|claim| claim.key.as_str()).collect();
    let channels: Vec<&str> = claims.iter().map(|claim| claim.channel).collect();
    let providers: Vec<&str> = claims.iter().map(|claim| claim.provider).collect();
    let senders: Vec<Option<Uuid>> = claims.iter().map(|claim| claim.sender.map(TypedId::uuid)).collect();
    let from: Vec<&str> = claims.iter().map(|claim| claim.from).collect();
    let to: Vec<&str> = claims.iter().map(|claim| claim.to).collect();
    let subjects: Vec<Option<&str>> = claims.iter().map(|claim| claim.subject).collect();
    let bodies: Vec<&str> = claims.iter().map(|claim| claim.body).collect();
    let hashes: Vec<&[u8]> = claims.iter().map(|claim| claim.text_hash.as_slice()).collect();
    let segments: Vec<i16> =
        claims.iter().map(|claim| i16::try_from(claim.segments).unwrap_or(i16::MAX)).collect();
    let carriers: Vec<Option<&str>> = claims.iter().map(|claim| claim.carrier).collect();
    let prices: Vec<i64> = claims.iter().map(|claim| claim.price.micros()).collect();
    let templates: Vec<Option<Uuid>> =
        claims.iter().map(|claim| claim.template_version.map(TypedId::uuid)).collect();
    let verdicts: Vec<Option<Uuid>> = claims.iter().map(|claim| claim.verdict.map(TypedId::uuid)).collect();
    let query = sqlx::query_as::<_, (Uuid,)>(CLAIM).bind(tx.team_id().uuid()).bind(claimed_by).bind(now);
    let query = query.bind(micros(lease)).bind(ids).bind(keys).bind(channels).bind(providers).bind(senders);
    let query = query.bind(from).bind(to).bind(subjects).bind(bodies).bind(hashes).bind(segments);
    let rows = tx.all(query.bind(carriers).bind(prices).bind(templates).bind(verdicts)).await?;
    Ok(rows.into_iter().map(|(id,)| IntentId::from_uuid(id)).collect())
}

/// A text that the gate does not let through yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold<'a> {
    /// Its row.
    pub intent: IntentId,
    /// When to look at it again.
    pub due_at: DateTime<Utc>,
    /// The rule that decided, by its word.
    pub rule: &'a str,
}

/// Holds texts back. Answers how many.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn hold(tx: &mut BulkTransaction, texts: &[Hold<'_>]) -> Result<u64> {
    if texts.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = texts.iter().map(|text| text.intent.uuid()).collect();
    let due: Vec<DateTime<Utc>> = texts.iter().map(|text| text.due_at).collect();
    let rules: Vec<&str> = texts.iter().map(|text| text.rule).collect();
    let query = sqlx::query(
        "UPDATE send_intents i SET state = 'held', due_at = h.due, refusal = h.rule
           FROM unnest($2::uuid[], $3::timestamptz[], $4::text[]) h (id, due, rule)
          WHERE i.team_id = $1 AND i.id = h.id AND i.state IN ('planned', 'held', 'claimed')",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(ids).bind(due).bind(rules)).await
}

/// A text that the gate never lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skip<'a> {
    /// Its row.
    pub intent: IntentId,
    /// The rule that decided, by its word.
    pub rule: &'a str,
}

/// Leaves texts out for good. Answers how many.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn skip(tx: &mut BulkTransaction, texts: &[Skip<'_>], now: DateTime<Utc>) -> Result<u64> {
    if texts.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = texts.iter().map(|text| text.intent.uuid()).collect();
    let rules: Vec<&str> = texts.iter().map(|text| text.rule).collect();
    let query = sqlx::query(
        "UPDATE send_intents i SET state = 'skipped', ended_at = $4, refusal = s.rule
           FROM unnest($2::uuid[], $3::text[]) s (id, rule)
          WHERE i.team_id = $1 AND i.id = s.id AND i.state IN ('planned', 'held', 'claimed')",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(ids).bind(rules).bind(now)).await
}
