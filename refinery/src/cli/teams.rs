//! What can be said about teams.

use clap::Subcommand;

use super::Format;

/// What can be done with teams.
#[derive(Debug, Subcommand)]
pub(crate) enum Teams {
    /// Make a team
    Create {
        /// Its name, unlike any other's
        name: String,
        #[command(flatten)]
        format: Format,
    },
    /// List the teams
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Show a team's settings as they hold now
    Show {
        /// The team, by name
        name: String,
        #[command(flatten)]
        format: Format,
    },
    /// Change a team's settings, also the quotas and rates that it may not change itself
    Set {
        /// The team, by name
        name: String,
        /// Settings, like time_zone=America/Chicago four_eyes=false storage_quota_bytes=1000000000; null: the default
        #[arg(required = true, value_name = "SETTING=VALUE", value_parser = setting)]
        changes: Vec<(String, serde_json::Value)>,
        #[command(flatten)]
        format: Format,
    },
}

/// A setting and its value: JSON where it is some, else the text itself.
fn setting(text: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = text.split_once('=').ok_or("write it as SETTING=VALUE, such as four_eyes=false")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((name.to_owned(), value))
}
