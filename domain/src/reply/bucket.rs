//! The buckets of the inbox.

use super::Intent;
use crate::named::named_enum;

named_enum! {
    /// Where a reply lies until somebody has dealt with it.
    Bucket {
        /// Somebody gave an address.
        EmailCaptures = "email_captures",
        /// Somebody is interested, or called.
        HotResponses = "hot_responses",
        /// Somebody asks, or has something against it.
        Objections = "objections",
        /// Somebody wants to be left alone.
        DoNotContact = "do_not_contact",
        /// All the rest.
        Other = "other",
    }
}

impl Bucket {
    /// Where a reply of this intent is put.
    pub const fn of(intent: Intent) -> Self {
        match intent {
            Intent::EmailCapture => Self::EmailCaptures,
            Intent::CalledPhoneLine | Intent::Interested => Self::HotResponses,
            Intent::Question => Self::Objections,
            Intent::OptOut => Self::DoNotContact,
            _ if intent.is_objection() => Self::Objections,
            _ => Self::Other,
        }
    }

    /// Its name on screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::EmailCaptures => "Email Captures",
            Self::HotResponses => "Hot Responses",
            Self::Objections => "Objections",
            Self::DoNotContact => "Do Not Contact",
            Self::Other => "Other",
        }
    }

    /// Its colour on screen, a word of CSS.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::EmailCaptures => "seagreen",
            Self::HotResponses => "firebrick",
            Self::Objections => "darkorange",
            Self::DoNotContact => "black",
            Self::Other => "slategray",
        }
    }

    /// Which comes first: 1 before 2; two share the first place. `None` comes last.
    pub const fn priority(self) -> Option<u8> {
        match self {
            Self::EmailCaptures | Self::HotResponses => Some(1),
            Self::Objections => Some(2),
            Self::DoNotContact => Some(3),
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_intent_has_its_bucket() {
        for (intent, bucket) in [
            (Intent::EmailCapture, Bucket::EmailCaptures),
            (Intent::CalledPhoneLine, Bucket::HotResponses),
            (Intent::Interested, Bucket::HotResponses),
            (Intent::Question, Bucket::Objections),
            (Intent::ObjectionPrice, Bucket::Objections),
            (Intent::OptOut, Bucket::DoNotContact),
            (Intent::NotInterested, Bucket::Other),
            (Intent::ThankYou, Bucket::Other),
            (Intent::WrongNumber, Bucket::Other),
            (Intent::Other, Bucket::Other),
        ] {
            assert_eq!(Bucket::of(intent), bucket, "{intent}");
        }
    }
}
