//! Where a vendor is to post what becomes of a message, where it takes an address with each.

use domain::FailureCode;
use entities::{BulkTransaction, webhook};
use providers::sms::SmsProviderId;
use providers::sms::webhook::Lock;
use workflows::codec::KeyRing;

use crate::Fault;

/// The address of the team's newest open door of this vendor, if the vendor takes one with each message and number (Twilio), and
/// what comes there would be believed. `None`: nobody is told one, and reports come by what is set at the vendor, or are asked for.
pub(crate) async fn address(
    tx: &mut BulkTransaction,
    keys: &KeyRing,
    provider: &str,
) -> Result<Option<String>, Fault> {
    if provider != SmsProviderId::Twilio.as_str() {
        return Ok(None);
    }
    for (sealed, key_id) in webhook::locks(tx, provider).await? {
        let clear = match keys.open(&key_id, &sealed) {
            Ok(clear) => clear,
            Err(error) => {
                // Messages are not held up by a key that went too early: reports are asked for then.
                tracing::warn!(provider, %error, "the lock of a webhook cannot be read; make the webhook anew");
                continue;
            }
        };
        let lock: Lock = serde_json::from_slice(&clear).map_err(|error| {
            Fault::permanent(FailureCode::SystemInternal, "the lock of a webhook is none").because(error)
        })?;
        if let Some(url) = lock.believed() {
            return Ok(Some(url));
        }
    }
    Ok(None)
}
