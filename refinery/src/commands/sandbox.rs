//! `refinery sandbox`.

use std::time::Duration;

use anyhow::Context;
use sandbox::{Settings, Vendor};
use serde_json::json;

use crate::cli::Sandbox;
use crate::exit::Exit;
use crate::local::told_to_stop;
use crate::speak;

/// Runs the outside world alone until Ctrl-C.
pub(super) async fn run(options: Sandbox) -> anyhow::Result<Exit> {
    let stop = told_to_stop()?;
    let mut settings = Settings { seed: options.seed, port_base: options.port_base, ..Settings::default() }
        .with_latency(Duration::from_millis(options.latency_ms));
    if let Some(share) = options.hit_rate {
        for vendor in Vendor::ALL {
            settings.vendor_mut(vendor).hit_rate = share;
        }
    }
    let world = sandbox::Sandbox::start(settings).await.context("the sandbox did not start")?;
    if options.format.json {
        speak::result(
            json!({"control": world.control_url(), "vendors": world.urls(), "smtp": world.smtp_url()}),
        );
    } else {
        speak::result(format_args!("{:<14} {}", "control", world.control_url()));
        for (vendor, url) in world.urls() {
            speak::result(format_args!("{:<14} {url}", vendor.name()));
        }
        speak::result(format_args!("{:<14} {}", "smtp", world.smtp_url()));
        speak::note("\nReady. Any key is good. Ctrl-C stops it, and nothing is kept.");
        speak::note(format_args!("curl {}      says what it can be told", world.control_url()));
        speak::note(format_args!("curl {}/bill says what was asked and what is owed", world.control_url()));
    }
    stop.cancelled().await;
    speak::note("\nStopping …");
    world.stop().await;
    Ok(Exit::Success)
}
