//! What is asked for: only what is missing.

use serde::{Deserialize, Serialize};

/// Which pieces are asked for, or can be had. Each is a flag; none set asks for nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// A telephone number of the person, best a mobile one.
    pub mobile: bool,
    /// An e-mail address of the person.
    pub email: bool,
    /// Whether a known number is mobile, landline or VoIP, and whose carrier it is.
    pub line_type: bool,
    /// The key that stands for the address (Melissa's MAK).
    pub address_key: bool,
    /// Age, gender, property and business facts.
    pub demographics: bool,
}

impl Wanted {
    /// Nothing.
    pub const NONE: Self =
        Self { mobile: false, email: false, line_type: false, address_key: false, demographics: false };

    /// Everything.
    pub const ALL: Self =
        Self { mobile: true, email: true, line_type: true, address_key: true, demographics: true };

    /// Whether nothing is asked for.
    pub const fn is_empty(self) -> bool {
        !(self.mobile || self.email || self.line_type || self.address_key || self.demographics)
    }

    /// What both name: what is missing and can be had here.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            mobile: self.mobile && other.mobile,
            email: self.email && other.email,
            line_type: self.line_type && other.line_type,
            address_key: self.address_key && other.address_key,
            demographics: self.demographics && other.demographics,
        }
    }

    /// What either names.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            mobile: self.mobile || other.mobile,
            email: self.email || other.email,
            line_type: self.line_type || other.line_type,
            address_key: self.address_key || other.address_key,
            demographics: self.demographics || other.demographics,
        }
    }

    /// What this names and the other does not: what is still missing.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self {
            mobile: self.mobile && !other.mobile,
            email: self.email && !other.email,
            line_type: self.line_type && !other.line_type,
            address_key: self.address_key && !other.address_key,
            demographics: self.demographics && !other.demographics,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_and_what_can_be_had() {
        let missing = Wanted { mobile: true, email: true, ..Wanted::NONE };
        let gives = Wanted { mobile: true, line_type: true, ..Wanted::NONE };
        assert_eq!(missing.and(gives), Wanted { mobile: true, ..Wanted::NONE });
        assert_eq!(missing.without(gives), Wanted { email: true, ..Wanted::NONE });
        assert!(missing.without(Wanted::ALL).is_empty() && Wanted::NONE.is_empty());
        assert_eq!(Wanted::ALL.and(missing), missing);
    }
}
