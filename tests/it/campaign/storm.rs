//! A campaign while everything goes wrong.

use anyhow::Result;
use tests::Services;
use tests::campaign_storm::{Weather, weather};

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

/// As rough as it gets within a few minutes in a debug build. The whole of it, 2,000 leads and 20 kills:
/// `cargo bench -p tests --bench send -- --storm 2000`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_intended_lead_has_one_accepted_text_whatever_goes_wrong() -> Result<()> {
    let rough = Weather { leads: 300, kills: 4, restarts: false, seed: 7 };
    let weathered = weather(WORKER, Services::shared().await, rough).await?;
    // What it proves, it proves of something.
    assert!(weathered.lost > 0 && weathered.refused > 0, "{weathered:?}");
    Ok(())
}
