//! 128-bit keys from parts of a row.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::fold::fold_into;

/// Collects the parts of one key. Each part is preceded by its length, so that ("ab", "c") and ("a", "bc") are
/// two keys, and the first part is a tag that says what the key is of, so that no key of a business ever
/// equals one of a person.
#[derive(Clone)]
pub(crate) struct KeyParts(Vec<u8>);

impl KeyParts {
    /// A key of the kind `tag`.
    pub(crate) fn of(tag: &str) -> Self {
        let mut parts = Self(Vec::with_capacity(160));
        parts.exact(tag.as_bytes());
        parts
    }

    /// Adds a part as it is.
    pub(crate) fn exact(&mut self, part: &[u8]) -> &mut Self {
        let start = self.open();
        self.0.extend_from_slice(part);
        self.close(start)
    }

    /// Adds what is left of a text without case, punctuation and accents; nothing counts as an empty part.
    pub(crate) fn folded(&mut self, part: Option<&str>) -> &mut Self {
        let start = self.open();
        fold_into(part.unwrap_or_default(), &mut self.0);
        self.close(start)
    }

    /// The key.
    pub(crate) fn finish(&self) -> Uuid {
        truncated(&self.0)
    }

    fn open(&mut self) -> usize {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 8]);
        start
    }

    fn close(&mut self, start: usize) -> &mut Self {
        let length = (self.0.len() - start - 8) as u64;
        self.0[start..start + 8].copy_from_slice(&length.to_be_bytes());
        self
    }
}

/// The first 16 bytes of SHA-256 of `bytes`.
pub(crate) fn truncated(bytes: &[u8]) -> Uuid {
    let digest = Sha256::digest(bytes);
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(tag: &str, parts: &[&str]) -> Uuid {
        let mut key = KeyParts::of(tag);
        for part in parts {
            key.folded(Some(part));
        }
        key.finish()
    }

    #[test]
    fn where_parts_end_matters_and_so_does_the_tag() {
        assert_eq!(key("a", &["ab", "c"]), key("a", &["AB", "c."]));
        assert_ne!(key("a", &["ab", "c"]), key("a", &["a", "bc"]));
        assert_ne!(key("a", &["ab"]), key("a", &["ab", ""]));
        assert_ne!(key("a", &["ab"]), key("b", &["ab"]));
        assert_ne!(key("a", &["b"]), key("ab", &[]));
    }

    /// Keys are stored: whatever changes them must fail here.
    #[test]
    fn keys_are_what_they_were() {
        assert_eq!(key("test", &["Acme & Co."]).to_string(), "37d3b9ff-300d-1c4f-09a1-e63416df30c0");
    }
}
