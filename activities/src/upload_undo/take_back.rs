//! `upload_undo.take_back`: removes what a completed file made and no campaign has touched. Key: the file; a
//! repetition finds the checkpoint and answers what the first did.

use entities::pipeline::checkpoint::Piece;
use entities::pipeline::resolve::lock_team;
use entities::pipeline::{Staging, rejects, source, take_back as pipeline};
use serde_json::json;
use workflows::upload_undo::{UndoInput, UndoOutput};

use crate::{Fault, Resources};

pub(super) async fn take_back(resources: &Resources, input: UndoInput) -> Result<UndoOutput, Fault> {
    let mut tx = resources.db.team_bulk(input.team).await?;
    lock_team(&mut tx).await?;
    let piece = Piece { source: input.source, stage: "undo", chunk: 0 };
    if let Some(answer) = piece.claim(&mut tx).await? {
        return Ok(answer);
    }
    let taken = pipeline::take_back(&mut tx, input.source).await?;
    rejects::forget(&mut tx, &Staging::of(input.source)).await?;
    let answer = UndoOutput {
        leads_removed: taken.leads,
        leads_kept: taken.leads_kept,
        businesses_removed: taken.businesses,
        personas_removed: taken.personas,
        blocks_removed: taken.blocks,
    };
    let details = json!({
        "leads_removed": taken.leads,
        "leads_kept": taken.leads_kept,
        "businesses_removed": taken.businesses,
        "personas_removed": taken.personas,
        "blocks_removed": taken.blocks,
    });
    source::undone(&mut tx, input.source, input.user, &details).await?;
    piece.complete(&mut tx, taken.leads, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}
