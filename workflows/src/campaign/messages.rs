//! What the campaign workflow is told, tells its activities and hears back. Ids, counts, times, hashes and words of this
//! program only: who is written to and what stays in the database.

use std::collections::BTreeMap;

use domain::FailureCode;
use domain::campaign::CampaignState;
use domain::id::{CampaignId, TeamId, UserId};
use serde::{Deserialize, Serialize};

use super::pace::Pace;

/// Which campaign, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignRef {
    /// The team that writes and pays.
    pub team: TeamId,
    /// The campaign.
    pub campaign: CampaignId,
}

/// What starts a campaign workflow, and what it hands to itself when it continues as new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignInput {
    /// Which campaign.
    pub campaign: CampaignRef,
    /// How long things may take.
    #[serde(default)]
    pub pace: Pace,
    /// Where it is.
    #[serde(default)]
    pub progress: CampaignProgress,
    /// Position of the next lead to be planned, from 0; `None` when all are.
    #[serde(default)]
    pub plan_from: Option<u32>,
    /// How many runs of the workflow there were before.
    #[serde(default)]
    pub runs: u32,
    /// How long delivery reports have been waited for, in milliseconds.
    #[serde(default)]
    pub waited_ms: u64,
    /// Whether the row was read.
    #[serde(default)]
    pub looked: bool,
}

impl CampaignInput {
    /// A campaign from its draft.
    pub fn new(campaign: CampaignRef, pace: Pace) -> Self {
        Self {
            campaign,
            pace,
            progress: CampaignProgress::default(),
            plan_from: Some(0),
            runs: 0,
            waited_ms: 0,
            looked: false,
        }
    }
}

/// What the row of a campaign says that its workflow goes by. Times are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The row's number of changes: the newer of two readings has the higher one.
    pub version: i64,
    /// How far the campaign has come.
    pub state: CampaignState,
    /// The hash of the preview that it was staged with.
    pub preview_hash: Option<String>,
    /// Who drafted it.
    pub author: Option<UserId>,
    /// Whether somebody else than the author must approve it.
    pub four_eyes: bool,
    /// When its approval lapses.
    pub approval_until: Option<i64>,
    /// When it begins to send.
    pub starts_at: Option<i64>,
    /// When it ends, whatever is left.
    pub expires_at: Option<i64>,
    /// The vendor that sends, by its word: its queue does the sending.
    pub provider: Option<String>,
}

impl Default for Standing {
    /// A draft of which nothing was read yet.
    fn default() -> Self {
        Self {
            version: 0,
            state: CampaignState::Draft,
            preview_hash: None,
            author: None,
            four_eyes: true,
            approval_until: None,
            starts_at: None,
            expires_at: None,
            provider: None,
        }
    }
}

/// What is wanted of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Nothing: only how it stands is asked.
    Look,
    /// Make up the preview and put it before an approver.
    Stage,
    /// Release it.
    Approve {
        /// The hash of the preview that the approver has seen.
        preview_hash: String,
    },
    /// Send it back to its author.
    Reject,
    /// Set when it begins.
    Schedule {
        /// When; at once where it is not said.
        starts_at: Option<i64>,
    },
    /// Send nothing more until somebody resumes it.
    Pause,
    /// Go on.
    Resume,
    /// Send nothing more, ever.
    Cancel,
    /// Change how fast it sends.
    Limits {
        /// The most messages a day; as it is where it is not said.
        daily: Option<u32>,
        /// The most messages a minute; as it is where it is not said.
        per_minute: Option<u32>,
    },
    /// It is time to begin: by the clock.
    Start,
    /// Nobody began in the time for which the approval holds: by the clock.
    LapseApproval,
    /// Its time is over: by the clock.
    Expire,
    /// Something is wrong that waits for a person: the system pauses it.
    Halt {
        /// What.
        code: FailureCode,
        /// The same in words; nothing of a person.
        detail: String,
    },
}

impl Change {
    /// The word for summaries and the audit log, as `campaign.{word}`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Stage => "stage",
            Self::Approve { .. } => "approve",
            Self::Reject => "reject",
            Self::Schedule { .. } => "schedule",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Limits { .. } => "change_limits",
            Self::Start => "start",
            Self::LapseApproval => "lapse_approval",
            Self::Expire => "expire",
            Self::Halt { .. } => "halt",
        }
    }
}

/// The update `stage`, `reject`, `pause`, `resume` or `cancel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Who wants it.
    pub by: UserId,
}

/// The update `approve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approve {
    /// Who approves.
    pub by: UserId,
    /// The hash of the preview that the approver has seen.
    pub preview_hash: String,
}

/// The update `schedule`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Who schedules.
    pub by: UserId,
    /// When it begins, in milliseconds since 1970; where it is not said, when the draft says, or else at once.
    pub starts_at: Option<i64>,
}

/// The update `change_limits`. What is not said stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLimits {
    /// Who changes them.
    pub by: UserId,
    /// The most messages a day.
    pub daily: Option<u32>,
    /// The most messages a minute.
    pub per_minute: Option<u32>,
}

/// Question of `campaign.change`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeInput {
    /// Which campaign.
    pub campaign: CampaignRef,
    /// What makes a repetition the same change.
    pub id: String,
    /// Who wants it; nobody where the clock or the system does.
    pub by: Option<UserId>,
    /// What.
    pub change: Change,
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The code, for machines.
    pub code: FailureCode,
    /// Why, and what to do.
    pub detail: String,
}

/// Answer of `campaign.change`, and of every update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeOutput {
    /// How the campaign stands afterwards.
    pub standing: Standing,
    /// Why nothing was changed; `None` where it was.
    pub refused: Option<Refusal>,
}

/// Answer of `campaign.preview`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewOutput {
    /// Leads of the campaign.
    pub leads: u32,
    /// Those of them who would be written to.
    pub audience: u32,
    /// Why it cannot be staged; `None` where it can.
    pub refused: Option<Refusal>,
}

/// Question of `campaign.plan_page`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanInput {
    /// Which campaign.
    pub campaign: CampaignRef,
    /// Position of the first lead, from 0.
    pub from: u32,
    /// How many leads.
    pub leads: u32,
}

/// Answer of `campaign.plan_page`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOutput {
    /// Leads of the campaign.
    pub total: u32,
    /// Messages planned for leads of the page, by this attempt or an earlier one.
    pub planned: u32,
    /// Position of the first lead after the page; `None` after the last page.
    pub next: Option<u32>,
}

/// Question of `campaign.send_batch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendInput {
    /// Which campaign.
    pub campaign: CampaignRef,
    /// How long to go on while there is something to send, in milliseconds.
    pub batch_ms: u64,
    /// The most messages.
    pub batch_messages: u32,
}

/// What is left after a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Left {
    /// Messages that are still to be sent or decided about.
    pub open: u32,
    /// Messages of which nobody knows whether they were accepted.
    pub unknown: u32,
    /// When the next one is due, in milliseconds since 1970.
    pub next_due: Option<i64>,
}

/// Answer of `campaign.send_batch`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SendOutput {
    /// Accepted by the vendor.
    pub accepted: u32,
    /// Refused by it.
    pub refused: u32,
    /// Left, and nobody knows what came of them.
    pub unknown: u32,
    /// Put off by the gate or a limit.
    pub held: u32,
    /// Not to be sent, by the gate.
    pub skipped: u32,
    /// What is left.
    pub left: Left,
    /// How the campaign stands: it may have been paused meanwhile.
    pub standing: Standing,
}

/// Answer of `campaign.reconcile`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReconcileOutput {
    /// Messages that were accepted after all.
    pub accepted: u32,
    /// Messages that were not, and are sent again.
    pub again: u32,
    /// Messages that were tried as often as may be.
    pub given_up: u32,
    /// Messages of which nobody knows yet.
    pub unknown: u32,
}

/// Question of `campaign.finish`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishInput {
    /// Which campaign.
    pub campaign: CampaignRef,
    /// What makes a repetition the same change.
    pub id: String,
    /// Whether reports that are not there are waited for no longer.
    pub give_up: bool,
}

/// Answer of `campaign.finish`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FinishOutput {
    /// Messages whose delivery report is waited for. 0 where the campaign has ended.
    pub awaited: u32,
    /// How the campaign stands.
    pub standing: Standing,
}

/// How far a campaign is: the query `progress`, and the result of the workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CampaignProgress {
    /// How it stands.
    pub standing: Standing,
    /// Leads of the campaign.
    pub leads: u32,
    /// Leads who were to be written to when it was staged.
    pub audience: u32,
    /// First messages planned.
    pub planned: u32,
    /// Messages by what came of them: `accepted`, `refused`, `unknown`, `skipped`. One that was unknown and turned out to
    /// be accepted is in both.
    pub messages: BTreeMap<String, u64>,
    /// What is left.
    pub left: Left,
    /// Messages whose delivery report is waited for.
    pub awaited: u32,
}
