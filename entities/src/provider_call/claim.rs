//! Claiming a call, so that it is made once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{EnrichmentId, ProviderCallId, TypedId};
use domain::money::MicroDollars;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Answer, CallState, CallSubject};
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result, fresh_id};

/// What is to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Of whom, by its word.
    pub provider: &'a str,
    /// Which of its products: questions of two products never stand for each other.
    pub product: &'a str,
    /// SHA-256 of all that would be sent about the subject.
    pub request_hash: [u8; 32],
    /// About whom.
    pub subject: CallSubject,
    /// In which run.
    pub enrichment: Option<EnrichmentId>,
    /// Who asks: the same for all attempts of one activity, different for everybody else.
    pub claimed_by: &'a str,
    /// How long others keep off, unless [`super::extend`] makes it longer.
    pub lease: Duration,
}

/// Whether to make the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Make it. Nobody else will before the lease is over.
    Claimed {
        /// The row to note everything in.
        call: ProviderCallId,
        /// How often it was claimed, from 1.
        attempt: i32,
    },
    /// It was made, and the answer is good still: also where it was that nobody was found.
    Cached(Answer),
    /// Somebody is at it, or the rest of its answer is on its way.
    InFlight {
        /// Which.
        call: ProviderCallId,
        /// When it makes sense to look again.
        until: DateTime<Utc>,
    },
    /// It may have been made and charged, and nobody knows what came of it. Do not make it again:
    /// [`super::resolve_unknown`] is for whoever found out.
    UnknownOutcome(Answer),
}

struct Row {
    id: Uuid,
    state: String,
    attempt: i32,
    claimed_by: String,
    lease_until: DateTime<Utc>,
    leased: bool,
    answered_at: Option<DateTime<Utc>>,
    valid_until: Option<DateTime<Utc>>,
    valid: bool,
    verdict: Option<String>,
    settled_micros: Option<i64>,
    late_deadline: Option<DateTime<Utc>>,
    awaited: bool,
}
from_row!(Row {
    id,
    state,
    attempt,
    claimed_by,
    lease_until,
    leased,
    answered_at,
    valid_until,
    valid,
    verdict,
    settled_micros,
    late_deadline,
    awaited
});

/// $1 team, $2 provider, $3 product, $4 request hash, $5 kind and $6 id of the subject. The subject's own call before one
/// of the same request. Two questions, each of which an index answers: with an OR between them, all calls would be looked at.
const FIND: &str = "
SELECT id, state, attempt, claimed_by, lease_until, lease_until > clock_timestamp() AS leased, answered_at, valid_until,
       coalesce(valid_until > clock_timestamp(), false) AS valid, verdict, settled_micros, late_deadline,
       coalesce(late_deadline > clock_timestamp(), false) AS awaited
  FROM provider_calls
 WHERE team_id = $1 AND id IN (
        SELECT id FROM provider_calls
         WHERE team_id = $1 AND provider = $2 AND product = $3 AND request_hash = $4 AND superseded_at IS NULL
        UNION
        SELECT c.id
          FROM (SELECT $6 AS id UNION SELECT unnest(p.merged_from_ids) FROM personas p
                 WHERE $5 = 'persona' AND p.team_id = $1 AND p.id = $6) s
          JOIN provider_calls c ON c.subject_id = s.id
         WHERE c.team_id = $1 AND c.provider = $2 AND c.product = $3 AND c.subject_kind = $5 AND c.superseded_at IS NULL)
   AND superseded_at IS NULL
 ORDER BY (subject_kind = $5 AND subject_id = $6) DESC, id";

const INSERT: &str = "
INSERT INTO provider_calls (id, team_id, provider, product, request_hash, subject_kind, subject_id, enrichment_id, attempt,
                            claimed_by, lease_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + $11 * interval '1 microsecond')
ON CONFLICT DO NOTHING";

/// What is to be done about a row that is there.
enum Standing {
    /// It answers the claim as it is.
    Stands(Claim),
    /// It is the caller's own from an earlier attempt, which goes on with it.
    Again,
    /// Its worker died after something may have left.
    Lost(Answer),
    /// It is out of date, or its worker died before anything left.
    Replaced,
}

/// Claims a call, or says why it is not to be made. Of any number who claim the same at once, one is told
/// [`Claim::Claimed`]; the others wait for its transaction, so commit soon. Whoever claims several in one transaction
/// claims them in the order of their subjects, as everybody else does, and may be told the same call for two subjects
/// that would send the same request.
///
/// A claim whose lease is over is given on where nothing had left ([`CallState::Claimed`]). Where something may have left,
/// the call is `unknown` from then on: commit, so that this stays.
///
/// # Errors
/// [`DbError::Contention`] where several claims met in another order; any other [`DbError`].
pub async fn claim(tx: &mut BulkTransaction, ask: &Ask<'_>) -> Result<Claim> {
    // A row that appears between looking and inserting is found by looking again; one that goes away meanwhile, too.
    for _ in 0..3 {
        // Most rows stand as they are, and looking at them keeps nobody waiting.
        let mut rows = find(tx, ask, "").await?;
        if needs_change(ask, &rows)? {
            rows = find(tx, ask, " FOR UPDATE").await?;
        }
        if let Some(answer) = decide(tx, ask, rows).await? {
            return Ok(answer);
        }
    }
    Err(DbError::WrongState {
        what: "call of a provider",
        id: ask.provider.to_owned(),
        found: "being claimed and given up by others all the time".to_owned(),
        wanted: "claimable; try again a little later".to_owned(),
    })
}

async fn find(tx: &mut BulkTransaction, ask: &Ask<'_>, lock: &str) -> Result<Vec<Row>> {
    let (kind, subject) = ask.subject.columns();
    // Both parts are literals.
    let query = sqlx::query_as(AssertSqlSafe(format!("{FIND}{lock}")));
    let query = query.bind(tx.team_id().uuid()).bind(ask.provider).bind(ask.product);
    tx.all(query.bind(ask.request_hash.as_slice()).bind(kind).bind(subject)).await
}

/// Whether what the rows ask for is to be written to any of them.
fn needs_change(ask: &Ask<'_>, rows: &[Row]) -> Result<bool> {
    for row in rows {
        match standing(ask, row)? {
            Standing::Stands(_) => return Ok(false),
            Standing::Again | Standing::Lost(_) => return Ok(true),
            Standing::Replaced => {}
        }
    }
    Ok(!rows.is_empty())
}

/// Does what the rows ask for. `None`: somebody else was faster, look again.
async fn decide(tx: &mut BulkTransaction, ask: &Ask<'_>, rows: Vec<Row>) -> Result<Option<Claim>> {
    let team = tx.team_id().uuid();
    let lease = i64::try_from(ask.lease.as_micros()).unwrap_or(i64::MAX);
    let mut attempt = 1;
    let mut replaced = Vec::new();
    for row in rows {
        match standing(ask, &row)? {
            Standing::Stands(answer) => return Ok(Some(answer)),
            Standing::Again => {
                let query = sqlx::query(
                    "UPDATE provider_calls SET attempt = attempt + 1, \
                            lease_until = clock_timestamp() + $3 * interval '1 microsecond' \
                      WHERE team_id = $1 AND id = $2 AND state = 'claimed'",
                );
                if tx.run(query.bind(team).bind(row.id).bind(lease)).await? == 0 {
                    return Ok(None);
                }
                let call = ProviderCallId::from_uuid(row.id);
                return Ok(Some(Claim::Claimed { call, attempt: row.attempt + 1 }));
            }
            Standing::Lost(answer) => {
                let query = sqlx::query(
                    "UPDATE provider_calls SET state = 'unknown', answered_at = clock_timestamp(), verdict = 'lost', \
                            settled_micros = reserved_micros \
                      WHERE team_id = $1 AND id = $2 AND state = 'in_flight'",
                );
                if tx.run(query.bind(team).bind(row.id)).await? == 0 {
                    return Ok(None);
                }
                return Ok(Some(Claim::UnknownOutcome(answer)));
            }
            Standing::Replaced => {
                attempt = attempt.max(row.attempt + 1);
                replaced.push(row.id);
            }
        }
    }
    if !replaced.is_empty() {
        supersede(tx, &replaced).await?;
    }
    let (kind, subject) = ask.subject.columns();
    let call: ProviderCallId = fresh_id();
    let query = sqlx::query(INSERT).bind(call.uuid()).bind(team).bind(ask.provider).bind(ask.product);
    let query = query.bind(ask.request_hash.as_slice()).bind(kind).bind(subject);
    let query = query.bind(ask.enrichment.map(TypedId::uuid)).bind(attempt).bind(ask.claimed_by).bind(lease);
    let claimed = tx.run(query).await? > 0;
    Ok(claimed.then_some(Claim::Claimed { call, attempt }))
}

/// Takes rows out of the way of a new one. What they had put aside comes back: only calls that never left, or whose answer
/// is settled, get here.
async fn supersede(tx: &mut BulkTransaction, ids: &[Uuid]) -> Result<()> {
    tx.run(
        sqlx::query(
            "UPDATE provider_calls SET superseded_at = clock_timestamp() WHERE team_id = $1 AND id = ANY($2)",
        )
        .bind(tx.team_id().uuid())
        .bind(ids),
    )
    .await?;
    for id in ids {
        crate::budget::release(tx, ProviderCallId::from_uuid(*id)).await?;
    }
    Ok(())
}

fn standing(ask: &Ask<'_>, row: &Row) -> Result<Standing> {
    let state: CallState =
        row.state.parse().map_err(|error| DbError::unreadable("provider_calls.state", error))?;
    let call = ProviderCallId::from_uuid(row.id);
    let mine = row.claimed_by == ask.claimed_by;
    let answer = Answer {
        call,
        state,
        verdict: row.verdict.clone(),
        answered_at: row.answered_at,
        valid_until: row.valid_until,
        cost: row.settled_micros.map(MicroDollars::new),
        late_deadline: row.late_deadline,
    };
    Ok(match state {
        CallState::Unknown => Standing::Stands(Claim::UnknownOutcome(answer)),
        CallState::Claimed if mine => Standing::Again,
        CallState::Claimed | CallState::InFlight if row.leased && !mine => {
            Standing::Stands(Claim::InFlight { call, until: row.lease_until })
        }
        CallState::Claimed => Standing::Replaced,
        CallState::InFlight => {
            Standing::Lost(Answer { state: CallState::Unknown, verdict: Some("lost".to_owned()), ..answer })
        }
        CallState::Pending if row.awaited => {
            let until = row.late_deadline.unwrap_or(row.lease_until);
            Standing::Stands(Claim::InFlight { call, until })
        }
        CallState::Match
        | CallState::NoMatch
        | CallState::Ambiguous
        | CallState::Pending
        | CallState::Permanent
            if row.valid =>
        {
            Standing::Stands(Claim::Cached(answer))
        }
        CallState::Match
        | CallState::NoMatch
        | CallState::Ambiguous
        | CallState::Pending
        | CallState::Permanent
        | CallState::Released => Standing::Replaced,
    })
}
