//! One end of a message.

use std::fmt;

use domain::phone::Phone;

/// One end of a message as the vendor named it. Who writes to us need not have a number of the North American plan: a
/// short code, a foreign number or a name is kept as it came, so that nothing is dropped.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Party {
    /// A number of the North American plan.
    Number(Phone),
    /// Anything else, at most 64 characters of it. Personal data.
    Other(String),
}

impl Party {
    /// Reads what vendors write: `+15125550123`, `15125550123`, `5125550123`, `72345`, `ACME`.
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim();
        let digits = text.strip_prefix('+').unwrap_or(text);
        let national = match digits.len() {
            11 => digits.strip_prefix('1'),
            10 if !text.starts_with('+') => Some(digits),
            _ => None,
        };
        match national.and_then(|national| format!("+1{national}").parse().ok()) {
            Some(phone) => Self::Number(phone),
            None => Self::Other(text.chars().take(64).collect()),
        }
    }

    /// The number, where it is one.
    pub const fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Number(phone) => Some(phone),
            Self::Other(_) => None,
        }
    }

    /// The text itself: E.164 for a number. Personal data.
    pub fn expose(&self) -> &str {
        match self {
            Self::Number(phone) => phone.expose(),
            Self::Other(text) => text,
        }
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number(_) => "Number(…)",
            Self::Other(_) => "Other(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_write_a_number_are_one() {
        for text in ["+15125550123", "15125550123", "5125550123", " +15125550123 "] {
            assert_eq!(Party::read(text).expose(), "+15125550123", "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_kept_and_not_shown() {
        for text in ["72345", "ACME", "+4915112345678", "+5125550123", "", "+1512555012é"] {
            let party = Party::read(text);
            assert_eq!((party.phone(), party.expose()), (None, text));
            assert_eq!(format!("{party:?}"), "Other(…)");
        }
        assert_eq!(Party::read(&"9".repeat(999)).expose().len(), 64);
    }
}
