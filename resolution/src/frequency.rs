//! How often values occur: a rare name says more than "John Smith".

use crate::hash::hash_of;
use crate::record::{Part, View};

/// Slots of the table of counts, a power of two.
const SLOTS: usize = 1 << 20;

/// How many unseen records the shipped expectation counts for, beside those that were seen.
const PRIOR_RECORDS: f32 = 1_000.0;

/// Parts whose values are counted whole.
const COUNTED: [Part; 10] = [
    Part::Given,
    Part::Family,
    Part::Company,
    Part::Street,
    Part::City,
    Part::Zip,
    Part::Phone,
    Part::Email,
    Part::RoleEmail,
    Part::Domain,
];

/// The kind under which words of company names are counted.
const WORD: u64 = 100;

/// Counts of the values of a list, in four megabytes however long the list is: values share slots, so that a count is
/// at most too high, by about one in a list of a million rows.
#[derive(Clone, Default)]
pub struct Frequencies {
    counts: Vec<u32>,
    records: u32,
}

impl Frequencies {
    /// Of a list that nothing is known of: only the shipped expectation counts.
    pub const fn shipped() -> Self {
        Self { counts: Vec::new(), records: 0 }
    }

    /// Counts a record.
    pub(crate) fn observe(&mut self, record: &View<'_>) {
        if self.counts.is_empty() {
            self.counts = vec![0; SLOTS];
        }
        self.records = self.records.saturating_add(1);
        for part in COUNTED {
            for value in record.values(part) {
                self.count(hash_of(part as u64, value));
            }
        }
        for name in record.values(Part::Company).take(1) {
            for word in name.split(|byte| *byte == b' ') {
                self.count(hash_of(WORD, word));
            }
        }
    }

    /// Adds what another counted: the sum does not depend on who counted what.
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
        self.share(hash_of(part as u64, value), 2, expected(part, value)).log2()
    }

    /// Bits that a word of a company's name says: many for a rare word, next to none for AND.
    pub(crate) fn word_bits(&self, word: &[u8]) -> f32 {
        (-self.share(hash_of(WORD, word), 1, expected_word(word)).log2()).clamp(0.3, 14.0)
    }

    fn share(&self, hash: u64, own: u32, expected: f32) -> f32 {
        let seen = self.counts.get((hash as usize) & (SLOTS - 1)).copied().unwrap_or(0);
        let others = seen.saturating_sub(own) as f32;
        (others + PRIOR_RECORDS * expected) / (self.records as f32 + PRIOR_RECORDS)
    }

    fn count(&mut self, hash: u64) {
        if let Some(count) = self.counts.get_mut((hash as usize) & (SLOTS - 1)) {
            *count = count.saturating_add(1);
        }
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
    list.iter().find(|(name, _)| name.as_bytes() == value).map(|(_, share)| *share)
}

/// How common a word is in names of businesses.
fn expected_word(word: &[u8]) -> f32 {
    match word {
        b"AND" | b"OF" | b"THE" | b"INC" | b"LLC" | b"CO" | b"CORP" | b"LTD" | b"A" | b"IN" | b"AT"
        | b"FOR" => 0.7,
        _ if COMMON_WORDS.iter().any(|common| common.as_bytes() == word) => 0.02,
        _ => 0.000_3,
    }
}

/// Shares of the most common family names in the United States (Census Bureau, 2010).
const COMMON_FAMILY_NAMES: [(&str, f32); 24] = [
    ("SMITH", 0.0083),
    ("JOHNSON", 0.0066),
    ("WILLIAMS", 0.0055),
    ("BROWN", 0.0049),
    ("JONES", 0.0048),
    ("GARCIA", 0.0040),
    ("MILLER", 0.0039),
    ("DAVIS", 0.0038),
    ("RODRIGUEZ", 0.0037),
    ("MARTINEZ", 0.0036),
    ("HERNANDEZ", 0.0035),
    ("LOPEZ", 0.0030),
    ("GONZALEZ", 0.0029),
    ("WILSON", 0.0027),
    ("ANDERSON", 0.0027),
    ("THOMAS", 0.0026),
    ("TAYLOR", 0.0025),
    ("MOORE", 0.0025),
    ("JACKSON", 0.0024),
    ("MARTIN", 0.0024),
    ("LEE", 0.0024),
    ("PEREZ", 0.0023),
    ("THOMPSON", 0.0023),
    ("WHITE", 0.0022),
];

/// Shares of the most common given names in the United States (Census Bureau, 1990, both sexes together).
const COMMON_GIVEN_NAMES: [(&str, f32); 20] = [
    ("JAMES", 0.0166),
    ("JOHN", 0.0164),
    ("ROBERT", 0.0157),
    ("MICHAEL", 0.0131),
    ("MARY", 0.0131),
    ("WILLIAM", 0.0123),
    ("DAVID", 0.0118),
    ("RICHARD", 0.0085),
    ("CHARLES", 0.0076),
    ("JOSEPH", 0.0070),
    ("THOMAS", 0.0069),
    ("PATRICIA", 0.0054),
    ("CHRISTOPHER", 0.0052),
    ("LINDA", 0.0052),
    ("DANIEL", 0.0049),
    ("PAUL", 0.0047),
    ("BARBARA", 0.0049),
    ("MARK", 0.0047),
    ("ELIZABETH", 0.0047),
    ("JENNIFER", 0.0047),
];

/// Words that many businesses have in their names.
const COMMON_WORDS: [&str; 48] = [
    "SERVICES",
    "SERVICE",
    "GROUP",
    "CENTER",
    "CONSTRUCTION",
    "COMPANY",
    "ASSOCIATES",
    "SOLUTIONS",
    "MANAGEMENT",
    "ENTERPRISES",
    "SYSTEMS",
    "INTERNATIONAL",
    "AMERICAN",
    "NATIONAL",
    "HEALTH",
    "CARE",
    "MEDICAL",
    "SCHOOL",
    "CHURCH",
    "RESTAURANT",
    "AUTO",
    "REPAIR",
    "SHOP",
    "STORE",
    "HOME",
    "DESIGN",
    "CONSULTING",
    "PROPERTIES",
    "INSURANCE",
    "LAW",
    "OFFICE",
    "DENTAL",
    "CLEANING",
    "PLUMBING",
    "ELECTRIC",
    "HEATING",
    "CONTRACTING",
    "CONTRACTORS",
    "TECHNOLOGIES",
    "PARTNERS",
    "SONS",
    "BROTHERS",
    "SALON",
    "ACADEMY",
    "FOUNDATION",
    "ASSOCIATION",
    "COMMUNITY",
    "INDUSTRIES",
];
