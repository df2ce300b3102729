//! The people of a campaign: filled from blocks or leads in one statement, each once, the best first.

use chrono::{DateTime, Utc};
use domain::campaign::{Channel, LeadState};
use domain::id::{CampaignId, LeadId, TypedId};
use uuid::Uuid;

use crate::campaign::Audience;
use crate::{BulkTransaction, DbError, Result};

/// How many people a campaign has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filled {
    /// All of them.
    pub leads: u64,
    /// Those who are left out because there is no way to reach them, or because somebody before them is reached the same way.
    pub excluded: u64,
}

/// $1 team, $2 campaign, $3 and $4 blocks and leads that were asked for, $5 and $6 whether a phone and an e-mail are needed.
///
/// Of a person's points the best: of phones a mobile one before one that nobody has looked up, and a landline last; what is
/// invalid or flagged is none. The gate judges what was found, at the moment of sending again.
const FILL: &str = "
INSERT INTO campaign_leads (team_id, campaign_id, position, lead_id, state, excluded_rule, phone, line_type, carrier, email)
SELECT $1, $2, (row_number() OVER (ORDER BY f.score DESC, f.id) - 1)::integer, f.id,
       CASE WHEN f.rule IS NULL THEN 'pending' ELSE 'excluded' END, f.rule, f.phone, f.line_type, f.carrier, f.email
  FROM (
    SELECT r.id, r.score, r.phone, r.line_type, r.carrier, r.email,
           CASE WHEN $5 AND r.phone IS NULL THEN 'no_phone'
                WHEN $6 AND r.email IS NULL THEN 'no_email'
                WHEN $5 AND row_number() OVER (PARTITION BY r.phone ORDER BY r.score DESC, r.id) > 1 THEN 'duplicate_recipient'
                WHEN $6 AND NOT $5 AND row_number() OVER (PARTITION BY r.email ORDER BY r.score DESC, r.id) > 1
                THEN 'duplicate_recipient' END AS rule
      FROM (
        SELECT l.id, l.score, p.number AS phone, p.line_type, p.carrier, e.address AS email
          FROM leads l
          LEFT JOIN LATERAL (
            SELECT t.number, t.line_type, t.carrier FROM persona_phones t
             WHERE t.team_id = $1 AND t.persona_id = l.persona_id AND t.is_valid IS NOT FALSE
               AND t.dnc_at IS NULL AND t.tcpa_at IS NULL AND t.litigator_at IS NULL
             ORDER BY CASE t.line_type WHEN 'mobile' THEN 0 WHEN 'voip' THEN 1 WHEN 'landline' THEN 4
                           ELSE CASE t.class WHEN 'mobile' THEN 2 ELSE 3 END END,
                      t.verified DESC, t.score DESC, t.last_verified_at DESC NULLS LAST, t.number LIMIT 1) q ON true
          CROSS JOIN LATERAL (
            SELECT coalesce(q.number, CASE WHEN l.persona_id IS NULL THEN l.phone END) AS number, q.line_type, q.carrier) p
          LEFT JOIN LATERAL (
            SELECT t.address FROM persona_emails t
             WHERE t.team_id = $1 AND t.persona_id = l.persona_id AND t.status IS DISTINCT FROM 'invalid'
             ORDER BY t.verified DESC, t.score DESC, t.address LIMIT 1) m ON true
          CROSS JOIN LATERAL (
            SELECT coalesce(m.address, CASE WHEN l.persona_id IS NULL THEN l.email END) AS address) e
         WHERE l.team_id = $1 AND l.id IN (
               SELECT b.lead_id FROM block_leads b WHERE b.team_id = $1 AND b.block_id = ANY($3)
               UNION SELECT unnest($4::uuid[]))) r) f";

/// Fills a campaign that is not released yet with its people, anew each time. Their leads are the campaign's from then on
/// ([`let_go`] gives them back), and so are the blocks.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such campaign; [`DbError::WrongState`] where it is released already.
pub async fn fill(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<Filled> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, (String, String, serde_json::Value)>(
        "SELECT state, channel, what FROM campaigns WHERE team_id = $1 AND id = $2 FOR UPDATE",
    );
    let row = tx.first(query.bind(team).bind(campaign.uuid())).await?;
    let (state, channel, what) = row.ok_or_else(|| DbError::not_found("campaign", campaign))?;
    if !matches!(state.as_str(), "draft" | "staged") {
        let wanted = "draft or staged; who a released campaign is for stays".to_owned();
        return Err(DbError::WrongState { what: "campaign", id: campaign.to_string(), found: state, wanted });
    }
    let channel: Channel =
        channel.parse().map_err(|error| DbError::unreadable("campaigns.channel", error))?;
    let audience: Audience =
        serde_json::from_value(what).map_err(|error| DbError::unreadable("campaigns.what", error))?;
    let (blocks, leads): (Vec<Uuid>, Vec<Uuid>) = match audience {
        Audience::Blocks(blocks) => (blocks.into_iter().map(TypedId::uuid).collect(), Vec::new()),
        Audience::Leads(leads) => (Vec::new(), leads.into_iter().map(TypedId::uuid).collect()),
    };
    empty(tx, campaign).await?;
    let query = sqlx::query(FILL).bind(team).bind(campaign.uuid()).bind(&blocks).bind(leads);
    let filled = tx.run(query.bind(channel.needs_phone()).bind(channel.needs_email())).await?;
    let query = sqlx::query(
        "UPDATE leads l SET added_to_campaign_at = clock_timestamp() FROM campaign_leads c
          WHERE c.team_id = $1 AND c.campaign_id = $2 AND c.state <> 'excluded' AND l.team_id = $1 AND l.id = c.lead_id
            AND l.added_to_campaign_at IS NULL",
    );
    tx.run(query.bind(team).bind(campaign.uuid())).await?;
    let query = sqlx::query(
        "UPDATE blocks SET status = 'assigned' WHERE team_id = $1 AND id = ANY($2) AND status = 'open'",
    );
    tx.run(query.bind(team).bind(&blocks)).await?;
    let query = sqlx::query_as::<_, (i64,)>(
        "SELECT count(*) FROM campaign_leads WHERE team_id = $1 AND campaign_id = $2 AND state = 'excluded'",
    );
    let excluded = tx.first(query.bind(team).bind(campaign.uuid())).await?;
    Ok(Filled { leads: filled, excluded: excluded.map_or(0, |(count,)| count.unsigned_abs()) })
}

/// Takes everybody out of a campaign, and gives their leads back.
async fn empty(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<()> {
    let_go(tx, campaign).await?;
    let team = tx.team_id().uuid();
    let query = sqlx::query("DELETE FROM campaign_leads WHERE team_id = $1 AND campaign_id = $2");
    tx.run(query.bind(team).bind(campaign.uuid())).await?;
    Ok(())
}

/// Gives leads that a campaign has not written to, and that no other campaign has, back to whoever wants them; and its blocks,
/// where it has written to nobody. For a campaign that ends before its time.
///
/// # Errors
/// Any [`DbError`].
pub async fn let_go(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<u64> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE leads l SET added_to_campaign_at = NULL FROM campaign_leads c
          WHERE c.team_id = $1 AND c.campaign_id = $2 AND c.step = 0 AND l.team_id = $1 AND l.id = c.lead_id
            AND l.added_to_campaign_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM campaign_leads o JOIN campaigns k ON k.team_id = $1 AND k.id = o.campaign_id
                             WHERE o.team_id = $1 AND o.lead_id = c.lead_id AND o.campaign_id <> $2
                               AND (o.step > 0 OR (o.state <> 'excluded'
                                    AND k.state NOT IN ('completed', 'cancelled', 'expired', 'failed'))))",
    );
    let given = tx.run(query.bind(team).bind(campaign.uuid())).await?;
    let query = sqlx::query_as::<_, (serde_json::Value, bool)>(
        "SELECT c.what, EXISTS (SELECT FROM campaign_leads l WHERE l.team_id = $1 AND l.campaign_id = $2 AND l.step > 0)
           FROM campaigns c WHERE c.team_id = $1 AND c.id = $2",
    );
    let row = tx.first(query.bind(team).bind(campaign.uuid())).await?;
    if let Some((what, false)) = row
        && let Ok(Audience::Blocks(blocks)) = serde_json::from_value(what)
    {
        let blocks: Vec<Uuid> = blocks.into_iter().map(TypedId::uuid).collect();
        let query = sqlx::query(
            "UPDATE blocks SET status = 'open' WHERE team_id = $1 AND id = ANY($2) AND status = 'assigned'",
        );
        tx.run(query.bind(team).bind(blocks)).await?;
    }
    Ok(given)
}

/// Leaves people out for good, each by a rule's word. Those who were written to already stay as they are. Answers how many.
///
/// # Errors
/// Any [`DbError`].
pub async fn exclude(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    people: &[(LeadId, &str)],
    now: DateTime<Utc>,
) -> Result<u64> {
    if people.is_empty() {
        return Ok(0);
    }
    let (leads, rules): (Vec<Uuid>, Vec<&str>) =
        people.iter().map(|(lead, rule)| (lead.uuid(), *rule)).unzip();
    let query = sqlx::query(
        "UPDATE campaign_leads c SET state = 'excluded', excluded_rule = x.rule, updated_at = $5
           FROM unnest($3::uuid[], $4::text[]) x (lead, rule)
          WHERE c.team_id = $1 AND c.campaign_id = $2 AND c.lead_id = x.lead AND c.state IN ('pending', 'excluded')",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(leads).bind(rules).bind(now)).await
}

/// Moves people on, as [`LeadState::advance`] does: an opt-out stays, an answer is not undone. Answers how many moved.
///
/// # Errors
/// Any [`DbError`].
pub async fn advance(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    people: &[LeadId],
    to: LeadState,
    now: DateTime<Utc>,
) -> Result<u64> {
    if people.is_empty() {
        return Ok(0);
    }
    let from: Vec<&str> = LeadState::ALL
        .iter()
        .filter(|state| state.advance(to) == to && **state != to)
        .map(|state| state.as_str())
        .collect();
    let leads: Vec<Uuid> = people.iter().map(|lead| lead.uuid()).collect();
    let query = sqlx::query(
        "UPDATE campaign_leads SET state = $4, updated_at = $6
          WHERE team_id = $1 AND campaign_id = $2 AND lead_id = ANY($3) AND state = ANY($5)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(leads).bind(to.as_str());
    tx.run(query.bind(from).bind(now)).await
}

/// How many people are where, by state and, of those left out, by rule.
///
/// # Errors
/// Any [`DbError`].
pub async fn counts(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
) -> Result<Vec<(String, Option<String>, i64)>> {
    let query = sqlx::query_as(
        "SELECT state, excluded_rule, count(*) FROM campaign_leads WHERE team_id = $1 AND campaign_id = $2
          GROUP BY 1, 2 ORDER BY 1, 3 DESC",
    );
    tx.all(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await
}
