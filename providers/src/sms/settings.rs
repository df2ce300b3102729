//! Which vendors of texts are configured, and with what.

use std::sync::Arc;
use std::time::Duration;

use super::call::Caller;
use super::signalhouse::{self, SignalHouse};
use super::twilio::{self, Twilio};
use super::{SmsProvider, SmsProviderId};
use crate::Secret;
use crate::settings::Settings;
use crate::transport::{NoCertificates, Transport};

/// How long a send may take, from the first byte to the last.
const TIMEOUT_MS: u32 = 10_000;

/// How long a vendor may take to write down what it took \[K\].
const SETTLE_MS: u32 = 60_000;

/// Where SignalHouse is and the key to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalHouseAccess {
    /// Scheme, host and port, without a path.
    pub base_url: String,
    /// The API key.
    pub api_key: Secret,
    /// The group: its messages, numbers and notifications can be listed. Without it an unknown send stays unknown.
    pub group_id: Option<String>,
    /// The subgroup numbers are bought for.
    pub subgroup_id: Option<String>,
}

/// Where Twilio Messages is and the login to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioMessagesAccess {
    /// Scheme, host and port, without a path.
    pub base_url: String,
    /// The account's SID (`AC…`).
    pub account_sid: String,
    /// Its token, which signs webhooks, too.
    pub auth_token: Secret,
    /// The messaging service (`MG…`) the numbers belong to, where they do.
    pub messaging_service_sid: Option<String>,
}

/// The configured vendors: one without a key sends nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsSettings {
    /// SignalHouse.
    pub signalhouse: Option<SignalHouseAccess>,
    /// Twilio Messages.
    pub twilio: Option<TwilioMessagesAccess>,
    /// How long one call may take. What takes longer is unknown.
    pub timeout: Duration,
    /// How long after a call a message that is in no list may still appear there: before that,
    /// [`find`](SmsProvider::find) does not say that it is absent.
    pub settle: Duration,
}

impl Default for SmsSettings {
    /// Nobody; 10 seconds a call, a minute until absence counts.
    fn default() -> Self {
        Self {
            signalhouse: None,
            twilio: None,
            timeout: Duration::from_millis(u64::from(TIMEOUT_MS)),
            settle: Duration::from_millis(u64::from(SETTLE_MS)),
        }
    }
}

impl SmsSettings {
    /// Reads `REFINERY_SIGNALHOUSE_API_KEY` (or the file of it, `…_FILE`) with `_URL`, `_GROUP_ID` and `_SUBGROUP_ID`;
    /// `REFINERY_TWILIO_AUTH_TOKEN` with `REFINERY_TWILIO_ACCOUNT_SID`, `_MESSAGES_URL` and `_MESSAGING_SERVICE_SID`;
    /// `REFINERY_SMS_TIMEOUT_MS` and `REFINERY_SMS_SETTLE_MS`.
    pub fn read<L: Fn(&str) -> Option<String>>(settings: &mut Settings<L>) -> Self {
        let base_url = settings.base_url("REFINERY_SIGNALHOUSE_URL", signalhouse::BASE_URL);
        let api_key = settings.optional_secret("REFINERY_SIGNALHOUSE_API_KEY");
        let signalhouse = base_url.zip(api_key).map(|(base_url, api_key)| SignalHouseAccess {
            base_url,
            api_key,
            group_id: settings.get("REFINERY_SIGNALHOUSE_GROUP_ID"),
            subgroup_id: settings.get("REFINERY_SIGNALHOUSE_SUBGROUP_ID"),
        });
        let base_url = settings.base_url("REFINERY_TWILIO_MESSAGES_URL", twilio::BASE_URL);
        let token = settings.optional_secret("REFINERY_TWILIO_AUTH_TOKEN");
        // A token without its account is a fault that the settings of enrichment name.
        let account_sid = settings.get("REFINERY_TWILIO_ACCOUNT_SID");
        let twilio = base_url.zip(token).zip(account_sid).map(|((base_url, auth_token), account_sid)| {
            let messaging_service_sid = settings.get("REFINERY_TWILIO_MESSAGING_SERVICE_SID");
            TwilioMessagesAccess { base_url, account_sid, auth_token, messaging_service_sid }
        });
        let millis = |read: Option<u32>, default| Duration::from_millis(u64::from(read.unwrap_or(default)));
        let timeout = millis(settings.positive("REFINERY_SMS_TIMEOUT_MS", TIMEOUT_MS), TIMEOUT_MS);
        let settle = millis(settings.positive("REFINERY_SMS_SETTLE_MS", SETTLE_MS), SETTLE_MS);
        Self { signalhouse, twilio, timeout, settle }
    }

    fn needs_https(&self) -> bool {
        let signalhouse = self.signalhouse.iter().map(|vendor| &vendor.base_url);
        let twilio = self.twilio.iter().map(|vendor| &vendor.base_url);
        signalhouse.chain(twilio).any(|url| url.starts_with("https://"))
    }
}

/// The vendors that can be asked.
#[derive(Debug, Clone)]
pub struct SmsProviders {
    providers: Vec<Arc<dyn SmsProvider>>,
}

impl SmsProviders {
    /// The configured vendors, with connections of their own.
    ///
    /// # Errors
    /// [`NoCertificates`] where a vendor is called over HTTPS and this machine trusts nobody.
    pub fn connect(settings: SmsSettings) -> Result<Self, NoCertificates> {
        let transport = Arc::new(Transport::new(settings.needs_https())?);
        let SmsSettings { signalhouse, twilio, timeout, settle } = settings;
        let caller = |provider| Caller::new(provider, transport.clone(), timeout);
        let mut providers: Vec<Arc<dyn SmsProvider>> = Vec::new();
        if let Some(SignalHouseAccess { base_url, api_key, group_id, subgroup_id }) = signalhouse {
            let requests = signalhouse::Requests { base_url, key: api_key, group_id, subgroup_id };
            let caller = caller(SmsProviderId::SignalHouse);
            providers.push(Arc::new(SignalHouse::new(requests, caller, settle)));
        }
        if let Some(access) = twilio {
            let TwilioMessagesAccess { base_url, account_sid, auth_token, messaging_service_sid } = access;
            let requests = twilio::Requests { base_url, account_sid, auth_token, messaging_service_sid };
            providers.push(Arc::new(Twilio::new(requests, caller(SmsProviderId::Twilio), settle)));
        }
        Ok(Self { providers })
    }

    /// A vendor; `None` where it is not configured.
    pub fn get(&self, id: SmsProviderId) -> Option<&Arc<dyn SmsProvider>> {
        self.providers.iter().find(|provider| provider.id() == id)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn SmsProvider>> {
        self.providers.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &'static [(&str, &str)]) -> (SmsSettings, Vec<String>) {
        let lookup =
            |name: &str| pairs.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let mut settings = Settings::new(lookup);
        let read = SmsSettings::read(&mut settings);
        (read, settings.finish().err().map(|error| error.faults).unwrap_or_default())
    }

    #[test]
    fn without_keys_nobody_is_configured() {
        assert_eq!(read(&[]), (SmsSettings::default(), Vec::new()));
        let providers = SmsProviders::connect(SmsSettings::default()).expect("no certificates are needed");
        assert!(providers.get(SmsProviderId::Twilio).is_none());
    }

    #[test]
    fn keys_are_enough_and_are_not_shown() {
        let (settings, faults) = read(&[
            ("REFINERY_SIGNALHOUSE_API_KEY", "hunter2"),
            ("REFINERY_SIGNALHOUSE_URL", "http://127.0.0.1:9/"),
            ("REFINERY_TWILIO_AUTH_TOKEN", "hunter3"),
            ("REFINERY_TWILIO_ACCOUNT_SID", "AC1"),
            ("REFINERY_SMS_SETTLE_MS", "5"),
        ]);
        assert!(faults.is_empty(), "{faults:?}");
        let urls = settings.signalhouse.as_ref().zip(settings.twilio.as_ref());
        let (signalhouse, twilio) = urls.expect("both");
        assert_eq!(
            (signalhouse.base_url.as_str(), twilio.base_url.as_str()),
            ("http://127.0.0.1:9", twilio::BASE_URL)
        );
        assert_eq!((settings.timeout.as_secs(), settings.settle.as_millis()), (10, 5));
        assert!(settings.needs_https());
        assert!(!format!("{settings:?}").contains("hunter"));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let (_, faults) = read(&[
            ("REFINERY_SIGNALHOUSE_API_KEY", "k"),
            ("REFINERY_SIGNALHOUSE_URL", "ftp://x"),
            ("REFINERY_SMS_TIMEOUT_MS", "0"),
        ]);
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}
