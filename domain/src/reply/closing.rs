//! How a conversation ended: nobody closes one without saying it.

use serde::Serialize;

use crate::FailureCode;
use crate::named::named_enum;

named_enum! {
    /// What became of the lead.
    Disposition {
        /// It is dealt with, without a deal.
        Closed = "closed",
        /// It became business.
        Converted = "converted",
        /// It is lost.
        Lost = "lost",
    }
}

named_enum! {
    /// Why.
    CloseReason {
        /// A meeting or a call is booked.
        Booked = "booked",
        /// A contract is signed.
        Signed = "signed",
        /// They have what they wanted.
        Answered = "answered",
        /// What was promised was sent.
        DeliverableSent = "deliverable_sent",
        /// Later, perhaps.
        NotNow = "not_now",
        /// They said no.
        NotInterested = "not_interested",
        /// They have somebody for it already.
        AlreadyServed = "already_served",
        /// The price.
        Price = "price",
        /// They answer no more.
        NoAnswer = "no_answer",
        /// The number is somebody else's.
        WrongNumber = "wrong_number",
        /// They opted out.
        OptedOut = "opted_out",
        /// The same conversation goes on elsewhere.
        Duplicate = "duplicate",
        /// Something else, which the notes say.
        Other = "other",
    }
}

/// The most characters of notes.
pub const MAX_NOTES: usize = 4_000;

/// How a conversation ended, all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closing {
    /// What became of the lead.
    pub disposition: Disposition,
    /// Why.
    pub reason: CloseReason,
    /// What else is to be known; may be empty.
    pub notes: String,
}

/// Why a conversation cannot be closed like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClosingFault {
    /// The reason does not say anything by itself.
    #[error("the reason {0} needs notes that say what happened")]
    NoNotes(CloseReason),
    /// They contradict each other.
    #[error("{reason} is no reason for {disposition}; {disposition} goes with {}", words(*disposition))]
    Contradiction {
        /// What became of the lead.
        disposition: Disposition,
        /// Why.
        reason: CloseReason,
    },
    /// They opted out, and it says something else.
    #[error("they opted out: close it as lost or closed, with the reason opted_out")]
    OptedOut,
    /// Longer than is kept.
    #[error("notes have at most {MAX_NOTES} characters, these have {0}")]
    TooLong(usize),
}

impl ClosingFault {
    /// The stable code of this fault.
    pub const fn code(self) -> FailureCode {
        match self {
            Self::NoNotes(_) | Self::TooLong(_) => FailureCode::CloseIncompleteNotes,
            Self::Contradiction { .. } | Self::OptedOut => FailureCode::CloseWrongBucket,
        }
    }
}

impl Disposition {
    /// The reasons that go with it.
    pub const fn reasons(self) -> &'static [CloseReason] {
        use CloseReason as R;
        match self {
            Self::Converted => &[R::Booked, R::Signed, R::Other],
            Self::Closed => &[
                R::Booked,
                R::Answered,
                R::DeliverableSent,
                R::NotNow,
                R::NotInterested,
                R::NoAnswer,
                R::WrongNumber,
                R::OptedOut,
                R::Duplicate,
                R::Other,
            ],
            Self::Lost => &[
                R::NotNow,
                R::NotInterested,
                R::AlreadyServed,
                R::Price,
                R::NoAnswer,
                R::WrongNumber,
                R::OptedOut,
                R::Other,
            ],
        }
    }
}

impl Closing {
    /// How it ended, if that is said whole. `opted_out`: the other side has opted out, so that nothing else can be the reason.
    ///
    /// # Errors
    /// [`ClosingFault`] says what is missing or contradicts itself.
    pub fn new(
        disposition: Disposition,
        reason: CloseReason,
        notes: &str,
        opted_out: bool,
    ) -> Result<Self, ClosingFault> {
        let notes = notes.trim();
        if opted_out && reason != CloseReason::OptedOut && disposition == Disposition::Converted {
            return Err(ClosingFault::OptedOut);
        }
        if !disposition.reasons().contains(&reason) {
            return Err(ClosingFault::Contradiction { disposition, reason });
        }
        if reason == CloseReason::Other && notes.is_empty() {
            return Err(ClosingFault::NoNotes(reason));
        }
        match notes.chars().count() {
            characters if characters > MAX_NOTES => Err(ClosingFault::TooLong(characters)),
            _ => Ok(Self { disposition, reason, notes: notes.to_owned() }),
        }
    }
}

fn words(disposition: Disposition) -> String {
    disposition.reasons().iter().map(|reason| reason.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use CloseReason as R;
    use Disposition as D;

    #[test]
    fn a_booked_call_is_business_and_needs_no_notes() {
        let closing = Closing::new(D::Converted, R::Booked, "  ", false).expect("whole");
        assert_eq!(closing.notes, "");
    }

    #[test]
    fn other_says_nothing_by_itself() {
        let fault = Closing::new(D::Lost, R::Other, " \n", false).expect_err("no notes");
        assert_eq!(fault.code(), FailureCode::CloseIncompleteNotes);
        assert!(Closing::new(D::Lost, R::Other, "moved to Spain", false).is_ok());
    }

    #[test]
    fn who_opted_out_was_not_won() {
        let fault = Closing::new(D::Converted, R::Booked, "", true).expect_err("opted out");
        assert_eq!(fault, ClosingFault::OptedOut);
        assert_eq!(
            Closing::new(D::Converted, R::OptedOut, "", true).map_err(ClosingFault::code),
            Err(FailureCode::CloseWrongBucket)
        );
        assert!(Closing::new(D::Lost, R::OptedOut, "", true).is_ok());
    }

    #[test]
    fn every_disposition_has_reasons_and_every_reason_a_disposition() {
        for reason in R::ALL {
            assert!(D::ALL.iter().any(|disposition| disposition.reasons().contains(reason)), "{reason}");
        }
        let fault = Closing::new(D::Converted, R::WrongNumber, "", false).expect_err("no reason for it");
        assert!(fault.to_string().contains("booked"), "{fault}");
    }
}
