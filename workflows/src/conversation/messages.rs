//! What the conversation workflow is told, tells its activities and hears back. Ids, counts, times and words of this program
//! only: who says what to whom stays in the database.

use domain::FailureCode;
use domain::id::{ConversationId, SuggestionId, TeamId, UserId};
use domain::reply::{CloseReason, ConversationState, Disposition};
use serde::{Deserialize, Serialize};

use super::pace::Pace;

/// Which conversation, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationRef {
    /// The team that is written to.
    pub team: TeamId,
    /// The conversation.
    pub conversation: ConversationId,
}

/// What starts a conversation workflow, and what it hands to itself when it continues as new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationInput {
    /// Which conversation.
    pub conversation: ConversationRef,
    /// How long things may take.
    #[serde(default)]
    pub pace: Pace,
    /// Where it is.
    #[serde(default)]
    pub progress: ConversationProgress,
    /// Whether nothing was heard that is not dealt with: the rows need no look at the start, and who started it has shown how the
    /// conversation stands.
    #[serde(default)]
    pub quiet: bool,
}

impl ConversationInput {
    /// A conversation that somebody wants something of, of which nothing was read yet.
    pub fn new(conversation: ConversationRef, pace: Pace) -> Self {
        Self { conversation, pace, progress: ConversationProgress::default(), quiet: false }
    }

    /// A conversation in which something came in that was seen to.
    pub fn attended(conversation: ConversationRef, pace: Pace, standing: Standing) -> Self {
        let progress = ConversationProgress { standing, ..ConversationProgress::default() };
        Self { conversation, pace, progress, quiet: true }
    }
}

/// What the rows of a conversation say that its workflow goes by. Times are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The row's number of changes: the newer of two readings has the higher one.
    pub version: i64,
    /// Whether it is open, held for a person, or closed.
    pub state: ConversationState,
    /// The suggestion that waits for a person.
    pub waiting: Option<SuggestionId>,
    /// When there is something to be sent or asked after: an approved reply, or one of which nobody knows what came.
    pub send_at: Option<i64>,
    /// When somebody has to look: a suggestion lapses, or a hot item has waited for too long.
    pub attend_at: Option<i64>,
    /// When the next follow-up is due.
    pub follow_up_at: Option<i64>,
    /// Since when the team's language model is to be asked something.
    #[serde(default)]
    pub consult_at: Option<i64>,
    /// When anybody said anything last.
    pub last_at: Option<i64>,
}

impl Default for Standing {
    /// An open conversation of which nothing was read yet.
    fn default() -> Self {
        Self {
            version: 0,
            state: ConversationState::Open,
            waiting: None,
            send_at: None,
            attend_at: None,
            follow_up_at: None,
            consult_at: None,
            last_at: None,
        }
    }
}

/// The signal `reply_received`: something came in, and was seen to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyReceived {
    /// How many messages.
    pub messages: u32,
    /// How the conversation stands with them.
    pub standing: Standing,
}

/// Answer of `conversation.send_reply`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SendReplyOutput {
    /// Taken by the vendor.
    pub accepted: u32,
    /// Refused by it.
    pub refused: u32,
    /// Put off by the gate or a limit.
    pub held: u32,
    /// Not to be sent: the gate says never, or it is stale by now.
    pub skipped: u32,
    /// Of which nobody knows what came.
    pub unknown: u32,
    /// How the conversation stands.
    pub standing: Standing,
}

/// Answer of `conversation.follow_up`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowUpOutput {
    /// Those that were done.
    pub done: u32,
    /// Those that a guardrail left out.
    pub skipped: u32,
    /// How the conversation stands.
    pub standing: Standing,
}

/// Why a conversation ends without a person saying so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseWhy {
    /// Nobody has said anything for a long time.
    Quiet,
}

/// Question of `conversation.close`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseInput {
    /// Which conversation.
    pub conversation: ConversationRef,
    /// Why.
    pub why: CloseWhy,
    /// When anybody said anything last, as the workflow knows it: something newer keeps the conversation open.
    pub last_at: Option<i64>,
}

/// What a person wants of a conversation. What they write stays in the database: an order names its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Order {
    /// Send the suggestion as it is.
    Approve {
        /// Which.
        suggestion: SuggestionId,
    },
    /// Send what the person wrote instead.
    Edit {
        /// Which.
        suggestion: SuggestionId,
        /// SHA-256 of what they wrote, in hexadecimal: the text itself stands with the suggestion.
        text_hash: String,
    },
    /// Do not send it.
    Reject {
        /// Which.
        suggestion: SuggestionId,
    },
    /// From here on a person answers: nothing is suggested and nothing goes out by itself.
    TakeOver,
    /// What kept it held is seen to: go on.
    Release,
    /// It is over.
    Close {
        /// How it ended.
        disposition: Disposition,
        /// Why.
        reason: CloseReason,
    },
}

impl Order {
    /// The word for summaries and the audit log, as `conversation.{word}`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Approve { .. } => "approve_reply",
            Self::Edit { .. } => "edit_reply",
            Self::Reject { .. } => "reject_reply",
            Self::TakeOver => "take_over",
            Self::Release => "release",
            Self::Close { .. } => "close",
        }
    }
}

/// The updates `take_over` and `release`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Who wants it.
    pub by: UserId,
}

/// The updates `approve_reply` and `reject_reply`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfSuggestion {
    /// Who decides.
    pub by: UserId,
    /// About which suggestion.
    pub suggestion: SuggestionId,
}

/// The update `edit_reply`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditReply {
    /// Who wrote.
    pub by: UserId,
    /// Which suggestion it replaces.
    pub suggestion: SuggestionId,
    /// SHA-256 of what was written, in hexadecimal.
    pub text_hash: String,
}

/// The update `close`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseConversation {
    /// Who closes it.
    pub by: UserId,
    /// How it ended.
    pub disposition: Disposition,
    /// Why.
    pub reason: CloseReason,
}

/// Question of `conversation.decide`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideInput {
    /// Which conversation.
    pub conversation: ConversationRef,
    /// What makes a repetition the same order.
    pub id: String,
    /// Who wants it.
    pub by: UserId,
    /// What.
    pub order: Order,
}

/// Why an order was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The code, for machines.
    pub code: FailureCode,
    /// Why, and what to do.
    pub detail: String,
}

/// Answer of `conversation.decide`, and of every update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideOutput {
    /// How the conversation stands afterwards.
    pub standing: Standing,
    /// Why nothing was changed; `None` where it was.
    pub refused: Option<Refusal>,
}

/// How far a conversation is: the query `progress`, and the result of the workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationProgress {
    /// How it stands.
    pub standing: Standing,
    /// Messages that came in since the workflow began.
    pub received: u32,
    /// Replies that the vendor took.
    pub sent: u32,
    /// Follow-ups that were done.
    pub followed_up: u32,
    /// Why the last step was not done; `None` where it was.
    pub trouble: Option<FailureCode>,
    /// How many runs of the workflow there were before.
    pub runs: u32,
}
