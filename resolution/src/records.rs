//! Many records in little memory.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use crate::field::Field;
use crate::hash::StableHash;
use crate::parallel::in_order;
use crate::record::writer::Writer;
use crate::record::{Record, View};

/// Records in one piece of memory. A thousand of them share an allocation, so that a million rows cost what they hold
/// and four bytes each.
const BATCH: usize = 1024;
/// Rows from which on it is worth to remember what they repeat.
const WORTH_REMEMBERING: usize = 64;
/// Rows that a thread hashes at once.
const ROWS_A_JOB: u32 = 8_192;
/// About how many rows a thread puts in order at once: few enough for a core's own memory.
const ROWS_A_SHARD: u32 = 16_384;

/// The records of a list, in the order of its rows.
#[derive(Default)]
pub struct Records {
    batches: Vec<Batch>,
    open: OpenBatch,
    writer: Writer,
}

#[derive(Default)]
struct OpenBatch {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

struct Batch {
    bytes: Box<[u8]>,
    ends: Box<[u32]>,
}

impl Batch {
    fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.bytes[start..self.ends[at] as usize]
    }
}

impl Records {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row by its values, as [`Record::new`] reads them.
    pub fn push<'v>(&mut self, values: impl IntoIterator<Item = (Field, &'v str)>) {
        self.writer.write(values, &mut self.open.bytes);
        self.end_record();
        if self.open.ends.len() == WORTH_REMEMBERING {
            self.writer.remember();
        }
    }

    /// Adds a record.
    pub fn push_record(&mut self, record: &Record) {
        self.open.bytes.extend_from_slice(record.stored());
        self.end_record();
    }

    fn end_record(&mut self) {
        self.open.ends.push(self.open.bytes.len() as u32);
        if self.open.ends.len() == BATCH {
            let bytes = std::mem::take(&mut self.open.bytes).into_boxed_slice();
            let ends = std::mem::take(&mut self.open.ends).into_boxed_slice();
            self.open.bytes.reserve(bytes.len() + bytes.len() / 8);
            self.open.ends.reserve(BATCH);
            self.batches.push(Batch { bytes, ends });
        }
    }

    /// Adds all of `others` behind these, as when two threads read the halves of a file.
    pub fn append(&mut self, others: Self) {
        if self.open.ends.is_empty() {
            self.batches.extend(others.batches);
            self.open = others.open;
            return;
        }
        for number in 0..others.len() {
            self.open.bytes.extend_from_slice(others.bytes(number));
            self.end_record();
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
                    loop {
                        let next = batches.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some((number, batch)) = next else { break };
                        let mut records = Self { writer: std::mem::take(&mut writer), ..Self::default() };
                        read(batch, &mut records);
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
        self.batches.len() * BATCH + self.open.ends.len()
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
        match self.batches.get(number / BATCH) {
            Some(batch) => batch.get(number % BATCH),
            None => {
                let at = number % BATCH;
                let start = if at == 0 { 0 } else { self.open.ends[at - 1] as usize };
                &self.open.bytes[start..self.open.ends[at] as usize]
            }
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
    /// What each profile says.
    said: Vec<&'r [u8]>,
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
        let rows = records.len() as u32;
        let count = u64::from(rows / ROWS_A_SHARD + 1);
        let hashed = in_order(threads, rows.div_ceil(ROWS_A_JOB) as usize, |job| {
            let start = job as u32 * ROWS_A_JOB;
            let mut shards: Vec<Vec<(u64, u32)>> = vec![Vec::new(); count as usize];
            for row in start..(start + ROWS_A_JOB).min(rows) {
                let (said, side) = says(row);
                let hash = StableHash::of(side).part(said).finish();
                // By their first bits, so that all hashes of a shard come before those of the next.
                shards[(((hash >> 32) * count) >> 32) as usize].push((hash, row));
            }
            shards
        });
        let shards = in_order(threads, count as usize, |shard| {
            let mut order: Vec<(u64, u32)> =
                hashed.iter().flat_map(|shards| &shards[shard]).copied().collect();
            order.sort_unstable_by(|a, b| {
                a.0.cmp(&b.0).then_with(|| says(a.1).cmp(&says(b.1))).then(a.1.cmp(&b.1))
            });
            let mut distinct: Vec<(u32, &[u8])> = Vec::with_capacity(order.len());
            let mut numbers: Vec<(u32, u32)> = Vec::with_capacity(order.len());
            for same in order.chunk_by(|a, b| a.0 == b.0 && says(a.1) == says(b.1)) {
                let number = distinct.len() as u32;
                numbers.extend(same.iter().map(|(_, row)| (*row, number)));
                distinct.extend(same.first().map(|(_, row)| (*row, records.bytes(*row as usize))));
            }
            (distinct, numbers)
        });
        let mut profile_of = vec![0; records.len()];
        let (mut rows, mut said) = (Vec::new(), Vec::new());
        for (distinct, numbers) in shards {
            let before = rows.len() as u32;
            numbers.into_iter().for_each(|(row, number)| profile_of[row as usize] = before + number);
            for (row, bytes) in distinct {
                rows.push(row);
                said.push(bytes);
            }
        }
        let is_first = |row: &u32| rows[profile_of[*row as usize] as usize] == *row;
        let first_rows = (0..records.len() as u32).filter(is_first).collect();
        Self { rows, said, border, records, profile_of, first_rows }
    }

    /// Whether the pair is to be compared: in a link of two lists, only across them.
    pub(crate) fn may_pair(&self, one: u32, other: u32) -> bool {
        let side = |number: u32| self.rows[number as usize] < self.border;
        self.border == 0 || side(one) != side(other)
    }

    /// Of each row the number of its profile.
    pub(crate) fn profile_of(&self) -> &[u32] {
        &self.profile_of
    }

    /// The first rows of all profiles in the order in which they lie in memory, which is walked fastest: for what does
    /// not depend on order.
    pub(crate) fn first_rows(&self) -> &[u32] {
        &self.first_rows
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
        View::of(self.said[number])
    }

    /// Has a record fetched from memory without waiting for it.
    pub(crate) fn touch(&self, number: u32) {
        let said = self.said[number as usize];
        std::hint::black_box((said.first().copied(), said.get(64).copied()));
    }

    pub(crate) fn first_row(&self, number: u32) -> u64 {
        u64::from(self.rows[number as usize])
    }
}
