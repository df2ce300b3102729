//! Deleting objects. Deleting what is not there is no error, so that a deletion can be repeated.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::{KeyPrefix, ObjectKey, ObjectStore, ObjectStoreError};

const DELETING: &str = "deleting objects";

impl ObjectStore {
    /// Deletes one object.
    ///
    /// # Errors
    /// Any of the store's errors but not found.
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectStoreError> {
        match self.client.delete_object().bucket(self.bucket()).key(key.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error) => match self.attempt(DELETING, Some(key)).failed(error) {
                ObjectStoreError::NotFound { .. } => Ok(()),
                other => Err(other),
            },
        }
    }

    /// Deletes every object whose key starts with `prefix` and says how many there were.
    ///
    /// # Errors
    /// Any of the store's errors; what was deleted before stays deleted.
    pub async fn delete_prefix(&self, prefix: &KeyPrefix) -> Result<u64, ObjectStoreError> {
        let mut deleted = 0;
        loop {
            // Always the first page: the one before is gone.
            let page = self.list_page(prefix, None).await?;
            if page.objects.is_empty() {
                return Ok(deleted);
            }
            let count = page.objects.len() as u64;
            self.delete_all(page.objects.into_iter().map(|object| object.key)).await?;
            deleted += count;
        }
    }

    async fn delete_all(&self, keys: impl Iterator<Item = String>) -> Result<(), ObjectStoreError> {
        let objects =
            keys.map(|key| ObjectIdentifier::builder().key(key).build()).collect::<Result<Vec<_>, _>>();
        let objects = objects.map_err(|error| ObjectStoreError::unexpected(DELETING, error))?;
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|error| ObjectStoreError::unexpected(DELETING, error))?;
        let answer = self.client.delete_objects().bucket(self.bucket()).delete(delete).send().await;
        let answer = answer.map_err(|error| self.attempt(DELETING, None).failed(error))?;
        // The answer is a success even where single objects were refused.
        match answer.errors().iter().find(|error| error.code() != Some("NoSuchKey")) {
            None => Ok(()),
            Some(refused) => Err(ObjectStoreError::unexpected(
                DELETING,
                format!(
                    "{} objects were not deleted, the first because of {}",
                    answer.errors().len(),
                    refused.code().unwrap_or("an unnamed error"),
                ),
            )),
        }
    }
}
