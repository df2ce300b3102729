//! The list that the demo refines.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use refinery::sample;

use crate::exit::UsageError;

/// Where the list comes from.
#[derive(Debug, Clone)]
pub(crate) enum List {
    /// A file.
    File {
        /// Where it is.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
    /// The made-up list that ships with the project.
    Sample,
}

impl List {
    /// The list at `path`, or the made-up one. Looks whether it can be read.
    ///
    /// # Errors
    /// [`UsageError`] that says what is wrong with the path.
    pub(crate) fn find(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Sample) };
        let wrong = |what: &str| UsageError(format!("{}: {what}", path.display()));
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(wrong("there is no such file; `refinery demo` alone takes a made-up list").into());
            }
            Err(error) => return Err(error).context(wrong("cannot be looked at")),
        };
        if metadata.is_dir() {
            return Err(wrong("this is a folder; name one CSV file in it").into());
        }
        if !metadata.is_file() {
            return Err(wrong("this is no regular file").into());
        }
        if metadata.len() == 0 {
            return Err(wrong("the file is empty").into());
        }
        File::open(path).context(wrong("cannot be read; check its permissions"))?;
        Ok(Self::File { path: path.to_owned(), size: metadata.len() })
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File { path, .. } => path
                .file_name()
                .map_or_else(|| "list.csv".to_owned(), |name| name.to_string_lossy().into_owned()),
            Self::Sample => "made-up-sample.csv".to_owned(),
        }
    }

    /// Its size in bytes and its content, to be read as it is sent.
    pub(super) async fn open(&self) -> anyhow::Result<(u64, reqwest::Body)> {
        match self {
            Self::File { path, size } => {
                let file = tokio::fs::File::open(path)
                    .await
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let stream = tokio_util::io::ReaderStream::with_capacity(file, 1 << 18);
                Ok((*size, reqwest::Body::wrap_stream(stream)))
            }
            Self::Sample => {
                let mut list = Vec::new();
                sample::write_dirty(&mut list, sample::DEMO_ROWS, sample::DEMO_SEED)?;
                Ok((list.len() as u64, list.into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(path: &Path) -> String {
        let error = List::find(Some(path)).expect_err("refused");
        assert_eq!(crate::exit::of(&error), crate::exit::Exit::Usage, "{error}");
        error.to_string()
    }

    #[test]
    fn a_list_that_is_none_is_refused_before_anything_starts() {
        let folder = std::env::temp_dir();
        assert!(refusal(&folder).contains("folder"));
        assert!(refusal(&folder.join("no-such-list.csv")).contains("no such file"));
        let empty = folder.join(format!("refinery-empty-{}.csv", std::process::id()));
        std::fs::write(&empty, "").expect("written");
        assert!(refusal(&empty).contains("empty"));
        std::fs::remove_file(&empty).expect("removed");
        assert!(refusal(Path::new("/dev/null")).contains("regular"));
    }
}
