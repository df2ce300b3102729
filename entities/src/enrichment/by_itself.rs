//! Runs that nobody asks for at the moment: of a file that is through, and of leads that have been on hold.
//!
//! They are made under way, in the transaction that makes them due; a sweep starts their workflows ([`to_begin`]).

use std::time::Duration;

use domain::id::{DataSourceId, EnrichmentId, TeamId, TypedId};
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::Origin;
use crate::team::ON_HOLD_HOURS;
use crate::{BulkTransaction, Database, Result, fresh_id};

/// $1 run, $2 team, $3 what, $4 origin, $5 workflow, $6 file.
const MAKE: &str = "
INSERT INTO enrichments (id, team_id, what, origin, state, workflow_id, data_source_id, created_by, started_at)
SELECT $1, $2, $3, $4, 'running', $5, $6, (SELECT d.uploaded_by FROM data_sources d WHERE d.team_id = $2 AND d.id = $6),
       clock_timestamp()
ON CONFLICT (team_id, data_source_id) WHERE data_source_id IS NOT NULL DO NOTHING";

/// $1 team, $2 run, $3 file: its leads, or all that are on hold where it is NULL.
const FILL: &str = "
WITH found AS (
    INSERT INTO enrichment_leads (team_id, enrichment_id, position, lead_id)
    SELECT $1, $2, row_number() OVER (ORDER BY l.id), l.id FROM leads l
     WHERE l.team_id = $1 AND (l.data_source_id = $3 OR $3::uuid IS NULL AND l.enrichment_status = 'on_hold')
    RETURNING 1)
UPDATE enrichments e SET leads = n.leads FROM (SELECT count(*)::integer AS leads FROM found) n
 WHERE e.team_id = $1 AND e.id = $2 AND n.leads > 0";

/// Makes the run of the leads that came with a file, where its uploader wants one. Once: a repetition finds it made. `None`
/// where it is not wanted, was made before or has no lead. `workflow` names the workflow of a run.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn for_upload(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    workflow: fn(EnrichmentId) -> String,
) -> Result<Option<EnrichmentId>> {
    let query =
        sqlx::query_as::<_, (bool,)>("SELECT enrich FROM data_sources WHERE team_id = $1 AND id = $2");
    let wanted = tx.first(query.bind(tx.team_id().uuid()).bind(source.uuid())).await?;
    if wanted != Some((true,)) {
        return Ok(None);
    }
    make(tx, Origin::Upload, &json!({ "source": source }), Some(source), workflow).await
}

/// Makes the run of the team's leads on hold. `None` where there are none, or where another sweep has just made it.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn on_hold(
    tx: &mut BulkTransaction,
    workflow: fn(EnrichmentId) -> String,
) -> Result<Option<EnrichmentId>> {
    let team = tx.team_id();
    tx.lock(&format!("enrichment.on_hold:{team}")).await?;
    // The least that a team can set is an hour.
    let query = sqlx::query_as::<_, (bool,)>(
        "SELECT EXISTS (SELECT FROM enrichments WHERE team_id = $1 AND origin = 'schedule'
                           AND created_at > clock_timestamp() - interval '1 hour')",
    );
    if tx.first(query.bind(team.uuid())).await? == Some((true,)) {
        return Ok(None);
    }
    make(tx, Origin::Schedule, &json!({ "on_hold": true }), None, workflow).await
}

async fn make(
    tx: &mut BulkTransaction,
    origin: Origin,
    what: &Value,
    source: Option<DataSourceId>,
    workflow: fn(EnrichmentId) -> String,
) -> Result<Option<EnrichmentId>> {
    let (team, id) = (tx.team_id().uuid(), fresh_id::<EnrichmentId>());
    let source = source.map(TypedId::uuid);
    let query = sqlx::query(MAKE).bind(id.uuid()).bind(team).bind(Json(what)).bind(origin.as_str());
    if tx.run(query.bind(workflow(id)).bind(source)).await? == 0 {
        return Ok(None);
    }
    if tx.run(sqlx::query(FILL).bind(team).bind(id.uuid()).bind(source)).await? > 0 {
        return Ok(Some(id));
    }
    let query = sqlx::query("DELETE FROM enrichments WHERE team_id = $1 AND id = $2");
    tx.run(query.bind(team).bind(id.uuid())).await?;
    Ok(None)
}

/// Runs under way that nobody has seen begin: those that nobody starts but a sweep, and those whose start got lost longer than
/// `patience` ago. Of all teams.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn to_begin(database: &Database, patience: Duration) -> Result<Vec<(TeamId, EnrichmentId)>> {
    let query = sqlx::query_as::<_, (Uuid, Uuid)>(
        "SELECT team_id, enrichment_id FROM enrichments_to_begin($1 * interval '1 microsecond')",
    );
    let micros = i64::try_from(patience.as_micros()).unwrap_or(i64::MAX);
    let rows = query.bind(micros).fetch_all(database.pool()).await?;
    Ok(rows.into_iter().map(|(team, run)| (TeamId::from_uuid(team), EnrichmentId::from_uuid(run))).collect())
}

/// Teams whose leads on hold are to be asked about again: see [`crate::team::TeamSettings::on_hold_hours`].
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn teams_on_hold(database: &Database) -> Result<Vec<TeamId>> {
    let hours = i32::try_from(ON_HOLD_HOURS).unwrap_or(i32::MAX);
    let query = sqlx::query_as::<_, (Uuid,)>("SELECT team_id FROM teams_with_leads_on_hold($1)");
    let rows = query.bind(hours).fetch_all(database.pool()).await?;
    Ok(rows.into_iter().map(|(team,)| TeamId::from_uuid(team)).collect())
}
