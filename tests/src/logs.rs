//! What was logged, for tests of what must not be.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Everything that this process logs from the moment it is installed, at every level of our crates and of the SDKs
/// they use at `info`.
#[derive(Debug, Clone, Default)]
pub struct CapturedLogs(Arc<Mutex<Vec<u8>>>);

impl CapturedLogs {
    /// Installs the capture for the whole process. Only the first call of a process may.
    ///
    /// # Errors
    /// Where another subscriber is there already.
    pub fn install() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let captured = Self::default();
        let ours = [
            "activities",
            "api",
            "domain",
            "entities",
            "intake",
            "providers",
            "resolution",
            "worker",
            "workflows",
        ];
        let filter =
            ours.iter().fold("info,sqlx=debug".to_owned(), |filter, name| format!("{filter},{name}=trace"));
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
            .with_writer(captured.clone())
            .with_ansi(false)
            .try_init()?;
        Ok(captured)
    }

    /// What was logged so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for CapturedLogs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for CapturedLogs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
