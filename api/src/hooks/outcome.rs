//! What became of deliveries, counted.

use providers::sms::SmsProviderId;
use providers::sms::webhook::SignatureFault;

/// What became of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Kept and done.
    Taken,
    /// It was there; nothing was changed.
    Duplicate,
    /// Nobody was given the address.
    Unknown,
    /// Not signed as it should be, by the signature's fault.
    NotBelieved(&'static str),
    /// Not what this vendor sends.
    Malformed,
    /// Larger than anything a vendor sends.
    Oversized,
    /// Too many in a minute by one address.
    Limited,
    /// It could not be kept now; the vendor sends it again.
    Failed,
}

impl Outcome {
    /// A delivery whose signature has this fault.
    pub(crate) const fn of(fault: SignatureFault) -> Self {
        Self::NotBelieved(fault.as_str())
    }

    /// The word in the counter's label.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Duplicate => "duplicate",
            Self::Unknown => "unknown_address",
            Self::NotBelieved(fault) => fault,
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::Limited => "limited",
            Self::Failed => "failed",
        }
    }
}

/// The vendor's word for a label; whatever else was asked for is one word, so that nobody makes labels from outside.
pub(crate) fn vendor_word(vendor: Option<SmsProviderId>) -> &'static str {
    vendor.map_or("none", |vendor| vendor.as_str())
}
