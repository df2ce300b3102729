//! What BatchData is sent \[R\].

use serde::Serialize;

use super::link::Group;
use crate::enrichment::PostalAddress;
use crate::enrichment::subject::part;

/// A call about up to 100 properties.
#[derive(Serialize)]
pub(super) struct Call {
    requests: Vec<Item>,
    options: Options,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    /// Without it, numbers on the TCPA list are left out silently \[R\].
    #[serde(rename = "includeTCPABlacklistedPhones")]
    include_tcpa_blacklisted_phones: bool,
    prioritize_mobile_phones: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    property_address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailing_address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    apn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    county: Option<String>,
}

#[derive(Serialize)]
struct Name {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
}

#[derive(Serialize)]
struct Address {
    street: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<String>,
}

impl Call {
    pub(super) fn about(groups: &[Group<'_>]) -> Self {
        Self {
            requests: groups.iter().map(Item::about).collect(),
            options: Options { include_tcpa_blacklisted_phones: true, prioritize_mobile_phones: true },
        }
    }
}

impl Item {
    fn about(group: &Group<'_>) -> Self {
        let subject = group.first();
        let property_address = Address::of(&subject.property());
        let by_parcel = property_address.is_none();
        let owned = |text: &Option<String>| part(text).map(str::to_owned);
        Self {
            request_id: group.request_id.clone(),
            // Of several people of one property none is named: the answer names them all.
            name: if group.is_of_one_person() {
                Name::of(subject.given_name.as_deref(), subject.family_name.as_deref())
            } else {
                None
            },
            property_address,
            mailing_address: if group.members.len() == 1 {
                subject.mailing.as_ref().and_then(Address::of)
            } else {
                None
            },
            apn: if by_parcel { owned(&subject.apn) } else { None },
            state: if by_parcel { owned(&subject.state) } else { None },
            county: if by_parcel { owned(&subject.county) } else { None },
        }
    }
}

impl Name {
    fn of(given: Option<&str>, family: Option<&str>) -> Option<Self> {
        let filled =
            |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let name = Self { first: filled(given), last: filled(family) };
        (name.first.is_some() || name.last.is_some()).then_some(name)
    }
}

impl Address {
    /// The unit is part of the street line.
    fn of(address: &PostalAddress) -> Option<Self> {
        let owned = |text: &Option<String>| part(text).map(str::to_owned);
        let street = part(&address.street)?;
        let street = match part(&address.unit) {
            Some(unit) => format!("{street} {unit}"),
            None => street.to_owned(),
        };
        Some(Self {
            street,
            city: owned(&address.city),
            state: owned(&address.state),
            zip: owned(&address.zip5),
        })
    }
}
