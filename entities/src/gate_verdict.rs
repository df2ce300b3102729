//! What the gate said of each text, and why: kept for what was sent and for what was not. Verdicts are never changed.

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, ConversationId, IntentId, LeadId, TypedId, VerdictId};
use serde_json::Value;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// A judgement to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept<'a> {
    /// Its id, made before, so that the intent can name it.
    pub id: VerdictId,
    /// Of whom.
    pub lead: LeadId,
    /// Of which step, from 1.
    pub step: u8,
    /// Of which text; `None` where none was planned.
    pub intent: Option<IntentId>,
    /// What it says.
    pub allowed: bool,
    /// The rule that decided, by its word.
    pub rule: &'a str,
    /// The version of the rules.
    pub rule_set: &'a str,
    /// SHA-256 of the inputs.
    pub inputs_hash: [u8; 32],
    /// The inputs, without personal data.
    pub inputs: Value,
    /// When it could be allowed.
    pub next_allowed_at: Option<DateTime<Utc>>,
    /// When it was judged.
    pub at: DateTime<Utc>,
}

/// Keeps judgements.
///
/// # Errors
/// Any [`DbError`].
pub async fn keep(tx: &mut BulkTransaction, campaign: CampaignId, verdicts: &[Kept<'_>]) -> Result<()> {
    if verdicts.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = verdicts.iter().map(|one| one.id.uuid()).collect();
    let leads: Vec<Uuid> = verdicts.iter().map(|one| one.lead.uuid()).collect();
    let steps: Vec<i16> = verdicts.iter().map(|one| i16::from(one.step)).collect();
    let intents: Vec<Option<Uuid>> = verdicts.iter().map(|one| one.intent.map(TypedId::uuid)).collect();
    let allowed: Vec<bool> = verdicts.iter().map(|one| one.allowed).collect();
    let rules: Vec<&str> = verdicts.iter().map(|one| one.rule).collect();
    let rule_sets: Vec<&str> = verdicts.iter().map(|one| one.rule_set).collect();
    let hashes: Vec<&[u8]> = verdicts.iter().map(|one| one.inputs_hash.as_slice()).collect();
    let inputs: Vec<String> = verdicts.iter().map(|one| one.inputs.to_string()).collect();
    let next: Vec<Option<DateTime<Utc>>> = verdicts.iter().map(|one| one.next_allowed_at).collect();
    let at: Vec<DateTime<Utc>> = verdicts.iter().map(|one| one.at).collect();
    let query = sqlx::query(
        "INSERT INTO gate_verdicts (team_id, campaign_id, id, lead_id, step, intent_id, allowed, rule, rule_set, inputs_hash,
                                    inputs, next_allowed_at, judged_at)
         SELECT $1, $2, v.id, v.lead, v.step, v.intent, v.allowed, v.rule, v.rule_set, v.hash, v.inputs::jsonb, v.next, v.at
           FROM unnest($3::uuid[], $4::uuid[], $5::smallint[], $6::uuid[], $7::boolean[], $8::text[], $9::text[], $10::bytea[],
                       $11::text[], $12::timestamptz[], $13::timestamptz[])
                v (id, lead, step, intent, allowed, rule, rule_set, hash, inputs, next, at)
         ON CONFLICT DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(ids).bind(leads).bind(steps);
    let query = query.bind(intents).bind(allowed).bind(rules).bind(rule_sets).bind(hashes).bind(inputs);
    tx.run(query.bind(next).bind(at)).await?;
    Ok(())
}

/// Keeps the judgement of a reply.
///
/// # Errors
/// Any [`DbError`].
pub async fn keep_of_reply(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    verdict: &Kept<'_>,
) -> Result<()> {
    let query = sqlx::query(
        "INSERT INTO gate_verdicts (team_id, conversation_id, id, lead_id, intent_id, allowed, rule, rule_set, inputs_hash,
                                    inputs, next_allowed_at, judged_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(verdict.id.uuid());
    let query = query.bind(verdict.lead.uuid()).bind(verdict.intent.map(TypedId::uuid)).bind(verdict.allowed);
    let query = query.bind(verdict.rule).bind(verdict.rule_set).bind(verdict.inputs_hash.as_slice());
    tx.run(query.bind(sqlx::types::Json(&verdict.inputs)).bind(verdict.next_allowed_at).bind(verdict.at))
        .await?;
    Ok(())
}

/// A judgement that was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Its id.
    pub id: VerdictId,
    /// In which campaign.
    pub campaign: CampaignId,
    /// Of which step, from 1.
    pub step: i16,
    /// Of which text.
    pub intent: Option<IntentId>,
    /// What it says.
    pub allowed: bool,
    /// The rule that decided, by its word.
    pub rule: String,
    /// The version of the rules.
    pub rule_set: String,
    /// SHA-256 of the inputs.
    pub inputs_hash: Vec<u8>,
    /// The inputs.
    pub inputs: Value,
    /// When it could be allowed.
    pub next_allowed_at: Option<DateTime<Utc>>,
    /// When it was judged.
    pub judged_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    campaign_id: Uuid,
    step: i16,
    intent_id: Option<Uuid>,
    allowed: bool,
    rule: String,
    rule_set: String,
    inputs_hash: Vec<u8>,
    inputs: Value,
    next_allowed_at: Option<DateTime<Utc>>,
    judged_at: DateTime<Utc>,
}
from_row!(Row {
    id,
    campaign_id,
    step,
    intent_id,
    allowed,
    rule,
    rule_set,
    inputs_hash,
    inputs,
    next_allowed_at,
    judged_at
});

impl From<Row> for Verdict {
    fn from(row: Row) -> Self {
        Self {
            id: VerdictId::from_uuid(row.id),
            campaign: CampaignId::from_uuid(row.campaign_id),
            step: row.step,
            intent: row.intent_id.map(IntentId::from_uuid),
            allowed: row.allowed,
            rule: row.rule,
            rule_set: row.rule_set,
            inputs_hash: row.inputs_hash,
            inputs: row.inputs,
            next_allowed_at: row.next_allowed_at,
            judged_at: row.judged_at,
        }
    }
}

const COLUMNS: &str = "SELECT id, campaign_id, step, intent_id, allowed, rule, rule_set, inputs_hash, inputs, \
     next_allowed_at, judged_at FROM gate_verdicts WHERE team_id = $1 AND campaign_id IS NOT NULL";

/// What was judged of a lead, in one campaign or in all, the last first.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_lead(
    tx: &mut BulkTransaction,
    lead: LeadId,
    campaign: Option<CampaignId>,
    limit: u32,
) -> Result<Vec<Verdict>> {
    let sql = format!(
        "{COLUMNS} AND lead_id = $2 AND ($3::uuid IS NULL OR campaign_id = $3) ORDER BY judged_at DESC, id DESC LIMIT $4"
    );
    // All of it is text of this file.
    let query =
        sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tx.team_id().uuid()).bind(lead.uuid());
    let rows = tx.all(query.bind(campaign.map(TypedId::uuid)).bind(i64::from(limit))).await?;
    Ok(rows.into_iter().map(Verdict::from).collect())
}

/// How often each rule decided in a campaign, and what it said.
///
/// # Errors
/// Any [`DbError`].
pub async fn counts(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<Vec<(String, bool, i64)>> {
    let query = sqlx::query_as(
        "SELECT rule, allowed, count(*) FROM gate_verdicts WHERE team_id = $1 AND campaign_id = $2
          GROUP BY 1, 2 ORDER BY 3 DESC, 1",
    );
    tx.all(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await
}

/// The judgements of a campaign in the order in which they were made, a page at a time: to try another rule set on them.
///
/// # Errors
/// Any [`DbError`].
pub async fn page(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    after: Option<VerdictId>,
    limit: u32,
) -> Result<Vec<Verdict>> {
    let sql =
        format!("{COLUMNS} AND campaign_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4");
    // All of it is text of this file.
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tx.team_id().uuid());
    let query = query.bind(campaign.uuid()).bind(after.map(TypedId::uuid)).bind(i64::from(limit));
    Ok(tx.all(query).await?.into_iter().map(Verdict::from).collect())
}

/// Whether a judgement of this id is the team's.
///
/// # Errors
/// [`DbError::NotFound`] where it is not.
pub async fn get(tx: &mut BulkTransaction, id: VerdictId) -> Result<Verdict> {
    let sql = format!("{COLUMNS} AND id = $2");
    // All of it is text of this file.
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tx.team_id().uuid()).bind(id.uuid());
    tx.first(query).await?.map(Verdict::from).ok_or_else(|| DbError::not_found("verdict", id))
}
