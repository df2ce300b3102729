//! The secret of an endpoint, and what it signs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// What a written secret begins with.
const PREFIX: &str = "whsec_";

/// The shortest and the longest key, in bytes, that the standard allows.
const KEY: std::ops::RangeInclusive<usize> = 24..=64;

/// Why a text is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {PREFIX} and 24 to 64 bytes in base64")]
pub struct SecretError;

/// The secret of an endpoint, known to it and to us.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointSecret(Vec<u8>);

impl EndpointSecret {
    /// The secret of these 256 bits of chance.
    pub fn of(bits: [u8; 32]) -> Self {
        Self(bits.to_vec())
    }

    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let key = text.strip_prefix(PREFIX).ok_or(SecretError)?;
        let key = STANDARD.decode(key).map_err(|_| SecretError)?;
        if KEY.contains(&key.len()) { Ok(Self(key)) } else { Err(SecretError) }
    }

    /// The secret as it is handed out, once.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The signature of a message: `v1,` and the HMAC-SHA256 of id, seconds since 1970 and body, with dots between them.
    pub fn sign(&self, id: &str, seconds: &str, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut signing = hmac::Context::with_key(&key);
        for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
            signing.update(part);
        }
        format!("v1,{}", STANDARD.encode(signing.sign()))
    }
}

impl fmt::Debug for EndpointSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndpointSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's own libraries.
    #[test]
    fn signs_as_the_standard_says() {
        let secret = EndpointSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn is_written_and_read_and_not_shown() {
        let secret = EndpointSecret::of([7; 32]);
        assert_eq!(EndpointSecret::parse(&secret.expose()), Ok(secret.clone()));
        assert!(!format!("{secret:?}").contains("Bw"));
        for wrong in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?"] {
            assert_eq!(EndpointSecret::parse(wrong), Err(SecretError), "{wrong}");
        }
    }
}
