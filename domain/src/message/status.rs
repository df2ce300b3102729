//! What became of a message, from reports that come late, twice, out of order or never.

use crate::named::named_enum;

named_enum! {
    /// What became of a message.
    MessageStatus {
        /// The provider took it.
        Queued = "queued",
        /// It left for the carrier.
        Sent = "sent",
        /// It cannot arrive: refused before it left.
        Failed = "failed",
        /// It left and did not arrive.
        Undelivered = "undelivered",
        /// It arrived.
        Delivered = "delivered",
    }
}

impl MessageStatus {
    /// The status when this one was known and that one is reported: the higher of the two, so whatever the order and however
    /// often, the same reports end in the same status. A handset that confirms is believed over a carrier that gave up.
    #[must_use]
    pub const fn advance(self, reported: Self) -> Self {
        if reported as u8 > self as u8 { reported } else { self }
    }

    /// Whether nothing more is expected. Only [`Delivered`](Self::Delivered) is beyond correction.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Undelivered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn after(reports: &[MessageStatus]) -> MessageStatus {
        reports.iter().fold(MessageStatus::Queued, |status, report| status.advance(*report))
    }

    #[test]
    fn a_late_sent_does_not_undo_delivered() {
        assert_eq!(after(&[MessageStatus::Delivered, MessageStatus::Sent]), MessageStatus::Delivered);
        assert_eq!(after(&[MessageStatus::Undelivered, MessageStatus::Delivered]), MessageStatus::Delivered);
        assert_eq!(after(&[MessageStatus::Failed, MessageStatus::Sent]), MessageStatus::Failed);
        assert_eq!(after(&[]), MessageStatus::Queued);
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            reports in proptest::collection::vec(select(MessageStatus::ALL), 0..8).prop_shuffle(),
            again in proptest::collection::vec(any::<proptest::sample::Index>(), 0..8),
        ) {
            let mut sorted = reports.clone();
            sorted.sort_unstable();
            prop_assert_eq!(after(&reports), after(&sorted));
            let mut repeated = reports.clone();
            for index in again {
                if !reports.is_empty() {
                    repeated.push(*index.get(&reports));
                }
            }
            prop_assert_eq!(after(&repeated), after(&reports));
        }

        #[test]
        fn it_only_moves_forward(status in select(MessageStatus::ALL), report in select(MessageStatus::ALL)) {
            let next = status.advance(report);
            prop_assert!(next >= status && next >= report);
            prop_assert!(next == status || next == report);
            prop_assert!(!status.is_final() || next.is_final());
        }
    }
}
