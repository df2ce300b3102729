//! Up to a hundred at once: `POST /v2/SkipTraceBatchAwait`, results by position, each with its input. Whoever does not
//! meet the `match_requirements` counts as not found, and costs nothing.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{RealEstateApi, phone_type, problem};
use crate::faults::Twist;
use crate::front::{Reply, Served, Visit};
use crate::vendor::Vendor;
use crate::world::{Identity, Line, Mailbox, Person};

pub(super) const PATH: &str = "/v2/SkipTraceBatchAwait";
/// What a call may hold, in people and in bytes.
const MOST: usize = 100;
const LARGEST: usize = 256 * 1_024;

#[derive(Deserialize)]
struct Body {
    skips: Vec<Skip>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Skip {
    #[serde(skip_serializing_if = "Value::is_null")]
    key: Value,
    first_name: String,
    middle_name: String,
    last_name: String,
    address: String,
    unit: String,
    city: String,
    state: String,
    zip: String,
    mail_address: String,
    mail_unit: String,
    mail_city: String,
    mail_state: String,
    mail_zip: String,
    phone: String,
    email: String,
    #[serde(skip_serializing)]
    match_requirements: Option<Requirements>,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
struct Requirements {
    phones: bool,
    emails: bool,
    social: bool,
    operator: Operator,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Operator {
    #[default]
    And,
    Or,
}

impl RealEstateApi {
    pub(super) fn trace_batch(&self, visit: &Visit, twist: &Twist) -> Result<Served, Reply> {
        let bad = |words: &str| problem(StatusCode::BAD_REQUEST, "Bad Request", words);
        if visit.body.len() > LARGEST {
            return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large", "Body exceeds 256 KB"));
        }
        let body: Body = visit.json().map_err(|error| bad(&error))?;
        if body.skips.is_empty() || body.skips.len() > MOST {
            return Err(bad("skips must have between 1 and 100 items"));
        }
        for (position, skip) in body.skips.iter().enumerate() {
            skip.check().map_err(|words| bad(&format!("skips[{position}]: {words}")))?;
        }
        let (mut data, mut asked, mut charges) = (Vec::new(), Vec::new(), Vec::new());
        for (position, skip) in body.skips.iter().enumerate() {
            let told = skip.identity();
            asked.push(told.subject());
            if twist.nulls_at(position) {
                data.push(Value::Null);
                continue;
            }
            let mut found = json!({"phones": [], "emails": [], "names": []});
            if let Some(person) = self.find(&told, twist) {
                let lines = self.world.lines_known(Vendor::RealEstateApi, &person);
                let mailboxes = self.world.mailboxes_known(Vendor::RealEstateApi, &person);
                if skip.is_satisfied(&lines, &mailboxes) {
                    charges.push(self.charge(&told));
                    found = found_json(&person, &lines, &mailboxes, twist);
                }
            }
            let input = serde_json::to_value(skip).unwrap_or_default();
            data.push(json!({"input": input, "data": found}));
        }
        let reply = Reply::ok(&json!({"statusCode": 200, "statusMessage": "OK", "data": data}));
        Ok(Served { reply, asked, charges, deliveries: Vec::new() })
    }
}

impl Skip {
    /// What the vendor demands of an item: an address with city and state, or a full name with state and ZIP code, or a
    /// phone, or an e-mail address.
    fn check(&self) -> Result<(), &'static str> {
        let has = |text: &String| !text.trim().is_empty();
        if has(&self.address) && !(has(&self.city) && has(&self.state)) {
            return Err("address requires city and state");
        }
        let phone = self.phone.trim();
        if !phone.is_empty() && (phone.len() != 10 || !phone.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err("phone must be 10 digits");
        }
        if has(&self.address) || has(&self.mail_address) || has(&self.phone) || has(&self.email) {
            return Ok(());
        }
        let is_named = [&self.first_name, &self.last_name, &self.state, &self.zip].into_iter().all(has);
        if is_named {
            Ok(())
        } else {
            Err("first_name, last_name, state and zip are required without address")
        }
    }

    fn identity(&self) -> Identity {
        let (street, unit, city, state, zip) = if self.address.trim().is_empty() {
            (&self.mail_address, &self.mail_unit, &self.mail_city, &self.mail_state, &self.mail_zip)
        } else {
            (&self.address, &self.unit, &self.city, &self.state, &self.zip)
        };
        let or =
            |own: &String, other: &String| if own.trim().is_empty() { other.clone() } else { own.clone() };
        Identity {
            first: self.first_name.clone(),
            last: self.last_name.clone(),
            street: format!("{} {}", street.trim(), unit.trim()).trim().to_owned(),
            city: or(city, &self.city),
            state: or(state, &self.state),
            zip: or(zip, &self.zip),
            email: self.email.clone(),
            phone: self.phone.clone(),
            ..Identity::default()
        }
    }

    fn is_satisfied(&self, lines: &[Line], mailboxes: &[Mailbox]) -> bool {
        let Some(demands) = self.match_requirements else { return true };
        // Everybody here is on LinkedIn.
        let demanded = [
            (demands.phones, !lines.is_empty()),
            (demands.emails, !mailboxes.is_empty()),
            (demands.social, true),
        ];
        let mut met = demanded.into_iter().filter(|(demanded, _)| *demanded).map(|(_, met)| met).peekable();
        if met.peek().is_none() {
            return true;
        }
        match demands.operator {
            Operator::And => met.all(|met| met),
            Operator::Or => met.any(|met| met),
        }
    }
}

fn found_json(person: &Person, lines: &[Line], mailboxes: &[Mailbox], twist: &Twist) -> Value {
    let phones: Vec<Value> = lines
        .iter()
        .map(|line| json!({"phone": line.number, "type": phone_type(line), "dnc": line.dnc}))
        .collect();
    let emails: Vec<Value> = mailboxes
        .iter()
        .map(|mailbox| {
            json!({"email": mailbox.address, "type": if mailbox.work { "work" } else { "personal" }})
        })
        .collect();
    let address = &person.property.address;
    json!({
        "phones": phones,
        "emails": emails,
        "names": [{
            "first_name": person.first,
            "middle_name": "",
            "last_name": person.last,
            "full_name": person.full_name(),
        }],
        "address": if twist.empty_address { json!({}) } else { json!({
            "address": address.street,
            "city": address.city,
            "state": address.state,
            "zip": address.zip,
        }) },
        "demographics": {"age": person.age, "deceased": person.deceased, "litigator": person.litigator},
        "social": [{"type": "linkedin", "url": format!("https://www.linkedin.com/in/{}", person.linkedin)}],
    })
}
