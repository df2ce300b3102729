//! What an address that was given to a vendor is locked with.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an address that was given to a vendor is locked with: kept encrypted, read when something is delivered to it, and when
/// a vendor is told of it with a message or a number.
#[derive(Clone, Serialize, Deserialize)]
pub struct Lock {
    /// The address as the vendor knows it: some vendors sign it. Whoever has it may deliver, so it is a secret.
    pub url: String,
    /// The vendor's signing secrets, the newest first.
    pub secrets: Vec<String>,
}

impl Lock {
    /// The address, if what is delivered there would be believed: without a secret nothing is.
    pub fn believed(self) -> Option<String> {
        self.secrets.iter().any(|secret| !secret.is_empty()).then_some(self.url)
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").field("secrets", &self.secrets.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_secret_is_told_to_nobody_and_none_is_shown() {
        let lock = |secrets: &[&str]| Lock {
            url: "https://us.example/hooks/twilio/tok".to_owned(),
            secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect(),
        };
        assert_eq!(lock(&[]).believed(), None);
        assert_eq!(lock(&[""]).believed(), None);
        assert!(lock(&["", "hunter2"]).believed().is_some_and(|url| url.ends_with("/tok")));
        let shown = format!("{:?}", lock(&["hunter2"]));
        assert!(!shown.contains("hunter2") && !shown.contains("tok"), "{shown}");
    }
}
