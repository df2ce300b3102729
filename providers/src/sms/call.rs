//! One HTTP call to a vendor of texts.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::Value;

use super::{SendOutcome, SmsFault, SmsProviderId};
use crate::retry_after::retry_after;
use crate::transport::{Answer, Sent, Transport};

/// The connections to one vendor.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    provider: SmsProviderId,
    transport: Arc<Transport>,
    timeout: Duration,
}

/// An answer to a send: what came, or how it ended without one.
pub(super) enum SendAnswer {
    Came(Answer),
    Ended(SendOutcome),
}

impl Caller {
    pub(super) const fn new(provider: SmsProviderId, transport: Arc<Transport>, timeout: Duration) -> Self {
        Self { provider, transport, timeout }
    }

    /// Sends a request that sends a text.
    pub(super) async fn send(&self, request: http::Result<Request<Full<Bytes>>>) -> SendAnswer {
        let request = match request {
            Ok(request) => request,
            Err(_) => {
                let detail = "the configured address or key cannot be part of a request: check them";
                return SendAnswer::Ended(SendOutcome::NotSent { detail: detail.to_owned() });
            }
        };
        match self.transport.send(request, self.timeout).await {
            Sent::Answered(answer) => SendAnswer::Came(answer),
            Sent::NeverLeft(detail) => SendAnswer::Ended(SendOutcome::NotSent { detail }),
            Sent::Lost { why, .. } => {
                SendAnswer::Ended(SendOutcome::Unknown { why: why.as_str().to_owned() })
            }
        }
    }

    /// Asks, and gives the JSON of a 2xx answer.
    pub(super) async fn ask(&self, request: http::Result<Request<Full<Bytes>>>) -> Result<Value, SmsFault> {
        let answer = self.answer(request).await?;
        self.json(&answer)
    }

    /// Asks something that changes something there; `None` where nobody knows whether it did.
    pub(super) async fn order(
        &self,
        request: http::Result<Request<Full<Bytes>>>,
    ) -> Result<Option<Value>, SmsFault> {
        let provider = self.provider.as_str();
        let request = request.map_err(|_| unusable(provider))?;
        match self.transport.send(request, self.timeout).await {
            Sent::Answered(answer) if answer.status >= 500 => Ok(None),
            Sent::Answered(answer) => match self.json(&answer) {
                Err(SmsFault::Unreadable { .. }) => Ok(None),
                read => read.map(Some),
            },
            Sent::NeverLeft(detail) => Err(SmsFault::Unreachable { provider, detail }),
            Sent::Lost { .. } => Ok(None),
        }
    }

    async fn answer(&self, request: http::Result<Request<Full<Bytes>>>) -> Result<Answer, SmsFault> {
        let provider = self.provider.as_str();
        let request = request.map_err(|_| unusable(provider))?;
        match self.transport.send(request, self.timeout).await {
            Sent::Answered(answer) => Ok(answer),
            Sent::NeverLeft(detail) => Err(SmsFault::Unreachable { provider, detail }),
            Sent::Lost { why, .. } => {
                Err(SmsFault::Unreachable { provider, detail: why.as_str().to_owned() })
            }
        }
    }

    fn json(&self, answer: &Answer) -> Result<Value, SmsFault> {
        let provider = self.provider.as_str();
        match answer.status {
            200..=299 => serde_json::from_slice(&answer.body).map_err(|_| SmsFault::Unreadable { provider }),
            429 => Err(SmsFault::RateLimited { provider, retry_after: pause(answer) }),
            401..=403 => Err(SmsFault::AccountStop { provider, code: http_code(answer.status) }),
            408 | 425 | 500..=599 => {
                Err(SmsFault::Unreachable { provider, detail: http_code(answer.status) })
            }
            status => Err(SmsFault::Refused { provider, code: http_code(status) }),
        }
    }
}

fn unusable(provider: &'static str) -> SmsFault {
    SmsFault::Refused { provider, code: "address_or_key_unusable".to_owned() }
}

/// How long the vendor wants to be left alone, where it says.
pub(super) fn pause(answer: &Answer) -> Option<Duration> {
    retry_after(&answer.headers, SystemTime::now())
}

/// A status as a code.
pub(super) fn http_code(status: u16) -> String {
    format!("http_{status}")
}

/// The text of a field, where it is a text or a number.
pub(super) fn text(value: &Value, field: &str) -> Option<String> {
    match value.get(field)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A small number that may stand as a text.
pub(super) fn small(value: &Value, field: &str) -> Option<u16> {
    text(value, field)?.parse().ok().filter(|number| *number > 0)
}

/// The vendor's id of something, if it is as short and plain as ids are: it goes into paths, keys and logs.
pub(super) fn id(value: &Value, field: &str) -> Option<String> {
    let text = value.get(field)?.as_str()?.trim();
    is_id(text).then(|| text.to_owned())
}

/// Whether a text is as short and plain as ids are.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
