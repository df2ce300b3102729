//! Lists of properties: `POST /api/v1/property/search` with `searchCriteria` and `options.take` and `skip`. The same
//! criteria give the same list, newest record first; what is published to it shifts the rest down, so a caller who turns
//! pages meanwhile sees records again. `resultsFound` counts the list, `resultCount` what was handed out.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BatchData, address_json, problem};
use crate::faults::Twist;
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::world::{Identity, Person};

pub(super) const PATH: &str = "/api/v1/property/search";
/// The longest page \[K\]; an integrator got 25 whatever they asked for, which is the fault `short_page`.
const LONGEST: u64 = 500;
const SHORT: u64 = 25;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    search_criteria: Map<String, Value>,
    #[serde(default)]
    options: Options,
}

#[derive(Deserialize)]
#[serde(default)]
struct Options {
    take: u64,
    skip: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { take: SHORT, skip: 0 }
    }
}

impl BatchData {
    pub(super) fn list(&self, visit: &Visit, twist: &Twist) -> Result<Served, Reply> {
        let bad = |words: &str| problem(StatusCode::BAD_REQUEST, words);
        let body: Body = visit.json().map_err(|error| bad(&format!("Invalid request body: {error}")))?;
        if body.search_criteria.is_empty() {
            return Err(bad("searchCriteria must not be empty"));
        }
        let criteria = canonical(&Value::Object(body.search_criteria.clone()));
        let query = body.search_criteria.get("query").and_then(Value::as_str).unwrap_or_default();
        let found = self.list_length + self.published.load(Ordering::Relaxed);
        let longest = if twist.short_page { SHORT } else { LONGEST };
        let take = body.options.take.min(longest);
        let last = body.options.skip.saturating_add(take).min(found);
        let (mut properties, mut asked, mut charges) = (Vec::new(), Vec::new(), Vec::new());
        for position in body.options.skip..last {
            let serial = found - position;
            let (told, owner) = self.listed(&criteria, query, serial);
            let id = self.world.chance(&["property", &criteria, &serial.to_string()]).hex(24);
            asked.push(told.subject());
            charges.push(Charge {
                subject: told.subject(),
                what: "property",
                units: 1,
                micro_dollars: self.settings.price("property"),
            });
            properties.push(record(&id, &owner, twist));
        }
        let reply = Reply::ok(&json!({
            "results": {
                "meta": {
                    "results": {
                        "resultCount": properties.len(),
                        "resultsFound": found,
                    },
                    "performance": {"totalRequestTime": 90},
                },
                "properties": properties,
            },
            "status": {"code": 200, "text": "OK"},
        }));
        Ok(Served { reply, asked, charges, deliveries: Vec::new() })
    }

    /// The owner of a record, and by what skip tracing knows them again. Where the query is a ZIP code or ends in one,
    /// the property is there, and likewise for `City, ST`.
    fn listed(&self, criteria: &str, query: &str, serial: u64) -> (Identity, Person) {
        let mut drawn = self.world.somebody(&["listed", criteria, &serial.to_string()]);
        let address = &mut drawn.property.address;
        let zip =
            query.split_whitespace().last().filter(|word| word.len() == 5 && word.parse::<u32>().is_ok());
        if let Some(zip) = zip {
            zip.clone_into(&mut address.zip);
        }
        let place = query.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ').trim_end_matches(',');
        if let Some((city, state)) = place.split_once(',').filter(|(_, state)| state.trim().len() == 2) {
            city.trim().clone_into(&mut address.city);
            state.trim().clone_into(&mut address.state);
        }
        let told = Identity {
            first: drawn.first.clone(),
            last: drawn.last.clone(),
            street: address.street.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            zip: address.zip.clone(),
            ..Identity::default()
        };
        (told, drawn)
    }
}

fn record(id: &str, owner: &Person, twist: &Twist) -> Value {
    let property = &owner.property;
    let mailing = property.mailing.as_ref().unwrap_or(&property.address);
    json!({
        "_id": id,
        "ids": {"apn": property.apn},
        "address": if twist.empty_address { json!({}) } else { address_json(&property.address) },
        "owner": {
            "fullName": owner.full_name(),
            "names": [{"first": owner.first, "last": owner.last, "full": owner.full_name()}],
            "mailingAddress": if twist.empty_address { json!({}) } else { address_json(mailing) },
            "ownerOccupied": property.owner_occupied,
            "ownerStatusType": "Individual",
        },
        "building": {"yearBuilt": property.bought - 12, "bedroomCount": 3, "bathroomCount": 2},
        "valuation": {
            "estimatedValue": property.value,
            "equityCurrentEstimatedBalance": property.equity,
            "equityPercent": property.equity * 100 / property.value.max(1),
        },
        "sale": {"lastSale": {"saleDate": format!("{}-06-15T00:00:00.000Z", property.bought)}},
        "quickLists": {
            "ownerOccupied": property.owner_occupied,
            "absenteeOwner": !property.owner_occupied,
            "highEquity": property.equity * 2 > property.value,
        },
    })
}

/// JSON with its keys in order, however they were written.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let pairs: Vec<String> =
                keys.iter().map(|key| format!("{key}:{}", canonical(&map[*key]))).collect();
            format!("{{{}}}", pairs.join(","))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
