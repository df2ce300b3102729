//! Names of businesses, word by word: a rare word says much, SERVICES and GROUP say little.

use super::{Level, Reached, pairs};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::{is_one_slip, jaro_winkler};

/// How many words of a name are looked at.
const WORDS: usize = 12;

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

/// The words of a name with what each says, in bits.
struct Words<'n> {
    words: [&'n [u8]; WORDS],
    bits: [f32; WORDS],
    count: usize,
    all: f32,
}

impl<'n> Words<'n> {
    fn of(name: &'n [u8], frequencies: &Frequencies) -> Self {
        let mut words = Self { words: [&[]; WORDS], bits: [0.0; WORDS], count: 0, all: 0.0 };
        let split = name.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        for (at, word) in split.take(WORDS).enumerate() {
            let bits = frequencies.word_bits(word);
            words.words[at] = word;
            words.bits[at] = bits;
            words.count += 1;
            words.all += bits;
        }
        words
    }
}

/// What two names share.
struct Overlap {
    /// Bits of shared words, each as far as they are alike.
    shared: f32,
    /// Bits of the most telling shared word.
    most: f32,
    /// Whether each shared word is the same to the letter.
    to_the_letter: bool,
}

fn overlap(one: &Words<'_>, other: &Words<'_>) -> Overlap {
    let mut taken = [false; WORDS];
    let mut found = Overlap { shared: 0.0, most: 0.0, to_the_letter: true };
    for at in 0..one.count {
        let word = one.words[at];
        let mut best: Option<(usize, f32)> = None;
        for (candidate, taken) in taken.iter().enumerate().take(other.count) {
            if *taken {
                continue;
            }
            let alike = word_likeness(word, other.words[candidate]);
            if alike > best.map_or(0.0, |(_, best)| best) {
                best = Some((candidate, alike));
            }
        }
        if let Some((candidate, alike)) = best {
            taken[candidate] = true;
            let bits = one.bits[at].min(other.bits[candidate]) * alike;
            found.shared += bits;
            found.most = found.most.max(bits);
            found.to_the_letter &= alike >= 1.0;
        }
    }
    found
}

/// 1 for the same word, less for a mistyped one or a plural, 0 for others.
fn word_likeness(one: &[u8], other: &[u8]) -> f32 {
    if one == other {
        return 1.0;
    }
    let shorter = one.len().min(other.len());
    if shorter < 4 || one.first() != other.first() && !is_one_slip(one, other) {
        return 0.0;
    }
    if is_one_slip(one, other) {
        return 0.92;
    }
    let alike = jaro_winkler(one, other);
    if alike >= 0.92 { 0.85 } else { 0.0 }
}

fn by_words(one: &[u8], other: &[u8], frequencies: &Frequencies) -> Reached {
    let (a, b) = (Words::of(one, frequencies), Words::of(other, frequencies));
    let found = overlap(&a, &b);
    let (shorter, longer) = if a.all < b.all { (a.all, b.all) } else { (b.all, a.all) };
    // Words of a name are not independent: what the others add to the most telling one counts half.
    let log_share = -(found.most + (found.shared - found.most) / 2.0).clamp(1.0, 18.0);
    let both = 2.0 * found.shared / (shorter + longer).max(0.1);
    let of_shorter = found.shared / shorter.max(0.1);
    if both >= 0.95 && found.to_the_letter {
        return Reached::with(Level::Equivalent, log_share);
    }
    if is_acronym(one, &b) || is_acronym(other, &a) {
        return Reached::at(Level::Initials);
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
    Reached::at(Level::Different)
}

/// DAY CARE and DAYCARE; a slip across a space.
fn is_same_unspaced(one: &[u8], other: &[u8]) -> bool {
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
    let words = &words.words[..words.count];
    if name.contains(&b' ') || !(3..=8).contains(&name.len()) || words.len() < 3 {
        return false;
    }
    let initials = |all: bool| {
        let kept =
            words.iter().filter(move |word| all || !matches!(**word, b"AND" | b"OF" | b"THE" | b"FOR"));
        kept.filter_map(|word| word.first()).copied()
    };
    initials(true).eq(name.iter().copied()) || initials(false).eq(name.iter().copied())
}
