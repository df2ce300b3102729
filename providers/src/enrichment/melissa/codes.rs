//! Melissa's codes: comma-joined, two letters of a family and two digits.
//!
//! Families [V: field guide, Melissa's result codes]: `SE`/`GE`/`GW` about the call; about a record `AS AE AC AV`
//! address, `GS` place, `NS NE` name, `PS PE` phone, `ES EE` e-mail, `VR VS` what was verified to belong together, `DA`
//! what was added. Single codes are \[V\] where Melissa's list of Personator Identity has them and else \[K\], as marked.

use crate::enrichment::{EmailStatus, LineType};

/// The codes of a record or a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codes<'a>(pub(super) &'a str);

/// What the codes of a call say of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallFault<'a> {
    /// Melissa is in trouble.
    Internal(&'a str),
    /// Nobody's call will be answered: licence, product, credits, addresses allowed.
    Account(&'a str),
    /// This call will not be.
    Request(&'a str),
}

impl<'a> Codes<'a> {
    fn each(self) -> impl Iterator<Item = &'a str> {
        self.0.split(',').map(str::trim).filter(|code| !code.is_empty())
    }

    pub(super) fn has(self, code: &str) -> bool {
        self.each().any(|own| own == code)
    }

    pub(super) fn has_family(self, family: &str) -> bool {
        self.each().any(|own| own.len() == 4 && own.starts_with(family))
    }

    /// The worst that the codes of a call say. The order of the GE codes is \[V\], their numbers are \[K\]: `01` empty
    /// call, `02` no record, `03` too many, `04` no licence, `05` not one, `06` disabled, `07` unreadable call, `08`
    /// product not enabled, from `09` on customers and networks that are not let in, `14` out of credits.
    pub(super) fn call_fault(self) -> Option<CallFault<'a>> {
        let mut fault = None;
        for code in self.each() {
            match code.as_bytes() {
                [b'G', b'E', b'0', b'1' | b'2' | b'3' | b'7'] => {
                    fault = fault.or(Some(CallFault::Request(code)))
                }
                [b'G', b'E', first, second] if first.is_ascii_digit() && second.is_ascii_digit() => {
                    return Some(CallFault::Account(code));
                }
                [b'S', b'E', ..] => fault = Some(CallFault::Internal(code)),
                // A licence that ends soon works until then.
                [b'G', b'W', ..] => {}
                _ => fault = fault.or(Some(CallFault::Request("an unknown code"))),
            }
        }
        fault
    }

    /// `PS07` mobile, `PS08` landline, `PS09` VoIP \[K\].
    pub(super) fn line_type(self) -> Option<LineType> {
        if self.has("PS07") {
            Some(LineType::Mobile)
        } else if self.has("PS08") {
            Some(LineType::Landline)
        } else if self.has("PS09") {
            Some(LineType::Voip)
        } else {
            None
        }
    }

    /// `PS18`: on a Do-Not-Call list \[K\]. Its absence says nothing.
    pub(super) fn dnc(self) -> Option<bool> {
        self.has("PS18").then_some(true)
    }

    /// `PS..` the number exists, `PE..` it does not.
    pub(super) fn phone_valid(self) -> Option<bool> {
        if self.has_family("PE") { Some(false) } else { self.has_family("PS").then_some(true) }
    }

    /// `EE..` the address takes no mail. `ES01` is "valid" and `ES20`, `ES21` are a checked mailbox \[K\]; any other
    /// `ES..` only tells something about it.
    pub(super) fn email_status(self) -> Option<EmailStatus> {
        if self.has_family("EE") {
            Some(EmailStatus::Invalid)
        } else if ["ES01", "ES20", "ES21"].iter().any(|code| self.has(code)) {
            Some(EmailStatus::Verified)
        } else {
            self.has_family("ES").then_some(EmailStatus::Unverified)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_single_codes() {
        let codes = Codes("AS01,NS01, PS01,PS07,ES01,VR01,DA10,");
        assert!(codes.has("DA10") && codes.has_family("VR") && !codes.has_family("AE") && !codes.has("DA1"));
        assert_eq!(codes.line_type(), Some(LineType::Mobile));
        assert_eq!((codes.phone_valid(), codes.email_status()), (Some(true), Some(EmailStatus::Verified)));
        assert_eq!((Codes("").phone_valid(), Codes("").dnc(), Codes("").email_status()), (None, None, None));
        assert_eq!(Codes("PS01,PE02").phone_valid(), Some(false));
    }

    #[test]
    fn faults_of_a_call() {
        assert_eq!(Codes("").call_fault(), None);
        assert_eq!(Codes("GW01").call_fault(), None);
        assert_eq!(Codes("SE01").call_fault(), Some(CallFault::Internal("SE01")));
        assert_eq!(Codes("GE03").call_fault(), Some(CallFault::Request("GE03")));
        for code in ["GE04", "GE05", "GE06", "GE08", "GE09", "GE14"] {
            assert_eq!(Codes(code).call_fault(), Some(CallFault::Account(code)));
        }
        assert_eq!(Codes("SE01,GE14").call_fault(), Some(CallFault::Account("GE14")));
        assert_eq!(Codes("Smith").call_fault(), Some(CallFault::Request("an unknown code")));
    }
}
