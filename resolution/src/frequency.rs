//! How often values occur: a rare name says more than "John Smith".

use crate::commonness::{COMMON_FAMILY_NAMES, COMMON_GIVEN_NAMES, COMMON_WORDS};
use crate::hash::Kind;
use crate::record::{PARTS, Part, Record, View};

/// The most slots of the table of counts, a power of two: as many as a core's own memory holds, since every value of every
/// record goes to some slot.
const MOST_SLOTS: usize = 1 << 19;
/// Slots for each record, as long as these are not more.
const SLOTS_A_RECORD: usize = 32;

/// How many values are gathered before they are counted. Their slots lie anywhere in memory: fetching many at once takes
/// as long as fetching one.
const COUNTED_AT_ONCE: usize = 256;

/// How many unseen records the shipped expectation counts for, beside those that were seen.
const PRIOR_RECORDS: f32 = 1_000.0;

/// Parts whose values are all counted.
const COUNTED: [Part; 9] = [
    Part::Given,
    Part::Family,
    Part::Company,
    Part::City,
    Part::Zip,
    Part::Phone,
    Part::Email,
    Part::RoleEmail,
    Part::Domain,
];

/// The kinds under which the values of parts are counted.
static KINDS: [Kind; PARTS] = {
    let mut kinds = [Kind::of(0); PARTS];
    let mut part = 0;
    while part < PARTS {
        kinds[part] = Kind::of(part as u64);
        part += 1;
    }
    kinds
};

/// The kind under which words of company names are counted.
const WORD: Kind = Kind::of(100);

/// Counts of the values of a list, in one megabyte at most, however long the list is: values share slots, so that a count may be
/// too high, by about thirty in a list of a million rows; and they end at 65,535.
#[derive(Clone, Default)]
pub struct Frequencies {
    counts: Vec<u16>,
    records: u32,
}

impl Frequencies {
    /// Of a list that nothing is known of: only the shipped expectation counts.
    pub const fn shipped() -> Self {
        Self { counts: Vec::new(), records: 0 }
    }

    /// Counts the records that `view` shows by their numbers, on so many threads.
    pub(crate) fn counted<'v>(
        numbers: &[u32],
        threads: usize,
        view: impl Fn(u32) -> View<'v> + Sync,
    ) -> Self {
        let share = numbers.len().div_ceil(threads.max(1)).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = numbers
                .chunks(share)
                .map(|mine| {
                    let view = &view;
                    scope.spawn(move || {
                        let mut census = Census::of(numbers.len());
                        mine.iter().for_each(|number| census.add_view(&view(*number)));
                        census.finish()
                    })
                })
                .collect();
            let mut all = Self::shipped();
            for worker in workers {
                all.add(&worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            all
        })
    }

    /// Adds what another counted, in a table of the same size: the sum does not depend on who counted what.
    pub(crate) fn add(&mut self, other: &Self) {
        if self.counts.is_empty() {
            self.counts.clone_from(&other.counts);
        } else {
            for (count, more) in self.counts.iter_mut().zip(&other.counts) {
                *count = count.saturating_add(*more);
            }
        }
        self.records = self.records.saturating_add(other.records);
    }

    /// How many records were counted.
    pub const fn records(&self) -> u32 {
        self.records
    }

    /// Binary logarithm of how likely a record that has nothing to do with a pair has this value, too. The pair itself
    /// does not count: that two records share a value says nothing on how common it is.
    pub(crate) fn log_share(&self, part: Part, value: &[u8]) -> f32 {
        self.share(KINDS[part as usize].hash(value), 2, expected(part, value)).log2()
    }

    /// Bits that a word of a company's name says: many for a rare word, next to none for AND.
    pub(crate) fn word_bits(&self, word: &[u8]) -> f32 {
        (-self.share(WORD.hash(word), 1, expected_word(word)).log2()).clamp(0.3, 14.0)
    }

    fn share(&self, hash: u64, own: u16, expected: f32) -> f32 {
        let seen = self.counts.get((hash as usize) & self.counts.len().wrapping_sub(1)).copied().unwrap_or(0);
        let others = f32::from(seen.saturating_sub(own));
        (others + PRIOR_RECORDS * expected) / (self.records as f32 + PRIOR_RECORDS)
    }
}

/// Counts the values of a list, record by record.
pub struct Census {
    seen: Frequencies,
    /// Hashes of values that are not counted yet.
    values: Vec<u64>,
}

impl Census {
    /// Of a list of about so many records, none of which is counted yet.
    pub fn of(records: usize) -> Self {
        let slots = records.saturating_mul(SLOTS_A_RECORD).clamp(1, MOST_SLOTS).next_power_of_two();
        let seen = Frequencies { counts: vec![0; slots], records: 0 };
        Self { seen, values: Vec::with_capacity(2 * COUNTED_AT_ONCE) }
    }

    /// Counts a record.
    pub fn add(&mut self, record: &Record) {
        self.add_view(&record.view());
    }

    fn add_view(&mut self, record: &View<'_>) {
        self.seen.records = self.seen.records.saturating_add(1);
        for part in COUNTED {
            let kind = KINDS[part as usize];
            record.values(part).for_each(|value| self.values.push(kind.hash(value)));
        }
        // The core of a street stands behind the street and says the same.
        if let Some(street) = record.first(Part::Street) {
            self.values.push(KINDS[Part::Street as usize].hash(street));
        }
        if let Some(name) = record.first(Part::Company) {
            name.split(|byte| *byte == b' ').for_each(|word| self.values.push(WORD.hash(word)));
        }
        if self.values.len() >= COUNTED_AT_ONCE {
            self.count();
        }
    }

    fn count(&mut self) {
        let last = self.seen.counts.len() - 1;
        for hash in self.values.drain(..) {
            let count = &mut self.seen.counts[hash as usize & last];
            *count = count.saturating_add(1);
        }
    }

    /// How often the values occur.
    pub fn finish(mut self) -> Frequencies {
        self.count();
        self.seen
    }
}

/// How common a value is expected to be before any list is seen.
fn expected(part: Part, value: &[u8]) -> f32 {
    match part {
        Part::Family => among(&COMMON_FAMILY_NAMES, value).unwrap_or(0.000_1),
        Part::Given => among(&COMMON_GIVEN_NAMES, value).unwrap_or(0.000_5),
        Part::Company => 0.000_02,
        Part::Street => 0.000_5,
        Part::City => 0.003,
        Part::Zip => 0.000_3,
        Part::Phone | Part::Email => 0.000_000_3,
        Part::RoleEmail | Part::Domain => 0.000_005,
        _ => 0.01,
    }
}

fn among(list: &[(&str, f32)], value: &[u8]) -> Option<f32> {
    let found = list.binary_search_by(|(name, _)| name.as_bytes().cmp(value));
    found.ok().map(|at| list[at].1)
}

/// How common a word is in names of businesses.
fn expected_word(word: &[u8]) -> f32 {
    match word {
        b"AND" | b"OF" | b"THE" | b"INC" | b"LLC" | b"CO" | b"CORP" | b"LTD" | b"A" | b"IN" | b"AT"
        | b"FOR" => 0.7,
        _ if COMMON_WORDS.binary_search_by(|common| common.as_bytes().cmp(word)).is_ok() => 0.02,
        _ => 0.000_3,
    }
}
