//! The two rule sets: one for persons, one for businesses. Each is a fixed configuration, used for every list.

mod businesses;
mod persons;

use crate::comparison::{COMPARISONS, Comparing, LEVELS, Level};
use crate::words::words;

words! {
    /// What records are about.
    RuleSet("rule set") {
        /// People: contacts of businesses or members of households. Rows that name nobody are compared as businesses.
        Persons = "persons",
        /// Businesses, at their places.
        Businesses = "businesses",
    }
}

impl RuleSet {
    /// The version of rules, keys and weights. Blocking keys of two versions must not be compared, and a decision is
    /// kept with the version that made it.
    pub const fn version(self) -> u16 {
        1
    }

    /// Probability from which two records are one without anybody looking.
    pub const fn merge_from(self) -> f32 {
        match self {
            Self::Persons => 0.70,
            Self::Businesses => 0.95,
        }
    }

    pub(crate) fn tables(self) -> Tables {
        match self {
            Self::Persons => persons::tables(),
            Self::Businesses => businesses::tables(),
        }
    }
}

/// Probability from which a person should look.
pub const REVIEW_FROM: f32 = 0.30;

/// How pairs that are not one, but belong together, come to agree: colleagues share a phone, branches a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Relation {
    /// What such pairs are, in the plural.
    pub(crate) name: &'static str,
    /// How many such partners a record has, on the average.
    pub(crate) partners: f32,
    /// In each comparison, the share of such pairs that agree as if they were one; the others agree by chance.
    pub(crate) alike: [f32; COMPARISONS],
}

/// What a rule set knows of pairs: how often those that are one (m) and those that are not (u) reach each level.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    pub(crate) m: [[f32; LEVELS]; COMPARISONS],
    pub(crate) u: [[f32; LEVELS]; COMPARISONS],
    pub(crate) relations: Vec<Relation>,
}

type Rows = [(Comparing, &'static [(Level, f32, f32)])];

impl Tables {
    fn of(rows: &Rows, relations: Vec<Relation>) -> Self {
        let mut tables = Self { m: [[1.0; LEVELS]; COMPARISONS], u: [[1.0; LEVELS]; COMPARISONS], relations };
        for (comparing, levels) in rows {
            for (level, m, u) in *levels {
                tables.m[*comparing as usize][*level as usize] = *m;
                tables.u[*comparing as usize][*level as usize] = *u;
            }
        }
        tables
    }
}

/// Which comparisons agree, and in what share of related pairs.
fn alike(of: &[(Comparing, f32)]) -> [f32; COMPARISONS] {
    let mut alike = [0.0; COMPARISONS];
    for (comparing, share) in of {
        alike[*comparing as usize] = *share;
    }
    alike
}

#[cfg(test)]
mod tests;
