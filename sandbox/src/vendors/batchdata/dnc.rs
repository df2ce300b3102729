//! Whether numbers are on the do-not-call list: `POST /api/v1/phone/dnc`.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BatchData, problem};
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::world::{Identity, phone_tie};

pub(super) const PATH: &str = "/api/v1/phone/dnc";
/// What a call may hold.
const MOST: usize = 100;

#[derive(Deserialize)]
struct Body {
    requests: Vec<String>,
}

impl BatchData {
    pub(super) fn check_dnc(&self, visit: &Visit) -> Result<Served, Reply> {
        let bad = |words: &str| problem(StatusCode::BAD_REQUEST, words);
        let body: Body = visit.json().map_err(|error| bad(&format!("Invalid request body: {error}")))?;
        if body.requests.is_empty() || body.requests.len() > MOST {
            return Err(bad("requests must have 1 to 100 items"));
        }
        let (mut numbers, mut asked, mut charges) = (Vec::new(), Vec::new(), Vec::new());
        for given in &body.requests {
            let digits = phone_tie(given);
            if digits.len() != 10 {
                numbers.push(json!({"number": given, "meta": {"matched": false, "error": true}}));
                continue;
            }
            let subject = Identity { phone: digits.clone(), ..Identity::default() }.subject();
            asked.push(subject.clone());
            let price = self.settings.price("dnc");
            charges.push(Charge { subject, what: "dnc", units: 1, micro_dollars: price });
            let entry: Value = json!({
                "number": digits,
                "dnc": self.world.line(&digits).dnc,
                "meta": {"matched": true, "error": false},
            });
            numbers.push(entry);
        }
        let reply = Reply::ok(&json!({
            "results": {"phoneNumbers": numbers, "meta": {"results": {"matchCount": charges.len()}}},
            "status": {"code": 200, "text": "OK"},
        }));
        Ok(Served { reply, asked, charges, deliveries: Vec::new() })
    }
}
