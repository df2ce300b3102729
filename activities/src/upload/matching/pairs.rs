//! Blocks: who shares a key with whom.

use std::collections::BTreeMap;

use domain::id::DataSourceId;
use entities::pipeline::match_keys::Segment;
use uuid::Uuid;

/// The most records with one key of which every pair is compared. What more records share identifies nobody: true
/// repetitions among them share a rarer key as well, such as name and ZIP.
const LARGEST_BLOCK: usize = 100;

/// Pairs that are to be compared, each once.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Two rows of the file, the earlier first.
    pub(super) of_file: Vec<(u32, u32)>,
    /// A row of the file and a record that the team has.
    pub(super) with_team: Vec<(u32, Uuid)>,
    /// What was too large.
    pub(super) large: LargeBlocks,
}

/// Blocks that are too large to compare every pair; counts only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct LargeBlocks {
    /// How many.
    pub(super) blocks: u64,
    /// Records in the largest of them.
    pub(super) largest: u64,
    /// Pairs that were not compared by them; a rarer key may have brought some of them together.
    pub(super) pairs_left_out: u64,
}

impl Pairs {
    /// The pairs of some shards. `placed` are the rows that need no looking, in order.
    pub(super) fn of(segments: &[Segment], source: DataSourceId, placed: &[i32]) -> Self {
        let mut pairs = Self::default();
        for shard in segments.chunk_by(|a, b| a.shard == b.shard) {
            pairs.add_shard(shard, source, placed);
        }
        pairs.settle();
        pairs
    }

    /// Adds what other shards gave.
    pub(super) fn add(&mut self, other: Self) {
        self.of_file.extend(other.of_file);
        self.with_team.extend(other.with_team);
        self.large.blocks += other.large.blocks;
        self.large.largest = self.large.largest.max(other.large.largest);
        self.large.pairs_left_out += other.large.pairs_left_out;
        self.settle();
    }

    fn settle(&mut self) {
        self.of_file.sort_unstable();
        self.of_file.dedup();
        self.with_team.sort_unstable();
        self.with_team.dedup();
    }

    fn add_shard(&mut self, segments: &[Segment], source: DataSourceId, placed: &[i32]) {
        let (own, others): (Vec<_>, Vec<_>) = segments.iter().partition(|segment| segment.is_of(source));
        let is_placed = |row: u32| placed.binary_search(&row.cast_signed()).is_ok();
        let mut rows: Vec<(u64, u32)> = own.iter().flat_map(|segment| segment.entries()).collect();
        if !placed.is_empty() {
            rows.retain(|(_, row)| !is_placed(*row));
        }
        rows.sort_unstable();
        rows.dedup();
        let mut known: Vec<(u64, Uuid)> = Vec::new();
        for segment in others {
            shared(&rows, segment, &mut known);
        }
        known.sort_unstable();
        known.dedup();
        let mut known = known.as_slice();
        for block in rows.chunk_by(|a, b| a.0 == b.0) {
            let key = block[0].0;
            known = &known[known.partition_point(|(other, _)| *other < key)..];
            let (with_key, rest) = known.split_at(known.partition_point(|(other, _)| *other == key));
            known = rest;
            self.add_block(block, with_key);
        }
    }

    fn add_block(&mut self, rows: &[(u64, u32)], known: &[(u64, Uuid)]) {
        let size = rows.len() + known.len();
        if size > LARGEST_BLOCK {
            let (rows, known) = (rows.len() as u64, known.len() as u64);
            self.large.blocks += 1;
            self.large.largest = self.large.largest.max(size as u64);
            self.large.pairs_left_out += rows * (rows - 1) / 2 + rows * known;
            return;
        }
        for (at, (_, row)) in rows.iter().enumerate() {
            self.of_file.extend(rows[at + 1..].iter().map(|(_, other)| (*row, *other)));
            self.with_team.extend(known.iter().map(|(_, id)| (*row, *id)));
        }
    }
}

/// Adds the entries of `segment` whose keys some row has. Both are in order.
fn shared(rows: &[(u64, u32)], segment: &Segment, known: &mut Vec<(u64, Uuid)>) {
    let mut rows = rows;
    for (key, suffix) in segment.entries() {
        // Most entries are passed over one by one; a search by halves would jump about in memory.
        while let [(row_key, _), rest @ ..] = rows
            && *row_key < key
        {
            rows = rest;
        }
        match rows.first() {
            None => return,
            Some((row_key, _)) if *row_key == key => known.push((key, segment.id(suffix))),
            Some(_) => {}
        }
    }
}

/// Pairs between records that are numbered: all records in order of their ids, and the pairs by their numbers.
pub(super) struct Numbered {
    /// The records.
    pub(super) ids: Vec<Uuid>,
    /// The pairs, the smaller number first, each once.
    pub(super) pairs: Vec<(u32, u32)>,
}

impl Numbered {
    /// Numbers the records of `pairs`. `row_id` is the id that a row of the file gives; who has a record now that was
    /// merged says `roots`.
    pub(super) fn of(pairs: &Pairs, row_id: impl Fn(u32) -> Uuid, roots: &BTreeMap<Uuid, Uuid>) -> Self {
        let now = |id: &Uuid| roots.get(id).copied().unwrap_or(*id);
        let of_file = pairs.of_file.iter().map(|(one, other)| (row_id(*one), row_id(*other)));
        let with_team = pairs.with_team.iter().map(|(row, id)| (row_id(*row), now(id)));
        let by_id: Vec<(Uuid, Uuid)> = of_file.chain(with_team).filter(|(one, other)| one != other).collect();
        let mut ids: Vec<Uuid> = by_id.iter().flat_map(|(one, other)| [*one, *other]).collect();
        ids.sort_unstable();
        ids.dedup();
        let number = |id: Uuid| ids.partition_point(|known| *known < id) as u32;
        let mut numbered: Vec<(u32, u32)> = by_id
            .iter()
            .map(|(one, other)| (number(*one), number(*other)))
            .map(|(one, other)| (one.min(other), one.max(other)))
            .collect();
        numbered.sort_unstable();
        numbered.dedup();
        Self { ids, pairs: numbered }
    }
}
