//! What can be said about vendors' accounts.

use clap::Subcommand;

use super::Format;

/// What can be done with vendors' accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Providers {
    /// List the accounts that anything is known of: whether they may be called, and how calls have been going
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Let a vendor be called again whose account was stopped, by all teams; see to the account first
    Resume {
        /// The vendor, by its word (see `providers list`)
        provider: String,
        #[command(flatten)]
        format: Format,
    },
}
