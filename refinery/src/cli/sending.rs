//! What can be said about what is sent: rehearsing it, explaining it, stopping it, and the rules it goes by.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Format;

/// Options of `rehearse`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Rehearse {
    /// The campaign, by id
    pub(crate) campaign: String,
    /// The team, by name
    #[arg(long)]
    pub(crate) team: String,
    /// When it would begin, like 2026-11-23T15:00:00Z; now without it
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// The version of the rules; without it those that hold then
    #[arg(long, value_name = "VERSION")]
    pub(crate) rules: Option<String>,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Options of `explain`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Explain {
    /// The lead, by id
    pub(crate) lead: String,
    /// The campaign whose message it would be, by id
    #[arg(long)]
    pub(crate) campaign: String,
    /// The team, by name
    #[arg(long)]
    pub(crate) team: String,
    /// Which step, from 1; without it the next one
    #[arg(long, value_name = "N")]
    pub(crate) step: Option<u8>,
    /// At which moment, like 2026-11-23T15:00:00Z; now without it
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The version of the rules; without it those that hold then
    #[arg(long, value_name = "VERSION")]
    pub(crate) rules: Option<String>,
    /// As if the campaign were released and running
    #[arg(long)]
    pub(crate) if_released: bool,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Options of `stop`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Stop {
    /// Why, for whoever wants to go on
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Options of `go`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Go {
    #[command(flatten)]
    pub(crate) format: Format,
}

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Print the rules this program came with, as JSON to begin from
    Show,
    /// List the versions there are
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Load another version; the newest one whose day has come is what the gate goes by
    Load {
        /// The rules, as JSON like that of `rules show`, under a version of their own
        file: PathBuf,
        /// From when on they hold, like 2026-12-01T00:00:00Z
        #[arg(long, value_name = "TIME")]
        effective_from: String,
        /// Who wrote them, and after what
        #[arg(long)]
        source: String,
        #[command(flatten)]
        format: Format,
    },
}
