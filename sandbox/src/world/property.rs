//! A place: what is true of an address, whoever lives there.

use serde::{Deserialize, Serialize};

use super::chance::Chance;
use super::identity::Identity;
use super::names::{PLACES, STREETS};

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street with its number.
    pub street: String,
    /// City.
    pub city: String,
    /// State, two letters.
    pub state: String,
    /// ZIP code, five digits.
    pub zip: String,
    /// County.
    pub county: String,
}

impl Address {
    /// Some address; its ZIP code begins with the place's digits.
    pub(crate) fn drawn(chance: &mut Chance) -> Self {
        let &(city, state, zip, county) = chance.pick(&PLACES.each_ref());
        Self {
            street: format!("{} {}", chance.between(1, 9_899), chance.pick(&STREETS)),
            city: city.to_owned(),
            state: state.to_owned(),
            zip: format!("{zip}{:02}", chance.between(1, 60)),
            county: county.to_owned(),
        }
    }
}

/// What is true of an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// Where it is.
    pub address: Address,
    /// Where its owner gets mail, if elsewhere.
    pub mailing: Option<Address>,
    /// Melissa's key of the address, ten digits.
    pub mak: String,
    /// The assessor's parcel number.
    pub apn: String,
    /// Dollars.
    pub value: u64,
    /// Dollars.
    pub equity: u64,
    /// Whether its owner lives there.
    pub owner_occupied: bool,
    /// The year the owner bought it.
    pub bought: u16,
    /// Latitude, in degrees.
    pub latitude: String,
    /// Longitude, in degrees.
    pub longitude: String,
}

impl Property {
    /// The place a question speaks of, with what it does not say made up.
    /// Without an address it follows from `key`.
    pub(crate) fn of(seed: u64, key: &str, told: &Identity) -> Self {
        let tie = told.address_tie();
        let mut chance = Chance::of(seed, &["property", if tie.is_empty() { key } else { &tie }]);
        let drawn = Address::drawn(&mut chance);
        let or =
            |told: &str, drawn: String| if told.trim().is_empty() { drawn } else { told.trim().to_owned() };
        let owner_occupied = chance.happens(0.65);
        let elsewhere = Address::drawn(&mut chance);
        let value = chance.between(60, 1_900) * 1_000;
        Self {
            address: Address {
                street: or(&told.street, drawn.street),
                city: or(&told.city, drawn.city),
                state: or(&told.state, drawn.state),
                zip: or(&told.zip, drawn.zip),
                county: county(&told.city, &told.state).map_or(drawn.county, str::to_owned),
            },
            mailing: (!owner_occupied).then_some(elsewhere),
            mak: chance.digits(10),
            apn: format!("{}-{}-{}", chance.digits(3), chance.digits(3), chance.digits(4)),
            value,
            equity: value * chance.between(0, 100) / 100,
            owner_occupied,
            bought: chance.between(1985, 2025) as u16,
            latitude: format!("{}.{}", chance.between(26, 47), chance.digits(6)),
            longitude: format!("-{}.{}", chance.between(74, 121), chance.digits(6)),
        }
    }
}

/// The county of a city that is on the map.
fn county(city: &str, state: &str) -> Option<&'static str> {
    let here = |name: &str, code: &str| {
        name.eq_ignore_ascii_case(city.trim()) && code.eq_ignore_ascii_case(state.trim())
    };
    PLACES.iter().find(|(name, code, _, _)| here(name, code)).map(|(_, _, _, county)| *county)
}
