//! What the network has to show: texts that were taken, texts that came back, windows that were exceeded.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::settings::ThrottleBy;
use crate::vendor::Vendor;

/// A text a vendor took, and what became of it: `GET /texts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedText {
    /// The vendor's id of it.
    pub id: String,
    /// Who took it.
    pub vendor: Vendor,
    /// The number it is from, ten digits.
    pub from: String,
    /// The number it is for, ten digits.
    pub to: String,
    /// What it says.
    pub body: String,
    /// How many segments it is billed as.
    pub segments: u64,
    /// What it costs.
    pub micro_dollars: u64,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// `Idempotency-Key`, where there was one.
    pub key: Option<String>,
    /// The campaign the number belongs to.
    pub campaign: String,
    /// Whether the answer was lost.
    pub reply_lost: bool,
    /// What became of it up to now: `queued`, `sent`, `delivered`, `undelivered`.
    pub status: String,
    /// The carrier's code, if it was not delivered.
    pub error_code: Option<String>,
    /// When it was, or will be, decided.
    #[serde(skip)]
    pub(super) decided_at: DateTime<Utc>,
    /// The carrier's code it will have then.
    #[serde(skip)]
    pub(super) fate: Option<String>,
}

impl AcceptedText {
    /// As it stands at `now`.
    pub(super) fn at_time(&self, now: DateTime<Utc>) -> Self {
        let mut shown = self.clone();
        let left = self.at + (self.decided_at - self.at) / 2;
        (shown.status, shown.error_code) = if now < left {
            ("queued".to_owned(), None)
        } else if now < self.decided_at {
            ("sent".to_owned(), None)
        } else {
            let word = if self.fate.is_some() { "undelivered" } else { "delivered" };
            (word.to_owned(), self.fate.clone())
        };
        shown
    }
}

/// A text somebody wrote to one of the caller's numbers: `GET /texts/inbound`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundText {
    /// The vendor's id of it.
    pub id: String,
    /// Who carries it.
    pub vendor: Vendor,
    /// Who writes, ten digits.
    pub from: String,
    /// To which number, ten digits.
    pub to: String,
    /// What.
    pub body: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A window that was exceeded: `GET /texts/violations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Of what the window is.
    pub by: ThrottleBy,
    /// Which number, campaign or brand.
    pub of: String,
    /// The carrier, if the window is one carrier's.
    pub carrier: Option<String>,
    /// The most segments in it.
    pub limit: u64,
    /// How many there were with this text.
    pub segments: u64,
    /// When.
    pub at: DateTime<Utc>,
}

/// A number texts are sent from: `POST /texts/senders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Whose.
    pub vendor: Vendor,
    /// The number, in any of the usual forms.
    pub number: String,
    /// The registered campaign it belongs to.
    #[serde(default = "usual_campaign")]
    pub campaign: String,
    /// The brand of that campaign.
    #[serde(default = "usual_brand")]
    pub brand: String,
    /// Whether it may send.
    #[serde(default = "yes")]
    pub ready: bool,
    /// Twilio: where what is written to it is posted.
    #[serde(default)]
    pub inbound_url: Option<String>,
    /// Twilio: where what becomes of its texts is posted, where a text says nothing else (as a messaging service has it).
    #[serde(default)]
    pub status_url: Option<String>,
    /// Twilio: the token that is signed with; that of whoever last called without it.
    #[serde(default)]
    pub auth_token: Option<String>,
}

impl Sender {
    /// A number of which nothing more is known: it may send, and belongs to `campaign-1` of `brand-1`.
    pub fn of(vendor: Vendor, number: impl Into<String>) -> Self {
        Self {
            vendor,
            number: number.into(),
            campaign: usual_campaign(),
            brand: usual_brand(),
            ready: true,
            inbound_url: None,
            status_url: None,
            auth_token: None,
        }
    }
}

/// Serde wants a function.
fn yes() -> bool {
    true
}

/// What a number belongs to of which nothing was said.
fn usual_campaign() -> String {
    "campaign-1".to_owned()
}

/// And its brand.
fn usual_brand() -> String {
    "brand-1".to_owned()
}

/// The last ten digits of a number in any of the usual forms; `None` for what is none.
pub(crate) fn ten_digits(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        10 => Some(digits),
        11 => digits.strip_prefix('1').map(str::to_owned),
        _ => None,
    }
}
