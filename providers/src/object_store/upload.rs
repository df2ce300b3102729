//! Storing objects: a few bytes at once, or a stream of any length.

use std::pin::pin;

use bytes::Bytes;
use futures::{Stream, StreamExt};

use super::read::unquoted;
use super::{BoxError, MultipartWriter, ObjectKey, ObjectStore, ObjectStoreError};

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, computed as they passed, in lower-case hexadecimal.
    pub sha256_hex: String,
    /// The store's mark of this content, without quotes.
    pub etag: Option<String>,
}

impl ObjectStore {
    /// Stores these bytes as `key`, replacing what was there, and returns the store's ETag.
    ///
    /// # Errors
    /// Any of the store's errors.
    pub async fn put(
        &self,
        key: &ObjectKey,
        bytes: impl Into<Bytes>,
        content_type: &str,
    ) -> Result<Option<String>, ObjectStoreError> {
        let answer = self
            .client
            .put_object()
            .bucket(self.bucket())
            .key(key.as_str())
            .content_type(content_type)
            .body(bytes.into().into())
            .send()
            .await
            .map_err(|error| self.attempt("storing an object", Some(key)).failed(error))?;
        Ok(unquoted(answer.e_tag))
    }

    /// Stores a stream of unknown length as `key` while hashing it. Whatever its length, at most three parts of
    /// [`PART_SIZE`](super::PART_SIZE) are in memory.
    ///
    /// All or nothing: on any error, and when this future is dropped (the client went away), what was sent is
    /// aborted. Only the answer to the very last request can be missed: dropped while that is under way, the
    /// object may be there or not, and whoever made the key deletes it.
    ///
    /// # Errors
    /// [`ObjectStoreError::TooLarge`] as soon as more than `max_bytes` came, [`ObjectStoreError::Body`] with the
    /// stream's own error, and any of the store's errors.
    pub async fn upload_stream<S, E>(
        &self,
        key: &ObjectKey,
        body: S,
        content_type: &str,
        max_bytes: u64,
    ) -> Result<Stored, ObjectStoreError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<BoxError>,
    {
        let mut body = pin!(body);
        let mut writer = MultipartWriter::begin(self, key, content_type);
        while let Some(piece) = body.next().await {
            let refused = match piece {
                Err(error) => ObjectStoreError::Body(error.into()),
                Ok(piece) if piece.len() as u64 > max_bytes - writer.size() => {
                    ObjectStoreError::TooLarge { limit: max_bytes }
                }
                Ok(piece) => {
                    writer.write(&piece).await?;
                    continue;
                }
            };
            writer.abort().await;
            return Err(refused);
        }
        writer.finish().await
    }
}
