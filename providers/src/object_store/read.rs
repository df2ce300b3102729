//! Reading objects: whole, in ranges, as a stream, or only their size.

use std::ops::Range;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use backon::Retryable;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use super::{ObjectKey, ObjectStore, ObjectStoreError};

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// Its length in bytes.
    pub size: u64,
    /// The store's mark of this very content, without quotes. Not a hash one may rely on: a multipart object's
    /// is none.
    pub etag: Option<String>,
}

/// An object being read.
pub struct Download {
    /// What is known of it beforehand.
    pub head: ObjectHead,
    /// The media type it was stored with.
    pub content_type: Option<String>,
    /// Its bytes, in pieces as they arrive. An error ends the stream; it is not retried, since the receiver may
    /// have passed on what came before.
    pub body: BoxStream<'static, Result<Bytes, ObjectStoreError>>,
}

/// Why a read failed: only one that broke off in the middle is tried again here, the SDK did the rest.
enum ReadFailure {
    Refused(ObjectStoreError),
    BrokeOff(ObjectStoreError),
}

impl ObjectStore {
    /// The bytes of `range` (from 0, end exclusive) of this object; fewer when the object ends before, none
    /// when it ends before the start or the range is empty. A body that breaks off is read again, three times
    /// in all.
    ///
    /// # Errors
    /// [`ObjectStoreError::NotFound`] and any other of the store's errors.
    pub async fn get_range(&self, key: &ObjectKey, range: Range<u64>) -> Result<Bytes, ObjectStoreError> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        self.read(key, Some(range)).await
    }

    /// All bytes of an object, held in memory: meant for small ones such as metadata and indexes.
    ///
    /// # Errors
    /// [`ObjectStoreError::NotFound`] and any other of the store's errors.
    pub async fn get(&self, key: &ObjectKey) -> Result<Bytes, ObjectStoreError> {
        self.read(key, None).await
    }

    /// An object as a stream, for handing on without holding it in memory. `ObjectStoreError` converts into
    /// `std::io::Error`, so the body can also be read through `tokio_util::io::StreamReader`.
    ///
    /// # Errors
    /// [`ObjectStoreError::NotFound`] and any other of the store's errors, also within the stream.
    pub async fn get_stream(&self, key: &ObjectKey) -> Result<Download, ObjectStoreError> {
        let found = self
            .client
            .get_object()
            .bucket(self.bucket())
            .key(key.as_str())
            .send()
            .await
            .map_err(|error| self.attempt("opening an object", Some(key)).failed(error))?;
        let head = ObjectHead { size: length(found.content_length)?, etag: unquoted(found.e_tag) };
        let body = stream::unfold(found.body, |mut body| async move {
            let piece = body.next().await?.map_err(broke_off);
            Some((piece, body))
        });
        Ok(Download { head, content_type: found.content_type, body: body.boxed() })
    }

    /// What is known of an object, or nothing when there is none.
    ///
    /// # Errors
    /// Any of the store's errors but not found.
    pub async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>, ObjectStoreError> {
        match self.client.head_object().bucket(self.bucket()).key(key.as_str()).send().await {
            Ok(found) => {
                Ok(Some(ObjectHead { size: length(found.content_length)?, etag: unquoted(found.e_tag) }))
            }
            Err(error) => match self.attempt("looking for an object", Some(key)).failed(error) {
                ObjectStoreError::NotFound { .. } => Ok(None),
                other => Err(other),
            },
        }
    }

    async fn read(&self, key: &ObjectKey, range: Option<Range<u64>>) -> Result<Bytes, ObjectStoreError> {
        let bytes = (|| self.read_once(key, range.clone()))
            .retry(Self::body_backoff())
            .when(|failure| matches!(failure, ReadFailure::BrokeOff(_)))
            .await
            .map_err(|failure| match failure {
                ReadFailure::Refused(error) | ReadFailure::BrokeOff(error) => error,
            })?;
        match range {
            Some(range) if bytes.len() as u64 > range.end - range.start => Err(ObjectStoreError::unexpected(
                "reading a range",
                format!("asked for {} bytes, got {}", range.end - range.start, bytes.len()),
            )),
            _ => Ok(bytes),
        }
    }

    async fn read_once(&self, key: &ObjectKey, range: Option<Range<u64>>) -> Result<Bytes, ReadFailure> {
        let asked = range.map(|range| format!("bytes={}-{}", range.start, range.end - 1));
        let answer =
            self.client.get_object().bucket(self.bucket()).key(key.as_str()).set_range(asked).send().await;
        match answer {
            Ok(GetObjectOutput { body, .. }) => collected(body).await.map_err(ReadFailure::BrokeOff),
            // The range starts at or after the object's end.
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 416) => {
                Ok(Bytes::new())
            }
            Err(error) => {
                Err(ReadFailure::Refused(self.attempt("reading an object", Some(key)).failed(error)))
            }
        }
    }
}

async fn collected(body: ByteStream) -> Result<Bytes, ObjectStoreError> {
    Ok(body.collect().await.map_err(broke_off)?.into_bytes())
}

fn broke_off(error: aws_sdk_s3::primitives::ByteStreamError) -> ObjectStoreError {
    ObjectStoreError::Unavailable { action: "reading an object's bytes", source: error.into() }
}

fn length(told: Option<i64>) -> Result<u64, ObjectStoreError> {
    told.and_then(|size| u64::try_from(size).ok())
        .ok_or_else(|| ObjectStoreError::unexpected("looking for an object", "the answer has no length"))
}

/// An ETag as we show it, without the quotes that belong to the HTTP header.
pub(super) fn unquoted(etag: Option<String>) -> Option<String> {
    etag.map(|etag| etag.trim_matches('"').to_owned()).filter(|etag| !etag.is_empty())
}
