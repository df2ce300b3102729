//! Who of a file is who, by weight of evidence: its people and businesses against each other and against all that the
//! team has.
//!
//! Exact keys have placed most rows before (`upload.resolve`). What is left is blocked by the keys that were landed with
//! the rows, compared, clustered, and the records that turn out to be one are folded together. That happens when
//! the leads are there, in the one transaction that ends `upload.prepare_leads`: a merge has to take leads along, and
//! keeps what it took for the day when somebody takes it apart.
//!
//! First come the keys, in groups of shards, and the pairs that they give; then the records of the rows that are in some
//! pair, and of those no more than are compared at once. Of the pairs only those are kept that may be one.

mod case;
mod judge;
mod pairs;
mod record;
mod rows;

use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

use domain::FailureCode;
use entities::BulkTransaction;
use entities::merge::{Kind, Origin, merge, review};
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::slices::Slices;
use entities::pipeline::staging::settle_grown;
use entities::pipeline::{Staging, leads, match_keys};
use futures::stream::{self, StreamExt, TryStreamExt};
use workflows::upload::UploadRef;

use self::case::Case;
use self::judge::{Near, Verdict};
use self::pairs::{LargeBlocks, Pairs};
pub(super) use self::record::{Landing, LeftOut, rules};
use super::normalize_chunk::land_all_to_match;
use crate::{Fault, Resources};

/// Keys that are looked through at once, in bytes.
const KEY_BYTES: i64 = 4 << 20;
/// Pairs of the file from which on those that were found are compared before others are looked for. Their records are in
/// memory, about 170 bytes each and mostly fewer than two for a pair: some 130 MB at the most, however long the list is.
const PAIRS_AT_ONCE: usize = 400_000;

/// What it came to. Folded records are counted as what they take from the counts of the stages before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Matched {
    /// Minus the leads that went into others.
    pub(super) leads: i64,
    /// Minus those of them that probably decide.
    pub(super) decision_makers: i64,
    /// Minus the people that went into others.
    pub(super) personas: i64,
    /// Minus the businesses that went into others.
    pub(super) businesses: i64,
    /// How people were matched.
    people: Report,
    /// How businesses were matched.
    companies: Report,
}

/// How a kind was matched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Report {
    /// Records of the file that no exact key has placed.
    records: u64,
    /// Records of the team that were compared with them.
    known: u64,
    /// Pairs compared; one that shares keys of several rounds counts in each.
    pairs: u64,
    /// Records folded into others.
    merged: u64,
    /// Pairs newly proposed to a person.
    proposed: u64,
    /// Pairs that were too many to compare.
    large: LargeBlocks,
}

/// Matches what the file made, as piece `chunk` of `stage`, in `tx`, which holds the team's lock and has seen
/// the file's leads made.
pub(super) async fn settle(
    resources: &Resources,
    upload: UploadRef,
    (staging, slices): (&Staging, &Slices),
    tx: &mut BulkTransaction,
    (stage, chunk): (&str, i32),
) -> Result<Matched, Fault> {
    let piece = Piece { source: upload.source, stage, chunk };
    if let Some(matched) = piece.claim(tx).await? {
        return Ok(matched);
    }
    if slices.personas() + slices.businesses() == 0 {
        // Exact keys have placed all of them.
        let matched = Matched::default();
        piece.complete(tx, 0, &matched).await?;
        return Ok(matched);
    }
    let mut look = resources.db.team_bulk(upload.team).await?;
    settle_grown(&mut look).await?;
    look.commit().await?;
    let before = leads::made(tx, upload.source).await?;
    let companies = settle_kind(resources, upload, (staging, slices), tx, Kind::Business).await?;
    let people = settle_kind(resources, upload, (staging, slices), tx, Kind::Persona).await?;
    let mut matched = Matched {
        personas: -people.merged.cast_signed(),
        businesses: -companies.merged.cast_signed(),
        people,
        companies,
        ..Matched::default()
    };
    if people.merged + companies.merged > 0 {
        let after = leads::made(tx, upload.source).await?;
        matched.leads = after.0 - before.0;
        matched.decision_makers = after.1 - before.1;
    }
    piece.complete(tx, people.records + companies.records, &matched).await?;
    Ok(matched)
}

async fn settle_kind(
    resources: &Resources,
    upload: UploadRef,
    (staging, slices): (&Staging, &Slices),
    tx: &mut BulkTransaction,
    kind: Kind,
) -> Result<Report, Fault> {
    let mut case = Case::open(tx, upload.source, staging, slices, kind).await?;
    if !case.lacking.is_empty() {
        for chunk in case.lacking {
            land_all_to_match(resources, upload, chunk).await?;
        }
        case = Case::open(tx, upload.source, staging, slices, kind).await?;
    }
    let mut report = Report { records: case.records_of_file, ..Report::default() };
    if report.records == 0 {
        return Ok(report);
    }
    let (mut case, found) = find(resources, upload, tx, case, &mut report).await?;
    case.add_known(tx, &found.with_team).await?;
    report.known = case.known() as u64;

    let Found { mut near, with_team } = found;
    let Verdict { merges, proposals } = apart_from_the_runtime(move || {
        near.extend(case.compare(&case.numbered(&with_team)));
        case.decide(near)
    })
    .await?;
    report.merged = merge(tx, kind, &merges, Origin::Import(upload.source)).await?.merged;
    report.proposed = review::propose(tx, kind, &proposals, upload.source).await?;
    tracing::info!(kind = kind.as_str(), ?report, "matched");
    Ok(report)
}

/// What the keys brought together.
#[derive(Default)]
struct Found {
    /// Pairs of the file that may be one.
    near: Near,
    /// A row of the file and a record of the team, each pair once.
    with_team: Vec<(u32, uuid::Uuid)>,
}

/// Compares all records of the file that share a key, and finds those of the team that do. In the end the records of all
/// rows that it found are in memory.
async fn find(
    resources: &Resources,
    upload: UploadRef,
    tx: &mut BulkTransaction,
    mut case: Case,
    report: &mut Report,
) -> Result<(Case, Found), Fault> {
    let version = rules(case.kind).version();
    let groups = match_keys::shards(tx, case.kind, upload.source, version, KEY_BYTES).await?;
    let mut found = Found::default();
    let mut rest = groups.as_slice();
    loop {
        let (pairs, seen) = pairs_of(resources, upload, &case, rest).await?;
        rest = &rest[seen..];
        report.pairs += (pairs.of_file.len() + pairs.with_team.len()) as u64;
        report.large.add(pairs.large);
        found.with_team.extend(pairs.with_team);

        let mut rows = case.to_place.none_of_them();
        rows.insert_pairs(&pairs.of_file);
        if rest.is_empty() {
            found.with_team.sort_unstable();
            found.with_team.dedup();
            rows.insert_pairs(found.near.keys());
            found.with_team.iter().for_each(|(row, _)| rows.insert(*row));
        }
        case.load(tx, &rows).await?;
        let near;
        (case, near) = apart_from_the_runtime(move || {
            let near = case.compare(&pairs.of_file);
            (case, near)
        })
        .await?;
        found.near.extend(near);
        if rest.is_empty() {
            return Ok((case, found));
        }
    }
}

/// The pairs that the first of `groups` of shards give, until they are as many as are compared at once. Answers, too, how
/// many groups that took.
async fn pairs_of(
    resources: &Resources,
    upload: UploadRef,
    case: &Case,
    groups: &[Vec<i16>],
) -> Result<(Pairs, usize), Fault> {
    let version = rules(case.kind).version();
    let of_groups = stream::iter(groups.to_vec()).map(|shards| async move {
        let mut tx = resources.db.team_bulk(upload.team).await?;
        let segments = match_keys::read(&mut tx, case.kind, version, &shards).await?;
        tx.commit().await?;
        let to_place = Arc::clone(&case.to_place);
        apart_from_the_runtime(move || Pairs::of(&segments, upload.source, &to_place)).await
    });
    let mut of_groups = pin!(of_groups.buffered(threads().get()));
    let (mut pairs, mut seen) = (Pairs::default(), 0);
    while pairs.of_file.len() < PAIRS_AT_ONCE
        && let Some(of_group) = of_groups.try_next().await?
    {
        pairs.add(of_group);
        seen += 1;
    }
    let pairs = apart_from_the_runtime(move || {
        pairs.each_once();
        pairs
    });
    Ok((pairs.await?, seen))
}

fn threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Runs what computes for long where it holds nobody up.
async fn apart_from_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| broken("matching did not come to its end").because(error))
}

fn broken(what: &str) -> Fault {
    Fault::permanent(FailureCode::SystemInternal, format!("{what}; retry the upload"))
}
