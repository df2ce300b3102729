//! A process with a stack of its own, for tests that kill it or change its environment. Configured by the variables by which
//! the stack is everywhere. Prints a line: `READY`, its services' processes and its database, or why it cannot start.

#![expect(clippy::print_stdout, reason = "tells the test that waits for this process")]

use std::process::ExitCode;

use stack::{Profile, Service, Stack, StackConfig, StackError};

#[tokio::main]
async fn main() -> ExitCode {
    match start().await {
        Ok(stack) => {
            let mut pids = Vec::new();
            for service in Service::ALL {
                pids.extend(stack.pid(service).await.ok().flatten().map(|pid| pid.to_string()));
            }
            println!("READY {} {}", pids.join(","), stack.database_url());
            std::future::pending().await
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> Result<Stack, StackError> {
    Stack::start(StackConfig::from_env(Profile::Test)?, |_| {}).await
}
