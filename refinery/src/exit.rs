//! How the program ends, for scripts.

use std::process::ExitCode;

/// What the exit code says. `refinery --help` lists them; their numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything went well.
    Success = 0,
    /// Something went wrong; what, and what to do, was printed.
    Failed = 1,
    /// The command, its options or the environment are not usable. clap ends with the same number.
    Usage = 2,
    /// The system works, but the file could not be refined.
    UploadFailed = 3,
    /// Ctrl-C before the work was done, as shells count it.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A fault in how the program was called.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// How the program ends after `error`.
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    let usage = error
        .chain()
        .any(|cause| cause.is::<UsageError>() || cause.is::<providers::settings::SettingsError>());
    if usage { Exit::Usage } else { Exit::Failed }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_usage_error_is_known_however_deep_it_lies() {
        let error =
            Err::<(), _>(UsageError("no such file".to_owned())).context("demo").expect_err("an error");
        assert_eq!(of(&error), Exit::Usage);
        assert_eq!(of(&anyhow::anyhow!("anything")), Exit::Failed);
    }
}
