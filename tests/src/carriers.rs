//! The vendors of texts that a sandbox has, as tests reach them.

use std::time::Duration;

use providers::sms::{SignalHouseAccess, SmsSettings, TwilioMessagesAccess};
use sandbox::{Sandbox, Vendor};

/// The token of the sandbox's Twilio, by which its webhooks are signed, too.
pub const TWILIO_TOKEN: &str = "a-token-of-a-test";

/// The access to the sandbox's SignalHouse, with short waits.
pub fn access(sandbox: &Sandbox) -> SmsSettings {
    SmsSettings {
        signalhouse: Some(SignalHouseAccess {
            base_url: sandbox.url(Vendor::SignalHouse).to_owned(),
            api_key: "a-key".into(),
            group_id: Some("G1".to_owned()),
            subgroup_id: None,
        }),
        twilio: None,
        timeout: Duration::from_secs(1),
        settle: Duration::from_millis(500),
    }
}

/// The access to both vendors of the sandbox, each set up to sell numbers.
pub fn access_to_both(sandbox: &Sandbox) -> SmsSettings {
    let known = access(sandbox);
    SmsSettings {
        signalhouse: known
            .signalhouse
            .map(|access| SignalHouseAccess { subgroup_id: Some("S1".to_owned()), ..access }),
        twilio: Some(TwilioMessagesAccess {
            base_url: sandbox.url(Vendor::Twilio).to_owned(),
            account_sid: "AC00000000000000000000000000000001".to_owned(),
            auth_token: TWILIO_TOKEN.into(),
            messaging_service_sid: None,
        }),
        ..known
    }
}
