//! What is sent to the team's own: planned by a request, called once by a worker, and written down.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{SenderId, TeamId, TemplateVersionId, TestRecipientId, TestSendId, TypedId, UserId};
use domain::money::MicroDollars;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Database, DbError, Result, fresh_id};

/// A message to be sent to one of the team's own.
#[derive(Clone, Copy)]
pub struct NewTest<'a> {
    /// To whom.
    pub recipient: TestRecipientId,
    /// From whom.
    pub sender: SenderId,
    /// Of which template; `None`: it is the code.
    pub version: Option<TemplateVersionId>,
    /// Of an e-mail.
    pub subject: Option<&'a str>,
    /// What it says.
    pub body: &'a str,
    /// How many segments that is.
    pub segments: u16,
    /// What it is expected to cost.
    pub price: MicroDollars,
}

impl fmt::Debug for NewTest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewTest").field("recipient", &self.recipient).finish_non_exhaustive()
    }
}

/// Plans one.
///
/// # Errors
/// [`DbError::Conflict`] for a sender that the team has not.
pub async fn plan(tx: &mut BulkTransaction, new: NewTest<'_>, by: Option<UserId>) -> Result<TestSendId> {
    let id: TestSendId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO test_sends (team_id, id, recipient_id, sender_id, template_version_id, subject, body, segments, price_micros,
                                 created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(new.recipient.uuid());
    let query = query.bind(new.sender.uuid()).bind(new.version.map(TypedId::uuid)).bind(new.subject);
    let query = query.bind(new.body).bind(i16::try_from(new.segments.max(1)).unwrap_or(i16::MAX));
    tx.run(query.bind(new.price.micros()).bind(by.map(TypedId::uuid))).await?;
    Ok(id)
}

/// How many codes and tests the team asked for within `window`, by the audit log: what is taken off the list counts still.
/// Requests of one team that ask at once take turns.
///
/// # Errors
/// Any [`DbError`].
pub async fn lately(tx: &mut BulkTransaction, window: Duration) -> Result<i64> {
    let team = tx.team_id().uuid();
    tx.lock(&format!("test_sends:{team}")).await?;
    let query = sqlx::query_as::<_, (i64,)>(
        "SELECT count(*) FROM audit_log WHERE team_id = $1 AND action IN ('test_recipient.create', 'template.test')
            AND created_at > clock_timestamp() - $2 * interval '1 second'",
    );
    let seconds = i64::try_from(window.as_secs()).unwrap_or(i64::MAX);
    Ok(tx.first(query.bind(team).bind(seconds)).await?.map_or(0, |(count,)| count))
}

/// How far one has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Its id.
    pub id: TestSendId,
    /// `planned`, `calling`, `accepted`, `refused`, `unknown` or `withheld`.
    pub state: String,
    /// How many segments it has.
    pub segments: i16,
    /// What it is expected to cost, in micro-dollars.
    pub price_micros: i64,
    /// The vendor's code, or what withheld it.
    pub why: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

struct TestRow {
    id: Uuid,
    state: String,
    segments: i16,
    price_micros: i64,
    why: Option<String>,
    created_at: DateTime<Utc>,
}
from_row!(TestRow { id, state, segments, price_micros, why, created_at });

/// How far one has come.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn look(tx: &mut BulkTransaction, id: TestSendId) -> Result<Test> {
    let query = sqlx::query_as::<_, TestRow>(
        "SELECT id, state, segments, price_micros, why, created_at FROM test_sends WHERE team_id = $1 AND id = $2",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    let row = row.ok_or_else(|| DbError::not_found("test send", id))?;
    Ok(Test {
        id: TestSendId::from_uuid(row.id),
        state: row.state,
        segments: row.segments,
        price_micros: row.price_micros,
        why: row.why,
        created_at: row.created_at,
    })
}

/// Teams that have something to be sent, the longest waiting first.
///
/// # Errors
/// Any [`DbError`].
pub async fn teams(database: &Database, most: i32) -> Result<Vec<TeamId>> {
    let query = sqlx::query_as::<_, (Uuid,)>("SELECT team_id FROM teams_with_test_sends($1)").bind(most);
    let rows = query.fetch_all(database.pool()).await?;
    Ok(rows.into_iter().map(|(id,)| TeamId::from_uuid(id)).collect())
}

/// One that is about to be called, or was left by somebody who died.
#[derive(Clone, PartialEq, Eq)]
pub struct Open {
    /// Its id.
    pub id: TestSendId,
    /// Whether its call was begun by somebody who did not say what came of it: it is not called again.
    pub lost: bool,
    /// The sender.
    pub sender: SenderId,
    /// The sender's channel.
    pub channel: String,
    /// The sender's vendor, by its word.
    pub provider: String,
    /// The sender's number or address.
    pub from: String,
    /// The brand whose suppressions hold for it.
    pub brand: Option<String>,
    /// To whom.
    pub to: String,
    /// Of an e-mail.
    pub subject: Option<String>,
    /// What it says.
    pub body: String,
    /// What it is expected to cost.
    pub price: MicroDollars,
    /// Why it may not be sent, as far as it is known without a look at switches and suppressions.
    pub withheld: Option<String>,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").field("id", &self.id).finish_non_exhaustive()
    }
}

struct OpenRow {
    id: Uuid,
    lost: bool,
    sender_id: Uuid,
    channel: String,
    provider: String,
    from_value: String,
    brand: Option<String>,
    to_value: String,
    subject: Option<String>,
    body: String,
    price_micros: i64,
    withheld: Option<String>,
}
from_row!(OpenRow {
    id,
    lost,
    sender_id,
    channel,
    provider,
    from_value,
    brand,
    to_value,
    subject,
    body,
    price_micros,
    withheld
});

const TAKE: &str = "
UPDATE test_sends t SET state = 'calling', called_at = coalesce(t.called_at, $2)
  FROM (SELECT o.id, o.state = 'calling' AS lost FROM test_sends o JOIN senders v ON v.team_id = $1 AND v.id = o.sender_id
         WHERE o.team_id = $1 AND o.state IN ('planned', 'calling')
           AND CASE o.state WHEN 'calling' THEN o.called_at < $2 - $3 * interval '1 second'
                    ELSE v.provider = ANY($4) OR o.created_at < $2 - $5 * interval '1 second' END
         ORDER BY o.created_at LIMIT 1 FOR UPDATE OF o SKIP LOCKED) o,
       test_recipients r, senders s
 WHERE t.team_id = $1 AND t.id = o.id AND r.team_id = $1 AND r.id = t.recipient_id AND s.team_id = $1 AND s.id = t.sender_id
RETURNING t.id, o.lost, t.sender_id, s.channel, s.provider, s.address AS from_value, s.brand, r.value AS to_value, t.subject, t.body,
          t.price_micros,
          CASE WHEN s.state <> 'active' OR s.provider <> ALL($4) THEN 'no_sender'
               WHEN r.confirmed_at IS NULL AND t.template_version_id IS NOT NULL THEN 'not_confirmed'
               WHEN is_a_lead(r.kind, r.value) THEN 'lead' END AS withheld";

/// How long is waited for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the word of whoever began a call, until it counts as lost.
    pub for_word: Duration,
    /// For somebody who reaches the sender's vendor, until it is withheld.
    pub for_vendor: Duration,
}

/// Takes the next one of those whose vendors are `reached`, by their words: from here on it is called by whoever took it, once.
/// One whose call was begun long ago is answered as lost, and one that waited in vain for its vendor as withheld. Commit before
/// calling.
///
/// # Errors
/// Any [`DbError`].
pub async fn take(
    tx: &mut BulkTransaction,
    reached: &[&str],
    patience: Patience,
    now: DateTime<Utc>,
) -> Result<Option<Open>> {
    let seconds = |wait: Duration| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
    let query = sqlx::query_as::<_, OpenRow>(TAKE).bind(tx.team_id().uuid()).bind(now);
    let query = query.bind(seconds(patience.for_word)).bind(reached).bind(seconds(patience.for_vendor));
    Ok(tx.first(query).await?.map(|row| Open {
        id: TestSendId::from_uuid(row.id),
        lost: row.lost,
        sender: SenderId::from_uuid(row.sender_id),
        channel: row.channel,
        provider: row.provider,
        from: row.from_value,
        brand: row.brand,
        to: row.to_value,
        subject: row.subject,
        body: row.body,
        price: MicroDollars::new(row.price_micros),
        withheld: row.withheld,
    }))
}

/// How one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended<'a> {
    /// The vendor took it.
    Accepted {
        /// By which it knows it.
        external_id: &'a str,
    },
    /// It did not, with its code.
    Refused(&'a str),
    /// Nobody knows; it is not sent again.
    Unknown,
    /// Nothing left, for this reason.
    Withheld(&'a str),
}

/// Writes down how one ended, once.
///
/// # Errors
/// Any [`DbError`].
pub async fn settle(
    tx: &mut BulkTransaction,
    id: TestSendId,
    ended: Ended<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (state, external, why) = match ended {
        Ended::Accepted { external_id } => ("accepted", Some(external_id), None),
        Ended::Refused(code) => ("refused", None, Some(code)),
        Ended::Unknown => ("unknown", None, None),
        Ended::Withheld(why) => ("withheld", None, Some(why)),
    };
    let query = sqlx::query(
        "UPDATE test_sends SET state = $3, external_id = $4, why = $5, ended_at = $6
          WHERE team_id = $1 AND id = $2 AND state = 'calling'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(state).bind(external).bind(why);
    tx.run(query.bind(now)).await?;
    Ok(())
}
