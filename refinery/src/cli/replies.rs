//! What can be asked about replies.

use clap::Args;

use super::Format;

/// Options of `inbox`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Inbox {
    /// The team, by name
    #[arg(long)]
    pub(crate) team: String,
    /// Only this bucket: email_captures, hot_responses, objections, do_not_contact or other
    #[arg(long)]
    pub(crate) bucket: Option<String>,
    /// How many, 1 to 200
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: u64,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Options of `conversation`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Conversation {
    /// The conversation, by id
    pub(crate) conversation: String,
    /// The team, by name
    #[arg(long)]
    pub(crate) team: String,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Options of `give-lead`.
#[derive(Debug, Clone, Args)]
pub(crate) struct GiveLead {
    /// The item of the inbox, by id
    pub(crate) item: String,
    /// The lead whose it is, by id
    pub(crate) lead: String,
    /// The team, by name
    #[arg(long)]
    pub(crate) team: String,
}
