//! `upload.stage_blocks`: cohorts of the new leads, and what they bring to the sector buckets. Key: the file.

use std::collections::BTreeMap;

use domain::geo::State;
use domain::id::BlockId;
use domain::lead::LeadFacts;
use domain::sector::{BucketId, SubsectorId};
use domain::segment::{self, SEGMENT_FACTS};
use entities::fresh_id;
use entities::pipeline::blocks::{Cell, NewBlock, Placement, histogram, stage};
use entities::pipeline::buckets;
use entities::pipeline::checkpoint::Piece;
use providers::object_store::ObjectKey;
use serde_json::json;
use workflows::upload::{StageBlocksOutput, UploadRef};

use crate::{Fault, Resources};

const STAGE: &str = "stage_blocks";

pub(super) async fn stage_blocks(
    resources: &Resources,
    upload: UploadRef,
) -> Result<StageBlocksOutput, Fault> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk: 0 };
    if let Some(answer) = piece.claim(&mut tx).await? {
        return Ok(answer);
    }
    let mask = SEGMENT_FACTS.to_db();
    let cells = histogram(&mut tx, upload.source, mask).await?;
    add_to_buckets(&mut tx, upload, &cells).await?;
    let (placements, blocks) = plan(cells);
    let placed = stage(&mut tx, upload.source, mask, &placements, &blocks).await?;
    let answer = StageBlocksOutput { blocks: blocks.len() as u64 };
    piece.complete(&mut tx, placed, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

fn plan(cells: Vec<Cell>) -> (Vec<Placement>, Vec<NewBlock>) {
    let counted: Vec<_> = cells
        .iter()
        .map(|cell| {
            let group = cell.subsector.and_then(SubsectorId::from_number);
            let count = cell.leads.cast_unsigned();
            segment::Cell::counted(group, cell.state.clone(), LeadFacts::from_db(cell.facts), count)
        })
        .collect();
    let plan = segment::plan(&counted, |subsector| subsector.name().to_owned());
    let mut blocks = Vec::with_capacity(plan.block_count());
    for (number, segment) in (0..).zip(&plan.segments) {
        for (part, block) in (0..).zip(&segment.blocks) {
            blocks.push(NewBlock {
                id: fresh_id::<BlockId>(),
                name: block.name.clone(),
                segment: number,
                part,
                criteria: json!({
                    "level": segment.level.as_str(),
                    "subsector": segment.group.map(SubsectorId::slug),
                    "state": segment.state,
                }),
            });
        }
    }
    let placements = cells
        .into_iter()
        .zip(&plan.placed)
        .filter_map(|(cell, placed)| {
            let segment = (*placed)?;
            let parts = plan.segments.get(segment)?.blocks.len();
            Some(Placement { cell, segment: i32::try_from(segment).ok()?, parts: i32::try_from(parts).ok()? })
        })
        .collect();
    (placements, blocks)
}

async fn add_to_buckets(
    tx: &mut entities::BulkTransaction,
    upload: UploadRef,
    cells: &[Cell],
) -> Result<(), Fault> {
    let mut brought: BTreeMap<BucketId, i64> = BTreeMap::new();
    for cell in cells {
        let Some(subsector) = cell.subsector.and_then(SubsectorId::from_number) else { continue };
        let state = cell.state.as_deref().and_then(State::parse);
        *brought.entry(BucketId::new(state, subsector)).or_default() += cell.leads;
    }
    let (mut ids, mut leads, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for (bucket, brought) in brought {
        let id = bucket.to_string();
        let key = ObjectKey::bucket_index(upload.team, &id).map_err(|error| {
            Fault::permanent(domain::FailureCode::SystemInternal, "a bucket's key cannot be made")
                .because(error)
        })?;
        keys.push(key.as_str().to_owned());
        ids.push(id);
        leads.push(brought);
    }
    buckets::add(tx, &ids, &leads, &keys).await?;
    Ok(())
}
