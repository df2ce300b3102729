//! What a message is expected to cost, before a provider says.

use super::Channel;
use crate::money::{MicroDollars, Priced};

/// Minutes that a call is expected to take.
const CALL_MINUTES: u32 = 2;

/// What one message is expected to cost by default prices: a text by its segments, an e-mail alike whatever its length, a call by
/// two minutes, both ways a text and an e-mail.
pub const fn expected_cost(channel: Channel, segments: u32) -> MicroDollars {
    let texts = times(Priced::SmsSegment, segments);
    let email = times(Priced::Email, 1);
    match channel {
        Channel::Sms => texts,
        Channel::Email => email,
        Channel::Multi => match texts.checked_add(email) {
            Some(both) => both,
            None => texts,
        },
        Channel::Voice => times(Priced::VoiceMinute, CALL_MINUTES),
    }
}

/// So many of what has a price. Prices are cents and fewer, so that four billion of them fit by far.
const fn times(what: Priced, count: u32) -> MicroDollars {
    MicroDollars::new(what.default_price().micros() * count as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_costs_by_its_segments() {
        let cost = |channel, segments| expected_cost(channel, segments).to_string();
        assert_eq!(cost(Channel::Sms, 1), "$0.015");
        assert_eq!(cost(Channel::Sms, 3), "$0.045");
        assert_eq!(cost(Channel::Email, 3), "$0.0001");
        assert_eq!(cost(Channel::Multi, 2), "$0.0301");
        assert_eq!(cost(Channel::Voice, 0), "$0.05");
        assert!(expected_cost(Channel::Sms, u32::MAX).micros() > 0);
    }
}
