//! Listing what is there.

use std::time::SystemTime;

use super::read::unquoted;
use super::{KeyPrefix, ObjectHead, ObjectStore, ObjectStoreError};

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its whole key, as the store knows it.
    pub key: String,
    /// Its size and mark.
    pub head: ObjectHead,
    /// When it was stored, by the store's clock.
    pub modified: Option<SystemTime>,
}

/// Up to 1,000 objects and where to go on.
pub(super) struct Page {
    pub(super) objects: Vec<ListedObject>,
    pub(super) next: Option<String>,
}

impl ObjectStore {
    /// Every object whose key starts with `prefix`, by key. Asks the store once per 1,000 objects and holds the
    /// whole list in memory.
    ///
    /// # Errors
    /// Any of the store's errors.
    pub async fn list(&self, prefix: &KeyPrefix) -> Result<Vec<ListedObject>, ObjectStoreError> {
        let mut all = Vec::new();
        let mut next = None;
        loop {
            let page = self.list_page(prefix, next).await?;
            all.extend(page.objects);
            next = page.next;
            if next.is_none() {
                return Ok(all);
            }
        }
    }

    pub(super) async fn list_page(
        &self,
        prefix: &KeyPrefix,
        from: Option<String>,
    ) -> Result<Page, ObjectStoreError> {
        let listed = self
            .client
            .list_objects_v2()
            .bucket(self.bucket())
            .prefix(prefix.as_str())
            .set_continuation_token(from)
            .send()
            .await
            .map_err(|error| self.attempt("listing objects", None).failed(error))?;
        let next = listed.next_continuation_token.filter(|_| listed.is_truncated.unwrap_or(false));
        let objects = listed.contents.unwrap_or_default().into_iter().filter_map(|object| {
            Some(ListedObject {
                key: object.key?,
                head: ObjectHead {
                    size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                    etag: unquoted(object.e_tag),
                },
                modified: object.last_modified.and_then(|at| SystemTime::try_from(at).ok()),
            })
        });
        Ok(Page { objects: objects.collect(), next })
    }
}
