//! Blocks: who shares a key with whom.

use domain::id::DataSourceId;
use entities::pipeline::match_keys::Segment;
use uuid::Uuid;

use super::rows::Rows;

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

impl LargeBlocks {
    /// Adds what other shards have.
    pub(super) fn add(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.largest = self.largest.max(other.largest);
        self.pairs_left_out += other.pairs_left_out;
    }
}

impl Pairs {
    /// The pairs that some shards give of the rows `to_place`.
    pub(super) fn of(segments: &[Segment], source: DataSourceId, to_place: &Rows) -> Self {
        let mut pairs = Self::default();
        for shard in segments.chunk_by(|a, b| a.shard == b.shard) {
            pairs.add_shard(shard, source, to_place);
        }
        pairs.each_once();
        pairs
    }

    /// Adds what other shards have.
    pub(super) fn add(&mut self, other: Self) {
        self.of_file.extend(other.of_file);
        self.with_team.extend(other.with_team);
        self.large.add(other.large);
    }

    /// Drops repetitions: two that share several keys came several times.
    pub(super) fn each_once(&mut self) {
        self.of_file.sort_unstable();
        self.of_file.dedup();
        self.with_team.sort_unstable();
        self.with_team.dedup();
    }

    fn add_shard(&mut self, segments: &[Segment], source: DataSourceId, to_place: &Rows) {
        let (own, others): (Vec<_>, Vec<_>) = segments.iter().partition(|segment| segment.is_of(source));
        let own = own.iter().flat_map(|segment| segment.entries());
        let mut records: Vec<(u64, u32)> = own.filter(|(_, row)| to_place.contains(*row)).collect();
        records.sort_unstable();
        records.dedup();
        let mut known: Vec<(u64, Uuid)> = Vec::new();
        for segment in others {
            shared(&records, segment, &mut known);
        }
        known.sort_unstable();
        known.dedup();
        let mut known = known.as_slice();
        for block in records.chunk_by(|a, b| a.0 == b.0) {
            let key = block[0].0;
            known = &known[known.partition_point(|(other, _)| *other < key)..];
            let (with_key, rest) = known.split_at(known.partition_point(|(other, _)| *other == key));
            known = rest;
            self.add_block(block, with_key);
        }
    }

    fn add_block(&mut self, records: &[(u64, u32)], known: &[(u64, Uuid)]) {
        let size = records.len() + known.len();
        if size > LARGEST_BLOCK {
            let (records, known) = (records.len() as u64, known.len() as u64);
            self.large.blocks += 1;
            self.large.largest = self.large.largest.max(size as u64);
            self.large.pairs_left_out += records * (records - 1) / 2 + records * known;
            return;
        }
        for (at, (_, record)) in records.iter().enumerate() {
            self.of_file.extend(records[at + 1..].iter().map(|(_, other)| (*record, *other)));
            self.with_team.extend(known.iter().map(|(_, id)| (*record, *id)));
        }
    }
}

/// Adds the entries of `segment` whose keys some record has. Both are in order.
fn shared(records: &[(u64, u32)], segment: &Segment, known: &mut Vec<(u64, Uuid)>) {
    let mut records = records;
    for (key, suffix) in segment.entries() {
        // Most entries are passed over one by one; a search by halves would jump about in memory.
        while let [(own_key, _), rest @ ..] = records
            && *own_key < key
        {
            records = rest;
        }
        match records.first() {
            None => return,
            Some((own_key, _)) if *own_key == key => known.push((key, segment.id(suffix))),
            Some(_) => {}
        }
    }
}
