//! What comes later: phones, posted to the caller's URL without a signature, maybe more than once, and to be polled.
//! From Apollo's own books in one shape; from others' in another, which is itself seen in two forms.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::matching::{Found, Phones, Wishes};
use super::{Apollo, person};
use crate::deliveries::{Delivery, Parcel};
use crate::faults::Twist;
use crate::front::Reply;
use crate::vendor::Vendor;
use crate::world::{Line, LineKind, Mailbox};

pub(super) const PATH: &str = "/api/v1/webhook_result/";

/// What is posted, and from when on it can be polled.
pub(super) struct Result {
    ready: Instant,
    body: Value,
}

impl Apollo {
    /// Plans what comes later, and says so in `body`. For nobody nothing comes.
    pub(super) fn later(
        &self,
        body: &mut Value,
        found: &[Found],
        wishes: &Wishes,
        twist: &Twist,
    ) -> Vec<Delivery> {
        if wishes.phones == Phones::Not && !wishes.waterfall_email {
            return Vec::new();
        }
        // Ids are not a function of the question: the same one asked twice has two.
        let number = self.promised.fetch_add(1, Ordering::Relaxed);
        let id = self.world.chance(&["request", &number.to_string()]).number() as i64;
        body["request_id"] = id.into();
        if wishes.waterfall() {
            body["waterfall"] = json!({"status": "accepted"});
        }
        if found.is_empty() {
            return Vec::new();
        }
        let posted = if wishes.waterfall() { self.waterfall(found, wishes, id) } else { self.native(found) };
        let after = self.webhook_delay + Duration::from_millis(twist.webhook_late_ms);
        self.results().insert(id, Result { ready: Instant::now() + after, body: posted.clone() });
        vec![Delivery {
            url: wishes.webhook_url.clone(),
            parcel: Parcel::Json(posted),
            after,
            twice: twist.webhook_twice,
            overtaken: twist.webhook_out_of_order,
        }]
    }

    /// What the webhook brought, or would have.
    pub(super) fn poll(&self, path: &str) -> Reply {
        let unknown = || {
            let body = json!({"error": "Unknown request_id", "error_code": "request_id_unknown"});
            Reply::json(StatusCode::NOT_FOUND, &body)
        };
        let Ok(id) = path.trim_start_matches(PATH).parse::<i64>() else { return unknown() };
        match self.results().get(&id) {
            None => unknown(),
            Some(result) => match result.ready.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => Reply::json(
                    StatusCode::NOT_FOUND,
                    &json!({
                        "error": "Result is pending",
                        "error_code": "result_pending",
                        "retry_after_seconds": left.as_millis().div_ceil(1_000).max(1) as u64,
                    }),
                ),
                _ => Reply::ok(&result.body),
            },
        }
    }

    fn native(&self, found: &[Found]) -> Value {
        let people: Vec<Value> = found
            .iter()
            .map(|found| {
                json!({
                    "id": person::id(&self.world, found),
                    "status": "success",
                    "phone_numbers": self.phones(found),
                })
            })
            .collect();
        json!({
            "status": "success",
            "total_requested_enrichments": found.len(),
            "unique_enriched_records": found.len(),
            "missing_records": 0,
            "credits_consumed": self.phone_credits(found),
            "people": people,
        })
    }

    fn waterfall(&self, found: &[Found], wishes: &Wishes, id: i64) -> Value {
        let wants_phones = wishes.phones != Phones::Not;
        let (mut with_email, mut with_mobile) = (0, 0);
        let people: Vec<Value> = found
            .iter()
            .map(|found| {
                let mailboxes = if wishes.waterfall_email {
                    self.world.mailboxes_known(Vendor::Apollo, &found.person)
                } else {
                    Vec::new()
                };
                let phones = if wants_phones { self.phones(found) } else { Vec::new() };
                with_email += u64::from(!mailboxes.is_empty());
                with_mobile += u64::from(wants_phones && self.has_mobile(found));
                let emails: Vec<Value> = mailboxes.iter().map(email_json).collect();
                let person_id = person::id(&self.world, found);
                // Both forms are seen.
                if self.world.chance(&["nested", &found.person.key]).happens(0.5) {
                    json!({"id": person_id, "waterfall": {"emails": emails, "phone_numbers": phones}})
                } else {
                    json!({"id": person_id, "emails": emails, "phone_numbers": phones})
                }
            })
            .collect();
        let fields = [("email", wishes.waterfall_email), ("mobile", wants_phones)];
        let targets: Vec<&str> =
            fields.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name).collect();
        json!({
            "status": "success",
            "target_fields": targets,
            "records_enriched": found.len(),
            "email_records_enriched": with_email,
            "mobile_records_enriched": with_mobile,
            "credits_consumed": if wants_phones { self.phone_credits(found) } else { 0 },
            "request_id": id,
            "people": people,
        })
    }

    fn phones(&self, found: &Found) -> Vec<Value> {
        let lines = self.world.lines_known(Vendor::Apollo, &found.person);
        lines.iter().enumerate().map(|(at, line)| self.phone_json(line, at)).collect()
    }

    fn phone_json(&self, line: &Line, position: usize) -> Value {
        let mut chance = self.world.chance(&["apollo phone", &line.number]);
        let number = line.number.as_str();
        let raw = match (number.get(..3), number.get(3..6), number.get(6..)) {
            (Some(area), Some(exchange), Some(rest)) => format!("+1 {area}-{exchange}-{rest}"),
            _ => line.e164(),
        };
        json!({
            "_id": chance.hex(24),
            "confidence_cd": "high",
            "direct_dial_source_cd": "contact_trusted",
            "dnc_other_info": {"country": "United States"},
            "dnc_status_cd": if line.dnc { "found" } else { "not_found" },
            "dnc_status_updated_at": "2026-01-05T12:00:00.000+00:00",
            "position": position,
            "raw_number": raw,
            "sanitized_number": line.e164(),
            "status_cd": if line.connected { "valid_number" } else { "invalid_number" },
            "type_cd": match line.kind {
                LineKind::Mobile => "mobile",
                LineKind::Landline => "work_hq",
                LineKind::FixedVoip | LineKind::NonFixedVoip => "other",
            },
            "id": chance.hex(24),
            "key": chance.hex(24),
        })
    }
}

fn email_json(mailbox: &Mailbox) -> Value {
    json!({
        "email": mailbox.address,
        "email_status_cd": if mailbox.verified { "verified" } else { "guessed" },
    })
}
