//! One multipart upload: parts sent side by side, then completed, or aborted whatever happens.

use std::time::Duration;

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet};

use super::read::unquoted;
use super::{ObjectKey, ObjectStore, ObjectStoreError, PART_SIZE, PARTS_IN_FLIGHT};

/// S3's limit on the number of parts.
const MAX_PARTS: i32 = 10_000;

/// How long an abort waits for parts under way. One that arrives after the abort would stay behind.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

const BEGINNING: &str = "beginning an upload";
const SENDING: &str = "storing a part of an upload";
const COMPLETING: &str = "completing an upload";
const ABORTING: &str = "aborting an upload";

/// An upload that was begun. Dropped before it is completed, it aborts itself in the background.
pub(super) struct Multipart {
    store: ObjectStore,
    key: ObjectKey,
    id: String,
    sent: Vec<CompletedPart>,
    next_number: i32,
    in_flight: JoinSet<Result<CompletedPart, ObjectStoreError>>,
    runtime: Handle,
    settled: bool,
}

impl Multipart {
    pub(super) async fn begin(
        store: &ObjectStore,
        key: &ObjectKey,
        content_type: &str,
    ) -> Result<Self, ObjectStoreError> {
        let (tell, told) = oneshot::channel();
        let runtime = Handle::current();
        let request = store
            .client
            .create_multipart_upload()
            .bucket(store.bucket())
            .key(key.as_str())
            .content_type(content_type);
        let (store, key) = (store.clone(), key.clone());
        // A task of its own: when nobody waits for the answer any more, the upload begun is dropped here and
        // so aborted. Otherwise it would be there without anyone knowing its id.
        runtime.clone().spawn(async move {
            let begun = match request.send().await {
                Err(error) => Err(store.attempt(BEGINNING, Some(&key)).failed(error)),
                Ok(answer) => match answer.upload_id {
                    None => Err(ObjectStoreError::unexpected(BEGINNING, "the answer has no upload id")),
                    Some(id) => Ok(Self {
                        store,
                        key,
                        id,
                        sent: Vec::new(),
                        next_number: 1,
                        in_flight: JoinSet::new(),
                        runtime,
                        settled: false,
                    }),
                },
            };
            drop(tell.send(begun));
        });
        told.await.unwrap_or_else(|gone| Err(ObjectStoreError::unexpected(BEGINNING, gone)))
    }

    /// Sends the next part in the background, once fewer than [`PARTS_IN_FLIGHT`] are under way.
    pub(super) async fn send(&mut self, bytes: Bytes) -> Result<(), ObjectStoreError> {
        while let Some(done) = self.in_flight.try_join_next() {
            self.arrived(done)?;
        }
        while self.in_flight.len() >= PARTS_IN_FLIGHT {
            let Some(done) = self.in_flight.join_next().await else { break };
            self.arrived(done)?;
        }
        let number = self.next_number;
        if number > MAX_PARTS {
            return Err(ObjectStoreError::TooLarge { limit: MAX_PARTS as u64 * PART_SIZE as u64 });
        }
        self.next_number += 1;
        let request = self
            .store
            .client
            .upload_part()
            .bucket(self.store.bucket())
            .key(self.key.as_str())
            .upload_id(&self.id)
            .part_number(number)
            .body(bytes.into());
        let (store, key) = (self.store.clone(), self.key.clone());
        self.in_flight.spawn_on(
            async move {
                match request.send().await {
                    Ok(answer) => {
                        Ok(CompletedPart::builder().part_number(number).set_e_tag(answer.e_tag).build())
                    }
                    Err(error) => Err(store.attempt(SENDING, Some(&key)).failed(error)),
                }
            },
            &self.runtime,
        );
        Ok(())
    }

    /// Waits for all parts and puts them together. Returns the object's ETag.
    pub(super) async fn complete(mut self) -> Result<Option<String>, ObjectStoreError> {
        let completed = self.try_complete().await;
        match completed {
            Ok(_) => self.settled = true,
            Err(_) => self.abort().await,
        }
        completed
    }

    async fn try_complete(&mut self) -> Result<Option<String>, ObjectStoreError> {
        while let Some(done) = self.in_flight.join_next().await {
            self.arrived(done)?;
        }
        let mut parts = std::mem::take(&mut self.sent);
        parts.sort_by_key(CompletedPart::part_number);
        let answer = self
            .store
            .client
            .complete_multipart_upload()
            .bucket(self.store.bucket())
            .key(self.key.as_str())
            .upload_id(&self.id)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await
            .map_err(|error| self.store.attempt(COMPLETING, Some(&self.key)).failed(error))?;
        Ok(unquoted(answer.e_tag))
    }

    /// Throws the upload away and waits until that is done. A failure is logged and left to the sweep
    /// ([`ObjectStore::abort_stale_multiparts`]), since whoever aborts has an error of their own to report.
    pub(super) async fn abort(mut self) {
        let in_flight = std::mem::take(&mut self.in_flight);
        throw_away(&self.store, &self.key, &self.id, in_flight).await;
        // Not before: when this future is dropped halfway, the drop below starts over.
        self.settled = true;
    }

    fn arrived(
        &mut self,
        done: Result<Result<CompletedPart, ObjectStoreError>, JoinError>,
    ) -> Result<(), ObjectStoreError> {
        self.sent.push(done.map_err(|error| ObjectStoreError::unexpected(SENDING, error))??);
        Ok(())
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let (store, key, id) = (self.store.clone(), self.key.clone(), std::mem::take(&mut self.id));
        let in_flight = std::mem::take(&mut self.in_flight);
        self.runtime.spawn(async move { throw_away(&store, &key, &id, in_flight).await });
    }
}

async fn throw_away(
    store: &ObjectStore,
    key: &ObjectKey,
    id: &str,
    mut in_flight: JoinSet<Result<CompletedPart, ObjectStoreError>>,
) {
    let drained =
        tokio::time::timeout(DRAIN_TIMEOUT, async { while in_flight.join_next().await.is_some() {} });
    if drained.await.is_err() {
        in_flight.shutdown().await;
    }
    if let Err(error) = store.abort_multipart(key.as_str(), id).await {
        tracing::warn!(
            key = ?key,
            error = &error as &dyn std::error::Error,
            "an upload could not be aborted; the sweep will do it"
        );
    }
}

impl ObjectStore {
    /// Aborts one multipart upload; one that is not there any more is fine.
    pub(super) async fn abort_multipart(&self, key: &str, upload_id: &str) -> Result<(), ObjectStoreError> {
        let answer = self
            .client
            .abort_multipart_upload()
            .bucket(self.bucket())
            .key(key)
            .upload_id(upload_id)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_upload()) => Ok(()),
            Err(error) => Err(self.attempt(ABORTING, None).failed(error)),
        }
    }
}
