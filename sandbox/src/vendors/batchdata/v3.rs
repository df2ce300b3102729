//! Skip tracing, version 3: an element of `result.data` for each request, in their order, with up to three people who
//! have to do with the property. Who of them was asked for is not said, and need not be the first; a flag that is
//! absent is not false.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::request::{Body, Options};
use super::{BatchData, address_json, problem};
use crate::faults::Twist;
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::vendor::Vendor;
use crate::vendors::perhaps_another;
use crate::world::{Line, LineKind, Person, World};

pub(super) const PATH: &str = "/api/v3/property/skip-trace";
/// How many people an answer names at a property.
const MOST_PEOPLE: usize = 3;

impl BatchData {
    pub(super) fn trace_v3(&self, visit: &Visit, twist: &Twist) -> Result<Served, Reply> {
        let body = Body::read(visit)?;
        let (mut data, mut asked, mut charges, mut errors) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (position, item) in body.requests.iter().enumerate() {
            let Some(told) = item.identity() else {
                errors += 1;
                data.push(json!({"persons": [], "meta": {"matched": false, "error": true}}));
                continue;
            };
            asked.push(told.subject());
            if twist.nulls_at(position) {
                data.push(Value::Null);
                continue;
            }
            let Some(person) = self.world.person(&told) else {
                return Err(problem(StatusCode::BAD_REQUEST, "Invalid address"));
            };
            if !self.world.knows(Vendor::BatchData, &person) {
                let property = json!({"address": address_json(&person.property.address)});
                data.push(json!({
                    "property": property,
                    "persons": [],
                    "meta": {"matched": false, "error": false},
                }));
                continue;
            }
            charges.push(Charge {
                subject: told.subject(),
                what: "match",
                units: 1,
                micro_dollars: self.settings.price("match"),
            });
            let residents = self.world.residents(&told);
            let people = if twist.wrong_person {
                vec![perhaps_another(&self.world, person, true)]
            } else if residents.is_empty() {
                household(&self.world, person)
            } else if told.last.is_empty() {
                residents
            } else {
                with_others(person, residents)
            };
            data.push(element(&self.world, &people, &body.options, twist));
        }
        let total = data.len();
        let reply = Reply::ok(&json!({
            "status": {"code": 200, "text": "OK"},
            "result": {
                "data": data,
                "meta": {
                    "results": {
                        "requestCount": total,
                        "matchCount": charges.len(),
                        "noMatchCount": total - charges.len() - errors,
                        "errorCount": errors,
                    },
                    "performance": {"totalRequestTime": 120},
                },
            },
        }));
        Ok(Served { reply, asked, charges, deliveries: Vec::new() })
    }
}

/// The one asked for, and in two cases of five another of the household, before or after.
fn household(world: &World, asked: Person) -> Vec<Person> {
    let mut chance = world.chance(&["v3", &asked.key]);
    let housemate = world.housemate(&asked);
    match (chance.happens(0.4), chance.happens(0.5)) {
        (false, _) => vec![asked],
        (true, false) => vec![asked, housemate],
        (true, true) => vec![housemate, asked],
    }
}

/// Those who were introduced at an address, and the one asked for if they are not among them.
fn with_others(asked: Person, mut residents: Vec<Person>) -> Vec<Person> {
    match residents.iter().position(|resident| resident.key == asked.key) {
        // Whoever is asked for is among those who fit.
        Some(at) => residents.swap(at.min(MOST_PEOPLE - 1), at),
        None => residents.insert(0, asked),
    }
    residents
}

/// What is known of a property and up to three of its people.
fn element(world: &World, people: &[Person], options: &Options, twist: &Twist) -> Value {
    let people = people.get(..MOST_PEOPLE).unwrap_or(people);
    let Some(property) = people.first().map(|person| &person.property) else { return Value::Null };
    let persons: Vec<Value> =
        people.iter().map(|person| person_json(world, person, options, twist)).collect();
    json!({
        "property": {
            "address": if twist.empty_address { json!({}) } else { address_json(&property.address) },
            "apn": property.apn,
            "owner": {"ownerOccupied": property.owner_occupied},
            "valuation": {
                "estimatedValue": property.value,
                "equityCurrentEstimatedBalance": property.equity,
            },
        },
        "persons": persons,
        "meta": {"matched": true, "error": false},
    })
}

fn person_json(world: &World, person: &Person, options: &Options, twist: &Twist) -> Value {
    let mut lines = world.lines_known(Vendor::BatchData, person);
    if options.prioritize_mobile_phones {
        lines.sort_by_key(|line| line.kind != LineKind::Mobile);
    }
    let phones: Vec<Value> =
        lines.iter().enumerate().map(|(at, line)| phone_json(world, line, at + 1)).collect();
    let mailboxes = world.mailboxes_known(Vendor::BatchData, person);
    let emails: Vec<Value> = mailboxes.iter().map(|mailbox| json!({"email": mailbox.address})).collect();
    let home = person.property.mailing.as_ref().unwrap_or(&person.property.address);
    let no_mail = twist.empty_address || world.chance(&["no mail", &person.key]).happens(0.08);
    json!({
        "propertyOwner": person.property.owner_occupied,
        "name": {
            "first": person.first,
            "last": person.last,
            "full": person.full_name(),
            "akas": person.akas,
        },
        "mailingAddress": if no_mail { json!({}) } else { address_json(home) },
        "addresses": if no_mail { json!([]) } else { json!([address_json(home)]) },
        "phones": phones,
        "emails": emails,
        "litigator": person.litigator,
        "deceased": person.deceased,
    })
}

fn phone_json(world: &World, line: &Line, rank: usize) -> Value {
    let mut phone = json!({
        "number": line.number,
        "type": if line.kind == LineKind::Mobile { "Mobile" } else { "Land Line" },
        "carrier": line.carrier,
        "tcpa": line.tcpa,
        "rank": rank,
        "tested": true,
    });
    let mut chance = world.chance(&["flags", &line.number]);
    if chance.happens(0.85) {
        phone["dnc"] = line.dnc.into();
    }
    if chance.happens(0.85) {
        phone["reachable"] = line.connected.into();
    }
    phone
}
