//! `POST /message/sms`: 201 whatever becomes of the recipients; who was not enqueued stands there as FAILED, or among
//! `dncBlockedNumbers` alone.

use std::sync::PoisonError;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answered, SignalHouse, bad, digits, problem};
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::texts::{AcceptedText, Asked, Taken, ten_digits};
use crate::vendor::Vendor;
use crate::world::Identity;

/// The plural is the SDK's name for it and not the API's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    sender_phone_number: Option<String>,
    recipient_phone_number: Option<Vec<String>>,
    message_body: Option<String>,
    #[serde(default)]
    filter_landlines_and_inactive_numbers: bool,
}

impl SignalHouse {
    pub(super) fn send(&self, visit: &Visit) -> Served {
        let key = visit.header("idempotency-key");
        let _alone = (!key.is_empty()).then(|| self.by_key.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(answered) = self.state().answered.get(key).filter(|_| !key.is_empty()) {
            return if answered.request == visit.body {
                Reply::json_text(answered.status, answered.body.clone()).into()
            } else {
                problem(StatusCode::UNPROCESSABLE_ENTITY, "Idempotency-Key was used for another request")
                    .into()
            };
        }
        let served = self.send_anew(visit, key);
        if !key.is_empty() && served.reply.status.is_success() {
            let answered = Answered {
                request: visit.body.to_vec(),
                status: served.reply.status,
                body: served.reply.body().to_owned(),
            };
            self.state().answered.insert(key.to_owned(), answered);
        }
        served
    }

    fn send_anew(&self, visit: &Visit, key: &str) -> Served {
        let request: Request = match visit.json() {
            Ok(request) => request,
            Err(words) => return bad(&words).into(),
        };
        let is_digits = |number: &str| number.len() >= 10 && number.bytes().all(|byte| byte.is_ascii_digit());
        let Some(from) = request.sender_phone_number.as_deref().filter(|from| is_digits(from)) else {
            return bad("senderPhoneNumber must be digits").into();
        };
        let recipients = request.recipient_phone_number.unwrap_or_default();
        if recipients.is_empty() || !recipients.iter().all(|to| is_digits(to)) {
            return bad("recipientPhoneNumber must be an array of digits").into();
        }
        let Some(body) = request.message_body.filter(|body| !body.trim().is_empty()) else {
            return bad("messageBody is required").into();
        };
        let (Some(from), Some(to)) =
            (ten_digits(from), recipients.iter().map(|to| ten_digits(to)).collect::<Option<Vec<_>>>())
        else {
            return bad("recipientPhoneNumber must be in the United States or Canada").into();
        };

        let mut outcome = Outcome::default();
        for to in to {
            let asked = Asked {
                vendor: Vendor::SignalHouse,
                from: from.clone(),
                to,
                body: body.clone(),
                filters_landlines: request.filter_landlines_and_inactive_numbers,
                key: (!key.is_empty()).then(|| key.to_owned()),
                price: self.settings.price("segment"),
            };
            if let Err(reply) = self.send_one(&asked, &mut outcome) {
                return reply.into();
            }
        }
        outcome.served(recipients.len())
    }

    fn send_one(&self, asked: &Asked, outcome: &mut Outcome) -> Result<(), Reply> {
        let subject = Identity { phone: asked.to.clone(), ..Identity::default() }.subject();
        match self.network.take(asked) {
            Taken::Throttled => return Err(problem(StatusCode::TOO_MANY_REQUESTS, "Too many requests")),
            Taken::Refused(code) if code == "sender" => {
                return Err(bad("senderPhoneNumber is not READY on an ACTIVE campaign"));
            }
            Taken::Refused(code) if code == "dnc" => outcome.blocked.push(digits(&asked.to)),
            Taken::Refused(code) => outcome.inserted.push(failed(asked, &code, &subject)),
            Taken::Accepted { text, news } => {
                outcome.enqueued += 1;
                outcome.lost |= text.reply_lost;
                outcome.inserted.push(document(&text, "ENQUEUED", None));
                outcome.deliveries.extend(self.announce(&news, Some(&text)));
                outcome.charges.push(Charge {
                    subject: subject.clone(),
                    what: "text",
                    units: text.segments,
                    micro_dollars: text.micro_dollars,
                });
            }
        }
        outcome.asked.push(subject);
        Ok(())
    }
}

/// What became of the recipients.
#[derive(Default)]
struct Outcome {
    enqueued: usize,
    inserted: Vec<Value>,
    blocked: Vec<String>,
    lost: bool,
    asked: Vec<String>,
    charges: Vec<Charge>,
    deliveries: Vec<crate::deliveries::Delivery>,
}

impl Outcome {
    fn served(self, requested: usize) -> Served {
        let body = json!({
            "requestedRecipientCount": requested,
            "enqueuedCount": self.enqueued,
            "failedCount": requested - self.enqueued,
            "insertedMessages": self.inserted,
            "dncBlockedNumbers": self.blocked,
        });
        let mut reply = Reply::json(StatusCode::CREATED, &body);
        if self.lost {
            reply.lose();
        }
        Served { reply, asked: self.asked, charges: self.charges, deliveries: self.deliveries }
    }
}

fn failed(asked: &Asked, code: &str, subject: &str) -> Value {
    // The vendor's own code for one of them only; of the others there is a reason [K: its wording].
    let (code, reason) = match code {
        "landline" => (None, "Recipient is a landline".to_owned()),
        "moderation" => (None, "Blocked by content moderation".to_owned()),
        "daily_cap" => (None, "T-Mobile daily segment cap reached".to_owned()),
        "OUT" => (Some("OUT"), "RECIPIENT_OPTED_OUT".to_owned()),
        other => (Some(other), format!("Failed with {other}")),
    };
    json!({
        "_id": format!("failed-{subject}"),
        "senderPhoneNumber": digits(&asked.from),
        "recipientPhoneNumber": digits(&asked.to),
        "messageBody": asked.body,
        "direction": "OUTBOUND",
        "status": "FAILED",
        "errorCode": code,
        "successOrFailureReason": reason,
        "segmentCount": 0,
    })
}

/// A text as the API shows it.
pub(super) fn document(text: &AcceptedText, status: &str, code: Option<&str>) -> Value {
    json!({
        "_id": text.id,
        "senderPhoneNumber": digits(&text.from),
        "recipientPhoneNumber": digits(&text.to),
        "messageBody": text.body,
        "direction": "OUTBOUND",
        "messageType": "SMS",
        "status": status,
        "errorCode": null,
        "successOrFailureReason": code.map(|code| format!("Carrier error {code}")),
        "segmentCount": text.segments,
        "campaignId": text.campaign,
        "createdAt": text.at,
    })
}

/// The status in the vendor's word.
pub(super) fn status(text: &AcceptedText) -> &'static str {
    match text.status.as_str() {
        "queued" => "ENQUEUED",
        "sent" => "SENT",
        "delivered" => "DELIVERED",
        _ => "FAILED",
    }
}
