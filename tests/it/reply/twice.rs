//! Each activity of a conversation run twice, and dropped wherever it is, leaves what one run leaves.

use anyhow::{Context, Result};
use sandbox::Settings;
use serde_json::json;
use tests::faults::Mischief;
use tests::replies::{Correspondence, PATIENCE};
use tests::wait_until;

/// One who is interested and answered, one who gives an address, one who opts out and one who may.
async fn go_through(all: &Correspondence) -> Result<()> {
    all.set(json!({ "auto_reply": true })).await?;
    let people = all.written_to(4).await?;
    for ((_, number), text) in people.iter().zip([
        "Yes, I am interested",
        "bob.quimby@example.com",
        "STOP",
        "please take me off your list",
    ]) {
        all.write(number, text).await?;
    }
    for (_, number) in &people {
        all.classified(number, 1).await?;
    }
    let (interested, out) = (&people[0].1, [&people[2].1, &people[3].1]);
    all.until(interested, "it is answered", |look| look.suggestions == ["sent"]).await?;
    assert_eq!(all.texts_to(interested).len(), 1);
    for number in out {
        assert_eq!(all.look(number).await?.context("a conversation")?.state, "held");
        assert!(all.texts_to(number).is_empty());
    }
    let owed = "SELECT count(*) FROM deliverables WHERE team_id = $1 AND state = 'handed_over'";
    wait_until("what is owed is handed over", PATIENCE, || async {
        all.count(owed).await.is_ok_and(|owed| owed == 1)
    })
    .await;
    for (sql, expected) in [
        ("SELECT count(*) FROM inbox_items WHERE team_id = $1", 4),
        ("SELECT count(*) FROM tasks WHERE team_id = $1 AND kind = 'deliverable'", 1),
        ("SELECT count(*) FROM suppressions WHERE team_id = $1 AND reason = 'opt_out'", 2),
        ("SELECT count(*) FROM call_queue WHERE team_id = $1", 1),
        (
            "SELECT auto_replies::bigint FROM conversations WHERE team_id = $1 ORDER BY auto_replies DESC LIMIT 1",
            1,
        ),
        (
            "SELECT count(*) - count(DISTINCT (item_id, to_bucket)) FROM bucket_movements WHERE team_id = $1",
            0,
        ),
    ] {
        assert_eq!(all.count(sql).await?, expected, "{sql}");
    }
    Ok(())
}

#[tokio::test]
async fn again() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    all.outreach.app.start_faulty_worker(Mischief::AnswersLost)?;
    go_through(&all).await
}

#[tokio::test]
async fn killed() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    all.outreach.app.start_faulty_worker(Mischief::DroppedMidway {
        seed: 7,
        attempts: 3,
        within_us: 30_000,
    })?;
    go_through(&all).await
}
