//! Keyed hashes, compared in constant time.

use ring::hmac;

/// Whether a signature (last) is the keyed hash (by the secret, first) of parts, one after the other.
pub(super) type IsHmac = fn(&[u8], &[&[u8]], &[u8]) -> bool;

/// Whether `signature` is the HMAC-SHA256 of `parts`, one after the other.
pub(super) fn is_sha256(secret: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    is(hmac::HMAC_SHA256, secret, parts, signature)
}

/// Whether `signature` is the HMAC-SHA1 of `parts`: what Twilio signs with. No collision of SHA-1 helps anybody who does not
/// have the key.
pub(super) fn is_sha1(secret: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    is(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret, parts, signature)
}

fn is(algorithm: hmac::Algorithm, secret: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let key = hmac::Key::new(algorithm, secret);
    // `verify` compares in constant time, and wants the message in one piece.
    hmac::verify(&key, &parts.concat(), signature).is_ok()
}
