//! A storm of replies: the small one of every run; `cargo bench -p tests --bench inbound -- --storm 2000` is the large one.

use anyhow::Result;
use tests::Services;
use tests::reply_storm::weather;

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

#[tokio::test]
async fn each_reply_is_there_once_and_each_opt_out_wins_whatever_is_killed() -> Result<()> {
    let services = Services::own().await?;
    let weathered = weather(WORKER, &services, 60).await?;
    tracing::info!(?weathered, "weathered");
    services.stop().await
}
