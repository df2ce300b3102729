//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  something went wrong; what, and what to do, is printed
    2  the command, its options or the environment are not usable
    3  the system works, but the file could not be refined (demo --exit)
  130  interrupted before the work was done

Start here:
  refinery demo              a made-up list, refined before your eyes
  refinery demo list.csv     the same with a list of yours
  refinery dev               everything running on this computer, to play with

Environment (.env.sample explains all of it):
  DATABASE_URL, TEMPORAL_ADDRESS, S3_ENDPOINT with S3_ACCESS_KEY, S3_SECRET_KEY
      each replace one local service in dev and demo; api and worker need them,
      and REFINERY_PAYLOAD_KEYS
  REFINERY_LOG
      what is logged, like info or info,api=debug";

/// Lead Refinery: raw lists in, clean and deduplicated leads in campaign blocks out, durably.
#[derive(Debug, Parser)]
#[command(name = "refinery", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Refine a list on this computer and show what came of it
    ///
    /// Starts everything `dev` starts, uploads the list through the API and follows it to its blocks. Without a file
    /// it takes a made-up list of 5,000 rows with the dirt real lists have. A list that was refined before is shown
    /// again. Stays up until Ctrl-C, so that the API and the Temporal UI can be looked at, unless --exit is given.
    Demo(Demo),
    /// Run everything on this computer: PostgreSQL, Temporal, S3, worker and API
    ///
    /// Installs the three services into the folder .stack of the repository on the first start, and keeps their data
    /// there. Prints where everything is, and an API key for a demo team.
    Dev(Dev),
    /// Run the HTTP service, configured by the environment
    Api,
    /// Run a worker, configured by the environment
    Worker,
    /// Bring the database at DATABASE_URL to this version
    Migrate,
    /// Teams, whose data nobody else sees
    #[command(subcommand)]
    Teams(Teams),
    /// People
    #[command(subcommand)]
    Users(Users),
    /// Keys for the API
    #[command(subcommand)]
    Keys(Keys),
}

/// Options of `demo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Demo {
    /// The list: CSV with a header, separated by commas, semicolons, tabs or bars
    pub(crate) file: Option<PathBuf>,
    /// Stop everything once the list is refined
    #[arg(long)]
    pub(crate) exit: bool,
    /// Print the outcome as one JSON object, and nothing else, on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Clear the data of earlier starts first
    #[arg(long)]
    pub(crate) reset: bool,
}

/// Options of `dev`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Dev {
    /// Clear the data of earlier starts first
    #[arg(long)]
    pub(crate) reset: bool,
}

/// Whether a machine reads the answer.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Format {
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

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
}

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// Make a user a member of a team; makes the user too where there is none of this address
    Create {
        /// The user's e-mail address
        #[arg(long)]
        email: String,
        /// The user's name
        #[arg(long)]
        name: String,
        /// The team, by name
        #[arg(long)]
        team: String,
        /// What the user may do in the team
        #[arg(long, value_enum)]
        role: RoleName,
        #[command(flatten)]
        format: Format,
    },
    /// List the members of a team
    List {
        /// The team, by name
        #[arg(long)]
        team: String,
        #[command(flatten)]
        format: Format,
    },
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a key; its secret is printed once and stored nowhere
    Create {
        /// The team, by name
        #[arg(long)]
        team: String,
        /// The user, by e-mail address
        #[arg(long)]
        user: String,
        /// What the key is called in lists
        #[arg(long)]
        name: String,
        /// What the key may be used for
        #[arg(long, value_enum, value_delimiter = ',', default_values = ["read", "write"])]
        scope: Vec<ScopeName>,
        #[command(flatten)]
        format: Format,
    },
    /// List the keys of a team, without their secrets
    List {
        /// The team, by name
        #[arg(long)]
        team: String,
        #[command(flatten)]
        format: Format,
    },
    /// End the use of a key for good
    Revoke {
        /// The team, by name
        #[arg(long)]
        team: String,
        /// The key, by id (see `keys list`)
        id: String,
        #[command(flatten)]
        format: Format,
    },
}

/// The roles, by name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    /// Looks
    Viewer,
    /// Uploads lists and works with leads
    Operator,
    /// Lets campaigns go
    Approver,
    /// Everything
    Admin,
}

/// The scopes, by name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ScopeName {
    /// Asking
    Read,
    /// Changing
    Write,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_key_has_both_scopes_unless_one_is_named() {
        let parse = |extra: &[&str]| {
            let given = ["refinery", "keys", "create", "--team", "t", "--user", "u@x.example", "--name", "n"];
            Cli::try_parse_from(given.iter().chain(extra)).expect("usable").command
        };
        assert!(matches!(parse(&[]), Command::Keys(Keys::Create { scope, .. }) if scope.len() == 2));
        assert!(
            matches!(parse(&["--scope", "read"]), Command::Keys(Keys::Create { scope, .. }) if scope.len() == 1)
        );
    }
}
