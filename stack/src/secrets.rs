//! The passwords of one instance: made once, kept in its folder, readable by its owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::StackError;

/// What the services of one instance are protected by.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// Password of PostgreSQL's owner role.
    pub(crate) postgres_password: String,
    /// Access key id of the object store.
    pub(crate) s3_access_key: String,
    /// Secret access key of the object store.
    pub(crate) s3_secret_key: String,
}

impl Secrets {
    /// Reads `path`, or makes new secrets and writes them there.
    pub(crate) fn load_or_make(path: &Path) -> Result<Self, StackError> {
        match fs::read(path) {
            Ok(text) => {
                serde_json::from_slice(&text).map_err(|error| StackError::file("read", path)(error.into()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let secrets =
                    Self { postgres_password: random()?, s3_access_key: random()?, s3_secret_key: random()? };
                write_private(path, &serde_json::json!(secrets).to_string())?;
                Ok(secrets)
            }
            Err(error) => Err(StackError::file("read", path)(error)),
        }
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), StackError> {
    let new = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(StackError::file("write", path))
}

/// 128 random bits as text.
fn random() -> Result<String, StackError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 16];
    File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(StackError::file("read", source))?;
    Ok(hex::encode(bytes))
}
