//! What things cost where a team has agreed nothing else: `field/origin.md`, the prices of the system that is replaced.

use super::MicroDollars;
use crate::named::named_enum;

/// From which price on a call counts as an expensive one, of which a day has only so many. Ours: it takes in every
/// skip-trace and leaves out checks of a single number or address.
pub const EXPENSIVE_FROM: MicroDollars = MicroDollars::new(50_000);

/// What a number to send from costs for the month that is paid when it is bought \[K\]: Twilio's list price, a little above
/// SignalHouse's.
pub const NUMBER_A_MONTH: MicroDollars = MicroDollars::new(1_150_000);

named_enum! {
    /// What has a price.
    Priced {
        /// One record of Melissa's.
        Melissa = "melissa",
        /// One match of BatchData's skip trace.
        BatchData = "batchdata",
        /// Whether one phone or e-mail address is what it seems.
        Check = "check",
        /// One match of Apollo's.
        Apollo = "apollo",
        /// One segment of a text message.
        SmsSegment = "sms_segment",
        /// A minute of a call.
        VoiceMinute = "voice_minute",
        /// One e-mail sent.
        Email = "email",
    }
}

impl Priced {
    /// What one costs.
    pub const fn default_price(self) -> MicroDollars {
        MicroDollars::new(match self {
            Self::Melissa => 50_000,
            // Accounts in the field pay 70,000: a matter of the contract.
            Self::BatchData => 150_000,
            Self::Check => 10_000,
            Self::Apollo => 100_000,
            Self::SmsSegment => 15_000,
            Self::VoiceMinute => 25_000,
            Self::Email => 100,
        })
    }

    /// Whether one counts against the day's expensive calls.
    pub const fn is_expensive(self) -> bool {
        self.default_price().micros() >= EXPENSIVE_FROM.micros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_those_that_operators_know() {
        let told: Vec<String> = Priced::ALL.iter().map(|what| what.default_price().to_string()).collect();
        assert_eq!(told, ["$0.05", "$0.15", "$0.01", "$0.10", "$0.015", "$0.025", "$0.0001"]);
    }

    #[test]
    fn skip_traces_are_expensive_and_checks_are_not() {
        let expensive: Vec<Priced> = Priced::ALL.iter().copied().filter(|what| what.is_expensive()).collect();
        assert_eq!(expensive, [Priced::Melissa, Priced::BatchData, Priced::Apollo]);
    }
}
