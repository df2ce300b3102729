//! One file per command.

mod api;
mod dedupe;
mod demo;
mod dev;
mod explain;
mod inbox;
mod keys;
mod migrate;
mod numbers;
mod operator;
mod providers;
mod rehearse;
mod rules;
mod sandbox;
mod stop;
mod teams;
mod users;
mod worker;

use crate::cli::Command;
use crate::exit::Exit;

/// Does what was asked.
///
/// # Errors
/// What went wrong, in words for the person in front.
pub(crate) async fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Demo(options) => demo::run(options).await,
        Command::Dev(options) => dev::run(options).await,
        Command::Dedupe(options) => dedupe::run(options).await,
        Command::Sandbox(options) => sandbox::run(options).await,
        Command::Rehearse(options) => rehearse::run(options).await,
        Command::Explain(options) => explain::run(options).await,
        Command::Inbox(options) => inbox::inbox(options).await,
        Command::Conversation(options) => inbox::conversation(options).await,
        Command::GiveLead(options) => inbox::give_lead(options).await,
        Command::Stop(options) => stop::stop(options).await,
        Command::Go(options) => stop::go(options).await,
        Command::Rules(command) => rules::run(command).await,
        Command::Providers(command) => providers::run(command).await,
        Command::Numbers(command) => numbers::run(command).await,
        Command::Api => api::run().await,
        Command::Worker => worker::run().await,
        Command::Migrate => migrate::run().await,
        Command::Teams(command) => teams::run(command).await,
        Command::Users(command) => users::run(command).await,
        Command::Keys(command) => keys::run(command).await,
    }
}
