//! Answers as they are kept: the vendor's own words and what was understood of them, encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::FailureCode;
use providers::enrichment::UniversalSkipResult;
use serde::{Deserialize, Serialize};
use workflows::codec::KeyRing;

use crate::Fault;

/// One subject's answer. Personal data; it leaves the process encrypted only.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// The adapter's word for how the call ended.
    pub(super) verdict: String,
    /// What was understood; `None` where nobody was found.
    #[serde(default)]
    pub(super) result: Option<UniversalSkipResult>,
    /// The vendor's id of the person, by which a later answer is about the same.
    #[serde(default)]
    pub(super) person_id: Option<String>,
    /// The body as it came, in base64. Of several subjects of one call, only the first has it.
    #[serde(default)]
    body: Option<String>,
}

impl Kept {
    /// An answer with what was understood of it, and the body where it is to be kept here.
    pub(super) fn new(
        verdict: &str,
        result: Option<UniversalSkipResult>,
        person_id: Option<String>,
        body: Option<&Bytes>,
    ) -> Self {
        let body = body.filter(|body| !body.is_empty()).map(|body| STANDARD.encode(body));
        Self { verdict: verdict.to_owned(), result, person_id, body }
    }

    /// Key id and ciphertext.
    pub(super) fn seal(&self, keys: &KeyRing) -> Result<(String, Vec<u8>), Fault> {
        let clear = serde_json::to_vec(self).map_err(|error| {
            Fault::permanent(FailureCode::SystemInternal, "an answer cannot be written").because(error)
        })?;
        keys.seal(&clear).map_err(|error| Fault::transient(FailureCode::SystemUnavailable, error))
    }

    /// The answer again.
    pub(super) fn open(keys: &KeyRing, key_id: &str, sealed: &[u8]) -> Result<Self, Fault> {
        let clear = open(keys, key_id, sealed)?;
        serde_json::from_slice(&clear).map_err(|_| {
            Fault::permanent(FailureCode::SystemInternal, "a kept answer is not as this version writes it")
        })
    }
}

/// What is kept under a key of the ring: an answer, or a delivery that came later as it came.
pub(super) fn open(keys: &KeyRing, key_id: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
    keys.open(key_id, sealed).map_err(|error| {
        Fault::permanent(
            FailureCode::SystemInternal,
            format!(
                "a kept answer cannot be decrypted: {error}; put its key back into REFINERY_PAYLOAD_KEYS"
            ),
        )
        .because(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_and_cannot_be_read_without_the_key() {
        let ring = KeyRing::parse("a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a ring");
        let body = Bytes::from_static(b"{\"phone\":\"+15125550123\"}");
        let kept = Kept::new("match", Some(UniversalSkipResult::default()), Some("p1".into()), Some(&body));
        let (key, sealed) = kept.seal(&ring).expect("seals");
        assert!(!sealed.windows(10).any(|window| window == b"5125550123"));
        let again = Kept::open(&ring, &key, &sealed).expect("opens");
        assert_eq!(again.body, Some(STANDARD.encode(&body)));
        assert_eq!((again.verdict.as_str(), again.person_id.as_deref()), ("match", Some("p1")));
        let other = KeyRing::parse("b:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a ring");
        assert!(Kept::open(&other, &key, &sealed).is_err());
    }
}
