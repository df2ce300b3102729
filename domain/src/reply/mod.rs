//! Replies: what people answer, what it is taken for, and what is done about it.
//!
//! Everything here is a function of what was written and of data with a version: the words of opting out ([`opt_out`]), the
//! rules of revocation in natural language ([`revocation`]), the rule book of each line of business ([`RuleBook`]), the
//! playbook of answers ([`Playbook`]), the rules of following up ([`FollowUpRules`]) and what a model may say where the rules are
//! unsure ([`model`]). Nothing here sends, and nothing decides that
//! something may go out: that is the gate's.

mod auto_reply;
mod bucket;
mod classify;
mod client_line;
mod closing;
mod conversation_state;
mod extract;
mod follow_up;
mod intent;
pub mod model;
pub mod opt_out;
mod playbook;
pub mod quality;
mod quoted;
pub mod revocation;
mod routing;
mod rule_book;
mod stage;
mod temperature;
mod wording;

pub use auto_reply::{ApprovalNeeded, AutoReplyPolicy, SoFar, may_answer};
pub use bucket::Bucket;
pub use classify::{Classification, Message, classify};
pub use client_line::{ClientLine, DeliverableKind};
pub use closing::{CloseReason, Closing, ClosingFault, Disposition, MAX_NOTES};
pub use conversation_state::{ConversationAction, ConversationState, HoldReason, RefusedConversationAction};
pub use extract::{ExposedExtracted, Extracted};
pub use follow_up::{
    Due, FollowUpAction, FollowUpConditions, FollowUpFacts, FollowUpRule, FollowUpRuleFault, FollowUpRules,
    FollowUpRulesFault, Guardrail, MOST_PER_LEAD, Occasion, TaskPriority, Trigger, due, next_due,
};
pub use intent::Intent;
pub use playbook::{MOST_PARTS, NoSuggestion, Playbook, PlaybookFault, Scene, Suggestion, Tone, suggest};
pub use revocation::{Heard, Revocation, RevocationRules};
pub use routing::{Skill, SuggestedAction, priority_score};
pub use rule_book::{Mark, Rule, RuleBook, RuleBookFault};
pub use stage::Stage;
pub use temperature::Temperature;
pub use wording::PatternFault;
