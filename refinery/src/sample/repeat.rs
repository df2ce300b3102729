//! Rows that say again what an earlier row said.

use super::random::Random;
use super::row::{Row, column, original};

/// How a row repeats another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// To the byte.
    Exact,
    /// In other spelling: case, punctuation, the phone written differently.
    Cosmetic,
    /// With a typing error.
    Typo,
}

/// That a row repeats another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Repeat {
    index: u64,
    of: u64,
    manner: Manner,
}

fn manner(seed: u64, index: u64) -> Option<Manner> {
    match Random::of(seed, index, 3).below(100) {
        0 => Some(Manner::Exact),
        1 => Some(Manner::Cosmetic),
        2 => Some(Manner::Typo),
        _ => None,
    }
}

/// Which row `index` repeats, if any: 3 % of them do.
pub(super) fn of(seed: u64, index: u64) -> Option<Repeat> {
    let manner_here = manner(seed, index)?;
    let random = &mut Random::of(seed, index, 4);
    // One that is a repetition itself was never written as it is; a few tries find one that is not.
    let of = (0..8).map(|_| random.below(index)).find(|of| *of < index && manner(seed, *of).is_none())?;
    Some(Repeat { index, of, manner: manner_here })
}

impl Repeat {
    /// The row.
    pub(super) fn row(self, seed: u64) -> Row {
        let mut row = original(seed, self.of);
        super::quote(&mut row, seed, self.of);
        let random = &mut Random::of(seed, self.index, 5);
        match self.manner {
            Manner::Exact => {}
            Manner::Cosmetic => {
                row[column::COMPANY] = match random.below(3) {
                    0 => row[column::COMPANY].to_uppercase(),
                    1 => row[column::COMPANY].to_lowercase(),
                    _ => format!("{},", row[column::COMPANY])
                        .trim_end_matches(',')
                        .replace(" Inc.", " Inc")
                        .replace(" & ", " and "),
                };
                row[column::EMAIL] = row[column::EMAIL].to_uppercase();
                let phone = row[column::PHONE].replace('-', "");
                row[column::PHONE] = match random.below(2) {
                    0 => phone,
                    _ => format!("{}.{}", &phone[..3], &phone[3..]),
                };
                row[column::STREET] =
                    row[column::STREET].replace(" Street", " St").replace(" Avenue", " Ave");
            }
            Manner::Typo => {
                let cell =
                    *random.pick(&[&column::COMPANY, &column::CONTACT, &column::STREET, &column::CITY]);
                let typed = mistype(&row[cell], random);
                row[cell] = typed;
            }
        }
        row
    }
}

/// Two neighbouring letters exchanged, or one left out or doubled.
pub(super) fn mistype(text: &str, random: &mut Random) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    if signs.len() < 4 {
        return text.to_owned();
    }
    let at = 1 + usize::try_from(random.below(signs.len() as u64 - 2)).unwrap_or(0);
    match random.below(3) {
        0 => signs.swap(at, at + 1),
        1 => drop(signs.remove(at)),
        _ => signs.insert(at, signs[at]),
    }
    signs.into_iter().collect()
}
