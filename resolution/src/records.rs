//! Many records in little memory.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use crate::field::Field;
use crate::hash::StableHash;
use crate::parallel::in_order;
use crate::record::writer::Writer;
use crate::record::{PARTS, Record, View};

/// Rows of which the places are kept together.
const BATCH: usize = 1024;
/// Bytes from which on a list is a long one.
const LONG_BYTES: usize = 1 << 20;
/// Room that a long list takes at once. The system hands out so large a piece by itself and as it is filled, and has it back
/// as soon as the records are gone; smaller ones an allocator keeps for the thread that made them.
const SEGMENT_BYTES: usize = 48 << 20;
/// Room that the records of one batch never take in full.
const BATCH_BYTES: usize = BATCH * (PARTS + PARTS * 255);
/// Rows from which on it is worth to remember what they repeat.
const WORTH_REMEMBERING: usize = 64;
/// How many records are worth fetching from memory before the first of them is looked at.
pub(crate) const TOUCHED_AHEAD: usize = 64;
/// Rows that a thread hashes at once.
const ROWS_A_JOB: u32 = 8_192;
/// About how many rows a thread puts in order at once: few enough for a core's own memory.
const ROWS_A_SHARD: u32 = 16_384;

/// The records of a list, in the order of its rows: what they hold and four bytes each.
#[derive(Default)]
pub struct Records {
    /// What they say, one behind the other. A batch is in one of them.
    segments: Vec<Vec<u8>>,
    batches: Vec<Batch>,
    /// Where the records of the batch end that is not full yet, from its beginning.
    ends: Vec<u32>,
    /// Where that batch begins in the last segment.
    start: usize,
    writer: Writer,
}

/// A batch in its segment.
struct Batch {
    segment: usize,
    start: usize,
    ends: Box<[u32]>,
}

/// The place of record `at` of a batch, from the batch's beginning.
fn place(ends: &[u32], at: usize) -> std::ops::Range<usize> {
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    start..ends[at] as usize
}

/// The segment that the next record goes to, and where its batch starts if it is the first of one.
fn open<'s>(segments: &'s mut Vec<Vec<u8>>, start: &mut usize, is_first: bool) -> &'s mut Vec<u8> {
    if is_first {
        let is_full = |last: &Vec<u8>| last.len() > LONG_BYTES && last.capacity() - last.len() < BATCH_BYTES;
        match segments.last_mut() {
            Some(last) if is_full(last) => {
                last.shrink_to_fit();
                segments.push(Vec::with_capacity(SEGMENT_BYTES));
            }
            Some(_) => {}
            None => segments.push(Vec::new()),
        }
        *start = segments.last().map_or(0, Vec::len);
    }
    let last = segments.len() - 1;
    &mut segments[last]
}

impl Records {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row by its values, as [`Record::new`] reads them.
    pub fn push<'v>(&mut self, values: impl IntoIterator<Item = (Field, &'v str)>) {
        self.writer.write(values, open(&mut self.segments, &mut self.start, self.ends.is_empty()));
        self.end_record();
        if self.ends.len() == WORTH_REMEMBERING {
            self.writer.remember();
        }
    }

    /// Adds a record.
    pub fn push_record(&mut self, record: &Record) {
        self.push_bytes(record.stored());
    }

    fn push_bytes(&mut self, record: &[u8]) {
        open(&mut self.segments, &mut self.start, self.ends.is_empty()).extend_from_slice(record);
        self.end_record();
    }

    fn end_record(&mut self) {
        let end = self.segments.last().map_or(0, Vec::len) - self.start;
        self.ends.push(end as u32);
        if self.ends.len() == BATCH {
            let ends = std::mem::take(&mut self.ends).into_boxed_slice();
            self.ends.reserve(BATCH);
            self.batches.push(Batch { segment: self.segments.len() - 1, start: self.start, ends });
        }
    }

    /// Adds all of `others` behind these, as when two threads read the halves of a file.
    pub fn append(&mut self, mut others: Self) {
        if self.ends.is_empty() {
            others.segments.iter_mut().for_each(Vec::shrink_to_fit);
            let before = self.segments.len();
            self.segments.extend(others.segments);
            let moved = others.batches.into_iter();
            self.batches.extend(moved.map(|batch| Batch { segment: before + batch.segment, ..batch }));
            (self.ends, self.start) = (others.ends, others.start);
            return;
        }
        for number in 0..others.len() {
            self.push_bytes(others.bytes(number));
        }
    }

    /// Reads a list on several threads: each takes the next of `batches`, such as some thousand rows of a file, and
    /// `read` adds its rows to the records it is given. The order of rows is that of the batches. Batches of a multiple
    /// of 1,024 rows are taken over without a copy.
    pub fn read_batches<B: Send>(
        threads: NonZeroUsize,
        batches: impl Iterator<Item = B> + Send,
        read: impl Fn(B, &mut Self) + Sync,
    ) -> Self {
        let batches = Mutex::new(batches.enumerate());
        let done: Mutex<Vec<(usize, Self)>> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..threads.get() {
                scope.spawn(|| {
                    let mut writer = Writer::default();
                    // A batch takes about as much room as the one before.
                    let mut room = 0;
                    loop {
                        let next = batches.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some((number, batch)) = next else { break };
                        let segments = vec![Vec::with_capacity(room)];
                        let mut records =
                            Self { segments, writer: std::mem::take(&mut writer), ..Self::default() };
                        read(batch, &mut records);
                        room = records.segments.last().map_or(0, Vec::len);
                        writer = std::mem::take(&mut records.writer);
                        done.lock().unwrap_or_else(PoisonError::into_inner).push((number, records));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|(number, _)| *number);
        let mut all = Self::new();
        done.into_iter().for_each(|(_, records)| all.append(records));
        all
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.batches.len() * BATCH + self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn view(&self, row: usize) -> View<'_> {
        View::of(self.bytes(row))
    }

    /// The record of a row, for [`crate::Model::compare`]; `None` behind the last.
    pub fn get(&self, row: usize) -> Option<Record> {
        (row < self.len()).then(|| Record::from_bytes(self.bytes(row)))
    }

    fn bytes(&self, number: usize) -> &[u8] {
        let at = number % BATCH;
        match self.batches.get(number / BATCH) {
            Some(batch) => &self.segments[batch.segment][batch.start..][place(&batch.ends, at)],
            None => &self.segments[self.segments.len() - 1][self.start..][place(&self.ends, at)],
        }
    }
}

impl<'v, V: IntoIterator<Item = (Field, &'v str)>> FromIterator<V> for Records {
    fn from_iter<T: IntoIterator<Item = V>>(rows: T) -> Self {
        let mut records = Self::new();
        rows.into_iter().for_each(|row| records.push(row));
        records
    }
}

/// The distinct records of a list in an order that does not depend on that of its rows: by a hash of what they say.
/// Whatever is computed of them is therefore the same for every order, chunking and repetition of the rows.
pub(crate) struct Profiles<'r> {
    /// A row that says what the profile says: the first.
    rows: Vec<u32>,
    /// The first row of the second list, or 0 when there is one list.
    border: u32,
    records: &'r Records,
    /// Of each row its profile.
    profile_of: Vec<u32>,
    /// The rows that say what no row before them says, in order.
    first_rows: Vec<u32>,
}

impl<'r> Profiles<'r> {
    /// The profiles of `records`, on so many threads. With `border`, rows before it and from it on are two lists: what is
    /// said in both is two profiles.
    pub(crate) fn of(records: &'r Records, border: Option<usize>, threads: usize) -> Self {
        let border = border.unwrap_or(0) as u32;
        let side = |row: u32| u64::from(row < border);
        let says = |row: u32| (records.bytes(row as usize), side(row));
        let hash = |row: u32| StableHash::of(side(row)).part(records.bytes(row as usize)).finish();
        let rows = records.len() as u32;
        let count = u64::from(rows / ROWS_A_SHARD + 1);
        let hashed = in_order(threads, rows.div_ceil(ROWS_A_JOB) as usize, |job| {
            let start = job as u32 * ROWS_A_JOB;
            // The first half of a hash, and the row: numbers are put in order fastest.
            let mut shards: Vec<Vec<u64>> = vec![Vec::new(); count as usize];
            for row in start..(start + ROWS_A_JOB).min(rows) {
                let half = hash(row) >> 32;
                // By their first bits, so that all hashes of a shard come before those of the next.
                shards[((half * count) >> 32) as usize].push(half << 32 | u64::from(row));
            }
            shards
        });
        let shards = in_order(threads, count as usize, |shard| {
            let mut order = hashed.iter().map(|shards| shards[shard].as_slice()).collect::<Vec<_>>().concat();
            order.sort_unstable();
            let mut order: Vec<(u32, u32)> =
                order.into_iter().map(|entry| ((entry >> 32) as u32, entry as u32)).collect();
            for like in order.chunk_by_mut(|a, b| a.0 == b.0).filter(|like| like.len() > 1) {
                like.sort_by_cached_key(|(_, row)| (hash(*row), says(*row)));
            }
            let mut distinct: Vec<u32> = Vec::with_capacity(order.len());
            let mut numbers: Vec<(u32, u32)> = Vec::with_capacity(order.len());
            for same in order.chunk_by(|a, b| a.0 == b.0 && says(a.1) == says(b.1)) {
                let number = distinct.len() as u32;
                numbers.extend(same.iter().map(|(_, row)| (*row, number)));
                distinct.extend(same.first().map(|(_, row)| *row));
            }
            (distinct, numbers)
        });
        let mut profile_of = vec![0; records.len()];
        let mut rows = Vec::with_capacity(shards.iter().map(|(distinct, _)| distinct.len()).sum());
        for (distinct, numbers) in shards {
            let before = rows.len() as u32;
            numbers.into_iter().for_each(|(row, number)| profile_of[row as usize] = before + number);
            rows.extend(distinct);
        }
        let is_first = |row: &u32| rows[profile_of[*row as usize] as usize] == *row;
        let first_rows = (0..records.len() as u32).filter(is_first).collect();
        Self { rows, border, records, profile_of, first_rows }
    }

    /// Whether the pair is to be compared: in a link of two lists, only across them.
    pub(crate) fn may_pair(&self, one: u32, other: u32) -> bool {
        let side = |number: u32| self.rows[number as usize] < self.border;
        self.border == 0 || side(one) != side(other)
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.profile_of.len()
    }

    /// The first rows of all profiles in the order in which they lie in memory, which is walked fastest: for what does
    /// not depend on order.
    pub(crate) fn first_rows(&self) -> &[u32] {
        &self.first_rows
    }

    /// The rows that say what a row before them says, in order, each behind the number of its profile.
    pub(crate) fn repeats(&self) -> Vec<(u32, u32)> {
        let mut firsts = self.first_rows.iter().peekable();
        let repeats = (0..self.records.len() as u32).filter(|row| firsts.next_if_eq(&row).is_none());
        repeats.map(|row| (self.profile_of[row as usize], row)).collect()
    }

    /// The number of a row's profile, and what it says.
    pub(crate) fn of_row(&self, row: u32) -> (u32, View<'r>) {
        (self.profile_of[row as usize], self.records.view(row as usize))
    }

    /// How many profiles there are to match with: in a link of two lists, those of the longer one.
    pub(crate) fn population(&self) -> u64 {
        let first = self.rows.iter().filter(|row| **row < self.border).count() as u64;
        (self.rows.len() as u64 - first).max(first)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn view(&self, number: usize) -> View<'r> {
        self.records.view(self.rows[number] as usize)
    }

    /// Has a record fetched from memory without waiting for it.
    pub(crate) fn touch(&self, number: u32) {
        let said = self.records.bytes(self.rows[number as usize] as usize);
        std::hint::black_box((said.first().copied(), said.get(64).copied(), said.get(128).copied()));
    }

    pub(crate) fn first_row(&self, number: u32) -> u32 {
        self.rows[number as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_in_every_segment_and_behind_what_was_appended() {
        let numbered =
            |number: usize| Record::new([(Field::Identifier, format!("row:{}", 100_000 + number).as_str())]);
        let part = |numbers: std::ops::Range<usize>| {
            let mut records = Records::new();
            numbers.for_each(|number| records.push_record(&numbered(number)));
            records
        };
        let rows = 2 * LONG_BYTES / numbered(0).stored().len();
        let mut records = part(0..rows);
        assert!(records.segments.len() > 1, "{rows} rows are in one segment");
        for more in [1, BATCH, BATCH + 7] {
            let from = records.len();
            records.append(part(from..from + more));
        }
        assert_eq!(records.len(), rows + 2 * BATCH + 8);
        for number in 0..records.len() {
            assert_eq!(records.get(number), Some(numbered(number)), "{number}");
        }
        assert_eq!(records.get(records.len()), None);
    }
}
