//! `upload.prepare_leads`: leads with score, tags and class. Key: the file; pieces are slices of rows, the leads
//! of earlier files that this file lists too and, last, the matching of people and businesses.

use domain::lead::{CURRENT_WEIGHTS, LeadFacts, contact_class, quality_score, score, tags};
use domain::sector::SubsectorId;
use entities::DbError;
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::leads::{
    Gradable, Grade, LEAD_KEY_CONSTRAINT, Prepared, TOUCH_SHARES, Taken, land, touch_known, ungraded,
};
use entities::pipeline::resolve::lock_team;
use entities::pipeline::staging::RowRange;
use entities::pipeline::{Staging, normalized};
use futures::future::try_join_all;
use futures::stream::{self, StreamExt, TryStreamExt};
use workflows::upload::{PrepareLeadsOutput, UploadRef};

use super::matching;
use super::resolve::{SLICE_ROWS, SLICES_AT_ONCE};
use crate::{Fault, Resources};

const STAGE: &str = "prepare_leads";
/// Number of the piece that matches people and businesses. Those above are the shares of [`touch`].
const MATCH: i32 = i32::MAX - TOUCH_SHARES;

pub(super) async fn prepare_leads(
    resources: &Resources,
    upload: UploadRef,
) -> Result<PrepareLeadsOutput, Fault> {
    let mut turn = resources.db.team_bulk(upload.team).await?;
    lock_team(&mut turn).await?;

    let staging = Staging::of(upload.source);
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let (rows, last_row) = normalized::extent(&mut tx, &staging).await?;
    let grades: Vec<Grade> = ungraded(&mut tx, &staging).await?.into_iter().map(grade).collect();
    tx.commit().await?;

    let prepared: Vec<Prepared> = stream::iter(RowRange::cut(last_row, SLICE_ROWS).into_iter().zip(0..))
        .map(|(range, number)| land_slice(resources, upload, &staging, range, number, &grades))
        .buffer_unordered(SLICES_AT_ONCE)
        .try_collect()
        .await?;
    try_join_all((0..TOUCH_SHARES).map(|share| touch(resources, upload, &staging, share))).await?;

    let matched = matching::settle(resources, upload, &staging, &mut turn, (STAGE, MATCH)).await?;
    turn.commit().await?;
    let leads = prepared.iter().map(|piece| piece.leads).sum::<u64>().saturating_add_signed(matched.leads);
    let decision_makers = prepared.iter().map(|piece| piece.decision_makers).sum::<u64>();
    Ok(PrepareLeadsOutput {
        duplicates: rows.cast_unsigned() - leads,
        leads,
        decision_makers: decision_makers.saturating_add_signed(matched.decision_makers),
    })
}

/// The rules are here and in `domain` only; SQL joins the answers to the rows.
fn grade(of: Gradable) -> Grade {
    let facts = LeadFacts::from_db(of.facts);
    let industry = of.subsector.and_then(SubsectorId::from_number).map(SubsectorId::slug);
    let score = score(facts, CURRENT_WEIGHTS).value;
    Grade {
        of,
        score: score.into(),
        quality: quality_score(facts).into(),
        contact_class: contact_class(facts).as_str(),
        tags: tags(facts, industry, score).to_vec(),
    }
}

async fn land_slice(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
    range: RowRange,
    chunk: i32,
    grades: &[Grade],
) -> Result<Prepared, Fault> {
    match try_slice(resources, upload, staging, range, chunk, grades, Taken::Hardly).await {
        Err(error) if error.violates(LEAD_KEY_CONSTRAINT) => {
            Ok(try_slice(resources, upload, staging, range, chunk, grades, Taken::Some).await?)
        }
        done => Ok(done?),
    }
}

async fn try_slice(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
    range: RowRange,
    chunk: i32,
    grades: &[Grade],
    taken: Taken,
) -> Result<Prepared, DbError> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk };
    if let Some(prepared) = piece.claim(&mut tx).await? {
        return Ok(prepared);
    }
    let prepared = land(&mut tx, staging, range, grades, CURRENT_WEIGHTS.version, taken).await?;
    piece.complete(&mut tx, prepared.leads, &prepared).await?;
    tx.commit().await?;
    Ok(prepared)
}

/// Under a number no slice has: they count down from the largest.
async fn touch(resources: &Resources, upload: UploadRef, staging: &Staging, share: i32) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk: i32::MAX - share };
    if piece.claim::<u64>(&mut tx).await?.is_some() {
        return Ok(());
    }
    let known = touch_known(&mut tx, staging, share).await?;
    piece.complete(&mut tx, known, &known).await?;
    tx.commit().await?;
    Ok(())
}
