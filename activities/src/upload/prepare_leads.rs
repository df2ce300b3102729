//! `upload.prepare_leads`: leads with score, tags and class. Key: the file; pieces are slices of rows, the leads
//! of earlier files that this file lists too and, last, the matching of people and businesses.

use domain::lead::{CURRENT_WEIGHTS, LeadFacts, contact_class, quality_score, score, tags};
use domain::sector::SubsectorId;
use entities::DbError;
use entities::pipeline::Staging;
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::leads::{
    Gradable, Grade, LEAD_KEY_CONSTRAINT, Prepared, known, land, touch, ungraded,
};
use entities::pipeline::overtaken::Taken;
use entities::pipeline::resolve::lock_team;
use entities::pipeline::slices::Slice;
use futures::stream::{self, StreamExt, TryStreamExt};
use futures::try_join;
use uuid::Uuid;
use workflows::upload::{PrepareLeadsOutput, UploadRef};

use super::matching;
use super::resolve::{SLICES_AT_ONCE, counted};
use crate::{Fault, Resources};

const STAGE: &str = "prepare_leads";
/// Number of the piece that matches people and businesses.
const MATCH: i32 = i32::MAX - 2;
/// Number of the first piece of [`touch_known`]; the others count down.
const TOUCH: i32 = i32::MAX - 3;
/// In so many pieces the leads of earlier files are touched: more than a page has leads, so that no two neighbours are
/// touched in one.
const TOUCH_ROUNDS: usize = 24;
/// Up to so many leads it is not worth to go round for.
const TOUCH_AT_ONCE: usize = 5_000;

pub(super) async fn prepare_leads(
    resources: &Resources,
    upload: UploadRef,
) -> Result<PrepareLeadsOutput, Fault> {
    let mut turn = resources.db.team_bulk(upload.team).await?;
    lock_team(&mut turn).await?;

    let staging = Staging::of(upload.source);
    let slices = counted(resources, upload, &staging).await?;
    let with_leads: Vec<Slice> = slices.0.iter().copied().filter(|slice| slice.leads > 0).collect();
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let grades: Vec<Grade> = match with_leads.is_empty() {
        true => Vec::new(),
        false => ungraded(&mut tx, &staging).await?.into_iter().map(grade).collect(),
    };
    let known = known(&mut tx, &staging).await?;
    tx.commit().await?;

    let prepared: Vec<Prepared> = stream::iter(with_leads)
        .map(|slice| land_slice(resources, upload, &staging, slice, &grades))
        .buffer_unordered(SLICES_AT_ONCE)
        .try_collect()
        .await?;
    touch_known(resources, upload, &known).await?;
    drop(known);

    let matched = matching::settle(resources, upload, (&staging, &slices), &mut turn, (STAGE, MATCH)).await?;
    turn.commit().await?;
    let leads = prepared.iter().map(|piece| piece.leads).sum::<u64>().saturating_add_signed(matched.leads);
    let decision_makers = prepared.iter().map(|piece| piece.decision_makers).sum::<u64>();
    Ok(PrepareLeadsOutput {
        duplicates: slices.rows() - leads,
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
    slice: Slice,
    grades: &[Grade],
) -> Result<Prepared, Fault> {
    match try_slice(resources, upload, staging, slice, grades, Taken::Hardly).await {
        Err(error) if error.violates(LEAD_KEY_CONSTRAINT) => {
            Ok(try_slice(resources, upload, staging, slice, grades, Taken::Some).await?)
        }
        done => Ok(done?),
    }
}

async fn try_slice(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
    slice: Slice,
    grades: &[Grade],
    taken: Taken,
) -> Result<Prepared, DbError> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk: slice.number };
    if let Some(prepared) = piece.claim(&mut tx).await? {
        return Ok(prepared);
    }
    let prepared = land(&mut tx, staging, slice.range(), grades, CURRENT_WEIGHTS.version, taken).await?;
    piece.complete(&mut tx, prepared.leads, &prepared).await?;
    tx.commit().await?;
    Ok(prepared)
}

/// Notes on leads of earlier files that this one lists them too: round by round, the halves of each side by side.
async fn touch_known(resources: &Resources, upload: UploadRef, known: &[Uuid]) -> Result<(), Fault> {
    for (number, [one, other]) in (0..).step_by(2).zip(rounds(known)) {
        try_join!(
            touch_some(resources, upload, TOUCH - number, one),
            touch_some(resources, upload, TOUCH - number - 1, other),
        )?;
    }
    Ok(())
}

/// Deals leads, which are in order, out to rounds: to each every so many-th of both halves. Neighbours, which share a
/// page, are in different rounds, and the halves of a round have hardly a page in common.
fn rounds(known: &[Uuid]) -> impl Iterator<Item = [Vec<Uuid>; 2]> {
    let rounds = if known.len() <= TOUCH_AT_ONCE { 1 } else { TOUCH_ROUNDS };
    let (one, other) = known.split_at(known.len() / 2);
    (0..rounds)
        .map(move |round| [one, other].map(|half| half.iter().copied().skip(round).step_by(rounds).collect()))
}

async fn touch_some(
    resources: &Resources,
    upload: UploadRef,
    chunk: i32,
    leads: Vec<Uuid>,
) -> Result<(), Fault> {
    if leads.is_empty() {
        return Ok(());
    }
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk };
    if piece.claim::<u64>(&mut tx).await?.is_some() {
        return Ok(());
    }
    let touched = touch(&mut tx, upload.source, &leads).await?;
    piece.complete(&mut tx, touched, &touched).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lead_is_touched_once_and_none_with_its_neighbour() {
        for leads in [0, 1, 2, 17, TOUCH_AT_ONCE, TOUCH_AT_ONCE + 1, 30_011] {
            let known: Vec<Uuid> = (0..leads as u128).map(Uuid::from_u128).collect();
            let rounds: Vec<_> = rounds(&known).collect();
            let mut touched: Vec<Uuid> = rounds.iter().flatten().flatten().copied().collect();
            touched.sort_unstable();
            assert_eq!(touched, known);
            if leads > TOUCH_AT_ONCE {
                assert_eq!(rounds.len(), TOUCH_ROUNDS);
                let halves = rounds.iter().flatten();
                let apart = |half: &Vec<Uuid>| {
                    half.windows(2).all(|two| two[1].as_u128() - two[0].as_u128() >= TOUCH_ROUNDS as u128)
                };
                assert!(halves.into_iter().all(apart));
            }
        }
    }
}
