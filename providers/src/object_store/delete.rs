//! Deleting objects. Deleting what is not there is no error, so that a deletion can be repeated.

use super::{ObjectKey, ObjectStore, ObjectStoreError};

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
}
