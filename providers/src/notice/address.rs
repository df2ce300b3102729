//! Addresses of endpoints: what may be entered as one.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;

use crate::transport::is_public;

/// The longest address, in bytes.
const LONGEST: usize = 2_000;

/// Why a text is not the address of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is none at all.
    #[error("must be an address like https://example.com/hooks, in ASCII, of at most {LONGEST} bytes")]
    NoAddress,
    /// It has a name or a password in it.
    #[error("must have no name or password in it: notices are signed with the endpoint's own secret")]
    Credentials,
    /// It is not encrypted.
    #[error("must begin with https://; http:// is for machines of private networks, where those are allowed")]
    NotEncrypted,
    /// It names a machine of a private network.
    #[error(
        "names a machine of a private network, which is not told anything; the operator of the installation may allow it \
         with REFINERY_WEBHOOK_PRIVATE_ADDRESSES=on"
    )]
    Private,
}

/// The address of an endpoint. What it resolves to is looked at when it is told something.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl(Uri);

impl EndpointUrl {
    pub(crate) fn uri(&self) -> &Uri {
        &self.0
    }

    /// The machine, where it is named by its number.
    fn number(&self) -> Option<IpAddr> {
        let host = self.0.host()?;
        host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Whether it certainly names a machine of a private network; a name may turn out to.
    pub fn is_private(&self) -> bool {
        let host = self.0.host().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
        host == "localhost"
            || host.ends_with(".localhost")
            || self.number().is_some_and(|number| !is_public(number))
    }

    /// That it is encrypted and of the open internet.
    ///
    /// # Errors
    /// [`AddressError::Private`], [`AddressError::NotEncrypted`].
    pub fn must_be_open(&self) -> Result<(), AddressError> {
        if self.is_private() {
            return Err(AddressError::Private);
        }
        if self.0.scheme_str() != Some("https") { Err(AddressError::NotEncrypted) } else { Ok(()) }
    }
}

/// Paths of endpoints have secrets in them more often than not.
impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointUrl").field("host", &self.0.host()).finish_non_exhaustive()
    }
}

impl FromStr for EndpointUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.len() > LONGEST || text.contains('#') {
            return Err(AddressError::NoAddress);
        }
        let uri: Uri = text.parse().map_err(|_| AddressError::NoAddress)?;
        let authority = uri.authority().ok_or(AddressError::NoAddress)?;
        if authority.as_str().contains('@') {
            return Err(AddressError::Credentials);
        }
        if authority.host().is_empty() {
            return Err(AddressError::NoAddress);
        }
        let url = Self(uri);
        match url.0.scheme_str() {
            Some("https") => Ok(url),
            Some("http") if url.is_private() => Ok(url),
            Some("http") => Err(AddressError::NotEncrypted),
            _ => Err(AddressError::NoAddress),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<EndpointUrl, AddressError> {
        text.parse()
    }

    #[test]
    fn an_address_is_encrypted_and_has_no_secrets_in_its_host() {
        assert!(read("https://example.com/hooks?key=1").is_ok());
        assert!(read("https://example.com:8443").is_ok());
        assert_eq!(read("http://example.com/"), Err(AddressError::NotEncrypted));
        assert_eq!(read("https://ann:secret@example.com/"), Err(AddressError::Credentials));
        for text in
            ["", "example.com", "ftp://example.com", "https://", "/hooks", "https://a b", "https://x/#y"]
        {
            assert_eq!(read(text), Err(AddressError::NoAddress), "{text}");
        }
        let long = format!("https://example.com/{}", "a".repeat(LONGEST));
        assert_eq!(read(&long), Err(AddressError::NoAddress));
    }

    #[test]
    fn a_machine_of_a_private_network_is_known_by_its_number() {
        for text in
            ["http://127.0.0.1:8080/x", "https://[::1]/", "https://169.254.169.254/", "http://localhost:1/"]
        {
            let url = read(text).expect(text);
            assert!(url.is_private(), "{text}");
            assert_eq!(url.must_be_open(), Err(AddressError::Private), "{text}");
        }
        assert_eq!(read("https://1.1.1.1/").expect("public").must_be_open(), Ok(()));
    }

    #[test]
    fn debug_shows_no_path() {
        let url = read("https://example.com/very-secret").expect("an address");
        assert!(!format!("{url:?}").contains("secret"));
    }
}
