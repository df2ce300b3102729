//! What BatchData is asked to trace.

use axum::http::StatusCode;
use serde::Deserialize;

use super::problem;
use crate::front::{Reply, Visit};
use crate::world::Identity;

/// What a call may hold.
const MOST: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    pub(super) requests: Vec<Item>,
    #[serde(default)]
    pub(super) options: Options,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Options {
    #[serde(rename = "includeTCPABlacklistedPhones")]
    pub(super) include_tcpa: bool,
    pub(super) prioritize_mobile_phones: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Item {
    pub(super) request_id: Option<String>,
    name: Name,
    property_address: Option<Place>,
    mailing_address: Option<Place>,
    apn: String,
    county: String,
    county_fips_code: String,
    state: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Name {
    first: String,
    last: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    street: String,
    city: String,
    state: String,
    zip: String,
}

impl Body {
    /// Reads the body, or says what is wrong with it.
    pub(super) fn read(visit: &Visit) -> Result<Self, Reply> {
        let bad = |words: &str| problem(StatusCode::BAD_REQUEST, words);
        let body: Self = visit.json().map_err(|error| bad(&format!("Invalid request body: {error}")))?;
        match body.requests.len() {
            0 => Err(bad("requests must not be empty")),
            1..=MOST => Ok(body),
            _ => Err(bad("requests must not have more than 100 items")),
        }
    }
}

impl Item {
    /// Who is meant; `None` without an address and without a parcel.
    pub(super) fn identity(&self) -> Option<Identity> {
        let name = Identity {
            first: self.name.first.trim().to_owned(),
            last: self.name.last.trim().to_owned(),
            ..Identity::default()
        };
        let place = [&self.property_address, &self.mailing_address].into_iter().flatten();
        if let Some(place) = place.into_iter().find(|place| !place.street.trim().is_empty()) {
            return Some(Identity {
                street: place.street.clone(),
                city: place.city.clone(),
                state: place.state.clone(),
                zip: place.zip.clone(),
                ..name
            });
        }
        let county = format!("{}{}", self.county.trim(), self.county_fips_code.trim());
        if self.apn.trim().is_empty() || county.is_empty() {
            return None;
        }
        Some(Identity {
            street: format!("Parcel {} {county}", self.apn.trim()),
            state: self.state.clone(),
            ..name
        })
    }
}
