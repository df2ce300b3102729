//! The worker is killed during sends whose answers get lost: each lead is texted once all the same.

use std::time::Duration;

use anyhow::Result;
use sandbox::{Settings, Vendor};
use serde_json::json;
use tests::campaigns::{Outreach, PATIENCE};
use tests::wait_until;

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

#[tokio::test]
async fn a_worker_that_is_killed_and_answers_that_are_lost_send_nothing_twice() -> Result<()> {
    let mut settings = Settings::default().with_latency(Duration::from_millis(150));
    // What the ledger expects a segment to cost: the vendor tells no price with its reports.
    settings.vendor_mut(Vendor::SignalHouse).set_price("segment", 15_000);
    settings.texts.lost_replies = 0.15;
    settings.texts.reports.twice = 0.2;
    settings.texts.reports.reordered = 0.2;
    let mut outreach = Outreach::new(settings).await?;
    outreach.app.worker_config.send_concurrency = 4;
    let people = outreach.people(40).await?;
    let id = outreach.create(&people, json!({ "per_minute_limit": 1_200 })).await?;
    {
        let _worker = outreach.worker_process(WORKER)?;
        outreach.release(id).await?;
    }
    for share in [8, 20] {
        let worker = outreach.worker_process(WORKER)?;
        wait_until("some are sent", PATIENCE, || async { outreach.texts().len() >= share }).await;
        wait_until("a call is under way", PATIENCE, || async {
            let calling = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state = 'calling'";
            outreach.app.count(&outreach.team, calling).await.is_ok_and(|calling| calling > 0)
        })
        .await;
        worker.kill()?;
    }
    let _worker = outreach.worker_process(WORKER)?;
    let done = outreach.reaches(id, "completed", PATIENCE * 2).await?;
    outreach.each_got_one(&people).await?;
    assert!(outreach.texts().iter().any(|text| text.reply_lost), "no answer was lost: it proves nothing");
    assert_eq!(done["lead_states"]["delivered"], 40, "{done}");
    let messages = "SELECT count(*) FROM messages WHERE team_id = $1 AND direction = 'outbound'";
    assert_eq!(outreach.app.count(&outreach.team, messages).await?, 40);
    let spent = "SELECT spent_micros + reserved_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    let bill: u64 = outreach.texts().iter().map(|text| text.micro_dollars).sum();
    assert_eq!(outreach.app.count(&outreach.team, spent).await?.unsigned_abs(), bill);
    Ok(())
}
