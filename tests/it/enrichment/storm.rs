//! Many leads through the whole waterfall while vendors fail in every way they can and workers are killed.

use anyhow::Result;
use tests::Services;
use tests::storm::weather;

/// As many as a debug build takes through in about three minutes. The benchmark sends 10,000:
/// `cargo bench -p tests --bench enrich -- --storm 10000`.
const LEADS: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leads_end_and_the_bill_is_what_was_noted_whatever_goes_wrong() -> Result<()> {
    let weathered = weather(env!("CARGO_BIN_EXE_test-worker"), Services::shared().await, LEADS).await?;
    tracing::info!("{}", weathered.told());
    let reckoning = weathered.reckoning;
    // What it proves, it proves of something: money went both ways, and leads ended well in spite of it all.
    assert!(reckoning.certain > 0 && reckoning.perhaps > reckoning.perhaps_charged, "{reckoning:?}");
    let reached: i64 = weathered.runs.iter().map(|run| i64::from(run.contactable)).sum();
    assert!(reached > 0, "{}", weathered.told());
    Ok(())
}
