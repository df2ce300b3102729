//! Blocks of a file's new leads. The file's leads have ids in one range of the primary key, so nothing here
//! looks at the team's other leads.

use domain::id::{BlockId, DataSourceId, RowIds, TypedId};
use serde_json::Value;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, CopyBuffer, Result};

/// A cell of the histogram that blocks are planned from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// `domain::sector`'s number of the subsector.
    pub subsector: Option<i16>,
    /// Two letters.
    pub state: Option<String>,
    /// The facts that matter to segments, masked.
    pub facts: i32,
    /// Leads in the cell.
    pub leads: i64,
}
from_row!(Cell { subsector, state, facts, leads });

/// Where the leads of one cell go.
#[derive(Debug, Clone)]
pub struct Placement {
    /// The cell; its count is not looked at.
    pub cell: Cell,
    /// Number of the segment, from 0.
    pub segment: i32,
    /// How many blocks the segment is dealt out to, evenly.
    pub parts: i32,
}

/// A block to be made: the `part`th (from 0) of its segment.
#[derive(Debug, Clone)]
pub struct NewBlock {
    /// Its id.
    pub id: BlockId,
    /// Its name.
    pub name: String,
    /// Number of the segment, from 0.
    pub segment: i32,
    /// Which part of the segment, from 0.
    pub part: i32,
    /// What all of its leads have in common.
    pub criteria: Value,
}

/// First and last id that a row of `source` can give.
pub(super) fn id_range(source: DataSourceId) -> (Uuid, Uuid) {
    let ids = RowIds::of(source);
    (ids.row(0), ids.row(u32::MAX))
}

/// Counts the file's leads that are in no open block, by subsector, state and the facts in `mask`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn histogram(tx: &mut BulkTransaction, source: DataSourceId, mask: i32) -> Result<Vec<Cell>> {
    let (first, last) = id_range(source);
    let team = tx.team_id().uuid();
    tx.all(
        sqlx::query_as(
            "SELECT subsector, state, facts & $4 AS facts, count(*) AS leads FROM leads l \
              WHERE team_id = $1 AND id BETWEEN $2 AND $3 \
              GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        )
        .bind(team)
        .bind(first)
        .bind(last)
        .bind(mask),
    )
    .await
}

/// Makes `blocks` and puts the file's leads into them: by `placements` into segments, and evenly, in the order of
/// the file, into a segment's parts. Answers how many leads were placed.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn stage(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    mask: i32,
    placements: &[Placement],
    blocks: &[NewBlock],
) -> Result<u64> {
    tx.execute(
        "SET LOCAL work_mem = '96MB'; \
         CREATE TEMP TABLE placements (subsector smallint, state text, facts integer, segment integer, \
         parts integer) \
         ON COMMIT DROP; \
         CREATE TEMP TABLE parts (id uuid, name text, segment integer, part integer, criteria jsonb) \
         ON COMMIT DROP",
    )
    .await?;
    let mut rows = CopyBuffer::new();
    for placement in placements {
        rows.i16(placement.cell.subsector.unwrap_or(-1))
            .text(placement.cell.state.as_deref().unwrap_or_default())
            .i32(placement.cell.facts)
            .i32(placement.segment)
            .i32(placement.parts);
        rows.end_row();
    }
    tx.copy_in("placements", &rows).await?;
    rows.clear();
    for block in blocks {
        let criteria = block.criteria.to_string();
        rows.uuid(block.id.uuid()).text(&block.name).i32(block.segment).i32(block.part).text(&criteria);
        rows.end_row();
    }
    tx.copy_in("parts", &rows).await?;

    let (first, last) = id_range(source);
    let team = tx.team_id().uuid();
    // The window hands the leads out in the order of the blocks' ids: nothing is sorted twice.
    let placed: Option<(i64,)> = tx
        .first(
            sqlx::query_as(
                "WITH dealt AS (
                     INSERT INTO block_leads (team_id, block_id, lead_id)
                     SELECT $1, b.id, s.id FROM (
                         SELECT l.id, p.segment,
                                ntile(p.parts) OVER (PARTITION BY p.segment ORDER BY l.id) - 1 AS part
                           FROM leads l JOIN placements p ON p.subsector = coalesce(l.subsector, -1)
                                AND p.state = coalesce(l.state, '') AND p.facts = l.facts & $4
                          WHERE l.team_id = $1 AND l.id BETWEEN $2 AND $3) s
                      JOIN parts b ON b.segment = s.segment AND b.part = s.part
                     RETURNING block_id),
                 counted AS (SELECT block_id, count(*) AS leads FROM dealt GROUP BY 1),
                 made AS (
                     INSERT INTO blocks (id, team_id, name, criteria, lead_count, data_source_id)
                     SELECT b.id, $1, b.name, b.criteria, c.leads, $5
                       FROM parts b JOIN counted c ON c.block_id = b.id
                     RETURNING lead_count)
                 SELECT coalesce(sum(lead_count), 0)::bigint FROM made",
            )
            .bind(team)
            .bind(first)
            .bind(last)
            .bind(mask)
            .bind(source.uuid()),
        )
        .await?;
    Ok(placed.map_or(0, |(leads,)| leads.cast_unsigned()))
}
