//! Somebody asks to be left alone, or takes that back: one transaction, after which nothing that was planned leaves.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{IntentId, LeadId, SuppressionId, TypedId};
use domain::lead::LeadFacts;
use domain::notice::NoticeKind;
use serde_json::json;
use uuid::Uuid;

use super::{SuppressedKind, SuppressionMethod, SuppressionScope};
use crate::outbox::{self, NewNotice};
use crate::{BulkTransaction, Result};

/// Somebody asks to be left alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OptOut<'a> {
    /// A number or an address.
    pub kind: SuppressedKind,
    /// Which: E.164, or in lower case.
    pub value: &'a str,
    /// From whom it wants nothing more.
    pub scope: SuppressionScope,
    /// The brand or number, of a narrower scope; else empty.
    pub subject: &'a str,
    /// How it was said.
    pub method: SuppressionMethod,
    /// Who says so: a vendor's name, a user's id.
    pub source: &'a str,
}

impl fmt::Debug for OptOut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptOut").field("kind", &self.kind).field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// What followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptedOut {
    /// Whether it was not known before, or had been lifted.
    pub new: bool,
    /// Texts that were planned or about to be sent and now are not.
    pub cancelled: Vec<IntentId>,
    /// The leads of campaigns that are reached there.
    pub leads: Vec<LeadId>,
}

/// One that was lifted holds again: the person has said so anew.
const SUPPRESS: &str = "
WITH before AS (SELECT FROM suppressions WHERE team_id = $1 AND kind = $2 AND value = $3 AND reason = 'opt_out' AND scope = $5
                   AND subject = $6 AND lifted_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()))
INSERT INTO suppressions AS s (team_id, kind, value, reason, source, scope, subject, method)
VALUES ($1, $2, $3, 'opt_out', $4, $5, $6, $7)
ON CONFLICT ON CONSTRAINT suppressions_once DO UPDATE
   SET confirmed_at = clock_timestamp(), lifted_at = NULL, lifted_by = NULL, expires_at = NULL,
       method = CASE WHEN s.lifted_at IS NULL AND s.method <> 'keyword' THEN s.method ELSE excluded.method END
RETURNING id, NOT EXISTS (SELECT FROM before)";

/// Texts to the value that have not been begun. Those in somebody's hands are waited for; what is begun meanwhile is begun. They
/// are found by two questions, each of which an index answers: with an OR between them, all that is planned would be looked at.
const CANCEL: &str = "
WITH found AS (
    SELECT DISTINCT campaign_id, lead_id FROM campaign_leads
     WHERE team_id = $1 AND (($2 = 'phone' AND phone = $3) OR ($2 = 'email' AND email = $3))),
stopped AS (
    SELECT i.id, i.state FROM send_intents i
     WHERE i.team_id = $1 AND i.state IN ('planned', 'held', 'claimed') AND i.id IN (
            SELECT o.id FROM found f JOIN send_intents o USING (campaign_id, lead_id) WHERE o.team_id = $1
            UNION SELECT o.id FROM send_intents o
             WHERE o.team_id = $1 AND o.to_value = $3 AND o.state IN ('planned', 'held', 'claimed'))
     ORDER BY i.id FOR UPDATE)
UPDATE send_intents i SET state = 'cancelled', refusal = 'suppression', ended_at = $4
  FROM stopped s WHERE i.team_id = $1 AND i.id = s.id RETURNING i.id, s.state = 'claimed'";

/// $5: domain::lead::LeadFacts::OPTED_OUT.
const LEADS: &str = "
WITH found AS (
    UPDATE campaign_leads SET state = 'opted_out', updated_at = $4
     WHERE team_id = $1 AND (($2 = 'phone' AND phone = $3) OR ($2 = 'email' AND email = $3)) RETURNING lead_id),
everybody AS (SELECT lead_id FROM found UNION SELECT lead_id FROM messages
               WHERE team_id = $1 AND direction = 'outbound' AND to_value = $3 AND lead_id IS NOT NULL),
scored AS (UPDATE leads l SET score = 0, facts = l.facts | $5 FROM everybody e
            WHERE l.team_id = $1 AND l.id = e.lead_id)
SELECT lead_id FROM everybody";

/// Suppresses, cancels whatever was to go there and has not been begun, gives its money back, revokes consents, and sets the
/// scores of its leads to 0. All of that is of the team's scope; of a narrower one only the suppression, which the gate and
/// the last check before each call obey.
///
/// # Errors
/// [`crate::DbError::Contention`] where it met a worker in another order: repeat the transaction; any other
/// [`crate::DbError`].
pub async fn opt_out(tx: &mut BulkTransaction, who: &OptOut<'_>, now: DateTime<Utc>) -> Result<OptedOut> {
    let team = tx.team_id().uuid();
    let query =
        sqlx::query_as::<_, (Uuid, bool)>(SUPPRESS).bind(team).bind(who.kind.as_str()).bind(who.value);
    let query = query.bind(who.source).bind(who.scope.as_str()).bind(who.subject).bind(who.method.as_str());
    let suppressed = tx.first(query).await?;
    let new = suppressed.is_some_and(|(_, new)| new);
    let suppression = suppressed.filter(|(_, new)| *new).map(|(id, _)| SuppressionId::from_uuid(id));
    if who.scope != SuppressionScope::Team {
        let out = OptedOut { new, ..OptedOut::default() };
        tell(tx, who, suppression, &out, now).await?;
        return Ok(out);
    }
    let query = sqlx::query_as::<_, (Uuid, bool)>(CANCEL).bind(team).bind(who.kind.as_str());
    let stopped = tx.all(query.bind(who.value).bind(now)).await?;
    let claimed: Vec<IntentId> =
        stopped.iter().filter(|(_, claimed)| *claimed).map(|(id, _)| IntentId::from_uuid(*id)).collect();
    let opted_out = LeadFacts::OPTED_OUT.to_db();
    let query = sqlx::query_as::<_, (Uuid,)>(LEADS).bind(team).bind(who.kind.as_str());
    let leads = tx.all(query.bind(who.value).bind(now).bind(opted_out)).await?;
    let query = sqlx::query(
        "UPDATE consents SET revoked_at = $4, revoked_by = 'opt_out'
          WHERE team_id = $1 AND kind = $2 AND value = $3 AND revoked_at IS NULL",
    );
    tx.run(query.bind(team).bind(who.kind.as_str()).bind(who.value).bind(now)).await?;
    crate::budget::release_many(tx, &claimed).await?;
    if who.kind == SuppressedKind::Phone {
        crate::call_queue::cancel_to(tx, who.value, now).await?;
    }
    let out = OptedOut {
        new,
        cancelled: stopped.into_iter().map(|(id, _)| IntentId::from_uuid(id)).collect(),
        leads: leads.into_iter().map(|(id,)| LeadId::from_uuid(id)).collect(),
    };
    tell(tx, who, suppression, &out, now).await?;
    Ok(out)
}

/// Tells whoever wants to know, where it is news.
async fn tell(
    tx: &mut BulkTransaction,
    who: &OptOut<'_>,
    suppression: Option<SuppressionId>,
    out: &OptedOut,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(suppression) = suppression else { return Ok(()) };
    let dedup_key = format!("contact.opted_out:{suppression}:{}", now.timestamp_micros());
    let payload = json!({
        "suppression": suppression,
        "kind": who.kind.as_str(),
        "scope": who.scope.as_str(),
        "method": who.method.as_str(),
        "leads": out.leads,
        "cancelled": out.cancelled.len(),
    });
    let kind = NoticeKind::ContactOptedOut.as_str();
    outbox::put(tx, NewNotice { kind, dedup_key: &dedup_key, payload: &payload }).await?;
    Ok(())
}

/// Somebody takes an opt-out back by a word: those that came by a word are lifted, of the team's scope and of this brand's and
/// number's. Nothing else is: what a vendor, a list or a person of the team said stays. Answers how many were lifted.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn opt_in(
    tx: &mut BulkTransaction,
    kind: SuppressedKind,
    value: &str,
    brand: Option<&str>,
    number: Option<&str>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let query = sqlx::query(
        "UPDATE suppressions SET lifted_at = $6
          WHERE team_id = $1 AND kind = $2 AND value = $3 AND reason = 'opt_out' AND method = 'keyword' AND lifted_at IS NULL
            AND (scope = 'team' OR (scope = 'brand' AND subject = $4) OR (scope = 'number' AND subject = $5))",
    );
    let query = query.bind(tx.team_id().uuid()).bind(kind.as_str()).bind(value).bind(brand).bind(number);
    tx.run(query.bind(now)).await
}
