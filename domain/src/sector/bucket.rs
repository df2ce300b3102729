//! Buckets: a subsector in one state or in the whole country.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::catalog::{Sector, SubsectorId};
use crate::geo::State;

/// Where a bucket's businesses are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Region {
    /// The whole country: `us`.
    Us,
    /// One state: `ny`.
    State(State),
}

/// `{state|us}-{sector}-{subsector}`, such as `ny-construction-plumbers`: the sector by its short slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BucketId {
    /// Where.
    pub region: Region,
    /// Of what trade.
    pub subsector: SubsectorId,
}

/// Why a text is not a bucket id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BucketIdError {
    /// Not three parts with hyphens between.
    #[error("a bucket id is {{state or us}}-{{sector}}-{{subsector}}, such as ny-construction-plumbers")]
    Shape,
    /// The first part is neither `us` nor a state.
    #[error("a bucket id begins with a state's two letters or with us")]
    Region,
    /// The second part is no sector's short slug.
    #[error("no such sector in the bucket id")]
    Sector,
    /// The sector has no such subsector.
    #[error("no such subsector in the sector of the bucket id")]
    Subsector,
}

impl BucketId {
    /// The bucket of a subsector in a state, or in the whole country for `None`.
    #[must_use]
    pub fn new(state: Option<State>, subsector: SubsectorId) -> Self {
        Self { region: state.map_or(Region::Us, Region::State), subsector }
    }

    /// The state, if the bucket is one state's.
    #[must_use]
    pub const fn state(self) -> Option<State> {
        match self.region {
            Region::Us => None,
            Region::State(state) => Some(state),
        }
    }

    /// What a person calls it: `NY Plumbing Contractors`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{} {}", self.state().map_or("US", State::abbreviation), self.subsector.name())
    }

    /// The 109 nation-wide buckets, in the order of the subsectors: what a list of choices offers.
    pub fn nationwide() -> impl Iterator<Item = Self> {
        SubsectorId::all().map(|subsector| Self::new(None, subsector))
    }

    /// Every possible bucket: nation-wide, then state by state.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_states = State::all()
            .flat_map(|state| SubsectorId::all().map(move |subsector| Self::new(Some(state), subsector)));
        Self::nationwide().chain(of_states)
    }
}

impl fmt::Display for BucketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.region {
            Region::Us => f.write_str("us")?,
            Region::State(state) => {
                for letter in state.abbreviation().chars() {
                    write!(f, "{}", letter.to_ascii_lowercase())?;
                }
            }
        }
        write!(f, "-{}-{}", self.subsector.sector().short(), self.subsector.slug())
    }
}

impl FromStr for BucketId {
    type Err = BucketIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '-');
        let (Some(region), Some(sector), Some(subsector)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BucketIdError::Shape);
        };
        let region = match region {
            "us" => Region::Us,
            state if state.len() == 2 && state.bytes().all(|letter| letter.is_ascii_lowercase()) => {
                let named =
                    State::parse(state).filter(|named| named.abbreviation().eq_ignore_ascii_case(state));
                Region::State(named.ok_or(BucketIdError::Region)?)
            }
            _ => return Err(BucketIdError::Region),
        };
        let sector = Sector::all().find(|found| found.short() == sector).ok_or(BucketIdError::Sector)?;
        let subsector = SubsectorId::from_slug(subsector)
            .filter(|found| found.sector() == sector)
            .ok_or(BucketIdError::Subsector)?;
        Ok(Self { region, subsector })
    }
}

impl Serialize for BucketId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BucketId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_the_operators_know() {
        let bucket: BucketId = "ny-construction-plumbers".parse().expect("an id");
        assert_eq!(bucket.state(), State::parse("NY"));
        assert_eq!(bucket.subsector.sic_codes(), ["1711"]);
        assert_eq!(bucket.name(), "NY Plumbing Contractors");
        let bucket: BucketId = "us-realestate-agents-brokers".parse().expect("an id");
        assert_eq!((bucket.region, bucket.subsector.slug()), (Region::Us, "agents-brokers"));
    }

    #[test]
    fn every_id_reads_back() {
        assert_eq!(BucketId::nationwide().count(), 109);
        assert_eq!(BucketId::all().count(), 109 * (1 + State::all().count()));
        for bucket in BucketId::all() {
            assert_eq!(bucket.to_string().parse(), Ok(bucket));
        }
    }

    #[test]
    fn what_is_no_id_says_why() {
        for (text, expected) in [
            ("", BucketIdError::Shape),
            ("ny-construction", BucketIdError::Shape),
            ("xx-construction-plumbers", BucketIdError::Region),
            ("NY-construction-plumbers", BucketIdError::Region),
            ("wn-construction-plumbers", BucketIdError::Region),
            ("ny-construction-contractors-plumbers", BucketIdError::Subsector),
            ("ny-wizardry-plumbers", BucketIdError::Sector),
            ("ny-retail-plumbers", BucketIdError::Subsector),
        ] {
            assert_eq!(text.parse::<BucketId>(), Err(expected), "{text}");
        }
    }
}
