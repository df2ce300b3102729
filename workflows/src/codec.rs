//! Encrypts what Temporal stores: AES-256-GCM under a ring of keys.
//!
//! The first key of the ring encrypts; every key of the ring decrypts, found by the id in the payload's
//! metadata. To rotate, put a new key in front and keep the old one until the retention of the namespace has
//! passed. The shape (`binary/encrypted`, `encryption-key-id`, nonce before ciphertext) is the one of Temporal's
//! own encryption samples, so that their tools read it too.

use std::collections::BTreeMap;
use std::fmt;

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures::FutureExt;
use futures::future::BoxFuture;
use prost::Message;
use rand::TryRngCore;
use rand::rngs::OsRng;
use temporalio_common::data_converters::{PayloadCodec, PayloadConversionError, SerializationContextData};
use temporalio_common::protos::temporal::api::common::v1::Payload;

const ENCODING: &str = "encoding";
const ENCRYPTED: &[u8] = b"binary/encrypted";
const KEY_ID: &str = "encryption-key-id";
const NONCE_BYTES: usize = 12;

/// Why a payload or a key ring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The ring is empty or an entry is not `id:base64-of-32-bytes`.
    #[error(
        "payload keys must be a comma-separated list of id:key, each key 32 bytes in base64, the first one \
         active; entry {entry} is not"
    )]
    BadKeyRing {
        /// Number of the entry, from 1.
        entry: usize,
    },
    /// The payload was encrypted under a key that is not in the ring.
    #[error("payload key {0:?} is not in the ring; add it behind the active one")]
    UnknownKey(String),
    /// The payload is shorter than its nonce, or its tag does not match.
    #[error("the payload is damaged, or was encrypted under another key of the same id")]
    Damaged,
    /// The machine gives no randomness.
    #[error("no randomness for a nonce")]
    NoRandomness(#[source] rand::rand_core::OsError),
}

/// The keys that payloads are encrypted under.
#[derive(Clone)]
pub struct KeyRing {
    active: String,
    keys: BTreeMap<String, Aes256Gcm>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("active", &self.active).field("keys", &self.keys.len()).finish()
    }
}

impl KeyRing {
    /// Reads `id:base64,id:base64,…`; the first entry is the active one.
    pub fn parse(text: &str) -> Result<Self, CodecError> {
        let mut active = None;
        let mut keys = BTreeMap::new();
        for (index, entry) in text.split(',').map(str::trim).enumerate() {
            let bad = || CodecError::BadKeyRing { entry: index + 1 };
            let (id, key) = entry.split_once(':').filter(|(id, _)| !id.is_empty()).ok_or_else(bad)?;
            let key = STANDARD.decode(key).map_err(|_| bad())?;
            let cipher = Aes256Gcm::new_from_slice(&key).map_err(|_| bad())?;
            active.get_or_insert_with(|| id.to_owned());
            keys.insert(id.to_owned(), cipher);
        }
        let active = active.ok_or(CodecError::BadKeyRing { entry: 1 })?;
        Ok(Self { active, keys })
    }

    /// Encrypts under the active key; answers that key's id, and nonce and ciphertext.
    ///
    /// # Errors
    /// [`CodecError::NoRandomness`].
    pub fn seal(&self, clear: &[u8]) -> Result<(String, Vec<u8>), CodecError> {
        let cipher =
            self.keys.get(&self.active).ok_or_else(|| CodecError::UnknownKey(self.active.clone()))?;
        let mut nonce = [0; NONCE_BYTES];
        OsRng.try_fill_bytes(&mut nonce).map_err(CodecError::NoRandomness)?;
        let sealed = cipher.encrypt(Nonce::from_slice(&nonce), clear).map_err(|_| CodecError::Damaged)?;
        Ok((self.active.clone(), [nonce.as_slice(), &sealed].concat()))
    }

    /// What [`seal`](Self::seal) encrypted under the key of this id.
    ///
    /// # Errors
    /// [`CodecError::UnknownKey`], [`CodecError::Damaged`].
    pub fn open(&self, key_id: &str, sealed: &[u8]) -> Result<Vec<u8>, CodecError> {
        let cipher = self.keys.get(key_id).ok_or_else(|| CodecError::UnknownKey(key_id.to_owned()))?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or(CodecError::Damaged)?;
        cipher.decrypt(Nonce::from_slice(nonce), sealed).map_err(|_| CodecError::Damaged)
    }

    /// What is sealed, as one word that may stand in an address: `key-id.base64`.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn seal_word(&self, clear: &[u8]) -> Result<String, CodecError> {
        let (key_id, sealed) = self.seal(clear)?;
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(key_id), URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// What [`seal_word`](Self::seal_word) sealed.
    ///
    /// # Errors
    /// [`CodecError::UnknownKey`]; [`CodecError::Damaged`] for whatever it did not make.
    pub fn open_word(&self, word: &str) -> Result<Vec<u8>, CodecError> {
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| CodecError::Damaged);
        let (key_id, sealed) = word.split_once('.').ok_or(CodecError::Damaged)?;
        let key_id = String::from_utf8(decode(key_id)?).map_err(|_| CodecError::Damaged)?;
        self.open(&key_id, &decode(sealed)?)
    }

    /// The payload, encrypted under the active key.
    pub fn encrypt(&self, payload: &Payload) -> Result<Payload, CodecError> {
        let (key, data) = self.seal(&payload.encode_to_vec())?;
        let metadata = [(ENCODING.to_owned(), ENCRYPTED.to_vec()), (KEY_ID.to_owned(), key.into_bytes())];
        Ok(Payload { metadata: metadata.into_iter().collect(), data, ..Payload::default() })
    }

    /// The payload in the clear; one that was never encrypted comes back as it is.
    pub fn decrypt(&self, payload: &Payload) -> Result<Payload, CodecError> {
        if payload.metadata.get(ENCODING).is_none_or(|encoding| encoding != ENCRYPTED) {
            return Ok(payload.clone());
        }
        let id = payload.metadata.get(KEY_ID).map(|id| String::from_utf8_lossy(id)).unwrap_or_default();
        let clear = self.open(&id, &payload.data)?;
        Payload::decode(clear.as_slice()).map_err(|_| CodecError::Damaged)
    }
}

/// The key ring in the place where the Temporal client expects a codec.
#[derive(Debug, Clone)]
pub struct EncryptingCodec(pub KeyRing);

impl PayloadCodec for EncryptingCodec {
    fn encode(
        &self,
        _context: &SerializationContextData,
        payloads: Vec<Payload>,
    ) -> BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>> {
        let done: Result<Vec<_>, _> = payloads.iter().map(|payload| self.0.encrypt(payload)).collect();
        async move { done.map_err(|error| PayloadConversionError::EncodingError(error.into())) }.boxed()
    }

    fn decode(
        &self,
        _context: &SerializationContextData,
        payloads: Vec<Payload>,
    ) -> BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>> {
        let done: Result<Vec<_>, _> = payloads.iter().map(|payload| self.0.decrypt(payload)).collect();
        async move { done.map_err(|error| PayloadConversionError::EncodingError(error.into())) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(ids: &[(&str, u8)]) -> KeyRing {
        let entries: Vec<_> =
            ids.iter().map(|(id, byte)| format!("{id}:{}", STANDARD.encode([*byte; 32]))).collect();
        KeyRing::parse(&entries.join(",")).expect("a good ring")
    }

    fn payload() -> Payload {
        Payload {
            metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into_iter().collect(),
            data: b"{\"rows\":5000}".to_vec(),
            ..Payload::default()
        }
    }

    #[test]
    fn what_is_encrypted_hides_its_content_and_comes_back() {
        let ring = ring(&[("2026-11", 1)]);
        let sealed = ring.encrypt(&payload()).expect("encrypts");
        assert!(!sealed.data.windows(4).any(|window| window == b"5000"));
        assert_eq!(sealed.metadata[KEY_ID], b"2026-11");
        assert_eq!(ring.decrypt(&sealed).expect("decrypts"), payload());
        assert_ne!(sealed.data, ring.encrypt(&payload()).expect("encrypts").data, "a nonce is used once");
    }

    #[test]
    fn a_rotated_ring_reads_the_old_and_writes_the_new() {
        let old = ring(&[("a", 1)]).encrypt(&payload()).expect("encrypts");
        let rotated = ring(&[("b", 2), ("a", 1)]);
        assert_eq!(rotated.decrypt(&old).expect("decrypts"), payload());
        assert_eq!(rotated.encrypt(&payload()).expect("encrypts").metadata[KEY_ID], b"b");
    }

    #[test]
    fn says_which_key_is_missing_and_notices_damage() {
        let ring_a = ring(&[("a", 1)]);
        let mut sealed = ring_a.encrypt(&payload()).expect("encrypts");
        assert!(matches!(ring(&[("b", 2)]).decrypt(&sealed), Err(CodecError::UnknownKey(id)) if id == "a"));
        if let Some(last) = sealed.data.last_mut() {
            *last ^= 1;
        }
        assert!(matches!(ring_a.decrypt(&sealed), Err(CodecError::Damaged)));
        sealed.data.truncate(5);
        assert!(matches!(ring_a.decrypt(&sealed), Err(CodecError::Damaged)));
    }

    #[test]
    fn a_sealed_word_may_stand_in_an_address_and_nobody_else_makes_one() {
        let ring_a = ring(&[("2026-11", 1)]);
        let word = ring_a.seal_word(b"ann@doyle.example").expect("seals");
        assert!(word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{word}");
        assert_eq!(ring_a.open_word(&word).expect("opens"), b"ann@doyle.example");
        for wrong in ["", ".", "a.b", "no-dot", &word[1..], &format!("{word}A"), &word.replace('.', "")] {
            assert!(ring_a.open_word(wrong).is_err(), "{wrong}");
        }
        assert!(ring(&[("2026-11", 2)]).open_word(&word).is_err(), "another key of the same id");
    }

    #[test]
    fn reads_what_was_never_encrypted() {
        assert_eq!(ring(&[("a", 1)]).decrypt(&payload()).expect("passes"), payload());
    }

    #[test]
    fn refuses_a_ring_that_is_none() {
        for text in ["", "a", "a:", ":AAAA", "a:AAAA", "a:!"] {
            assert!(KeyRing::parse(text).is_err(), "{text:?}");
        }
    }
}
