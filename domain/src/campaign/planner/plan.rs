//! What is planned, and what becomes of it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::campaign::{Limits, OnWindowClose};
use crate::gate::{Inputs, RuleId, RuleSet};
use crate::geo::TimeZone;
use crate::money::MicroDollars;

/// A campaign, as far as the times of its messages depend on it. Its start, expiry and own hours are in the leads' inputs, where the
/// gate looks for them.
#[derive(Debug, Clone)]
pub struct Plan<'r> {
    /// The rules of the gate.
    pub rules: &'r RuleSet,
    /// From when on it is planned: its start, or now.
    pub from: DateTime<Utc>,
    /// Until when it goes on, where it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// How much may go and be spent.
    pub limits: Limits,
    /// By whose calendar a day is counted: the team's.
    pub day_zone: TimeZone,
    /// Messages that went on the day of `from` already.
    pub sent_today: u32,
    /// What becomes of messages that a window's end leaves unsent.
    pub on_window_close: OnWindowClose,
    /// The steps, in their order.
    pub steps: Vec<PlanStep>,
    /// What each sender may send. Without any, none limits.
    pub senders: Vec<SegmentLimits>,
    /// What carriers grant a campaign or a brand, each for the leads that are its customers.
    pub carriers: Vec<SegmentLimits>,
}

/// A step of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanStep {
    /// After the step before it was sent.
    pub delay: Duration,
    /// Only to those who have not answered.
    pub only_silent: bool,
}

/// What may go by one way, in segments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SegmentLimits {
    /// The time that one segment takes: a minute's part where so many a minute are granted.
    pub per_segment: Option<Duration>,
    /// How many on a day, and by whose calendar: a brand's at T-Mobile begins at midnight in California.
    pub per_day: Option<(u32, TimeZone)>,
}

/// A lead of a plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanLead {
    /// What the gate goes by, as of now. Moment, money, earlier messages and steps are kept up to date while the plan runs.
    pub inputs: Inputs,
    /// The next step, from 0.
    pub next_step: u8,
    /// From which step on, from 0, there is nothing to say to this lead.
    pub end_step: u8,
    /// When that is due, where it is after the plan's beginning.
    pub due_at: Option<DateTime<Utc>>,
    /// What each step is to this lead.
    pub steps: [StepFacts; 4],
    /// After which step, from 0, the lead is taken to answer; `None`: never.
    pub answers: Option<u8>,
    /// From whom it is written to; `None`: the one who is free first, and then always the same.
    pub sender: Option<usize>,
    /// Whose customer it is, of the plan's carriers.
    pub carrier: Option<usize>,
}

/// What a step is to one lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StepFacts {
    /// Segments of the message.
    pub segments: u16,
    /// What it costs.
    pub cost: MicroDollars,
    /// Whether the lead has had this text before.
    pub same_text_sent: bool,
}

/// What becomes of a message, in the order of time. `lead` is its place in the list, `step` counts from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It goes out.
    Sent {
        /// Whose.
        lead: usize,
        /// Which.
        step: u8,
        /// When.
        at: DateTime<Utc>,
        /// From whom: the place in the list of senders.
        sender: usize,
        /// In how many parts.
        segments: u16,
        /// For how much.
        cost: MicroDollars,
    },
    /// It waits, and is looked at again. Told once for each time that it begins to wait for hours or for a limit of the lead's.
    Waits {
        /// Whose.
        lead: usize,
        /// Which.
        step: u8,
        /// Since when.
        at: DateTime<Utc>,
        /// For which rule.
        rule: RuleId,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// It never goes out. Later steps of the lead are not spoken of.
    Held {
        /// Whose.
        lead: usize,
        /// Which.
        step: u8,
        /// Since when.
        at: DateTime<Utc>,
        /// By what.
        by: HeldBy,
    },
    /// The campaign stops for a person to decide, because a window closed on messages that were due.
    Asks {
        /// When.
        at: DateTime<Utc>,
    },
}

/// By what a message is held for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeldBy {
    /// A rule of the gate.
    Rule(RuleId),
    /// Its hours ended, by this rule, before its turn came, and the campaign does not go on the next day.
    WindowClosed(RuleId),
    /// It waits for a person's decision.
    Person,
}

impl HeldBy {
    /// The rule's word, or `person`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rule(rule) | Self::WindowClosed(rule) => rule.as_str(),
            Self::Person => "person",
        }
    }
}
