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
use domain::reply::ConversationState;
use temporalio_common::search_attributes::SearchAttributes;

use crate::search_attributes::{STAGE, STATUS, TEAM};

/// The id of the workflow of `conversation`. One that has ended begins again with the next message: what was said before is
/// in the database.
pub fn workflow_id(conversation: ConversationId) -> String {
    format!("conversation:{conversation}")
}

/// What a conversation's workflow can be searched by from its start; `state`: where it is known.
pub fn search_attributes(of: ConversationRef, state: Option<ConversationState>) -> SearchAttributes {
    let mut all = vec![TEAM.value_set(of.team.to_string()), STAGE.value_set("conversation".to_owned())];
    all.extend(state.map(|state| STATUS.value_set(state.as_str().to_owned())));
    SearchAttributes::new(all)
}
