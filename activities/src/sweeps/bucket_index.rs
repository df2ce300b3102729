//! Writes `index.json` of the sector buckets whose leads have changed. A file may touch thousands of buckets, and
//! two files the same ones at once: so the import only marks them, and this is the one writer, which counts from
//! the leads and writes the whole object.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, Utc};
use domain::FailureCode;
use domain::geo::State;
use domain::id::{DataSourceId, TeamId, TypedId};
use domain::sector::BucketId;
use entities::pipeline::buckets::{self, IndexCount, IndexedFile, StaleBucket};
use futures::stream::{self, StreamExt, TryStreamExt};
use providers::object_store::ObjectKey;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Fault, Resources};

/// Objects written at once.
const PUTS_AT_ONCE: usize = 16;

/// Writes them; answers how many were written.
pub(super) async fn write_stale(resources: &Resources) -> Result<u64, Fault> {
    let mut teams: BTreeMap<TeamId, Vec<StaleBucket>> = BTreeMap::new();
    for bucket in buckets::stale(&resources.db).await? {
        teams.entry(bucket.team).or_default().push(bucket);
    }
    let mut written = 0;
    for (team, stale) in teams {
        written += write_team(resources, team, &stale).await?;
    }
    Ok(written)
}

async fn write_team(resources: &Resources, team: TeamId, stale: &[StaleBucket]) -> Result<u64, Fault> {
    let mut wanted: Vec<(BucketId, ObjectKey)> = Vec::with_capacity(stale.len());
    for bucket in stale {
        let id = bucket.bucket_id.parse().map_err(unreadable)?;
        let key = bucket.index_key.parse().map_err(unreadable)?;
        wanted.push((id, key));
    }
    let subsectors: Vec<i16> = wanted.iter().map(|(id, _)| id.subsector.number()).collect();
    let states: Vec<String> = wanted.iter().map(|(id, _)| state_of(*id)).collect();
    let ids: Vec<String> = stale.iter().map(|bucket| bucket.bucket_id.clone()).collect();

    let mut tx = resources.db.team_bulk(team).await?;
    buckets::mark_fresh(&mut tx, &ids).await?;
    let counts = buckets::index_counts(&mut tx, &subsectors, &states).await?;
    let files: BTreeMap<Uuid, IndexedFile> =
        buckets::files(&mut tx).await?.into_iter().map(|file| (file.id, file)).collect();
    let mut by_bucket: BTreeMap<(i16, String), Vec<&IndexCount>> = BTreeMap::new();
    for count in &counts {
        let bucket = (count.subsector, count.state.clone().unwrap_or_default());
        by_bucket.entry(bucket).or_default().push(count);
    }
    let nothing = Vec::new();
    let puts = wanted.iter().map(|(id, key)| {
        let counts = by_bucket.get(&(id.subsector.number(), state_of(*id))).unwrap_or(&nothing);
        let body = index(*id, counts, &files).to_string().into_bytes();
        resources.store.put(key, body, "application/json")
    });
    stream::iter(puts).buffer_unordered(PUTS_AT_ONCE).try_for_each(|_| async { Ok(()) }).await?;
    // Only now are they fresh: had a write failed, the mark would have been rolled back with the transaction.
    tx.commit().await?;
    Ok(wanted.len() as u64)
}

fn state_of(id: BucketId) -> String {
    id.state().map(|state: State| state.abbreviation().to_owned()).unwrap_or_default()
}

/// The document, by the field names of the system that is replaced: its readers know them.
fn index(id: BucketId, counts: &[&IndexCount], files: &BTreeMap<Uuid, IndexedFile>) -> Value {
    let total = counts.iter().find(|count| count.dimension == "total");
    let by = |dimension: &str, key: &dyn Fn(&str) -> String| -> BTreeMap<String, i64> {
        counts
            .iter()
            .filter(|count| count.dimension == dimension)
            .filter_map(|count| Some((key(count.value.as_deref()?), count.leads)))
            .collect()
    };
    let state = state_of(id);
    let plain = |value: &str| value.to_owned();
    let city = |value: &str| format!("{}-{state}", value.to_lowercase());
    let by_state: BTreeMap<&str, i64> =
        total.filter(|_| !state.is_empty()).map(|total| (state.as_str(), total.leads)).into_iter().collect();
    json!({
        "bucketId": id.to_string(),
        "name": id.name(),
        "sector": id.subsector.sector().slug(),
        "subsector": id.subsector.slug(),
        "sicCodes": id.subsector.sic_codes(),
        "state": id.state().map(State::abbreviation),
        "updatedAt": Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
        "totalRecords": total.map_or(0, |total| total.leads),
        "enrichedRecords": total.map_or(0, |total| total.enriched),
        "skipTracedRecords": total.map_or(0, |total| total.enriched),
        "files": file_entries(counts, files),
        "indexes": {
            "byState": by_state,
            "byCounty": by("county", &plain),
            "byCity": by("city", &city),
            "bySicCode": by("sic4", &plain),
        },
    })
}

fn file_entries(counts: &[&IndexCount], files: &BTreeMap<Uuid, IndexedFile>) -> Vec<Value> {
    counts
        .iter()
        .filter(|count| count.dimension == "source")
        .filter_map(|count| {
            let file = files.get(&count.value.as_deref()?.parse().ok()?)?;
            Some(json!({
                "uploadId": DataSourceId::from_uuid(file.id).to_string(),
                "fileName": file.original_name,
                "uploadedAt": file.created_at.to_rfc3339_opts(SecondsFormat::Millis, true),
                "recordCount": count.leads,
                "stats": {
                    "total": count.leads,
                    "withPhone": count.with_phone,
                    "withEmail": count.with_email,
                    "needsSkipTrace": count.needs_skip_trace,
                },
            }))
        })
        .collect()
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::permanent(FailureCode::SystemInternal, "a stored bucket cannot be read").because(error)
}
