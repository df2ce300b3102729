//! Pausing, resuming, cancelling, and the switches that work by the database alone.

use anyhow::Result;
use entities::kill_switch::{self, Target};
use serde_json::json;
use tests::campaigns::{Outreach, PATIENCE};
use tests::wait_until;

#[tokio::test]
async fn a_pause_takes_effect_before_the_next_message_and_a_resume_repeats_none() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let people = outreach.people(40).await?;
    // One a second: a slow machine is in time, too.
    let id = outreach.create(&people, json!({ "per_minute_limit": 60 })).await?;
    outreach.release(id).await?;
    wait_until("some are sent", PATIENCE, || async { outreach.texts().len() >= 3 }).await;
    let paused = outreach.must(id, "pause").await?;
    assert_eq!(paused["state"], "paused");
    // A call that had begun may end; none begins.
    wait_until("no call is under way", PATIENCE, || async {
        let calling = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state = 'calling'";
        outreach.app.count(&outreach.team, calling).await.is_ok_and(|calling| calling == 0)
    })
    .await;
    let before = outreach.texts().len();
    assert!(before < 40, "{before}");
    let claimed = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state = 'claimed'";
    wait_until("what was claimed is given back", PATIENCE, || async {
        outreach.app.count(&outreach.team, claimed).await.is_ok_and(|claimed| claimed == 0)
    })
    .await;
    assert_eq!(outreach.texts().len(), before);
    outreach.order(&outreach.team, id, "limits", json!({ "per_minute_limit": 6_000 })).await?;
    outreach.must(id, "resume").await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    outreach.each_got_one(&people).await
}

#[tokio::test]
async fn what_is_cancelled_sends_nothing_more_and_gives_its_leads_back() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let people = outreach.people(30).await?;
    // One in ten seconds: however slow the machine is, most are still to be sent.
    let id = outreach.create(&people, json!({ "per_minute_limit": 6 })).await?;
    outreach.release(id).await?;
    wait_until("one is sent", PATIENCE, || async { !outreach.texts().is_empty() }).await;
    let cancelled = outreach.must(id, "cancel").await?;
    assert_eq!(cancelled["state"], "cancelled");
    let open =
        "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state IN ('planned', 'held', 'claimed')";
    assert_eq!(outreach.app.count(&outreach.team, open).await?, 0);
    let put_aside =
        "SELECT coalesce(sum(e.reserved_micros), 0)::bigint FROM budget_entries e JOIN send_intents i
                      ON i.team_id = e.team_id AND i.id = e.call_id AND i.state = 'cancelled'
                     WHERE e.team_id = $1 AND e.state = 'reserved'";
    assert_eq!(outreach.app.count(&outreach.team, put_aside).await?, 0);
    let free = "SELECT count(*) FROM leads WHERE team_id = $1 AND added_to_campaign_at IS NULL";
    assert!(outreach.app.count(&outreach.team, free).await? >= 20);
    Ok(())
}

#[tokio::test]
async fn a_kill_switch_stops_a_campaign_without_its_workflow() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let people = outreach.people(20).await?;
    // One a second: a slow machine is in time, too.
    let id = outreach.create(&people, json!({ "per_minute_limit": 60 })).await?;
    outreach.release(id).await?;
    wait_until("some are sent", PATIENCE, || async { outreach.texts().len() >= 2 }).await;
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    let switch = kill_switch::set(&mut tx, Target::Team, "a test", Some(outreach.team.user)).await?;
    tx.commit().await?;
    let under_way =
        "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state IN ('claimed', 'calling')";
    wait_until("nothing is under way", PATIENCE, || async {
        outreach.app.count(&outreach.team, under_way).await.is_ok_and(|open| open == 0)
    })
    .await;
    let before = outreach.texts().len();
    assert!(before < 20, "{before}");
    assert_eq!(outreach.campaign(id).await?["state"], "running", "nobody paused it");
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    kill_switch::lift(&mut tx, switch, Some(outreach.team.user)).await?;
    tx.commit().await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    outreach.each_got_one(&people).await
}

#[tokio::test]
async fn a_budget_stops_hard_pauses_and_tells_once() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let people = outreach.people(10).await?;
    let id = outreach.create(&people, json!({ "budget_micros": 4 * 15_000 })).await?;
    outreach.release(id).await?;
    let paused = outreach.reaches(id, "paused", PATIENCE).await?;
    assert!(
        paused["pause_reason"].as_str().is_some_and(|why| why.starts_with("campaign.budget_exhausted")),
        "{paused}"
    );
    assert_eq!(outreach.texts().len(), 4);
    let alerts = "SELECT count(*) FROM alerts WHERE team_id = $1 AND kind = 'campaign.halted'";
    assert_eq!(outreach.app.count(&outreach.team, alerts).await?, 1);
    Ok(())
}
