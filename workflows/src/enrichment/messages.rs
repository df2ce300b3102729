//! What the enrichment workflow is told, tells its activities and hears back. Ids, counts, positions and the names
//! of vendors only.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::FailureCode;
use domain::id::{EnrichmentId, ProviderCallId, TeamId};
use serde::{Deserialize, Serialize};

/// Which run, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrichmentRef {
    /// The team that owns the leads and pays.
    pub team: TeamId,
    /// The run.
    pub enrichment: EnrichmentId,
}

/// How long things may take, and how much is done at once. Part of the input, so that tests can make every wait
/// short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// An activity that has not been heard of for so long is given to another worker, in milliseconds.
    pub heartbeat_timeout_ms: u64,
    /// One attempt at one activity, in milliseconds.
    pub attempt_timeout_ms: u64,
    /// All attempts at one vendor's lookups of one page, in milliseconds; then the page goes on without the vendor.
    pub lookup_timeout_ms: u64,
    /// All attempts at any other activity, in milliseconds; then the run fails.
    pub activity_timeout_ms: u64,
    /// How long the run waits, after its last page, for answers that vendors send later, in milliseconds.
    pub late_ms: u64,
    /// Leads of one page.
    pub page_leads: u32,
    /// Pages after which the workflow continues as new, so that its history stays short.
    pub pages_per_run: u32,
    /// Pages under way at once: while one is planned and closed, another one's leads are asked about. Runs from before there
    /// were several have one.
    #[serde(default = "one_page")]
    pub pages_at_once: u32,
}

const fn one_page() -> u32 {
    1
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat_timeout_ms: 10_000,
            attempt_timeout_ms: 15 * 60_000,
            lookup_timeout_ms: 30 * 60_000,
            activity_timeout_ms: 4 * 60 * 60_000,
            late_ms: 15 * 60_000,
            page_leads: 250,
            pages_per_run: 20,
            pages_at_once: 2,
        }
    }
}

impl Pace {
    pub(crate) fn heartbeat_timeout(&self) -> Duration {
        Duration::from_millis(self.heartbeat_timeout_ms)
    }
    pub(crate) fn attempt_timeout(&self) -> Duration {
        Duration::from_millis(self.attempt_timeout_ms)
    }
    pub(crate) fn lookup_timeout(&self) -> Duration {
        Duration::from_millis(self.lookup_timeout_ms)
    }
    pub(crate) fn activity_timeout(&self) -> Duration {
        Duration::from_millis(self.activity_timeout_ms)
    }
    pub(crate) fn late(&self) -> Duration {
        Duration::from_millis(self.late_ms)
    }
}

/// What starts an enrichment workflow, and what it hands to itself when it continues as new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnrichmentInput {
    /// Which run.
    pub enrichment: EnrichmentRef,
    /// How long things may take.
    #[serde(default)]
    pub pace: Pace,
    /// Number of the next page, from 0.
    #[serde(default)]
    pub page: u32,
    /// What was done before.
    #[serde(default)]
    pub progress: EnrichmentProgress,
    /// Answers that arrived and are not applied yet.
    #[serde(default)]
    pub arrived: Vec<ProviderCallId>,
    /// The run has ended; only what arrived late is to be applied.
    #[serde(default)]
    pub only_late: bool,
}

impl EnrichmentInput {
    /// A run from its beginning.
    pub fn new(enrichment: EnrichmentRef, pace: Pace) -> Self {
        Self {
            enrichment,
            pace,
            page: 0,
            progress: EnrichmentProgress::default(),
            arrived: Vec::new(),
            only_late: false,
        }
    }

    /// What is left to do for a run that has ended when an answer comes after all.
    pub fn only_late(enrichment: EnrichmentRef) -> Self {
        Self { only_late: true, ..Self::new(enrichment, Pace::default()) }
    }
}

/// Where the run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Page by page through the vendors.
    #[default]
    Pages,
    /// All pages are through; some answers are still to come.
    AwaitLate,
    /// The account is made up.
    Finish,
    /// Nothing is left to do.
    Done,
}

impl Stage {
    /// The name in search attributes, progress and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::AwaitLate => "await_late",
            Self::Finish => "finish",
            Self::Done => "done",
        }
    }
}

/// Some leads of a run: those of one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageInput {
    /// Which run.
    pub enrichment: EnrichmentRef,
    /// Number of the page, from 0.
    pub page: u32,
    /// Leads of one page.
    pub page_leads: u32,
}

/// Answer of `enrich.plan`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOutput {
    /// Leads of the whole run.
    pub leads_total: u32,
    /// Leads of the page; 0 after the last one.
    pub leads: u32,
    /// Those of them whom somebody could still make contactable.
    pub open: u32,
    /// Whether something the leads have already can be verified.
    pub verify: bool,
    /// Whom to ask, the cheapest first, by the vendor's word. One that can change nobody's outcome is not there.
    pub rungs: Vec<String>,
}

/// Question of `enrich.lookup`: one page, one vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupInput {
    /// Which leads.
    pub page: PageInput,
    /// Whom to ask.
    pub provider: String,
    /// How long what the vendor sends later is waited for at the most, in milliseconds.
    pub late_ms: u64,
}

/// Answer of `enrich.lookup` and, of what it asked, of `enrich.verify`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LookupOutput {
    /// Subjects asked about by this activity.
    pub asked: u32,
    /// Subjects whose answer was there already.
    pub cached: u32,
    /// Leads that tell too little to be asked about.
    pub lacking: u32,
    /// Leads whose outcome the vendor could not have changed any more.
    pub skipped: u32,
    /// Answers with somebody or something in them, the cached ones among them.
    pub matches: u32,
    /// Subjects the vendor does not know.
    pub no_match: u32,
    /// Calls that left and of which nobody knows what came.
    pub unknown: u32,
    /// Answers of which a part comes later.
    pub pending: u32,
    /// Why the vendor was not asked about the rest of the page.
    pub held: Option<FailureCode>,
}

impl LookupOutput {
    /// Whether there is anything to be merged.
    pub const fn found(&self) -> bool {
        self.matches > 0 || self.pending > 0
    }
}

/// A vendor that could not be asked about all of a page, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The vendor.
    pub provider: String,
    /// Why.
    pub code: FailureCode,
}

/// Question of `enrich.merge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeInput {
    /// Which leads' answers are applied. Without it, only those of `arrived`.
    pub page: Option<PageInput>,
    /// Which run.
    pub enrichment: EnrichmentRef,
    /// The vendor whose answers are applied.
    #[serde(default)]
    pub provider: Option<String>,
    /// Whether the page is through, so that its leads get their status and the outcome is written down.
    #[serde(default)]
    pub close: bool,
    /// Whether nothing is waited for any more: what was to come later is given up.
    #[serde(default)]
    pub give_up: bool,
    /// Why somebody was not asked, for the leads whom that might have helped.
    #[serde(default)]
    pub held: Vec<Held>,
    /// Calls of which a later part has arrived.
    #[serde(default)]
    pub arrived: Vec<ProviderCallId>,
}

/// Answer of `enrich.merge`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MergeOutput {
    /// People to whom something was attached.
    pub merged: u32,
    /// People whom a vendor named and who are not who was asked about.
    pub strangers: u32,
    /// Whether something new can be verified.
    pub verify: bool,
    /// How the leads of the page ended that ended now, by outcome.
    pub outcomes: BTreeMap<String, u32>,
    /// Calls of the run that still wait for a later part.
    pub awaited: u32,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Every page is through.
    Completed,
    /// Something went wrong.
    Failed,
    /// A person stopped it.
    Cancelled,
}

impl Ending {
    /// The word in search attributes and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Question of `enrich.finish`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishInput {
    /// Which run.
    pub enrichment: EnrichmentRef,
    /// How it ended.
    pub ending: Ending,
    /// What went wrong.
    pub code: Option<FailureCode>,
    /// The same in words; nothing of a person.
    pub detail: Option<String>,
}

/// The signal `vendor_result_arrived`: what a vendor sent later is stored and can be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorResultArrived {
    /// The call it belongs to.
    pub call: ProviderCallId,
}

/// How far a run is: the query `progress`, and the result of the workflow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnrichmentProgress {
    /// What is in hand.
    pub stage: Stage,
    /// The vendor being asked.
    pub rung: Option<String>,
    /// Pages that are through.
    pub pages: u32,
    /// Leads of the whole run.
    pub leads_total: u32,
    /// Leads of the pages that are through.
    pub leads_done: u32,
    /// Subjects asked about.
    pub asked: u64,
    /// Subjects whose answer was there already.
    pub cached: u64,
    /// Leads that a vendor was not asked about because it could not have changed their outcome.
    pub skipped: u64,
    /// Answers with somebody or something in them.
    pub matches: u64,
    /// People named by vendors who are not who was asked about.
    pub strangers: u64,
    /// Calls of which nobody knows what came.
    pub unknown: u64,
    /// Calls that still wait for a later part.
    pub awaited: u32,
    /// How leads ended, by outcome.
    pub outcomes: BTreeMap<String, u32>,
    /// Whether somebody asked to stop.
    pub cancel_requested: bool,
}
