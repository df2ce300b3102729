//! Telling a team's own programs what happened: signed as [Standard Webhooks](https://www.standardwebhooks.com) says, sent to
//! addresses of the open internet only.

mod address;
mod secret;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, header};
use http_body_util::Full;

use crate::retry_after::retry_after;
use crate::settings::Settings;
use crate::transport::{Answer, Reach, Sent, Transport};

pub use address::{AddressError, EndpointUrl};
pub use secret::{EndpointSecret, SecretError};

/// How long an endpoint has to answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Whom notices may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoticeSettings {
    /// Also machines of this computer's own networks: for development, or where all teams are trusted.
    pub private_addresses: bool,
}

impl NoticeSettings {
    /// Reads `REFINERY_WEBHOOK_PRIVATE_ADDRESSES` (`on` or `off`, by default `off`).
    pub fn read<L: Fn(&str) -> Option<String>>(settings: &mut Settings<L>) -> Self {
        let private_addresses = match settings.or("REFINERY_WEBHOOK_PRIVATE_ADDRESSES", "off").as_str() {
            "on" => true,
            "off" => false,
            _ => {
                settings.fault("REFINERY_WEBHOOK_PRIVATE_ADDRESSES", "must be on or off");
                false
            }
        };
        Self { private_addresses }
    }
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The endpoint took it.
    Taken {
        /// What it answered.
        status: u16,
    },
    /// It answered, and did not take it.
    Refused {
        /// What it answered.
        status: u16,
        /// When it wants to be asked again, where it says so.
        retry_after: Option<Duration>,
    },
    /// It says that it is no more, and is to be told nothing again.
    Gone,
    /// No answer: why, in words without secrets.
    Unreached {
        /// Why.
        why: String,
    },
}

/// What tells endpoints.
#[derive(Debug, Clone)]
pub struct Notifier {
    transport: Arc<Transport>,
    settings: NoticeSettings,
}

impl Notifier {
    /// A notifier. Where no certificate authorities are installed it reaches nobody over HTTPS, and says so to each.
    pub fn new(settings: NoticeSettings) -> Self {
        let reach = if settings.private_addresses { Reach::Anywhere } else { Reach::Public };
        let transport = Transport::reaching(reach, true).unwrap_or_else(|error| {
            tracing::warn!(%error, "no webhook endpoint is reached over HTTPS");
            Transport::without_https(reach)
        });
        Self { transport: Arc::new(transport), settings }
    }

    /// Tells an endpoint something, once. `id` is the same however often it is told; `at` is now. Redirects are not followed.
    pub async fn tell(
        &self,
        url: &EndpointUrl,
        secret: &EndpointSecret,
        id: &str,
        at: DateTime<Utc>,
        body: Vec<u8>,
    ) -> Told {
        if !self.settings.private_addresses
            && let Err(error) = url.must_be_open()
        {
            return Told::Unreached { why: error.to_string() };
        }
        let seconds = at.timestamp().to_string();
        let signature = secret.sign(id, &seconds, &body);
        let request = Request::post(url.uri().clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("lead-refinery/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .body(Full::new(Bytes::from(body)));
        match request {
            Ok(request) => said(self.transport.send(request, TIMEOUT).await),
            Err(error) => Told::Unreached { why: format!("no request can be made of it: {error}") },
        }
    }
}

fn said(sent: Sent) -> Told {
    match sent {
        Sent::Answered(Answer { status: status @ 200..=299, .. }) => Told::Taken { status },
        Sent::Answered(Answer { status: 410, .. }) => Told::Gone,
        Sent::Answered(Answer { status, headers, .. }) => {
            Told::Refused { status, retry_after: retry_after(&headers, SystemTime::now()) }
        }
        Sent::NeverLeft(why) => Told::Unreached { why },
        // It may have arrived: it is told again, under the same id.
        Sent::Lost { why, status } => {
            let why = why.as_str();
            Told::Unreached {
                why: status.map_or_else(|| why.to_owned(), |status| format!("{status}, {why}")),
            }
        }
    }
}

#[cfg(test)]
mod tests;
