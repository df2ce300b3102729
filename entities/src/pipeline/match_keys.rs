//! Blocking keys: by which a record is found by what may be the same.
//!
//! Keys are kept in segments: all keys of one chunk of a file that begin with the same eight bits (a shard), in order,
//! twelve bytes each. A file meets what the team has shard by shard, so that memory does not grow with the team
//! (`docs/adr/0018-match-key-segments.md`).

use domain::id::{DataSourceId, RowIds, TypedId};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::merge::Kind;
use crate::{BulkTransaction, Result, Stored, TeamTransaction};

/// A shard for each first byte of a key.
const SHARDS: usize = 256;
/// Bytes of an entry: the key and the end of the id.
const ENTRY: usize = 12;
/// Bytes of the part of an id that all rows of a file share.
const PREFIX: usize = 12;

/// Collects the keys of a chunk's records.
#[derive(Debug, Default)]
pub struct KeyBuffer {
    people: Vec<(u64, u32)>,
    businesses: Vec<(u64, u32)>,
}

impl KeyBuffer {
    /// Adds the keys of the record that row `row_no` makes.
    pub fn push(&mut self, kind: Kind, row_no: i32, keys: &[u64]) {
        let entries = match kind {
            Kind::Persona => &mut self.people,
            Kind::Business => &mut self.businesses,
        };
        entries.extend(keys.iter().map(|key| (*key, row_no.cast_unsigned())));
    }
}

/// Lands the keys of a chunk of `source`, made by version `rules` of the rules, in the place of what it had.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn land(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    chunk: i32,
    rules: u16,
    keys: KeyBuffer,
) -> Result<()> {
    let team = tx.team_id().uuid();
    let gone = "DELETE FROM match_keys WHERE data_source_id = $1 AND chunk = $2";
    tx.run(sqlx::query(gone).bind(source.uuid()).bind(chunk)).await?;
    let prefix = RowIds::of(source).row(0).as_bytes()[..PREFIX].to_vec();
    for (kind, entries) in [(Kind::Persona, keys.people), (Kind::Business, keys.businesses)] {
        let (shards, segments) = segments(entries);
        tx.run(
            sqlx::query(
                "INSERT INTO match_keys (team_id, kind, shard, data_source_id, chunk, rules, id_prefix, pairs) \
                 SELECT $1, $2, s.shard, $3, $4, $5, $6, s.pairs FROM unnest($7::smallint[], $8::bytea[]) \
                        s (shard, pairs)",
            )
            .bind(team)
            .bind(kind.number())
            .bind(source.uuid())
            .bind(chunk)
            .bind(rules.cast_signed())
            .bind(&prefix)
            .bind(shards)
            .bind(segments),
        )
        .await?;
    }
    Ok(())
}

fn segments(mut entries: Vec<(u64, u32)>) -> (Vec<i16>, Vec<Vec<u8>>) {
    entries.sort_unstable();
    let shard = |entry: &(u64, u32)| (entry.0 >> 56) as i16;
    let (mut shards, mut segments) = (Vec::with_capacity(SHARDS), Vec::with_capacity(SHARDS));
    for run in entries.chunk_by(|a, b| shard(a) == shard(b)) {
        let mut bytes = Vec::with_capacity(run.len() * ENTRY);
        for (key, suffix) in run {
            bytes.extend_from_slice(&key.to_be_bytes());
            bytes.extend_from_slice(&suffix.to_be_bytes());
        }
        shards.push(shard(&run[0]));
        segments.push(bytes);
    }
    (shards, segments)
}

/// The keys of what a person entered, as made by version `rules` of the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnteredKeys {
    /// The version.
    pub rules: u16,
    /// Of the person.
    pub persona: Vec<u64>,
    /// Of the business.
    pub business: Vec<u64>,
}

/// Adds the keys of a record that no file brought, for files to find it by. Those that it has already are not added again.
///
/// # Errors
/// Any [`crate::DbError`].
pub(crate) async fn enter(
    team: &TeamTransaction,
    kind: Kind,
    id: Uuid,
    rules: u16,
    keys: &[u64],
) -> Result<()> {
    let (prefix, suffix) = id.as_bytes().split_at(PREFIX);
    let entry = |key: &u64| [key.to_be_bytes().as_slice(), suffix].concat();
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    let shards: Vec<i16> = keys.iter().map(|key| (key >> 56) as i16).collect();
    let entries: Vec<Vec<u8>> = keys.iter().map(entry).collect();
    team.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        "INSERT INTO match_keys (team_id, kind, shard, chunk, rules, id_prefix, pairs) \
         SELECT $1, $2, k.shard, 0, $3, $4, k.entry FROM unnest($5::smallint[], $6::bytea[]) k (shard, entry) \
          WHERE NOT EXISTS (SELECT FROM match_keys m WHERE m.team_id = $1 AND m.kind = $2 AND m.shard = k.shard \
                               AND m.rules = $3 AND m.id_prefix = $4 AND m.pairs = k.entry)",
        [
            Stored(team.team_id()).into(),
            kind.number().into(),
            rules.cast_signed().into(),
            prefix.to_vec().into(),
            shards.into(),
            entries.into(),
        ],
    ))
    .await?;
    Ok(())
}

/// Keys of one shard that came together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The shard.
    pub shard: i16,
    id_prefix: Vec<u8>,
    pairs: Vec<u8>,
}
from_row!(Segment { shard, id_prefix, pairs });

impl Segment {
    /// The id of the record whose entry ends in `suffix`.
    pub fn id(&self, suffix: u32) -> Uuid {
        let mut bytes = [0; 16];
        for (byte, prefix) in bytes.iter_mut().zip(&self.id_prefix) {
            *byte = *prefix;
        }
        bytes[PREFIX..].copy_from_slice(&suffix.to_be_bytes());
        Uuid::from_bytes(bytes)
    }

    /// Whether its records are rows of `source`.
    pub fn is_of(&self, source: DataSourceId) -> bool {
        self.id_prefix == RowIds::of(source).row(0).as_bytes()[..PREFIX]
    }

    /// The keys, each with the end of its record's id, in order.
    pub fn entries(&self) -> impl Iterator<Item = (u64, u32)> {
        let (entries, _) = self.pairs.as_chunks::<ENTRY>();
        entries.iter().map(|entry| {
            let [a, b, c, d, e, f, g, h, suffix @ ..] = *entry;
            (u64::from_be_bytes([a, b, c, d, e, f, g, h]), u32::from_be_bytes(suffix))
        })
    }
}

/// The shards of a team that hold keys of `source`, in groups that fit into about `bytes` each.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn shards(
    tx: &mut BulkTransaction,
    kind: Kind,
    source: DataSourceId,
    rules: u16,
    bytes: i64,
) -> Result<Vec<Vec<i16>>> {
    let team = tx.team_id().uuid();
    let sizes: Vec<(i16, i64)> = tx
        .all(
            sqlx::query_as(
                "SELECT shard, sum(octet_length(pairs))::bigint FROM match_keys \
                  WHERE team_id = $1 AND kind = $2 AND rules = $3 \
                  GROUP BY 1 HAVING bool_or(data_source_id = $4) ORDER BY 1",
            )
            .bind(team)
            .bind(kind.number())
            .bind(rules.cast_signed())
            .bind(source.uuid()),
        )
        .await?;
    let mut groups: Vec<Vec<i16>> = Vec::new();
    let mut room = 0;
    for (shard, size) in sizes {
        match groups.last_mut() {
            Some(group) if room >= size => group.push(shard),
            _ => {
                groups.push(vec![shard]);
                room = bytes;
            }
        }
        room -= size;
    }
    Ok(groups)
}

/// All keys of a team in `shards`, by shard.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn read(tx: &mut BulkTransaction, kind: Kind, rules: u16, shards: &[i16]) -> Result<Vec<Segment>> {
    let team = tx.team_id().uuid();
    tx.all(
        sqlx::query_as(
            "SELECT shard, id_prefix, pairs FROM match_keys \
              WHERE team_id = $1 AND kind = $2 AND rules = $3 AND shard = ANY($4) ORDER BY shard",
        )
        .bind(team)
        .bind(kind.number())
        .bind(rules.cast_signed())
        .bind(shards),
    )
    .await
}

/// Forgets the keys of a file of which nothing is left. Where something is left, a later file is to find it.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn forget(tx: &mut BulkTransaction, source: DataSourceId) -> Result<u64> {
    let team = tx.team_id().uuid();
    let ids = RowIds::of(source);
    tx.run(
        sqlx::query(
            "DELETE FROM match_keys WHERE data_source_id = $2 \
                AND NOT EXISTS (SELECT FROM personas WHERE team_id = $1 AND id BETWEEN $3 AND $4) \
                AND NOT EXISTS (SELECT FROM businesses WHERE team_id = $1 AND id BETWEEN $3 AND $4)",
        )
        .bind(team)
        .bind(source.uuid())
        .bind(ids.row(0))
        .bind(ids.row(u32::MAX)),
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_in_order_and_give_ids_back() {
        let entries = vec![(3 << 56 | 7, 9), (1, 2), (3 << 56 | 7, 4), (3 << 56 | 1, 4)];
        let (shards, segments) = segments(entries);
        assert_eq!(shards, [0, 3]);
        let source = DataSourceId::from_uuid(Uuid::from_u128(77));
        let id_prefix = RowIds::of(source).row(0).as_bytes()[..PREFIX].to_vec();
        let segment = Segment { shard: 3, id_prefix, pairs: segments[1].clone() };
        let read: Vec<_> = segment.entries().collect();
        assert_eq!(read, [(3 << 56 | 1, 4), (3 << 56 | 7, 4), (3 << 56 | 7, 9)]);
        assert_eq!(segment.id(9), RowIds::of(source).row(9));
        assert!(segment.is_of(source));
        assert!(!segment.is_of(DataSourceId::from_uuid(Uuid::from_u128(78))));
    }

    #[test]
    fn the_last_shard_is_not_negative() {
        assert_eq!(segments(vec![(u64::MAX, 1)]).0, [255]);
    }
}
