//! Apollo's phones and e-mail addresses.

use domain::phone::{Phone, parse_phone};
use serde::Deserialize;

use crate::enrichment::lenient;
use crate::enrichment::{EmailStatus, FoundEmail, FoundPhone, LineType};

/// A number, as in the webhook \[V\] and in a person's `contact` \[K\].
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ApolloPhone {
    #[serde(deserialize_with = "lenient::text")]
    sanitized_number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    raw_number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    type_cd: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    status_cd: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    confidence_cd: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    dnc_status_cd: Option<String>,
    #[serde(deserialize_with = "lenient::whole")]
    position: Option<i64>,
}

impl ApolloPhone {
    /// The number in our shape; `None` where it is none of the North American plan.
    pub(super) fn to_found(&self) -> Option<FoundPhone> {
        let phone: Phone = [&self.sanitized_number, &self.raw_number]
            .into_iter()
            .flatten()
            .find_map(|text| parse_phone(text, "").ok())?
            .phone;
        Some(FoundPhone {
            line_type: self.type_cd.as_deref().and_then(line_type),
            valid: match self.status_cd.as_deref() {
                Some("valid_number") => Some(true),
                Some("invalid_number") => Some(false),
                _ => None,
            },
            // A scale of ours for three words of theirs.
            score: match self.confidence_cd.as_deref() {
                Some("high") => Some(90),
                Some("medium") => Some(60),
                Some("low") => Some(30),
                _ => None,
            },
            dnc: self.dnc_status_cd.as_deref().and_then(dnc),
            rank: self.position.and_then(|position| u32::try_from(position).ok()),
            ..FoundPhone::new(phone)
        })
    }
}

/// `mobile`, `other`, `work_hq` \[V\]; the rest is \[K\]. Where a number rings does not say what kind of line it is, so
/// `work_hq` and `home` say nothing.
fn line_type(word: &str) -> Option<LineType> {
    match word {
        "mobile" => Some(LineType::Mobile),
        "landline" => Some(LineType::Landline),
        "voip" => Some(LineType::Voip),
        "toll_free" => Some(LineType::TollFree),
        _ => None,
    }
}

/// `not_found` is \[V\]. No list of the other words is published: those that say that nobody looked are none, and every
/// other one counts as being on the list.
fn dnc(word: &str) -> Option<bool> {
    match word {
        "not_found" => Some(false),
        "unknown" | "pending" | "not_checked" | "none" | "unavailable" => None,
        _ => Some(true),
    }
}

/// An address of the waterfall \[R\].
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WaterfallEmail {
    #[serde(deserialize_with = "lenient::text")]
    email: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    email_status_cd: Option<String>,
}

impl WaterfallEmail {
    /// The address in our shape; `None` where it is none.
    pub(super) fn into_found(self) -> Option<FoundEmail> {
        let email = usable(&self.email?)?;
        Some(FoundEmail { status: self.email_status_cd.as_deref().and_then(email_status), ..email })
    }
}

/// The address, unless it is the placeholder that Apollo sends for one it does not reveal
/// (`email_not_unlocked@domain.com` \[R\]).
pub(super) fn usable(text: &str) -> Option<FoundEmail> {
    let email: domain::email::Email = text.trim().parse().ok()?;
    (email.local_part() != "email_not_unlocked").then(|| FoundEmail::new(email))
}

/// `verified`, `guessed`, `unavailable` [R: the origin], `unverified`, `extrapolated` … \[K\].
pub(super) fn email_status(word: &str) -> Option<EmailStatus> {
    match word.to_ascii_lowercase().as_str() {
        "verified" | "valid" => Some(EmailStatus::Verified),
        "guessed" | "extrapolated" | "likely to engage" | "likely" => Some(EmailStatus::Guessed),
        "unverified" | "user_managed" | "update_required" | "catch_all" => Some(EmailStatus::Unverified),
        "invalid" | "bounced" | "unavailable" => Some(EmailStatus::Invalid),
        _ => None,
    }
}
