//! What can be said on the command line.

mod numbers;
mod providers;
mod replies;
mod sending;
mod teams;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::named::UnknownName;
use resolution::Field;

pub(crate) use numbers::{Buy, Near, Numbers};
pub(crate) use providers::Providers;
pub(crate) use replies::{Conversation, GiveLead, Inbox};
pub(crate) use sending::{Explain, Go, Rehearse, Rules, Stop};
pub(crate) use teams::Teams;

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
    /// Find out which rows of any CSV are the same person or business; needs nothing but the file
    ///
    /// Compares rows by the columns named with --map, gives each row the number of its cluster, and says why. Nothing
    /// is trained beforehand, nothing leaves this computer.
    Dedupe(Dedupe),
    /// Run the outside world on this computer: vendors with their real shapes, faults to order, and a bill
    ///
    /// One HTTP server for each of Melissa, BatchData, RealEstateAPI, Apollo and Twilio Lookup, over one made-up
    /// population: the same seed, the same people. Numbers and addresses are nobody's. Any key is good but one with
    /// "invalid" in it. A control server scripts faults, introduces people, and keeps the books.
    Sandbox(Sandbox),
    /// Rehearse a campaign: all of it on a virtual clock, by the gate and the limits as they are, sending nothing
    ///
    /// Says what would go out when, what would wait and by which rule, and what it would cost. Reads the database at
    /// DATABASE_URL.
    Rehearse(Rehearse),
    /// Say whether a lead may get a campaign's message, by which rule not, and when next
    ///
    /// Asks the gate that sending asks, at a moment and by rules of your choice. Reads the database at DATABASE_URL.
    Explain(Explain),
    /// List what waits in a team's inbox, the hottest first; reads the database at DATABASE_URL
    Inbox(Inbox),
    /// Show how a conversation stands and what was said in it; reads the database at DATABASE_URL
    Conversation(Conversation),
    /// Say whose a message is that nobody was written to for: gives an item of the inbox its lead
    GiveLead(GiveLead),
    /// Stop everything that any team sends, at once: a kill switch that works by the database alone
    ///
    /// What has left has left; nothing more leaves, whatever workers and Temporal do, until `refinery go`.
    Stop(Stop),
    /// Let everybody send again, after `refinery stop`
    Go(Go),
    /// Rules of the gate, as data: those this program came with, and others from a day on
    #[command(subcommand)]
    Rules(Rules),
    /// Vendors' accounts, which all teams share: whether they may be called
    #[command(subcommand)]
    Providers(Providers),
    /// Numbers to send from: has vendors asked to sell them, and says how far that has come
    #[command(subcommand)]
    Numbers(Numbers),
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

const SANDBOX_EXAMPLE: &str = "\
Examples, with CONTROL as printed at the start:
  refinery sandbox --port-base 41800 --latency-ms 100
  curl -H 'content-type: application/json' $CONTROL/faults -d \\
    '{\"vendor\": \"batchdata\", \"fault\": {\"kind\": \"rate_limited\"}, \"times\": 3}'
  curl -H 'content-type: application/json' $CONTROL/faults -d \\
    '{\"fault\": {\"kind\": \"cut\"}, \"rate\": 0.05}'
  curl $CONTROL/bill
  curl -X PUT -H 'content-type: application/json' $CONTROL/texts/settings -d \\
    '{\"lost_replies\": 0.02, \"refused\": {\"21610\": 0.01, \"OUT\": 0.01}, \"reports\": {\"twice\": 0.1}}'
  curl -H 'content-type: application/json' $CONTROL/texts/repliers -d \\
    '{\"rate\": 0.2, \"says\": [\"Who is this?\", \"Stop!\"], \"after_ms\": 500}'
  curl $CONTROL/texts
  curl -X POST $CONTROL/reset

Faults:
  rate_limited account_stop outage slow hung cut malformed error_inside
  positional_nulls empty_address wrong_person short_page
  webhook_late webhook_twice webhook_out_of_order";

/// Options of `sandbox`.
#[derive(Debug, Clone, Args)]
#[command(after_help = SANDBOX_EXAMPLE)]
pub(crate) struct Sandbox {
    /// The port of the control server; the vendors take those after it. Without it all take free ones
    #[arg(long, value_name = "N")]
    pub(crate) port_base: Option<u16>,
    /// The same seed, the same people
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How long each answer takes
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// The share of people each vendor knows, 0 to 1; without it each has its own
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) hit_rate: Option<f64>,
    #[command(flatten)]
    pub(crate) format: Format,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("write a number from 0 to 1, such as 0.6".to_owned()),
    }
}

const DEDUPE_EXAMPLE: &str = "\
Fields:
  given family name company street unit city state zip phone email website date identifier

Example:
  refinery dedupe people.csv --id no --map first=given --map last=family --map tel=phone \\
      --map mobile=phone --map zip=zip --out clusters.csv --explain 5";

/// Options of `dedupe`.
#[derive(Debug, Clone, Args)]
#[command(after_help = DEDUPE_EXAMPLE)]
pub(crate) struct Dedupe {
    /// The lists: CSV with a header, separated by commas, semicolons, tabs or bars, in UTF-8. All need the same columns
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The column whose value names a row; no two rows of a file have the same
    #[arg(long, value_name = "COLUMN")]
    pub(crate) id: String,
    /// What a column is; once for each column to compare, several may be of one field
    #[arg(long = "map", value_name = "COLUMN=FIELD", required = true, value_parser = column_field)]
    pub(crate) columns: Vec<(String, Field)>,
    /// What the rows are about; without it persons where a column names one, businesses otherwise
    #[arg(long, value_enum)]
    pub(crate) about: Option<About>,
    /// Match only across two files, none within one
    #[arg(long)]
    pub(crate) link: bool,
    /// The probability from which two rows are one, 0.5 to 1; without it what the rules take
    #[arg(long, value_name = "P", value_parser = threshold)]
    pub(crate) threshold: Option<f32>,
    /// Write the clusters as CSV: id, cluster_id
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write the pairs that are one, or may be, as CSV: id_a, id_b, probability, weight, decision, and the level of each
    /// comparison
    #[arg(long, value_name = "FILE")]
    pub(crate) pairs: Option<PathBuf>,
    /// Explain so many pairs in words, the least certain ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) explain: usize,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// What rows are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum About {
    /// People
    Persons,
    /// Businesses
    Businesses,
}

fn column_field(text: &str) -> Result<(String, Field), String> {
    let (column, field) = text.rsplit_once('=').ok_or("write it as COLUMN=FIELD, such as tel=phone")?;
    if column.is_empty() {
        return Err("the column's name is missing before '='".to_owned());
    }
    Ok((column.to_owned(), field.parse().map_err(|error: UnknownName| error.to_string())?))
}

fn threshold(text: &str) -> Result<f32, String> {
    let probability = text.parse().map_err(|_| "write a number, such as 0.9".to_owned())?;
    match (0.5..=1.0).contains(&probability) {
        true => Ok(probability),
        false => Err("below 0.5 two rows are more likely two than one".to_owned()),
    }
}

/// Whether a machine reads the answer.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Format {
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
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
