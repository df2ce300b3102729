//! What can be said about numbers to send from.

use clap::{Args, Subcommand};

use super::Format;

/// What can be done with numbers.
#[derive(Debug, Subcommand)]
pub(crate) enum Numbers {
    /// Order a number from a vendor; a worker buys it, once, and enters it as a sender
    ///
    /// It costs money when it is bought and, as a rule, every month. `numbers list` says how far it has come.
    Buy(Buy),
    /// List a team's orders of numbers
    List {
        /// The team, by name
        #[arg(long)]
        team: String,
        #[command(flatten)]
        format: Format,
    },
}

/// Options of `numbers buy`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Buy {
    /// The team, by name
    #[arg(long)]
    pub(crate) team: String,
    /// The vendor: signalhouse or twilio
    #[arg(long)]
    pub(crate) provider: String,
    #[command(flatten)]
    pub(crate) near: Near,
    /// What people call the sender; the number without it
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The pool that it is to belong to
    #[arg(long)]
    pub(crate) pool: Option<String>,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Where the number is to be from, in one way.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Near {
    /// Area codes, in the order in which they are tried
    #[arg(long, value_delimiter = ',', value_name = "CODE")]
    pub(crate) area_code: Vec<String>,
    /// States, in the order in which they are tried
    #[arg(long, value_delimiter = ',', value_name = "STATE")]
    pub(crate) state: Vec<String>,
    /// The state of most of a campaign's leads, by the campaign's id
    #[arg(long, value_name = "CAMPAIGN")]
    pub(crate) campaign: Option<String>,
}
