//! Reading the people of a campaign.

use chrono::{DateTime, Utc};
use domain::email::{Email, EmailClass};
use domain::gate::Mailbox;
use domain::geo::{State, Zip5};
use domain::id::{CampaignId, ConversationId, LeadId, TypedId};
use domain::message::Values;
use uuid::Uuid;

use super::candidate::{Candidate, Grounds, Stop, StopOf};
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

struct Row {
    lead_id: Uuid,
    position: i32,
    state: String,
    excluded_rule: Option<String>,
    step: i16,
    phone: Option<String>,
    line_type: Option<String>,
    carrier: Option<String>,
    email: Option<String>,
    address_state: Option<String>,
    zip5: Option<String>,
    county: Option<String>,
    is_business: bool,
    stops: Option<Vec<String>>,
    basis: Option<String>,
    given_at: Option<DateTime<Utc>>,
    consent_ends: Option<DateTime<Utc>>,
    email_basis: Option<String>,
    email_given_at: Option<DateTime<Utc>>,
    email_consent_ends: Option<DateTime<Utc>>,
    email_verified: Option<bool>,
    email_status: Option<String>,
    recent: Option<Vec<DateTime<Utc>>>,
    ever: i64,
    texts: Option<Vec<Vec<u8>>>,
    first_name: Option<String>,
    last_name: Option<String>,
    company_name: Option<String>,
    address: Option<String>,
    city: Option<String>,
    property_value: Option<i64>,
    equity: Option<i64>,
    years_owned: Option<i16>,
}
from_row!(Row {
    lead_id,
    position,
    state,
    excluded_rule,
    step,
    phone,
    line_type,
    carrier,
    email,
    address_state,
    zip5,
    county,
    is_business,
    stops,
    basis,
    given_at,
    consent_ends,
    email_basis,
    email_given_at,
    email_consent_ends,
    email_verified,
    email_status,
    recent,
    ever,
    texts,
    first_name,
    last_name,
    company_name,
    address,
    city,
    property_value,
    equity,
    years_owned,
});

/// $1 team, $2 campaign or conversation, $3 now. `@people` is who, `@which` a condition on them.
const READ: &str = "
SELECT cl.lead_id, cl.position, cl.state, cl.excluded_rule, cl.step, cl.phone, cl.line_type, cl.carrier, cl.email,
       coalesce(l.state, pr.state) AS address_state, coalesce(l.zip5, pr.zip5) AS zip5, coalesce(l.county, pr.county) AS county,
       l.kind = 'business' OR l.business_id IS NOT NULL AS is_business,
       stop.stops, agreed.basis, agreed.given_at, agreed.expires_at AS consent_ends,
       by_email.basis AS email_basis, by_email.given_at AS email_given_at, by_email.expires_at AS email_consent_ends,
       mailbox.verified AS email_verified, mailbox.status AS email_status, sent.recent, coalesce(sent.ever, 0) AS ever, sent.texts,
       p.given_name AS first_name, p.family_name AS last_name, coalesce(b.display_name, pr.owner_company) AS company_name,
       coalesce(pr.street, b.street) AS address, coalesce(l.city, pr.city, b.city) AS city,
       pr.value AS property_value, pr.equity, pr.years_owned
  FROM @people cl
  JOIN leads l ON l.team_id = cl.team_id AND l.id = cl.lead_id
  LEFT JOIN personas p ON p.team_id = cl.team_id AND p.id = l.persona_id
  LEFT JOIN businesses b ON b.team_id = cl.team_id AND b.id = l.business_id
  LEFT JOIN properties pr ON pr.team_id = cl.team_id AND pr.lead_id = cl.lead_id
  LEFT JOIN LATERAL (
    SELECT array_agg(concat_ws(' ', s.kind, s.scope, s.reason, s.subject) ORDER BY s.scope, s.reason, s.subject, s.kind) AS stops
      FROM (
        SELECT s.kind, s.scope, s.reason, s.subject FROM suppressions s
         WHERE s.team_id = $1 AND ((s.kind = 'phone' AND s.value = cl.phone) OR (s.kind = 'email' AND s.value = cl.email)
                                   OR (s.kind = 'persona' AND s.value = l.persona_id::text))
           AND s.lifted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $3)
        UNION ALL
        SELECT g.kind, 'global', g.reason, '' FROM global_suppressions g
         WHERE ((g.kind = 'phone' AND g.value = cl.phone) OR (g.kind = 'email' AND g.value = cl.email))
           AND g.lifted_at IS NULL) s) stop ON true
  LEFT JOIN LATERAL (
    SELECT c.basis, c.given_at, c.expires_at FROM consents c
     WHERE c.team_id = $1 AND c.kind = 'phone' AND c.value = cl.phone
       AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $3) AND c.given_at <= $3
     ORDER BY array_position(ARRAY['express_written', 'express', 'inquiry', 'existing_customer', 'human_sent'], c.basis),
              c.given_at DESC LIMIT 1) agreed ON true
  LEFT JOIN LATERAL (
    SELECT c.basis, c.given_at, c.expires_at FROM consents c
     WHERE c.team_id = $1 AND c.kind = 'email' AND c.value = cl.email
       AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $3) AND c.given_at <= $3
     ORDER BY array_position(ARRAY['express_written', 'express', 'inquiry', 'existing_customer', 'human_sent'], c.basis),
              c.given_at DESC LIMIT 1) by_email ON true
  LEFT JOIN persona_emails mailbox ON mailbox.team_id = cl.team_id AND mailbox.persona_id = l.persona_id
       AND mailbox.address = cl.email
  LEFT JOIN LATERAL (
    SELECT array_agg(m.at ORDER BY m.at) FILTER (WHERE m.at > $3 - interval '24 hours') AS recent, count(*) AS ever,
           array_agg(DISTINCT m.text_hash) FILTER (WHERE m.text_hash IS NOT NULL) AS texts
      FROM (SELECT m.sent_at AS at, m.text_hash FROM messages m
             WHERE m.team_id = $1 AND m.direction = 'outbound' AND m.to_value IN (cl.phone, cl.email)
            UNION ALL
            SELECT coalesce(i.called_at, i.claimed_at), i.text_hash FROM send_intents i
             WHERE i.team_id = $1 AND i.to_value IN (cl.phone, cl.email)
               AND i.state IN ('claimed', 'calling', 'unknown')) m) sent ON true
 WHERE cl.team_id = $1 AND @which
 ORDER BY cl.position";

/// Whoever a conversation is with, at the number it is held by, as a campaign would have them: where a lookup said what kind
/// of line it is, that; else it is one that has sent us a text.
const IN_CONVERSATION: &str = "
(SELECT c.team_id, c.id AS conversation_id, c.lead_id, 0 AS position, 'responded' AS state, NULL::text AS excluded_rule,
        0::smallint AS step, CASE c.channel WHEN 'email' THEN NULL ELSE c.their_address END AS phone,
        coalesce(known.line_type, CASE WHEN c.channel = 'sms' AND c.inbound_count > 0 THEN 'mobile' END) AS line_type,
        known.carrier, @email AS email
   FROM conversations c
   LEFT JOIN LATERAL (SELECT a.line_type, a.carrier FROM campaign_leads a
                       WHERE a.team_id = c.team_id AND a.phone = c.their_address AND a.line_type IS NOT NULL
                       ORDER BY a.updated_at DESC LIMIT 1) known ON true)";

/// `email` is where their address is read from.
fn in_conversation(email: &str) -> String {
    let people = IN_CONVERSATION.replace("@email", email);
    READ.replace("@people", &people).replace("@which", "cl.conversation_id = $2")
}

fn in_campaign(which: &str) -> String {
    READ.replace("@people", "campaign_leads").replace("@which", &format!("cl.campaign_id = $2 AND {which}"))
}

/// Whoever a conversation is with; `None` where nobody knows who that is.
///
/// # Errors
/// As [`page`].
pub async fn of_conversation(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    now: DateTime<Utc>,
) -> Result<Option<Candidate>> {
    let sql = in_conversation("CASE c.channel WHEN 'email' THEN c.their_address END");
    // All of it is text of this file.
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql));
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(now)).await?;
    row.map(candidate).transpose()
}

/// Whoever a conversation is with, as one who is written to by e-mail at this address, in lower case.
///
/// # Errors
/// As [`page`].
pub async fn by_letter(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    address: &str,
    now: DateTime<Utc>,
) -> Result<Option<Candidate>> {
    // All of it is text of this file.
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(in_conversation("$4::text")));
    let query = query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(now);
    tx.first(query.bind(address)).await?.map(candidate).transpose()
}

/// The people at positions from `start` to before `end`, from 0.
///
/// # Errors
/// [`DbError::Unreadable`] for what this version does not know; any other [`DbError`].
pub async fn page(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    (start, end): (u32, u32),
    now: DateTime<Utc>,
) -> Result<Vec<Candidate>> {
    let whole = |position: u32| i32::try_from(position).unwrap_or(i32::MAX);
    let sql = in_campaign("cl.position >= $4 AND cl.position < $5");
    // All of it is text of this file.
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql));
    let query = query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(now);
    let rows = tx.all(query.bind(whole(start)).bind(whole(end))).await?;
    rows.into_iter().map(candidate).collect()
}

/// Those of the leads that are in the campaign, by position.
///
/// # Errors
/// As [`page`].
pub async fn of_leads(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    leads: &[LeadId],
    now: DateTime<Utc>,
) -> Result<Vec<Candidate>> {
    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
    let sql = in_campaign("cl.lead_id = ANY($4)");
    // All of it is text of this file.
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql));
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(now).bind(ids)).await?;
    rows.into_iter().map(candidate).collect()
}

/// How many people there are.
///
/// # Errors
/// Any [`DbError`].
pub async fn size(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<u32> {
    let query = sqlx::query_as("SELECT count(*) FROM campaign_leads WHERE team_id = $1 AND campaign_id = $2");
    let counted: Option<(i64,)> = tx.first(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await?;
    Ok(counted.and_then(|(leads,)| u32::try_from(leads).ok()).unwrap_or_default())
}

fn candidate(row: Row) -> Result<Candidate> {
    let stops = row.stops.unwrap_or_default().iter().map(|stop| read_stop(stop)).collect::<Result<_>>()?;
    let grounds = grounds(row.basis, row.given_at, row.consent_ends)?;
    let email_grounds = self::grounds(row.email_basis, row.email_given_at, row.email_consent_ends)?;
    let mailbox = mailbox(row.email.as_deref(), row.email_verified, row.email_status.as_deref());
    let text_hash = |hash: Vec<u8>| {
        let length = hash.len();
        hash.try_into().map_err(|_| DbError::unreadable("messages.text_hash", format!("{length} bytes")))
    };
    let texts = row.texts.unwrap_or_default().into_iter().map(text_hash).collect::<Result<_>>()?;
    let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Ok(Candidate {
        lead: LeadId::from_uuid(row.lead_id),
        position: u32::try_from(row.position).unwrap_or_default(),
        state: row.state.parse().map_err(|error| DbError::unreadable("campaign_leads.state", error))?,
        excluded_rule: row.excluded_rule,
        step: u8::try_from(row.step).unwrap_or_default(),
        // A number that is none of the plan is none to write to.
        phone: row.phone.and_then(|phone| phone.parse().ok()),
        line_type: row.line_type,
        carrier: row.carrier,
        email: row.email,
        mailbox,
        address_state: row.address_state.as_deref().and_then(State::parse),
        zip: row.zip5.as_deref().and_then(Zip5::from_digits),
        county: row.county.unwrap_or_default(),
        is_business: row.is_business,
        stops,
        grounds,
        email_grounds,
        recent: row.recent.unwrap_or_default(),
        ever: u32::try_from(row.ever).unwrap_or(u32::MAX),
        texts,
        who: Values {
            full_name: None,
            first_name: text(row.first_name),
            last_name: text(row.last_name),
            company_name: text(row.company_name),
            address: text(row.address),
            city: text(row.city),
            property_value: row.property_value,
            equity: row.equity,
            years_owned: row.years_owned.and_then(|years| u16::try_from(years).ok()),
        },
    })
}

/// Why somebody may be written to, where they agreed.
fn grounds(
    basis: Option<String>,
    given_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<Option<Grounds>> {
    let (Some(basis), Some(given_at)) = (basis, given_at) else { return Ok(None) };
    let basis = basis.parse().map_err(|error| DbError::unreadable("consents.basis", error))?;
    Ok(Some(Grounds { basis, given_at, expires_at }))
}

/// What is known of an address: what it says by itself, and what was found out of it.
fn mailbox(address: Option<&str>, verified: Option<bool>, status: Option<&str>) -> Mailbox {
    let Some(address) = address.and_then(|address| address.parse::<Email>().ok()) else {
        return Mailbox::Invalid;
    };
    match (status, address.class(), verified) {
        (Some("invalid"), ..) => Mailbox::Invalid,
        (_, EmailClass::Disposable, _) => Mailbox::Disposable,
        (_, EmailClass::Role, _) => Mailbox::Role,
        (_, EmailClass::Business | EmailClass::Free, Some(true)) => Mailbox::Verified,
        (_, EmailClass::Business | EmailClass::Free, _) => Mailbox::Unverified,
    }
}

/// `kind scope reason subject`, the last of which may be empty. One that cannot be read stops everything: it may forbid.
fn read_stop(text: &str) -> Result<Stop> {
    let unreadable = |error: &dyn std::fmt::Display| DbError::unreadable("suppressions", error);
    let mut words = text.splitn(4, ' ');
    let mut word = || words.next().unwrap_or_default();
    let of = match word() {
        "phone" => StopOf::Phone,
        "email" => StopOf::Email,
        "persona" => StopOf::Person,
        other => return Err(unreadable(&format!("a suppression of a {other}"))),
    };
    let scope = word().parse().map_err(|error| unreadable(&error))?;
    let reason = word().parse().map_err(|error| unreadable(&error))?;
    Ok(Stop { of, scope, reason, subject: word().to_owned() })
}

/// Waits until nobody else judges whether these leads of the campaign may be written to, and holds that to the end of the
/// transaction: what counts against a recipient's caps is read and written by one at a time. Read the candidates after it.
///
/// # Errors
/// [`DbError::Contention`] on a deadlock; any other [`DbError`].
pub async fn hold_recipients(tx: &mut BulkTransaction, campaign: CampaignId, leads: &[LeadId]) -> Result<()> {
    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
    let query = sqlx::query(
        "SELECT pg_advisory_xact_lock(k.key) FROM (
            SELECT DISTINCT hashtextextended('recipient:' || $1::text || coalesce(phone, email, lead_id::text), 0) AS key
              FROM campaign_leads WHERE team_id = $1 AND campaign_id = $2 AND lead_id = ANY($3) ORDER BY 1) k",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(ids)).await?;
    Ok(())
}

/// The same for the recipient at a number or address.
///
/// # Errors
/// As [`hold_recipients`].
pub async fn hold_recipient(tx: &mut BulkTransaction, value: &str) -> Result<()> {
    let query = sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended('recipient:' || $1::text || $2::text, 0))",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(value)).await?;
    Ok(())
}
