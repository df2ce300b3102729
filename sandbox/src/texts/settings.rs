//! What the telephone network is like: whom it refuses, what it loses, how fast it may be used.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the telephone network is like, whichever vendor it is reached by. All shares are 0 to 1, and whom they hit follows
/// from the seed and the recipient, not from the order of arrival. The default takes everything and delivers it at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextSettings {
    /// Shares of recipients whose texts are refused at once, by code: digits are Twilio's (`21610`, `21211`, `21614`, …),
    /// words SignalHouse's (`OUT`, `dnc`, `landline`, `moderation`).
    pub refused: BTreeMap<String, f64>,
    /// The share of texts that are taken, billed and sent, while the connection is cut before the answer.
    pub lost_replies: f64,
    /// Shares of texts that are taken and not delivered, by the carrier's code (`30003`, `30006`, `30007`, …).
    pub failed: BTreeMap<String, f64>,
    /// Texts with one of these words in them are filtered by carriers: taken, and failed with 30007.
    pub filtered_words: Vec<String>,
    /// What becomes of reports.
    pub reports: ReportSettings,
    /// Windows that must not be exceeded. Whatever exceeds one is a [`Violation`](super::Violation), to be read by a test.
    pub throttles: Vec<Throttle>,
    /// Whether SignalHouse blocks those who opted out (`DNC_ENFORCEMENT_MODE`, off by default there, too). Twilio always does.
    pub opt_outs_enforced: bool,
    /// Whether landlines (as the lookup knows them) are refused by SignalHouse's filter and failed by Twilio with 30006.
    pub landlines: bool,
    /// Whether any number may be sent from; else only those that were added or bought.
    pub any_sender: bool,
    /// How long after it was taken a text appears in the vendor's lists.
    pub listed_after_ms: u64,
}

impl Default for TextSettings {
    fn default() -> Self {
        Self {
            refused: BTreeMap::new(),
            lost_replies: 0.0,
            failed: BTreeMap::new(),
            filtered_words: Vec::new(),
            reports: ReportSettings::default(),
            throttles: Vec::new(),
            opt_outs_enforced: false,
            landlines: false,
            any_sender: true,
            listed_after_ms: 0,
        }
    }
}

/// What becomes of reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportSettings {
    /// How long after it was taken a text arrives, and says so.
    pub after_ms: u64,
    /// The share that is reported late.
    pub late: f64,
    /// How much later.
    pub late_by_ms: u64,
    /// The share that is reported twice.
    pub twice: f64,
    /// The share that is reported out of order: delivered before sent, or after the next text's report.
    pub reordered: f64,
    /// The share that is never reported. Lists and delivery reports know it all the same.
    pub missing: f64,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self { after_ms: 20, late: 0.0, late_by_ms: 500, twice: 0.0, reordered: 0.0, missing: 0.0 }
    }
}

/// A window that must not be exceeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Of what.
    pub by: ThrottleBy,
    /// Only texts to lines of this carrier, by the name the lookup tells.
    #[serde(default)]
    pub carrier: Option<String>,
    /// The most segments in it.
    pub segments: u64,
    /// How long any stretch of it is; a day from midnight to midnight in California where this is left out.
    #[serde(default)]
    pub per_ms: Option<u64>,
    /// By how much a stretch is shorter when it is measured, for the time a request is on its way.
    #[serde(default)]
    pub slack_ms: u64,
    /// Whether what exceeds it is refused, too (429, or 30023 for a day).
    #[serde(default)]
    pub refuses: bool,
}

/// Of what a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThrottleBy {
    /// A number that is sent from.
    Number,
    /// A registered campaign: see [`Sender`](super::Sender).
    Campaign,
    /// A brand, across its campaigns and vendors.
    Brand,
    /// Everything together.
    All,
}

impl Throttle {
    /// At most `segments` in any stretch of `per`.
    pub fn of(by: ThrottleBy, segments: u64, per: Duration) -> Self {
        let per_ms = Some(u64::try_from(per.as_millis()).unwrap_or(u64::MAX));
        Self { by, carrier: None, segments, per_ms, slack_ms: 0, refuses: false }
    }

    /// At most `segments` a day, from midnight to midnight in California.
    pub const fn a_day(by: ThrottleBy, segments: u64) -> Self {
        Self { by, carrier: None, segments, per_ms: None, slack_ms: 0, refuses: false }
    }
}

impl ReportSettings {
    pub(super) const fn after(&self) -> Duration {
        Duration::from_millis(self.after_ms)
    }
}

impl TextSettings {
    /// Every share that is none, by name.
    pub(crate) fn wrong_shares(&self) -> Vec<String> {
        let reports = &self.reports;
        let named = [
            ("lost_replies", self.lost_replies),
            ("reports.late", reports.late),
            ("reports.twice", reports.twice),
            ("reports.reordered", reports.reordered),
            ("reports.missing", reports.missing),
            ("refused", self.refused.values().sum()),
            ("failed", self.failed.values().sum()),
        ];
        let wrong = named.into_iter().filter(|(_, share)| !(0.0..=1.0).contains(share));
        wrong.map(|(name, share)| format!("{name}: {share} is no share from 0 to 1")).collect()
    }
}
