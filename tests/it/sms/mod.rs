//! The adapters for texts and e-mail against the sandbox, which was written from the same documents and shares no types with
//! them.

mod email;
mod outcomes;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::Utc;
use domain::phone::Phone;
use providers::sms::{OutgoingText, SmsProvider, SmsProviderId, SmsProviders, SmsSettings, Sought};
use sandbox::{Sandbox, Settings, TextSettings, Vendor};
use tests::carriers::access_to_both;

/// Our number.
const FROM: &str = "+15125552900";

async fn sandbox(texts: TextSettings) -> Result<Sandbox> {
    Ok(Sandbox::start(Settings { texts, ..Settings::default() }).await?)
}

/// Both vendors, absent at once.
fn providers(sandbox: &Sandbox) -> Result<Vec<Arc<dyn SmsProvider>>> {
    settled_after(sandbox, Duration::ZERO)
}

fn settled_after(sandbox: &Sandbox, settle: Duration) -> Result<Vec<Arc<dyn SmsProvider>>> {
    let settings = SmsSettings { timeout: Duration::from_secs(20), settle, ..access_to_both(sandbox) };
    Ok(SmsProviders::connect(settings)?.iter().cloned().collect())
}

const fn vendor(id: SmsProviderId) -> Vendor {
    match id {
        SmsProviderId::SignalHouse => Vendor::SignalHouse,
        SmsProviderId::Twilio => Vendor::Twilio,
    }
}

fn person(at: u32) -> Result<Phone> {
    format!("+1512555{:04}", 2_000 + at).parse().context("a number")
}

/// A text to a person that nobody else gets.
fn text(at: u32) -> Result<OutgoingText> {
    Ok(OutgoingText {
        key: format!("int_{at}:1"),
        from: FROM.parse()?,
        to: person(at)?,
        text: format!("Hello number {at} \u{1F600} & you").into(),
        status_callback: None,
        validity: Some(Duration::from_secs(600)),
    })
}

/// The same, looked for.
fn sought(text: &OutgoingText) -> Sought {
    let OutgoingText { from, to, text, .. } = text.clone();
    Sought { from, to, text, since: Utc::now() - chrono::TimeDelta::seconds(5), accounted: Vec::new() }
}
