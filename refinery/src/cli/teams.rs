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

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::Value;

    use super::super::{Cli, Command};
    use super::*;

    /// Whose settings, which, and whether JSON is wanted.
    type Set = (String, Vec<(String, Value)>, bool);

    fn set(words: &[&str]) -> Option<Set> {
        let said = ["refinery", "teams", "set"].iter().chain(words);
        match Cli::try_parse_from(said).ok()?.command {
            Command::Teams(Teams::Set { name, changes, format }) => Some((name, changes, format.json)),
            _ => None,
        }
    }

    #[test]
    fn settings_are_json_where_they_are_some_and_else_text() {
        let (name, changes, as_json) =
            set(&["Acme Tools", "time_zone=America/Chicago", "four_eyes=false", "on_hold_hours=null"])
                .expect("usable");
        assert_eq!((name.as_str(), as_json), ("Acme Tools", false));
        let expected = [
            ("time_zone".to_owned(), "America/Chicago".into()),
            ("four_eyes".to_owned(), false.into()),
            ("on_hold_hours".to_owned(), Value::Null),
        ];
        assert_eq!(changes, expected);
        let (_, changes, as_json) = set(&["a", "target_sics=[\"17\", \"1711\"]", "--json"]).expect("usable");
        assert!(as_json && changes[0].1[1] == "1711", "{changes:?}");
        for wrong in [&["a"][..], &["a", "four_eyes"], &[]] {
            assert_eq!(set(wrong), None, "{wrong:?}");
        }
    }
}
