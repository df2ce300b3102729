//! How long stages may take, as a team has it, and which of them take longer.

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, DataSourceId, EnrichmentId, TypedId};
use domain::service_level::Stage;
use serde_json::json;
use uuid::Uuid;

use crate::alert::{self, NewAlert};
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// The ceiling of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Which stage.
    pub stage: Stage,
    /// After how many seconds a person is told, for so many rows as [`Stage::per`] says.
    pub alert_seconds: u32,
    /// Whether the team has said so itself.
    pub own: bool,
}

/// The ceilings of all stages.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(tx: &mut BulkTransaction) -> Result<Vec<Level>> {
    let query = sqlx::query_as::<_, (String, i32)>(
        "SELECT stage, alert_seconds FROM service_levels WHERE team_id = $1",
    );
    let own = tx.all(query.bind(tx.team_id().uuid())).await?;
    let levels = Stage::ALL.iter().map(|stage| {
        let said = own.iter().find(|(word, _)| word == stage.as_str());
        let seconds = said.and_then(|(_, seconds)| u32::try_from(*seconds).ok());
        Level {
            stage: *stage,
            alert_seconds: seconds.unwrap_or_else(|| stage.alert_seconds()),
            own: seconds.is_some(),
        }
    });
    Ok(levels.collect())
}

/// Sets the ceiling of a stage; `None`: as it is where a team says nothing.
///
/// # Errors
/// Any [`DbError`].
pub async fn set(tx: &mut BulkTransaction, stage: Stage, alert_seconds: Option<u32>) -> Result<()> {
    let team = tx.team_id().uuid();
    let Some(seconds) = alert_seconds else {
        let query = sqlx::query("DELETE FROM service_levels WHERE team_id = $1 AND stage = $2");
        tx.run(query.bind(team).bind(stage.as_str())).await?;
        return Ok(());
    };
    let query = sqlx::query(
        "INSERT INTO service_levels (team_id, stage, alert_seconds) VALUES ($1, $2, $3)
         ON CONFLICT (team_id, stage) DO UPDATE SET alert_seconds = excluded.alert_seconds, updated_at = clock_timestamp()",
    );
    tx.run(query.bind(team).bind(stage.as_str()).bind(i32::try_from(seconds).unwrap_or(i32::MAX))).await?;
    Ok(())
}

/// Something that is timed: a stage of a file, a run, a campaign that sends, or replies that wait.
struct Timed {
    /// The file, the run or the campaign; of replies, nothing.
    subject: Option<Uuid>,
    /// What makes it the same matter, beside stage and subject.
    occasion: String,
    since: DateTime<Utc>,
    seconds: i64,
    rows: i64,
}
from_row!(Timed { subject, occasion, since, seconds, rows });

/// Of files and runs that are under way or have ended within a day. `$1` is the team everywhere, `$2` the ceiling.
const INGEST: &str = "
SELECT d.id AS subject, d.attempt::text AS occasion, coalesce(d.started_at, CASE WHEN d.attempt > 1 THEN d.updated_at ELSE d.created_at END) AS since,
       extract(epoch FROM coalesce(r.ended, clock_timestamp()) - coalesce(d.started_at, CASE WHEN d.attempt > 1 THEN d.updated_at ELSE d.created_at END))::bigint AS seconds,
       0::bigint AS rows
  FROM data_sources d, LATERAL (
       SELECT CASE WHEN d.status = 'completed' OR bool_or(s.stage = 'resolve')
                   THEN max(s.ended_at) FILTER (WHERE s.stage = 'stream_chunk') END AS ended
         FROM stage_runs s WHERE s.team_id = $1 AND s.data_source_id = d.id) r
 WHERE d.team_id = $1 AND (d.status IN ('uploaded', 'processing')
       OR (d.status = 'completed' AND d.completed_at > clock_timestamp() - interval '1 day')) AND $2 > 0";

/// $3: the word of the stage's activity, $4: that of the one before.
const OF_FILES: &str = "
SELECT d.id AS subject, d.attempt::text AS occasion, r.since,
       extract(epoch FROM CASE WHEN d.status = 'completed' OR r.later THEN r.ended ELSE clock_timestamp() END
               - r.since)::bigint AS seconds, r.rows
  FROM data_sources d, LATERAL (
       SELECT min(s.started_at) FILTER (WHERE s.stage = $3) AS since, max(s.ended_at) FILTER (WHERE s.stage = $3) AS ended,
              coalesce(sum(s.rows) FILTER (WHERE s.stage = $4), 0)::bigint AS rows,
              coalesce(bool_or(s.started_at > f.ended), false) AS later
         FROM stage_runs s, LATERAL (SELECT max(t.ended_at) AS ended FROM stage_runs t
               WHERE t.team_id = $1 AND t.data_source_id = d.id AND t.stage = $3) f
        WHERE s.team_id = $1 AND s.data_source_id = d.id) r
 WHERE d.team_id = $1 AND r.since IS NOT NULL AND (d.status = 'processing'
       OR (d.status = 'completed' AND d.completed_at > clock_timestamp() - interval '1 day')) AND $2 > 0";

const ENRICH: &str = "
SELECT e.id AS subject, '' AS occasion, coalesce(e.started_at, e.created_at) AS since,
       extract(epoch FROM coalesce(e.ended_at, clock_timestamp()) - coalesce(e.started_at, e.created_at))::bigint AS seconds,
       e.leads::bigint AS rows
  FROM enrichments e
 WHERE e.team_id = $1 AND $2 > 0 AND (e.state = 'running'
       OR (e.state = 'completed' AND e.ended_at > clock_timestamp() - interval '1 day'))";

/// A campaign that should have begun; one whose messages are in the hands of a worker that is no more; one that has messages
/// due of which none has left for so long, although its day has room for them and nobody has stopped it.
const SEND: &str = "
SELECT c.id AS subject, to_char(w.since AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS occasion, w.since,
       extract(epoch FROM clock_timestamp() - w.since)::bigint AS seconds, 0::bigint AS rows
  FROM campaigns c, LATERAL (
       SELECT CASE WHEN c.state = 'scheduled' THEN c.starts_at
              ELSE least(
                  (SELECT min(i.lease_until) FROM send_intents i
                    WHERE i.team_id = $1 AND i.campaign_id = c.id AND i.state IN ('claimed', 'calling')),
                  (SELECT CASE WHEN count(*) > 0 THEN greatest(min(i.due_at), (SELECT max(l.called_at) FROM send_intents l
                           WHERE l.team_id = $1 AND l.campaign_id = c.id), c.started_at) END FROM send_intents i
                    WHERE i.team_id = $1 AND i.campaign_id = c.id AND i.state IN ('planned', 'held')
                      AND i.due_at < clock_timestamp()
                      AND (SELECT count(*) FROM send_intents t WHERE t.team_id = $1 AND t.campaign_id = c.id
                              AND t.called_at > clock_timestamp() - interval '1 day') < c.daily_limit)) END AS since) w
 WHERE c.team_id = $1 AND c.state IN ('scheduled', 'running') AND kill_switch_on(c.id, c.sender_id) IS NULL
   AND w.since < clock_timestamp() - make_interval(secs => $2)";

/// Replies that nobody has begun to work on.
const INBOUND: &str = "
SELECT NULL::uuid AS subject, to_char(min(o.created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24') AS occasion,
       min(o.created_at) AS since, extract(epoch FROM clock_timestamp() - min(o.created_at))::bigint AS seconds,
       count(*) AS rows
  FROM outbox o WHERE o.team_id = $1 AND o.kind LIKE 'conversation.%' AND o.done_at IS NULL
   AND o.created_at < clock_timestamp() - make_interval(secs => $2) HAVING count(*) > 0";

const CLASSIFY: &str = "
SELECT NULL::uuid AS subject, to_char(min(i.created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24') AS occasion,
       min(i.created_at) AS since,
       max(extract(epoch FROM coalesce(i.classified_at, clock_timestamp()) - i.created_at))::bigint AS seconds, count(*) AS rows
  FROM inbox_items i WHERE i.team_id = $1 AND i.created_at > clock_timestamp() - interval '1 day'
   AND (i.classified_by IS NULL OR i.classified_by <> 'person')
   AND coalesce(i.classified_at, clock_timestamp()) - i.created_at > make_interval(secs => $2) HAVING count(*) > 0";

/// Answers that were prepared late. One that is never prepared is not wanted for every reply.
const COPILOT: &str = "
SELECT NULL::uuid AS subject, to_char(min(i.classified_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24') AS occasion,
       min(i.classified_at) AS since, max(extract(epoch FROM s.created_at - i.classified_at))::bigint AS seconds,
       count(*) AS rows
  FROM reply_suggestions s JOIN inbox_items i ON i.team_id = $1 AND i.id = s.item_id
 WHERE s.team_id = $1 AND s.origin IN ('playbook', 'model') AND s.created_at > clock_timestamp() - interval '1 day'
   AND s.created_at - i.classified_at > make_interval(secs => $2) HAVING count(*) > 0";

/// Raises an alert for each stage that takes longer than the team wants, or took longer within a day: one for each matter. Answers
/// how many are new.
///
/// # Errors
/// Any [`DbError`].
pub async fn raise_breaches(tx: &mut BulkTransaction) -> Result<u64> {
    let mut raised = 0;
    for level in list(tx).await? {
        for late in timed(tx, level).await? {
            let rows = u64::try_from(late.rows).unwrap_or_default();
            let allowed = level.stage.allowed(level.alert_seconds, rows).as_secs();
            if u64::try_from(late.seconds).unwrap_or_default() > allowed {
                raised += u64::from(raise(tx, level.stage, &late, allowed).await?);
            }
        }
    }
    Ok(raised)
}

async fn timed(tx: &mut BulkTransaction, level: Level) -> Result<Vec<Timed>> {
    let sql = match level.stage {
        Stage::Ingest => INGEST,
        Stage::Normalize | Stage::Resolve => OF_FILES,
        Stage::Enrich => ENRICH,
        Stage::Send => SEND,
        Stage::Inbound => INBOUND,
        Stage::Classify => CLASSIFY,
        Stage::Copilot => COPILOT,
    };
    let query =
        sqlx::query_as::<_, Timed>(sql).bind(tx.team_id().uuid()).bind(f64::from(level.alert_seconds));
    let query = match level.stage {
        Stage::Normalize => query.bind("normalize_chunk").bind("stream_chunk"),
        Stage::Resolve => query.bind("resolve").bind("normalize_chunk"),
        _ => query,
    };
    tx.all(query).await
}

async fn raise(tx: &mut BulkTransaction, stage: Stage, late: &Timed, allowed: u64) -> Result<bool> {
    let subject = match (stage, late.subject) {
        (Stage::Ingest | Stage::Normalize | Stage::Resolve, Some(id)) => {
            DataSourceId::from_uuid(id).to_string()
        }
        (Stage::Enrich, Some(id)) => EnrichmentId::from_uuid(id).to_string(),
        (Stage::Send, Some(id)) => CampaignId::from_uuid(id).to_string(),
        (_, Some(id)) => return Err(DbError::unreadable("service level", id)),
        (_, None) => "replies".to_owned(),
    };
    let detail = json!({
        "stage": stage, "since": late.since, "seconds": late.seconds, "alert_seconds": allowed, "rows": late.rows,
    });
    let dedup_key = format!("service_level:{stage}:{subject}:{}", late.occasion);
    let new = NewAlert {
        kind: "service_level.breached",
        subject: &subject,
        detail: &detail,
        dedup_key: &dedup_key,
    };
    alert::raise(tx, new).await
}
