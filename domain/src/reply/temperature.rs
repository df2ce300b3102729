//! How warm somebody is who replied.

use super::Intent;
use crate::named::named_enum;

named_enum! {
    /// How warm somebody is who replied.
    Temperature {
        /// Called, gave an address with a word of interest, or was interested at once: answered first.
        Hot = "hot",
        /// Is interested, or asks.
        Warm = "warm",
        /// All the rest.
        Cold = "cold",
    }
}

impl Temperature {
    /// How warm this reply is. `is_first`: it is the first of the conversation. `has_interest`: a word of interest is in it,
    /// whatever it was taken for.
    pub const fn of(intent: Intent, is_first: bool, has_interest: bool) -> Self {
        match intent {
            Intent::CalledPhoneLine => Self::Hot,
            Intent::EmailCapture if has_interest => Self::Hot,
            Intent::Interested if is_first => Self::Hot,
            Intent::Interested | Intent::Question => Self::Warm,
            _ => Self::Cold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_as_operators_know_it() {
        for (intent, is_first, has_interest, expected) in [
            (Intent::CalledPhoneLine, false, false, Temperature::Hot),
            (Intent::EmailCapture, false, true, Temperature::Hot),
            (Intent::EmailCapture, true, false, Temperature::Cold),
            (Intent::Interested, true, true, Temperature::Hot),
            (Intent::Interested, false, true, Temperature::Warm),
            (Intent::Question, true, false, Temperature::Warm),
            (Intent::NotInterested, true, false, Temperature::Cold),
            (Intent::OptOut, true, true, Temperature::Cold),
        ] {
            assert_eq!(
                Temperature::of(intent, is_first, has_interest),
                expected,
                "{intent} {is_first} {has_interest}"
            );
        }
    }
}
