//! Where the logs of the process go.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// `REFINERY_LOG`: which events are logged, in the words of `tracing_subscriber::EnvFilter`.
const VARIABLE: &str = "REFINERY_LOG";

/// What is logged unless the variable says otherwise. The SDK tells of every poll that takes a moment.
const DEFAULT: &str =
    "info,temporalio_sdk_core=warn,temporalio_client=warn,temporalio_sdk=warn,sqlx=warn,aws=warn,hyper=warn";

fn filter() -> anyhow::Result<EnvFilter> {
    let wanted = std::env::var(VARIABLE).ok().filter(|text| !text.trim().is_empty());
    let wanted = wanted.as_deref().unwrap_or(DEFAULT);
    EnvFilter::builder().parse(wanted).with_context(|| {
        crate::exit::UsageError(format!("{VARIABLE} must be like info or info,api=debug; {wanted:?} is not"))
    })
}

/// Logs to standard error, as services do: JSON where that is no terminal, so that machines can read it.
///
/// # Errors
/// A filter that is none.
pub(crate) fn to_stderr() -> anyhow::Result<()> {
    let filter = filter()?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if io::IsTerminal::is_terminal(&io::stderr()) {
        subscriber.init();
    } else {
        subscriber.json().flatten_event(true).with_ansi(false).with_span_events(FmtSpan::NONE).init();
    }
    Ok(())
}

/// Logs to a file, so that the terminal stays readable.
///
/// # Errors
/// A filter that is none, or a file that cannot be written.
pub(crate) fn to_file(path: &Path) -> anyhow::Result<()> {
    let filter = filter()?;
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write the log {}", path.display()))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Mutex::new(file)).init();
    Ok(())
}
