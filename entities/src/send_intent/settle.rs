//! What came of a call.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{IntentId, LeadId, TypedId};
use domain::money::MicroDollars;
use uuid::Uuid;

use super::{IntentState, MAX_ATTEMPTS};
use crate::{BulkTransaction, DbError, Result, message};

/// What a vendor, or its records, said of a call.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It took the message.
    Accepted {
        /// By which it knows it.
        external_id: &'a str,
        /// How many segments it counts; `None` where it does not say.
        segments: Option<u16>,
        /// What it charges; `None` where it does not say yet.
        price: Option<MicroDollars>,
    },
    /// It did not take it and never will.
    Refused {
        /// Its code.
        code: &'a str,
    },
    /// Nobody knows.
    Unknown,
    /// It certainly did not arrive, or is to be tried again.
    Back {
        /// When.
        due_at: DateTime<Utc>,
        /// Whether it counts as one of the attempts: not where nothing left the machine.
        tried: bool,
    },
}

impl fmt::Debug for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Outcome<'_> {
    const fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::Unknown => "unknown",
            Self::Back { .. } => "planned",
        }
    }
}

/// What came of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled<'a> {
    /// Its row.
    pub intent: IntentId,
    /// What came of it.
    pub outcome: Outcome<'a>,
}

/// What a call is settled as, the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// Its row.
    pub intent: IntentId,
    /// To whom.
    pub lead: LeadId,
    /// Accepted, refused, unknown or planned again. After the last attempt what was to be tried again is refused.
    pub state: IntentState,
    /// How many attempts there were.
    pub attempt: i16,
    /// What it cost or is expected to cost: to be released unless it is accepted or unknown.
    pub price: MicroDollars,
}

const SETTLE: &str = "
UPDATE send_intents i
   SET state = CASE WHEN o.state = 'planned' AND o.tried AND i.attempt >= $8 THEN 'refused' ELSE o.state END,
       external_id = o.external_id,
       segments = coalesce(o.segments, i.segments), price_micros = coalesce(o.price, i.price_micros),
       refusal = CASE WHEN o.state = 'planned' AND o.tried AND i.attempt >= $8 THEN 'too_many_attempts' ELSE o.code END,
       attempt = i.attempt - (o.state = 'planned' AND NOT o.tried)::integer,
       due_at = coalesce(o.due, i.due_at),
       ended_at = CASE WHEN o.state IN ('accepted', 'refused') OR (o.state = 'planned' AND o.tried AND i.attempt >= $8)
                       THEN $7 END
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $9::text[], $10::timestamptz[],
              $11::boolean[]) o (id, state, external_id, segments, price, code, due, tried)
 WHERE i.team_id = $1 AND i.id = o.id
   AND (i.state = 'calling' OR (i.state = 'unknown' AND o.state <> 'unknown'))
RETURNING i.id, i.lead_id, i.state, i.attempt, i.price_micros";

/// Writes down what came of calls, each once: what is settled already stays. What was accepted is a message from here on,
/// with whatever the vendor has reported of it before. Answers what was new. Budgets are the caller's: release what was
/// refused or goes back, and leave the rest to the delivery report ([`crate::message::report`]).
///
/// # Errors
/// [`DbError::Conflict`] with `messages_external` where the vendor names a message of another text; any other [`DbError`].
pub async fn settle(
    tx: &mut BulkTransaction,
    now: DateTime<Utc>,
    calls: &[Settled<'_>],
) -> Result<Vec<Settlement>> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let mut columns = Columns::default();
    for call in calls {
        columns.push(call);
    }
    // Reports of these messages that are being written at this moment are waited for, and later ones wait for us.
    message::lock_external(tx, columns.external.iter().flatten().copied()).await?;
    let query = sqlx::query_as::<_, (Uuid, Uuid, String, i16, Option<i64>)>(SETTLE);
    let query = query.bind(tx.team_id().uuid()).bind(columns.ids).bind(columns.states).bind(columns.external);
    let query = query.bind(columns.segments).bind(columns.prices).bind(now).bind(MAX_ATTEMPTS);
    let rows = tx.all(query.bind(columns.codes).bind(columns.due).bind(columns.tried)).await?;
    let mut settlements = Vec::with_capacity(rows.len());
    for (id, lead, state, attempt, price) in rows {
        settlements.push(Settlement {
            intent: IntentId::from_uuid(id),
            lead: LeadId::from_uuid(lead),
            state: state.parse().map_err(|error| DbError::unreadable("send_intents.state", error))?,
            attempt,
            price: MicroDollars::new(price.unwrap_or_default()),
        });
    }
    let accepted: Vec<Uuid> = settlements
        .iter()
        .filter(|one| one.state == IntentState::Accepted)
        .map(|one| one.intent.uuid())
        .collect();
    if !accepted.is_empty() {
        message::keep_accepted(tx, &accepted, now).await?;
    }
    Ok(settlements)
}

#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    states: Vec<&'static str>,
    external: Vec<Option<&'a str>>,
    segments: Vec<Option<i16>>,
    prices: Vec<Option<i64>>,
    codes: Vec<Option<&'a str>>,
    due: Vec<Option<DateTime<Utc>>>,
    tried: Vec<bool>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, call: &Settled<'a>) {
        let (mut external, mut segments, mut price, mut code, mut due) = (None, None, None, None, None);
        let mut tried = true;
        match &call.outcome {
            Outcome::Accepted { external_id, segments: counted, price: charged } => {
                external = Some(*external_id);
                segments = counted.filter(|count| *count > 0).and_then(|count| i16::try_from(count).ok());
                price = charged.map(MicroDollars::micros);
            }
            Outcome::Refused { code: given } => code = Some(*given),
            Outcome::Unknown => {}
            Outcome::Back { due_at, tried: counts } => {
                due = Some(*due_at);
                tried = *counts;
            }
        }
        self.ids.push(call.intent.uuid());
        self.states.push(call.outcome.word());
        self.external.push(external);
        self.segments.push(segments);
        self.prices.push(price);
        self.codes.push(code);
        self.due.push(due);
        self.tried.push(tried);
    }
}
