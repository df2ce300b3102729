//! Workers are killed while they classify, suggest and send: each answer is classified once, and each approved reply is sent once.

use std::time::Duration;

use anyhow::Result;
use sandbox::Settings;
use serde_json::json;
use tests::replies::{Correspondence, PATIENCE};
use tests::wait_until;

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

#[tokio::test]
async fn a_worker_that_is_killed_answers_nobody_twice() -> Result<()> {
    let mut settings = Settings::default().with_latency(Duration::from_millis(100));
    settings.texts.lost_replies = 0.2;
    let all = Correspondence::new(settings).await?;
    all.set(json!({ "auto_reply": true })).await?;
    let people = all.written_to(24).await?;
    for (at, (_, number)) in people.iter().enumerate() {
        all.write(number, "Yes, I am interested").await?;
        if at % 8 == 7 {
            all.write(number, "STOP").await?;
        }
    }
    for share in [2, 6, 12] {
        let worker = all.outreach.worker_process(WORKER)?;
        wait_until("some are answered", PATIENCE, || async { all.outreach.texts().len() >= share }).await;
        worker.kill()?;
    }
    let _worker = all.outreach.worker_process(WORKER)?;
    for (at, (_, number)) in people.iter().enumerate() {
        if at % 8 == 7 {
            let look = all.classified(number, 2).await?;
            assert_eq!(look.state, "held");
            assert!(all.texts_to(number).is_empty(), "the opt-out was there before anything was sent");
            continue;
        }
        all.until(number, "it is answered", |look| look.suggestions == ["sent"]).await?;
    }
    let answered: Vec<usize> = people.iter().map(|(_, number)| all.texts_to(number).len()).collect();
    assert_eq!(answered.iter().filter(|texts| **texts == 1).count(), 21, "{answered:?}");
    assert_eq!(answered.iter().sum::<usize>(), 21, "nobody is answered twice: {answered:?}");
    let messages = "SELECT count(*) FROM messages WHERE team_id = $1 AND direction = 'outbound' AND intent_id IS NOT NULL";
    assert_eq!(all.count(messages).await?, 21);
    let spent = "SELECT spent_micros + reserved_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert!(all.count(spent).await? > 0);
    Ok(())
}
