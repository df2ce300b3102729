//! What vendors post to us: whether it is really theirs, and what it says.
//!
//! Whose team it concerns follows from the token in the address and from nothing else: Twilio puts its messaging service on
//! every delivery of a pooled number, and numbers move [R: Chatwoot #14125]. [`verify`] comes first, over the bytes as they
//! came; [`parse`] never fails for being repeated, late or unknown, only for being unreadable.

mod delivery;
mod hmac;
mod lock;
mod signalhouse;
mod signalhouse_signature;
mod twilio;
mod twilio_signature;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod vectors;

use chrono::{DateTime, TimeDelta, Utc};

pub use delivery::{Delivery, Parsed, SignatureFault, WebhookFault};
pub use lock::Lock;
pub(super) use signalhouse::event as signalhouse_event;

use super::SmsProviderId;
use crate::Secret;

/// How far the time a delivery was signed at may be from ours, either way [V: SignalHouse].
pub const WINDOW: TimeDelta = TimeDelta::minutes(5);

/// Whether a delivery is really the vendor's: its signature over the bytes as they came fits one of `secrets` (the current
/// one, and while secrets are rotated the one before), and it was signed within [`WINDOW`] where the vendor says when. Twilio
/// does not say when; its repetitions are kept out by [`Parsed::delivery_key`]. Compares in constant time.
///
/// # Errors
/// [`SignatureFault`]: whoever sent it is answered 401 or 403 and nothing else happens. Without a secret nothing is believed.
pub fn verify(
    provider: SmsProviderId,
    delivery: &Delivery<'_>,
    secrets: &[Secret],
    now: DateTime<Utc>,
) -> Result<(), SignatureFault> {
    if secrets.iter().all(|secret| secret.expose().is_empty()) {
        return Err(SignatureFault::NoSecret);
    }
    match provider {
        SmsProviderId::SignalHouse => signalhouse_signature::verify(delivery, secrets, now),
        SmsProviderId::Twilio => twilio_signature::verify(delivery, secrets),
    }
}

/// What a delivery says. To be called for verified ones only.
///
/// # Errors
/// [`WebhookFault`]: it is not of the vendor's shape, and will not be when it is sent again: answered 400 or 422.
pub fn parse(provider: SmsProviderId, delivery: &Delivery<'_>) -> Result<Parsed, WebhookFault> {
    match provider {
        SmsProviderId::SignalHouse => signalhouse::parse(delivery),
        SmsProviderId::Twilio => twilio::parse(delivery),
    }
}

/// What a delivery about a call says: that somebody calls. To be called for verified ones only. Only Twilio tells of calls.
///
/// # Errors
/// As [`parse`].
pub fn parse_call(provider: SmsProviderId, delivery: &Delivery<'_>) -> Result<Parsed, WebhookFault> {
    match provider {
        SmsProviderId::SignalHouse => Err(WebhookFault::Unreadable),
        SmsProviderId::Twilio => twilio::parse_call(delivery),
    }
}
