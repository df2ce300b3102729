//! What is remarkable about a row that goes on: a set of flags.

use std::fmt;

use crate::FailureCode;

macro_rules! row_flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $word:literal $code:expr;)*) => {
        impl RowFlags {
            $($(#[$doc])* pub const $name: RowFlags = RowFlags(1 << $bit);)*

            const TABLE: &'static [(RowFlags, &'static str, Option<FailureCode>)] =
                &[$((RowFlags::$name, $word, $code),)*];
        }
    };
}

/// A set of remarks on one row. Bits are stored (`normalized_rows.flags`, `leads.flags`) and never renumbered.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RowFlags(u32);

row_flags! {
    /// A phone cell that is no number: too short, too long, an area code or exchange that cannot be.
    INVALID_PHONE = 0 "invalid_phone" Some(FailureCode::NormalizeInvalidPhone);
    /// An e-mail cell that is no address.
    INVALID_EMAIL = 1 "invalid_email" Some(FailureCode::NormalizeInvalidEmail);
    /// Neither name, abbreviation nor ZIP tells the state.
    UNKNOWN_STATE = 2 "unknown_state" Some(FailureCode::NormalizeUnknownState);
    /// No SIC code, or one the 1987 manual does not have.
    MISSING_SIC = 3 "missing_sic" Some(FailureCode::NormalizeMissingSic);
    /// The business was known before; set by the resolve stage.
    DUPLICATE_BUSINESS = 4 "duplicate_business" Some(FailureCode::NormalizeDuplicateBusiness);
    /// The lead lacks what scores are usually made of; set by the prepare stage.
    MISSING_DATA = 5 "missing_data" Some(FailureCode::PrepareMissingData);
    /// A number nobody has (555-01xx, directory assistance). Kept: it is well formed, and samples are made of it.
    FICTITIOUS_PHONE = 6 "fictitious_phone" None;
    /// A toll-free number is among the row's phones.
    TOLL_FREE_PHONE = 7 "toll_free_phone" None;
    /// A premium number is among the row's phones.
    PREMIUM_PHONE = 8 "premium_phone" None;
    /// The contact cell named a business; taken as the company where that was empty.
    CONTACT_IS_COMPANY = 9 "contact_is_company" None;
    /// The company cell looks like a person's name.
    COMPANY_IS_PERSON = 10 "company_is_person" None;
    /// State column and ZIP name different states; the state column was believed.
    STATE_ZIP_DISAGREE = 11 "state_zip_disagree" None;
    /// The row says it is outside the United States and its territories.
    FOREIGN = 12 "foreign" None;
    /// The area code is in nobody's list of assigned ones; kept, since lists of codes age.
    UNASSIGNED_AREA_CODE = 13 "unassigned_area_code" None;
    /// A role address such as info@.
    ROLE_EMAIL = 14 "role_email" None;
    /// A throw-away mailbox.
    DISPOSABLE_EMAIL = 15 "disposable_email" None;
}

impl RowFlags {
    /// The bits as stored.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set with these bits; bits without a meaning are dropped.
    pub fn from_bits(bits: u32) -> Self {
        let known = Self::TABLE.iter().fold(0, |known, (flag, ..)| known | flag.0);
        Self(bits & known)
    }

    /// Whether nothing is remarkable.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `flags` are set.
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Sets `flags` too.
    pub const fn insert(&mut self, flags: Self) {
        self.0 |= flags.0;
    }

    /// The names of the flags set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::TABLE.iter().filter(move |(flag, ..)| self.contains(*flag)).map(|(_, word, _)| *word)
    }

    /// The failure codes of the flags set. Flags that are mere remarks have none.
    pub fn codes(self) -> impl Iterator<Item = FailureCode> {
        Self::TABLE.iter().filter(move |(flag, ..)| self.contains(*flag)).filter_map(|(.., code)| *code)
    }
}

impl std::ops::BitOr for RowFlags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for RowFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowFlags ")?;
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure_code::Severity;

    #[test]
    fn flags_have_bits_of_their_own_and_flag_codes_only() {
        let mut all = 0;
        for (flag, word, code) in RowFlags::TABLE {
            assert_eq!(all & flag.bits(), 0, "{word} reuses a bit");
            all |= flag.bits();
            assert!(code.is_none_or(|code| code.severity() == Severity::Flag), "{word}");
        }
        assert_eq!(RowFlags::from_bits(u32::MAX).bits(), all);
    }

    #[test]
    fn codes_are_those_of_the_flags_set_and_remarks_have_none() {
        let flags = RowFlags::INVALID_PHONE | RowFlags::FICTITIOUS_PHONE | RowFlags::MISSING_SIC;
        let codes: Vec<_> = flags.codes().collect();
        assert_eq!(codes, [FailureCode::NormalizeInvalidPhone, FailureCode::NormalizeMissingSic]);
        assert_eq!(RowFlags::FICTITIOUS_PHONE.codes().count(), 0);
    }

    #[test]
    fn every_code_belongs_to_one_flag() {
        let mut codes: Vec<_> = RowFlags::from_bits(u32::MAX).codes().collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
