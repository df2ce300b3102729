//! One person: `POST /v1/SkipTrace`. Who is not found is answered with 200 and 404 inside. `state` comes back in title
//! case, `doNotCall` is text.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{RealEstateApi, phone_type, problem};
use crate::faults::Twist;
use crate::front::{Reply, Served, Visit};
use crate::vendor::Vendor;
use crate::vendors::national;
use crate::world::{Identity, Line, Person, World};

pub(super) const PATH: &str = "/v1/SkipTrace";

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    address: String,
    city: String,
    state: String,
    zip: String,
    first_name: String,
    last_name: String,
}

impl RealEstateApi {
    pub(super) fn trace(&self, visit: &Visit, twist: &Twist) -> Result<Served, Reply> {
        let body: Body =
            visit.json().map_err(|error| problem(StatusCode::BAD_REQUEST, "Bad Request", &error))?;
        let told = Identity {
            first: body.first_name,
            last: body.last_name,
            street: body.address,
            city: body.city,
            state: body.state,
            zip: body.zip,
            ..Identity::default()
        };
        if told.address_tie().is_empty() {
            let words = "address with city and state, or with zip, is required";
            return Err(problem(StatusCode::BAD_REQUEST, "Bad Request", words));
        }
        let person = self.find(&told, twist);
        let (code, message) = if person.is_some() { (200, "Success") } else { (404, "No match found") };
        let reply = Reply::ok(&json!({
            "requestId": self.world.chance(&["request", &told.subject()]).hex(32),
            "responseCode": 0,
            "requestDate": "2026-01-05T12:00:00.000Z",
            "responseMessage": "Successful",
            "warnings": "None",
            "input": {
                "address": told.street,
                "city": told.city,
                "state": told.state,
                "zip": told.zip,
                "first_name": told.first,
                "last_name": told.last,
            },
            "output": person.as_ref().map_or(json!({}), |person| output(&self.world, person, twist)),
            "match": person.is_some(),
            "cached": false,
            "statusCode": code,
            "statusMessage": message,
            "credits": u8::from(person.is_some()),
            "live": true,
            "requestExecutionTimeMS": "160ms",
        }));
        let charges = person.is_some().then(|| self.charge(&told)).into_iter().collect();
        Ok(Served { reply, asked: vec![told.subject()], charges, deliveries: Vec::new() })
    }
}

fn output(world: &World, person: &Person, twist: &Twist) -> Value {
    let phones: Vec<Value> =
        world.lines_known(Vendor::RealEstateApi, person).iter().map(phone_json).collect();
    let emails: Vec<Value> = world
        .mailboxes_known(Vendor::RealEstateApi, person)
        .iter()
        .map(|mailbox| json!({"email": mailbox.address, "emailType": if mailbox.work { "work" } else { "personal" }}))
        .collect();
    let name = json!({
        "firstName": person.first,
        "middleName": "",
        "lastName": person.last,
        "fullName": person.full_name(),
    });
    json!({
        "identity": {
            "names": [name],
            "address": if twist.empty_address { json!({}) } else { address_json(person) },
            "addressHistory": [],
            "phones": phones,
            "emails": emails,
        },
        "demographics": {
            "age": person.age,
            "dob": format!("{}-{:02}", person.birth_year(), person.birth_month),
            "dod": if person.deceased { "2025-01" } else { "" },
            "deceased": person.deceased,
            "gender": if person.woman { "female" } else { "male" },
            "images": [],
            "social": [{"type": "linkedin", "url": format!("https://www.linkedin.com/in/{}", person.linkedin)}],
            "education": [],
            "jobs": [{"title": person.title}],
            "names": [name],
        },
        "relationships": [],
        "stats": {"phones": phones.len(), "emails": emails.len()},
    })
}

fn address_json(person: &Person) -> Value {
    let address = &person.property.address;
    let (house, street) = address.street.split_once(' ').unwrap_or(("", &address.street));
    let (street, kind) = street.rsplit_once(' ').unwrap_or((street, ""));
    let mut state = address.state.to_lowercase();
    if let Some(first) = state.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    json!({
        "house": house,
        "preDir": "",
        "street": street,
        "postDir": "",
        "strType": kind,
        "aptNbr": "",
        "aptType": "",
        "city": address.city,
        "state": state,
        "county": address.county,
        "zip": address.zip,
        "z4": "",
        "latitude": person.property.latitude,
        "longitude": person.property.longitude,
        "formattedAddress": format!("{}, {}, {state} {}", address.street, address.city, address.zip),
        "lastSeen": "2026-01-01",
        "validSince": format!("{}-06-15", person.property.bought),
    })
}

fn phone_json(line: &Line) -> Value {
    json!({
        "phone": line.number,
        "telcoName": line.carrier,
        "phoneDisplay": national(line),
        "phoneExtension": "",
        "isConnected": line.connected,
        "doNotCall": if line.dnc { "true" } else { "" },
        "phoneType": phone_type(line),
        "lastSeen": "2026-01-01",
        "validSince": "2019-03-01",
    })
}
