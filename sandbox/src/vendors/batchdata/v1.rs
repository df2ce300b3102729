//! Skip tracing, version 1: one person for each request, whoever lives at the address – the name is not looked at –, in
//! no order, with numbers of people who sue left out in silence unless they are asked for.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::request::{Body, Item, Options};
use super::{BatchData, address_json, problem};
use crate::faults::Twist;
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::vendor::Vendor;
use crate::vendors::perhaps_another;
use crate::world::{LineKind, Person, World};

pub(super) const PATH: &str = "/api/v1/property/skip-trace";

impl BatchData {
    pub(super) fn trace_v1(&self, visit: &Visit, twist: &Twist) -> Result<Served, Reply> {
        let body = Body::read(visit)?;
        let (mut persons, mut asked, mut charges, mut errors) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (position, item) in body.requests.iter().enumerate() {
            let Some(told) = item.identity() else {
                errors += 1;
                persons.push(unmatched(item, true));
                continue;
            };
            asked.push(told.subject());
            if twist.nulls_at(position) {
                persons.push(Value::Null);
                continue;
            }
            let Some(person) = self.world.person(&told) else {
                return Err(problem(StatusCode::BAD_REQUEST, "Invalid address"));
            };
            if !self.world.knows(Vendor::BatchData, &person) {
                persons.push(unmatched(item, false));
                continue;
            }
            charges.push(Charge {
                subject: told.subject(),
                what: "match",
                units: 1,
                micro_dollars: self.settings.price("match"),
            });
            // In three houses of ten somebody else of the household is the one on file.
            let another = !self.world.was_introduced(&person)
                && self.world.chance(&["on file", &told.address_tie()]).happens(0.3);
            let person = perhaps_another(&self.world, person, twist.wrong_person);
            let on_file = if another { self.world.housemate(&person) } else { person };
            persons.push(matched(&self.world, &on_file, item, &body.options, twist));
        }
        let total = persons.len();
        // In no order.
        persons.rotate_left(usize::from(total > 1));
        let reply = Reply::ok(&json!({
            "results": {
                "persons": persons,
                "meta": {
                    "requestId": self.world.chance(&asked.iter().map(String::as_str).collect::<Vec<_>>()).hex(24),
                    "performance": {"totalRequestTime": 310},
                    "results": {
                        "matchCount": charges.len(),
                        "noMatchCount": total - charges.len() - errors,
                        "errorCount": errors,
                    },
                },
            },
            "status": {"code": 200, "text": "OK"},
        }));
        Ok(Served { reply, asked, charges, deliveries: Vec::new() })
    }
}

fn echo(item: &Item) -> Value {
    item.request_id.as_ref().map_or(json!({}), |id| json!({"requestId": id}))
}

fn unmatched(item: &Item, error: bool) -> Value {
    json!({
        "emails": [],
        "phoneNumbers": [],
        "mailingAddress": {},
        "meta": {"matched": false, "error": error},
        "request": echo(item),
    })
}

fn matched(world: &World, person: &Person, item: &Item, options: &Options, twist: &Twist) -> Value {
    let mut lines = world.lines_known(Vendor::BatchData, person);
    lines.retain(|line| options.include_tcpa || !line.tcpa);
    if options.prioritize_mobile_phones {
        lines.sort_by_key(|line| line.kind != LineKind::Mobile);
    }
    let phones: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({
                "number": line.number,
                "carrier": line.carrier,
                "type": if line.kind == LineKind::Mobile { "Mobile" } else { "Land Line" },
                "tested": true,
                "reachable": line.connected,
                "score": if line.connected { 95 } else { 40 },
                "dnc": line.dnc,
            })
        })
        .collect();
    let mailboxes = world.mailboxes_known(Vendor::BatchData, person);
    let emails: Vec<Value> = mailboxes
        .iter()
        .map(|mailbox| json!({"email": mailbox.address, "tested": mailbox.verified}))
        .collect();
    let home = person.property.mailing.as_ref().unwrap_or(&person.property.address);
    let mail = if twist.empty_address { json!({}) } else { address_json(home) };
    json!({
        "_id": world.chance(&["_id", &person.key]).hex(24),
        "bankruptcy": {},
        "dnc": {"tcpa": lines.iter().any(|line| line.tcpa)},
        "death": {"deceased": person.deceased},
        "litigator": person.litigator,
        "involuntaryLien": {},
        "name": {"first": person.first, "last": person.last},
        "emails": emails,
        "phoneNumbers": phones,
        "mailingAddress": mail,
        "propertyAddress": address_json(&person.property.address),
        "property": {"owner": {"mailingAddress": mail}},
        "meta": {"matched": true, "error": false},
        "request": echo(item),
    })
}
