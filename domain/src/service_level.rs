//! How long each stage of a lead's way may take before a person is told: ceilings that a team may set otherwise.

use std::time::Duration;

use crate::named::named_enum;

named_enum! {
    /// A stage of a lead's way, as it is timed.
    Stage {
        /// From a file's upload until all of it is read.
        Ingest = "ingest",
        /// Making a file's rows comparable.
        Normalize = "normalize",
        /// Finding out which rows are one.
        Resolve = "resolve",
        /// Having vendors asked about a batch of leads.
        Enrich = "enrich",
        /// From the moment a message is due until it leaves.
        Send = "send",
        /// From a reply's arrival until somebody works on it.
        Inbound = "inbound",
        /// Finding out what a reply says.
        Classify = "classify",
        /// Preparing an answer.
        Copilot = "copilot",
    }
}

/// How many leads are one batch of enrichment.
const BATCH: u64 = 250;

impl Stage {
    /// After how many seconds a person is told, where the team has not said: for so many rows as [`Stage::per`] says.
    pub const fn alert_seconds(self) -> u32 {
        match self {
            Self::Ingest | Self::Resolve => 10 * 60,
            Self::Normalize => 2 * 60,
            Self::Enrich => 60 * 60,
            Self::Send => 5 * 60,
            Self::Inbound | Self::Copilot => 30,
            Self::Classify => 5,
        }
    }

    /// For how many rows the ceiling is, where more rows may take longer.
    pub const fn per(self) -> Option<u64> {
        match self {
            Self::Normalize => Some(1_000),
            Self::Resolve => Some(10_000),
            Self::Enrich => Some(BATCH),
            Self::Ingest | Self::Send | Self::Inbound | Self::Classify | Self::Copilot => None,
        }
    }

    /// How long it may take for so many rows, with so many seconds for each [`Stage::per`] of them begun.
    pub fn allowed(self, seconds: u32, rows: u64) -> Duration {
        let times = self.per().map_or(1, |per| rows.div_ceil(per).max(1));
        Duration::from_secs(u64::from(seconds).saturating_mul(times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rows_may_take_longer_where_the_ceiling_is_by_rows() {
        let allowed = |stage: Stage, rows| stage.allowed(stage.alert_seconds(), rows).as_secs();
        assert_eq!(allowed(Stage::Ingest, 300_000), 600);
        assert_eq!(allowed(Stage::Normalize, 0), 120);
        assert_eq!(allowed(Stage::Normalize, 1_000), 120);
        assert_eq!(allowed(Stage::Normalize, 1_001), 240);
        assert_eq!(allowed(Stage::Resolve, 300_000), 30 * 600);
        assert_eq!(allowed(Stage::Enrich, 10_000), 40 * 3_600);
        assert_eq!(
            Stage::Normalize.allowed(u32::MAX, u64::MAX),
            Duration::from_secs(u64::MAX),
            "no overflow"
        );
    }
}
