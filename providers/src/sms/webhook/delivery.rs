//! A delivery as it came, and what can be wrong with it.

use std::fmt;

use http::HeaderMap;

use crate::sms::SmsEvent;

/// A delivery as it came.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// The whole address the vendor posted to, query included, as the vendor knows it: from the configured public address, not
    /// from the `Host` of the request. Twilio signs it.
    pub url: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

impl Delivery<'_> {
    /// A header that is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
    }

    /// Whether the body is a form.
    pub(super) fn is_form(&self) -> bool {
        self.header("content-type")
            .and_then(|kind| kind.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    }
}

impl fmt::Debug for Delivery<'_> {
    /// The address holds a token, the headers signatures and the body what somebody wrote.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// What a delivery says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What makes two deliveries one, within a vendor and token: the vendor's id of the delivery, the same on every attempt;
    /// else made from what it says. Never of personal data, at most 200 characters.
    pub delivery_key: String,
    /// What happened. Empty where it concerns nothing we know.
    pub events: Vec<SmsEvent>,
}

/// Why a delivery is not believed. Never holds a signature, secret or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// We have no secret to check it with.
    #[error("there is no secret to check signatures with: set the vendor's signing secret for this address")]
    NoSecret,
    /// It is not signed.
    #[error("the delivery is not signed")]
    Missing,
    /// The headers are there and cannot be read.
    #[error("the signature cannot be read")]
    Malformed,
    /// It was signed too long ago, or in the future: sent again by somebody, or one of the clocks is wrong.
    #[error("the delivery was signed {seconds} s away from now, more than five minutes")]
    Stale {
        /// How far away, in seconds.
        seconds: u64,
    },
    /// It does not fit any of our secrets, or somebody changed what was signed.
    #[error("the signature fits none of the secrets")]
    Wrong,
    /// The body is not the one the signed address speaks of.
    #[error("the body is not the one that was signed")]
    BodyChanged,
}

impl SignatureFault {
    /// Its word for counters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSecret => "no_secret",
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Stale { .. } => "stale",
            Self::Wrong => "wrong",
            Self::BodyChanged => "body_changed",
        }
    }
}

/// Why a delivery cannot be read. Never holds what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookFault {
    /// It is neither JSON nor a form, whichever the vendor posts.
    #[error("the delivery is not of the vendor's format")]
    Unreadable,
    /// A field is missing without which it means nothing.
    #[error("the delivery has no usable {0}")]
    Lacks(&'static str),
}
