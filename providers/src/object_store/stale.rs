//! Sweeping up multipart uploads nobody will finish: those of processes that were killed.

use std::time::{Duration, SystemTime};

use super::{KeyPrefix, ObjectStore, ObjectStoreError};

const SWEEPING: &str = "listing unfinished uploads";

impl ObjectStore {
    /// Aborts the multipart uploads that were begun more than `older_than` ago, below `prefix` or everywhere,
    /// and says how many. Choose an age no living upload reaches: one that does fails with a transient error.
    ///
    /// # Errors
    /// Any of the store's errors; what was aborted before stays so.
    pub async fn abort_stale_multiparts(
        &self,
        prefix: Option<&KeyPrefix>,
        older_than: Duration,
    ) -> Result<u64, ObjectStoreError> {
        let begun_before = SystemTime::now().checked_sub(older_than).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut aborted = 0;
        let (mut after_key, mut after_id) = (None, None);
        loop {
            let page = self
                .client
                .list_multipart_uploads()
                .bucket(self.bucket())
                .set_prefix(prefix.map(|prefix| prefix.as_str().to_owned()))
                .set_key_marker(after_key.take())
                .set_upload_id_marker(after_id.take())
                .send()
                .await
                .map_err(|error| self.attempt(SWEEPING, None).failed(error))?;
            for upload in page.uploads() {
                let begun = upload.initiated().and_then(|at| SystemTime::try_from(*at).ok());
                let (Some(key), Some(id), Some(begun)) = (upload.key(), upload.upload_id(), begun) else {
                    continue;
                };
                if begun <= begun_before {
                    self.abort_multipart(key, id).await?;
                    aborted += 1;
                }
            }
            if !page.is_truncated().unwrap_or(false) || page.next_key_marker().is_none() {
                return Ok(aborted);
            }
            (after_key, after_id) = (page.next_key_marker, page.next_upload_id_marker);
        }
    }
}
