//! What vendors know of properties and businesses.

use serde::{Deserialize, Serialize};

use crate::enrichment::redaction::hides_itself;

/// A property. Whole dollars.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundProperty {
    /// What it is worth.
    pub value: Option<i64>,
    /// What of that is the owner's.
    pub equity: Option<i64>,
    /// Whether the owner lives there.
    pub owner_occupied: Option<bool>,
    /// Melissa's key of the address, the best there is for telling whether two addresses are one.
    pub mak: Option<String>,
    /// Melissa's key of the building, without the unit.
    pub mak_base: Option<String>,
    /// The assessor's parcel number.
    pub apn: Option<String>,
}

impl FoundProperty {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A business. Whole dollars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundOrganisation {
    /// The vendor's id of it.
    pub vendor_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its web domain.
    pub domain: Option<String>,
    /// What it takes in a year.
    pub revenue: Option<i64>,
    /// How many work there.
    pub employees: Option<u32>,
    /// The year it was founded in.
    pub founded_year: Option<u16>,
    /// Its trade.
    pub industry: Option<String>,
    /// Words for what it does.
    pub keywords: Vec<String>,
    /// What it uses.
    pub technologies: Vec<String>,
    /// What investors put in.
    pub total_funding: Option<i64>,
}

hides_itself!(FoundProperty);
