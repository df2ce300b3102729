//! Who of a file is who, by weight of evidence: its people and businesses against each other and against all that the
//! team has.
//!
//! Exact keys have placed most rows before (`upload.resolve`). What is left is blocked by the keys that were landed with
//! the rows, compared, clustered, and the records that turn out to be one are folded together. That happens when
//! the leads are there, in the one transaction that ends `upload.prepare_leads`: a merge has to take leads along, and
//! keeps what it took for the day when somebody takes it apart.

mod judge;
mod pairs;
mod record;

use std::num::NonZeroUsize;

use domain::FailureCode;
use domain::id::RowIds;
use entities::BulkTransaction;
use entities::merge::{Kind, Origin, kept_apart, merge, review, roots};
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::{Staging, candidates, leads, match_keys, normalized};
use futures::stream::{self, StreamExt, TryStreamExt};
use resolution::{Model, Record};
use uuid::Uuid;
use workflows::upload::UploadRef;

use self::judge::{Case, Verdict};
use self::pairs::{LargeBlocks, Numbered, Pairs};
pub(super) use self::record::{add_keys, rules};
use crate::{Fault, Resources};

/// Keys that are looked through at once, in bytes.
const KEY_BYTES: i64 = 8 << 20;
/// Connections that read keys at once.
const READERS: usize = 2;

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
    /// Records that shared a key with another.
    candidates: u64,
    /// Pairs compared.
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
    staging: &Staging,
    tx: &mut BulkTransaction,
    (stage, chunk): (&str, i32),
) -> Result<Matched, Fault> {
    let piece = Piece { source: upload.source, stage, chunk };
    if let Some(matched) = piece.claim(tx).await? {
        return Ok(matched);
    }
    let before = leads::made(tx, upload.source).await?;
    let companies = settle_kind(resources, upload, staging, tx, Kind::Business).await?;
    let people = settle_kind(resources, upload, staging, tx, Kind::Persona).await?;
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
    piece.complete(tx, people.candidates + companies.candidates, &matched).await?;
    Ok(matched)
}

async fn settle_kind(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
    tx: &mut BulkTransaction,
    kind: Kind,
) -> Result<Report, Fault> {
    let pairs = find_pairs(resources, upload, staging, tx, kind).await?;
    let mut report = Report { large: pairs.large, ..Report::default() };
    if pairs.of_file.is_empty() && pairs.with_team.is_empty() {
        return Ok(report);
    }
    let case = prepare(upload, staging, tx, kind, pairs).await?;
    report.candidates = case.ids.len() as u64;
    report.pairs = case.pairs.len() as u64;
    let verdict = apart_from_the_runtime(move || {
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        case.decide(threads)
    })
    .await?;
    let Verdict { merges, proposals } = verdict;
    report.merged = merge(tx, kind, &merges, Origin::Import(upload.source)).await?.merged;
    report.proposed = review::propose(tx, kind, &proposals, upload.source).await?;
    Ok(report)
}

/// Who shares a key with whom. Keys of as many shards as fit are in memory at once.
async fn find_pairs(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
    tx: &mut BulkTransaction,
    kind: Kind,
) -> Result<Pairs, Fault> {
    let version = rules(kind).version();
    let placed = candidates::placed(tx, staging, kind).await?;
    let groups = match_keys::shards(tx, kind, upload.source, version, KEY_BYTES).await?;
    let placed = &placed;
    stream::iter(groups)
        .map(|shards| async move {
            let mut tx = resources.db.team_bulk(upload.team).await?;
            let segments = match_keys::read(&mut tx, kind, version, &shards).await?;
            tx.commit().await?;
            let placed = placed.clone();
            apart_from_the_runtime(move || Pairs::of(&segments, upload.source, &placed)).await
        })
        .buffer_unordered(READERS)
        .try_fold(Pairs::default(), |mut all, pairs| async move {
            all.add(pairs);
            Ok(all)
        })
        .await
}

/// Fetches the records of the pairs, and of those that were merged who has them now.
async fn prepare(
    upload: UploadRef,
    staging: &Staging,
    tx: &mut BulkTransaction,
    kind: Kind,
    pairs: Pairs,
) -> Result<Case, Fault> {
    let mut known: Vec<Uuid> = pairs.with_team.iter().map(|(_, id)| *id).collect();
    known.sort_unstable();
    known.dedup();
    let roots = roots(tx, kind, &known).await?;
    let row_ids = RowIds::of(upload.source);
    let Numbered { ids, pairs } = Numbered::of(&pairs, |row| row_ids.row(row), &roots);
    let (first, last) = (row_ids.row(0), row_ids.row(u32::MAX));
    let fresh: Vec<bool> = ids.iter().map(|id| (first..=last).contains(id)).collect();

    let mut records: Vec<Option<Record>> = vec![None; ids.len()];
    let mut keep = |id: Uuid, said: &candidates::Candidate<'_>| {
        if let Ok(number) = ids.binary_search(&id) {
            records[number] = Some(record::record(kind, said));
        }
    };
    let (own, others): (Vec<Uuid>, Vec<Uuid>) = ids.iter().partition(|id| (first..=last).contains(*id));
    let rows: Vec<u32> = own.iter().map(|id| (id.as_u128() & u128::from(u32::MAX)) as u32).collect();
    candidates::of_rows(tx, staging, kind, &rows, &mut keep).await?;
    candidates::of_team(tx, kind, &others, &mut keep).await?;

    let (rows, _) = normalized::extent(tx, staging).await?;
    let population = candidates::population(tx, kind).await? + rows.cast_unsigned();
    let mut model = Model::shipped(rules(kind), population);
    // How common a name or a word is, these records say themselves.
    records.iter().flatten().for_each(|record| model.observe(record));
    let apart = kept_apart(tx, kind).await?;
    Ok(Case { kind, model, ids, records, fresh, pairs, apart })
}

/// Runs what computes for long where it holds nobody up.
async fn apart_from_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        Fault::permanent(FailureCode::SystemInternal, "matching did not come to its end; retry the upload")
            .because(error)
    })
}
