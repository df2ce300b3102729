//! Names of businesses, word by word: a rare word says much, SERVICES and GROUP say little.

use super::{Level, Reached, pairs};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::{is_one_slip, jaro_winkler, other_letters, sign};

/// How many words of a name are looked at.
const WORDS: usize = 12;

/// Bits from which a shared word makes two names have something in common.
const TELLING_WORD: f32 = 7.0;

/// The better of what the names and trade names of two businesses reach.
pub(super) fn company(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> Reached {
    let mut best = Reached::MISSING;
    for (one, other) in pairs(a, b, Part::Company) {
        let reached = if one == other {
            Reached::with(Level::Exact, frequencies.log_share(Part::Company, one))
        } else {
            by_words(one, other, frequencies)
        };
        if best.level == Level::Missing || reached.level < best.level {
            best = reached;
        }
    }
    best
}

/// A word of a name, and its letters as bits ([`sign`]).
#[derive(Clone, Copy)]
struct Word<'n> {
    text: &'n [u8],
    signs: u64,
}

/// The words of a name.
struct Words<'n> {
    words: [Word<'n>; WORDS],
    count: usize,
}

impl<'n> Words<'n> {
    fn of(name: &'n [u8]) -> Self {
        let mut words = Self { words: [Word { text: &[], signs: 0 }; WORDS], count: 0 };
        let (mut start, mut signs) = (0, 0);
        for (at, byte) in name.iter().enumerate() {
            if *byte == b' ' {
                words.push(&name[start..at], signs);
                (start, signs) = (at + 1, 0);
            } else {
                signs |= sign(*byte);
            }
        }
        words.push(&name[start..], signs);
        words
    }

    fn push(&mut self, text: &'n [u8], signs: u64) {
        if !text.is_empty()
            && let Some(slot) = self.words.get_mut(self.count)
        {
            *slot = Word { text, signs };
            self.count += 1;
        }
    }

    fn as_slice(&self) -> &[Word<'n>] {
        &self.words[..self.count]
    }
}

/// What two names share, in bits.
struct Overlap {
    /// Of all words of each.
    all: [f32; 2],
    /// Of shared words, each as far as they are alike.
    shared: f32,
    /// Of the most telling shared word.
    most: f32,
    /// Whether each shared word is the same to the letter.
    to_the_letter: bool,
}

/// `None` when no word is shared: most pairs, so that nobody asks how common their words are.
fn overlap(one: &Words<'_>, other: &Words<'_>, frequencies: &Frequencies) -> Option<Overlap> {
    let mut partner = [(0_usize, 0.0_f32); WORDS];
    let mut taken = [false; WORDS];
    let mut any = false;
    for (word, partner) in one.as_slice().iter().zip(&mut partner) {
        for (candidate, against) in other.as_slice().iter().enumerate() {
            if !taken[candidate] {
                let alike = word_likeness(*word, *against);
                if alike > partner.1 {
                    *partner = (candidate, alike);
                }
            }
        }
        if partner.1 > 0.0 {
            taken[partner.0] = true;
            any = true;
        }
    }
    if !any {
        return None;
    }
    let bits = |words: &Words<'_>| {
        let mut bits = [0.0; WORDS];
        for (bits, word) in bits.iter_mut().zip(words.as_slice()) {
            *bits = frequencies.word_bits(word.text);
        }
        bits
    };
    let (one, other) = (bits(one), bits(other));
    let mut found =
        Overlap { all: [one.iter().sum(), other.iter().sum()], shared: 0.0, most: 0.0, to_the_letter: true };
    for (word, (candidate, alike)) in one.iter().zip(partner).filter(|(_, (_, alike))| *alike > 0.0) {
        let bits = word.min(other[candidate]) * alike;
        found.shared += bits;
        found.most = found.most.max(bits);
        found.to_the_letter &= alike >= 1.0;
    }
    Some(found)
}

/// 1 for the same word, less for a mistyped one or a plural, 0 for others.
fn word_likeness(one: Word<'_>, other: Word<'_>) -> f32 {
    let other_letters = (one.signs ^ other.signs).count_ones();
    let (one, other) = (one.text, other.text);
    let same_start = one.first() == other.first();
    // Most pairs of words: too many letters for a slip, and nothing else forgives another beginning.
    if !same_start && other_letters > 2 {
        return 0.0;
    }
    if other_letters == 0 && one == other {
        return 1.0;
    }
    let shorter = one.len().min(other.len());
    if shorter < 4 {
        return 0.0;
    }
    // ACAD for ACADEMY.
    if same_start && (one.starts_with(other) || other.starts_with(one)) {
        return 0.92;
    }
    if other_letters > 4 {
        return 0.0;
    }
    // A slip changes two letters at most, and the length by one.
    if other_letters <= 2 && one.len().abs_diff(other.len()) <= 1 && is_one_slip(one, other) {
        return 0.92;
    }
    if same_start && jaro_winkler(one, other) >= 0.92 { 0.85 } else { 0.0 }
}

fn by_words(one: &[u8], other: &[u8], frequencies: &Frequencies) -> Reached {
    let (a, b) = (Words::of(one), Words::of(other));
    let Some(found) = overlap(&a, &b, frequencies) else {
        let acronym = is_acronym(one, &b) || is_acronym(other, &a);
        return if acronym {
            Reached::at(Level::Initials)
        } else if is_same_unspaced(one, other) {
            Reached::at(Level::Typo)
        } else {
            Reached::at(Level::Different)
        };
    };
    let (shorter, longer) = (found.all[0].min(found.all[1]), found.all[0].max(found.all[1]));
    // Words of a name are not independent: what the others add to the most telling one counts half.
    let log_share = -(found.most + (found.shared - found.most) / 2.0).clamp(1.0, 18.0);
    let both = 2.0 * found.shared / (shorter + longer).max(0.1);
    let of_shorter = found.shared / shorter.max(0.1);
    if both >= 0.95 && found.to_the_letter {
        return Reached::with(Level::Equivalent, log_share);
    }
    if both >= 0.86 || is_same_unspaced(one, other) {
        return Reached::with(Level::Typo, log_share);
    }
    if of_shorter >= 0.9 && found.shared >= 4.0 {
        return Reached::with(Level::Part, log_share);
    }
    if both >= 0.5 {
        return Reached::with(Level::Similar, log_share);
    }
    if found.most >= TELLING_WORD {
        return Reached::with(Level::Wide, log_share);
    }
    Reached::at(Level::Different)
}

/// DAY CARE and DAYCARE; a slip across a space.
fn is_same_unspaced(one: &[u8], other: &[u8]) -> bool {
    if one.len().abs_diff(other.len()) > 6 || other_letters(one, other) > 3 {
        return false;
    }
    let mut plain = [[0_u8; 64]; 2];
    let mut lengths = [0; 2];
    for ((text, plain), length) in [one, other].into_iter().zip(&mut plain).zip(&mut lengths) {
        for (slot, byte) in plain.iter_mut().zip(text.iter().filter(|byte| **byte != b' ')) {
            *slot = *byte;
            *length += 1;
        }
    }
    let (one, other) = (&plain[0][..lengths[0]], &plain[1][..lengths[1]]);
    one.len().min(other.len()) >= 5 && (one == other || is_one_slip(one, other))
}

/// Whether `name` is the initials of at least three words, AND and OF counting or not.
fn is_acronym(name: &[u8], words: &Words<'_>) -> bool {
    let words = words.as_slice();
    if name.contains(&b' ') || !(3..=8).contains(&name.len()) || words.len() < 3 {
        return false;
    }
    let initials = |all: bool| {
        let kept =
            words.iter().filter(move |word| all || !matches!(word.text, b"AND" | b"OF" | b"THE" | b"FOR"));
        kept.filter_map(|word| word.text.first()).copied()
    };
    initials(true).eq(name.iter().copied()) || initials(false).eq(name.iter().copied())
}
