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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Cli, Command};
    use super::*;

    fn resumed(words: &[&str]) -> Option<(String, bool)> {
        let said = ["refinery", "providers", "resume"].iter().chain(words);
        match Cli::try_parse_from(said).ok()?.command {
            Command::Providers(Providers::Resume { provider, format }) => Some((provider, format.json)),
            _ => None,
        }
    }

    #[test]
    fn one_vendor_is_resumed_by_its_word() {
        assert_eq!(resumed(&["batchdata"]), Some(("batchdata".to_owned(), false)));
        assert_eq!(resumed(&["twilio", "--json"]), Some(("twilio".to_owned(), true)));
        assert_eq!(resumed(&[]), None, "which one has to be said");
        assert_eq!(resumed(&["batchdata", "twilio"]), None, "one at a time");
    }
}
