//! Numbers, addresses and pages by which a person can be reached.

use domain::email::Email;
use domain::named_enum;
use domain::phone::Phone;
use serde::{Deserialize, Serialize};

use crate::enrichment::redaction::hides_itself;

named_enum! {
    /// What kind of line a number is, as a vendor that knows says.
    LineType {
        /// A mobile phone. The only one that texts are sure to reach.
        Mobile = "mobile",
        /// A landline.
        Landline = "landline",
        /// Over the internet, whether bound to a place (Twilio's `fixedVoip`) or not.
        Voip = "voip",
        /// The called side pays.
        TollFree = "toll_free",
        /// The caller pays extra, or shares the cost.
        Premium = "premium",
        /// Something else: pager, voice mail, a company's universal number.
        Other = "other",
    }
}

named_enum! {
    /// What a vendor says of an address.
    EmailStatus {
        /// The vendor verified that the mailbox takes mail.
        Verified = "verified",
        /// Derived from how the company writes its addresses (Apollo's `guessed`, `extrapolated`).
        Guessed = "guessed",
        /// Known to the vendor, not verified.
        Unverified = "unverified",
        /// The vendor knows that it takes no mail.
        Invalid = "invalid",
    }
}

named_enum! {
    /// Whose mailbox it is, as the vendor says.
    EmailKind {
        /// The person's own.
        Personal = "personal",
        /// At the person's work.
        Work = "work",
    }
}

named_enum! {
    /// Where a page is.
    SocialNetwork {
        /// linkedin.com
        Linkedin = "linkedin",
        /// twitter.com or x.com
        Twitter = "twitter",
        /// facebook.com
        Facebook = "facebook",
        /// github.com
        Github = "github",
    }
}

/// A number and what the vendor says of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPhone {
    /// The number.
    #[serde(with = "phone_text")]
    pub phone: Phone,
    /// What kind of line it is.
    #[serde(default)]
    pub line_type: Option<LineType>,
    /// Whose line it is, as the vendor writes it.
    #[serde(default)]
    pub carrier: Option<String>,
    /// Whether somebody answers there: connected, reachable.
    #[serde(default)]
    pub connected: Option<bool>,
    /// Whether it is a number at all.
    #[serde(default)]
    pub valid: Option<bool>,
    /// How sure the vendor is that it is the person's, 0 to 100.
    #[serde(default)]
    pub score: Option<u8>,
    /// The vendor's order, the best first, from 0. Not comparable between vendors.
    #[serde(default)]
    pub rank: Option<u32>,
    /// Whether it is on a Do-Not-Call list.
    #[serde(default)]
    pub dnc: Option<bool>,
    /// Whether it is on a list of numbers whose holders sue under the TCPA.
    #[serde(default)]
    pub tcpa: Option<bool>,
    /// When the vendor last saw it, as the vendor writes it.
    #[serde(default)]
    pub last_seen: Option<String>,
}

impl FoundPhone {
    /// A number of which nothing more is known.
    pub const fn new(phone: Phone) -> Self {
        Self {
            phone,
            line_type: None,
            carrier: None,
            connected: None,
            valid: None,
            score: None,
            rank: None,
            dnc: None,
            tcpa: None,
            last_seen: None,
        }
    }
}

/// An address and what the vendor says of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundEmail {
    /// The address.
    #[serde(with = "email_text")]
    pub email: Email,
    /// Whether it takes mail.
    #[serde(default)]
    pub status: Option<EmailStatus>,
    /// Whose mailbox it is.
    #[serde(default)]
    pub kind: Option<EmailKind>,
}

impl FoundEmail {
    /// An address of which nothing more is known.
    pub const fn new(email: Email) -> Self {
        Self { email, status: None, kind: None }
    }
}

/// A person's page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundSocial {
    /// Where it is.
    pub network: SocialNetwork,
    /// Its address.
    pub url: String,
}

hides_itself!(FoundPhone, FoundEmail, FoundSocial);

/// A number as E.164.
mod phone_text {
    use domain::phone::Phone;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(phone: &Phone, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(phone.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Phone, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// An address as it is written.
mod email_text {
    use domain::email::Email;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(email: &Email, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(email.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Email, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
