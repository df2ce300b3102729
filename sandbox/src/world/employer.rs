//! A firm, as vendors of business contacts know it.

use super::chance::Chance;
use super::identity::{Identity, fold};

/// What is true of an employer.
pub(crate) struct Employer {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) founded: u64,
    pub(crate) employees: u64,
    /// Dollars a year.
    pub(crate) revenue: u64,
    pub(crate) industry: &'static str,
}

impl Employer {
    /// The employer a question speaks of, if it does.
    pub(crate) fn of(seed: u64, told: &Identity) -> Option<Self> {
        let domain = told.domain.trim().trim_start_matches("www.").to_ascii_lowercase();
        let name = told.company.trim();
        if name.is_empty() && domain.is_empty() {
            return None;
        }
        let known_as = if domain.is_empty() { fold(name) } else { domain.clone() };
        let mut chance = Chance::of(seed, &["employer", &known_as]);
        let employees = chance.between(2, 400);
        Some(Self {
            name: if name.is_empty() { domain.clone() } else { name.to_owned() },
            domain: if domain.is_empty() {
                format!("{}.example", fold(name).replace(' ', "-"))
            } else {
                domain
            },
            founded: chance.between(1950, 2024),
            employees,
            revenue: employees * chance.between(60_000, 220_000),
            industry: chance.pick(&["construction", "retail", "hospitality", "automotive", "real estate"]),
        })
    }
}
