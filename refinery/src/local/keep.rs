//! Files of the local system that only their owner may read.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// What is made once for a local installation and kept with its data.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The keys under which payloads are encrypted, as in `REFINERY_PAYLOAD_KEYS`.
    pub(super) payload_keys: String,
    /// The secret of the demo team's API key, once it was made.
    pub(super) api_key: Option<String>,
    /// The address by which the made-up vendor of texts reports, by its id, once it was made.
    #[serde(default)]
    pub(super) webhook: Option<String>,
    /// The same of the made-up Twilio, which is told the address with each text.
    #[serde(default)]
    pub(super) twilio_webhook: Option<String>,
}

impl Kept {
    /// Reads what is kept at `path`; makes it where there is nothing.
    pub(super) fn load_or_make(path: &Path) -> anyhow::Result<Self> {
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).with_context(|| {
                format!("{} is damaged; `refinery dev --reset` starts from empty", path.display())
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = STANDARD.encode(rand::random::<[u8; 32]>());
                let kept = Self {
                    payload_keys: format!("local:{key}"),
                    api_key: None,
                    webhook: None,
                    twilio_webhook: None,
                };
                kept.save(path)?;
                Ok(kept)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Keeps it.
    pub(super) fn save(&self, path: &Path) -> anyhow::Result<()> {
        write_private(path, &serde_json::to_string_pretty(self)?)
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(super) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let new = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_kept_is_kept_and_private() {
        let folder = std::env::temp_dir().join(format!("refinery-keep-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("refinery.json");
        let made = Kept::load_or_make(&path).expect("made");
        let read = Kept::load_or_make(&path).expect("read");
        assert_eq!(made.payload_keys, read.payload_keys);
        workflows::codec::KeyRing::parse(&made.payload_keys).expect("a usable ring");
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(&folder).expect("removed");
    }
}
