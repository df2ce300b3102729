//! The 1,005 codes of the 1987 manual with titles, 83 major groups and their divisions.

use std::sync::LazyLock;

use crate::table;

/// A two-digit group of the manual, such as 17 "Special Trade Contractors".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MajorGroup {
    /// The two digits, with the leading zero: `"07"`.
    pub code: &'static str,
    /// The manual's title of the group.
    pub title: &'static str,
    /// The division the group belongs to.
    pub division: Division,
}

/// The ten divisions of the manual and the one for what cannot be classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Division {
    /// A: agriculture, forestry and fishing (01–09).
    Agriculture,
    /// B: mining (10–14).
    Mining,
    /// C: construction (15–17).
    Construction,
    /// D: manufacturing (20–39).
    Manufacturing,
    /// E: transportation, communications, electric, gas and sanitary services (40–49).
    Transportation,
    /// F: wholesale trade (50–51).
    Wholesale,
    /// G: retail trade (52–59).
    Retail,
    /// H: finance, insurance and real estate (60–67).
    Finance,
    /// I: services (70–89).
    Services,
    /// J: public administration (91–97).
    PublicAdministration,
    /// K: nonclassifiable establishments (99).
    Nonclassifiable,
}

impl Division {
    /// The manual's letter, `'A'` to `'K'`.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Agriculture => 'A',
            Self::Mining => 'B',
            Self::Construction => 'C',
            Self::Manufacturing => 'D',
            Self::Transportation => 'E',
            Self::Wholesale => 'F',
            Self::Retail => 'G',
            Self::Finance => 'H',
            Self::Services => 'I',
            Self::PublicAdministration => 'J',
            Self::Nonclassifiable => 'K',
        }
    }

    fn of_letter(letter: &str) -> Option<Self> {
        Some(match letter {
            "A" => Self::Agriculture,
            "B" => Self::Mining,
            "C" => Self::Construction,
            "D" => Self::Manufacturing,
            "E" => Self::Transportation,
            "F" => Self::Wholesale,
            "G" => Self::Retail,
            "H" => Self::Finance,
            "I" => Self::Services,
            "J" => Self::PublicAdministration,
            "K" => Self::Nonclassifiable,
            _ => return None,
        })
    }
}

pub(super) struct Catalog {
    /// Title by code, indexed by the code's number; empty where the manual has no such code.
    titles: Box<[&'static str]>,
    groups: Box<[Option<MajorGroup>]>,
    /// Whether any code begins with these three digits.
    industry_groups: Box<[bool]>,
}

impl Catalog {
    pub(super) fn title(&self, code: u16) -> Option<&'static str> {
        self.titles.get(usize::from(code)).copied().filter(|title| !title.is_empty())
    }

    pub(super) fn group(&self, two_digits: u16) -> Option<MajorGroup> {
        self.groups.get(usize::from(two_digits)).copied().flatten()
    }

    pub(super) fn has_industry_group(&self, three_digits: u16) -> bool {
        self.industry_groups.get(usize::from(three_digits)).copied().unwrap_or(false)
    }

    pub(super) fn codes(&self) -> impl Iterator<Item = u16> {
        (0..10_000).filter(|code| self.title(*code).is_some())
    }
}

pub(super) static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut titles = vec![""; 10_000].into_boxed_slice();
    let mut industry_groups = vec![false; 1_000].into_boxed_slice();
    for [code, title] in table::rows(include_str!("../../data/sic.csv")) {
        let Ok(number) = code.parse::<usize>() else { continue };
        if let Some(slot) = titles.get_mut(number) {
            *slot = title;
        }
        if let Some(slot) = industry_groups.get_mut(number / 10) {
            *slot = true;
        }
    }
    let mut groups = vec![None; 100].into_boxed_slice();
    for [code, title, letter] in table::rows(include_str!("../../data/sic_groups.csv")) {
        let (Ok(number), Some(division)) = (code.parse::<usize>(), Division::of_letter(letter)) else {
            continue;
        };
        if let Some(slot) = groups.get_mut(number) {
            *slot = Some(MajorGroup { code, title, division });
        }
    }
    Catalog { titles, groups, industry_groups }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(CATALOG.codes().count(), 1_005);
        assert_eq!(CATALOG.groups.iter().flatten().count(), 83);
    }

    #[test]
    fn every_code_has_a_major_group() {
        for code in CATALOG.codes() {
            assert!(CATALOG.group(code / 100).is_some(), "{code:04}");
        }
    }

    #[test]
    fn letters_and_divisions_agree() {
        for letter in 'A'..='K' {
            let division = Division::of_letter(letter.encode_utf8(&mut [0; 4])).map(Division::letter);
            assert_eq!(division, Some(letter));
        }
        assert_eq!(Division::of_letter("L"), None);
    }
}
