//! What was logged, for tests of what must not be.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Everything that this process logs from the moment it begins, at every level of our crates and of the SDKs
/// they use at `info`.
#[derive(Debug, Clone, Default)]
pub struct CapturedLogs {
    bytes: Arc<Mutex<Vec<u8>>>,
    aloud: bool,
}

static CAPTURED: OnceLock<CapturedLogs> = OnceLock::new();

impl CapturedLogs {
    /// What this process logs. The first call begins it; with `REFINERY_TEST_LOG` set, people see it too.
    ///
    /// # Panics
    /// Where another subscriber is there already: then nothing would be captured.
    pub fn of_this_process() -> &'static Self {
        CAPTURED.get_or_init(|| {
            let captured = Self { aloud: std::env::var_os("REFINERY_TEST_LOG").is_some(), ..Self::default() };
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
            let filter = ours
                .iter()
                .fold("info,sqlx=debug".to_owned(), |filter, name| format!("{filter},{name}=trace"));
            let subscriber = tracing_subscriber::fmt()
                .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
                .with_writer(captured.clone())
                .with_ansi(false);
            if let Err(error) = subscriber.try_init() {
                panic!("logs cannot be captured: {error}");
            }
            captured
        })
    }

    /// What was logged so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for CapturedLogs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        if self.aloud {
            io::stderr().write_all(bytes)?;
        }
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
