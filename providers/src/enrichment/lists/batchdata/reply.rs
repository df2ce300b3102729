//! What the property search answers \[R\].

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::super::{ListPage, ListedProperty};
use super::unknown;
use crate::enrichment::remote::of_status;
use crate::enrichment::{UnknownWhy, Verdict, lenient};

#[derive(Deserialize)]
struct Reply {
    #[serde(default, deserialize_with = "lenient::maybe")]
    results: Option<Results>,
    #[serde(default, deserialize_with = "lenient::maybe")]
    status: Option<Status>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    #[serde(deserialize_with = "lenient::whole")]
    code: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Results {
    #[serde(deserialize_with = "lenient::maybe")]
    meta: Option<Meta>,
    #[serde(deserialize_with = "lenient::array")]
    properties: Option<Vec<Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    #[serde(deserialize_with = "lenient::maybe")]
    results: Option<Counts>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Counts {
    #[serde(deserialize_with = "lenient::whole")]
    results_found: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Property {
    #[serde(rename = "_id", deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::maybe")]
    ids: Option<Ids>,
    #[serde(deserialize_with = "lenient::maybe")]
    address: Option<Address>,
    #[serde(deserialize_with = "lenient::maybe")]
    owner: Option<Owner>,
    #[serde(deserialize_with = "lenient::maybe")]
    valuation: Option<Valuation>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ids {
    #[serde(deserialize_with = "lenient::text")]
    apn: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Address {
    #[serde(deserialize_with = "lenient::text")]
    street: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    city: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    county: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    state: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    zip: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Owner {
    #[serde(deserialize_with = "lenient::text")]
    full_name: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    names: Vec<Name>,
    /// `Individual`; of a company another word \[K\].
    #[serde(deserialize_with = "lenient::text")]
    owner_status_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Name {
    #[serde(deserialize_with = "lenient::text")]
    first: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    last: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Valuation {
    #[serde(deserialize_with = "lenient::whole")]
    estimated_value: Option<i64>,
    #[serde(deserialize_with = "lenient::whole")]
    equity_current_estimated_balance: Option<i64>,
}

/// The page in a body that came with 2xx; `take` is how many records may have been charged if there is none in it.
pub(super) fn page(body: &[u8], take: u32) -> Result<ListPage, Verdict> {
    let unreadable = || unknown(UnknownWhy::Unreadable, take);
    let value: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let reply: Reply = lenient::read(value).ok_or_else(unreadable)?;
    // HTTP 200 with an error inside.
    let inner = reply.status.and_then(|status| status.code).and_then(|code| u16::try_from(code).ok());
    if let Some(code) = inner.filter(|code| !(200..300).contains(code)) {
        return Err(of_status(code, format!("HTTP 200 with status {code} inside"), &HeaderMap::new()));
    }
    let results = reply.results.ok_or_else(unreadable)?;
    let counts = results.meta.and_then(|meta| meta.results);
    let found = counts.and_then(|counts| counts.results_found).and_then(|found| u64::try_from(found).ok());
    let properties = match results.properties {
        Some(properties) => properties,
        // A list of which nothing was found may say only that.
        None if found == Some(0) => Vec::new(),
        None => return Err(unreadable()),
    };
    Ok(ListPage { records: properties.into_iter().map(record).collect(), found })
}

fn record(value: Value) -> ListedProperty {
    let digest = || format!("digest:{}", hex::encode(&Sha256::digest(value.to_string())[..16]));
    let Some(property) = lenient::read::<Property>(value.clone()) else {
        return ListedProperty { mark: digest(), ..ListedProperty::default() };
    };
    let mark = property.id.clone().unwrap_or_else(digest);
    let address = property.address.unwrap_or_default();
    let owner = property.owner.unwrap_or_default();
    let valuation = property.valuation.unwrap_or_default();
    let is_company = owner.is_company();
    let name = owner.names.into_iter().next().unwrap_or_default();
    let (full, company) = if is_company { (None, owner.full_name) } else { (owner.full_name, None) };
    let of_person = |part: Option<String>| if is_company { None } else { part };
    ListedProperty {
        mark,
        id: property.id,
        street: address.street,
        city: address.city,
        state: address.state,
        zip: address.zip,
        county: address.county,
        apn: property.ids.and_then(|ids| ids.apn),
        owner_first: of_person(name.first),
        owner_last: of_person(name.last),
        owner_full: full,
        owner_company: company,
        value: valuation.estimated_value,
        equity: valuation.equity_current_estimated_balance,
    }
}

impl Owner {
    /// An owner of whom nothing is said is taken for a person.
    fn is_company(&self) -> bool {
        let kind = self.owner_status_type.as_deref().unwrap_or_default().to_lowercase();
        ["compan", "corporat", "business", "llc", "trust"].iter().any(|word| kind.contains(word))
    }
}
