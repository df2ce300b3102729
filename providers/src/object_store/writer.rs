//! Writing an object piece by piece, without knowing its length and without holding it in memory.

use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};

use super::multipart::Multipart;
use super::{ObjectKey, ObjectStore, ObjectStoreError, Stored};

/// The size of the parts an object is sent in, in bytes. Objects up to this size are sent by a single PUT. It is the smallest
/// that S3 takes; its 10,000 parts make objects of 48 GiB
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
pub const PART_SIZE: usize = 5 * 1024 * 1024;

/// How many parts are under way at once, besides the one being filled: a writer holds three parts at most,
/// 15 MiB.
pub const PARTS_IN_FLIGHT: usize = 2;

/// Writes one object. It appears, whole, with [`finish`](Self::finish), and not at all otherwise: a writer that
/// is aborted, fails, or is dropped takes its parts with it.
pub struct MultipartWriter {
    store: ObjectStore,
    key: ObjectKey,
    content_type: String,
    buffer: BytesMut,
    sha256: Sha256,
    size: u64,
    upload: Option<Multipart>,
    /// True while a write is under way, and so for ever after one that failed or was cancelled in the middle.
    torn: bool,
}

impl MultipartWriter {
    /// A writer of the object `key`. Nothing is sent until the first part is full.
    pub fn begin(store: &ObjectStore, key: &ObjectKey, content_type: &str) -> Self {
        Self {
            store: store.clone(),
            key: key.clone(),
            content_type: content_type.to_owned(),
            buffer: BytesMut::with_capacity(PART_SIZE),
            sha256: Sha256::new(),
            size: 0,
            upload: None,
            torn: false,
        }
    }

    /// How many bytes were written.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds `bytes` at the end. Waits when the store is slower than the writer.
    ///
    /// Not safe to cancel: after a cancelled or failed write the writer only says so again.
    ///
    /// # Errors
    /// Any of the store's errors, also those of parts sent before. What was sent is aborted then.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), ObjectStoreError> {
        self.check_whole()?;
        self.torn = true;
        if let Err(error) = self.take_in(bytes).await {
            if let Some(upload) = self.upload.take() {
                upload.abort().await;
            }
            return Err(error);
        }
        self.torn = false;
        Ok(())
    }

    /// Sends what is left and makes the object appear.
    ///
    /// # Errors
    /// Any of the store's errors. What was sent is aborted then.
    pub async fn finish(mut self) -> Result<Stored, ObjectStoreError> {
        self.check_whole()?;
        let last = std::mem::take(&mut self.buffer).freeze();
        let etag = match self.upload.take() {
            None => self.store.put(&self.key, last, &self.content_type).await?,
            Some(mut upload) => match upload.send(last).await {
                Ok(()) => upload.complete().await?,
                Err(error) => {
                    upload.abort().await;
                    return Err(error);
                }
            },
        };
        Ok(Stored { size: self.size, sha256_hex: hex::encode(self.sha256.finalize()), etag })
    }

    /// Gives up: nothing of what was written stays. Returns when that is so.
    pub async fn abort(mut self) {
        if let Some(upload) = self.upload.take() {
            upload.abort().await;
        }
    }

    async fn take_in(&mut self, mut bytes: &[u8]) -> Result<(), ObjectStoreError> {
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            // A full part goes only when more follows, so that the last part is never empty and an object of
            // just one part is a single PUT.
            if self.buffer.len() == PART_SIZE {
                let full = std::mem::replace(&mut self.buffer, BytesMut::with_capacity(PART_SIZE)).freeze();
                self.send(full).await?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(PART_SIZE - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    async fn send(&mut self, part: Bytes) -> Result<(), ObjectStoreError> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(Multipart::begin(&self.store, &self.key, &self.content_type).await?),
        };
        upload.send(part).await
    }

    fn check_whole(&self) -> Result<(), ObjectStoreError> {
        if self.torn {
            return Err(ObjectStoreError::unexpected(
                "writing an object",
                "an earlier write failed or was cancelled",
            ));
        }
        Ok(())
    }
}
