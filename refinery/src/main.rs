//! The one binary: `refinery --help`.

mod cli;
mod commands;
mod dedupe;
mod demo;
mod exit;
mod local;
mod logging;
mod speak;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.thread_stack_size(worker::STACK_BYTES).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            speak::error(&anyhow::Error::new(error).context("the system gives no threads"));
            return Exit::Failed.into();
        }
    };
    let exit = match runtime.block_on(commands::run(cli.command)) {
        Ok(exit) => exit,
        Err(error) => {
            speak::error(&error);
            exit::of(&error)
        }
    };
    exit.into()
}
