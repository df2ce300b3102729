//! A conversation: from somebody's first answer until nobody has said anything for a month.

mod activities;
mod messages;
mod options;
mod pace;
mod workflow;

pub use activities::{ConversationActivities, conversation_activity};
pub use messages::*;
pub use pace::Pace;
pub use workflow::ConversationWorkflow;

use domain::id::ConversationId;

/// The id of the workflow of `conversation`. One that has ended begins again with the next message: what was said before is
/// in the database.
pub fn workflow_id(conversation: ConversationId) -> String {
    format!("conversation:{conversation}")
}
