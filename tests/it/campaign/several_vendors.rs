//! Campaigns whose senders are with several vendors: one that a worker cannot reach holds up nobody but its own messages.

use anyhow::{Context, Result};
use domain::id::{CampaignId, TypedId};
use sandbox::Settings;
use serde_json::{Value, json};
use tests::campaigns::PATIENCE;
use tests::letters::Letters;
use tests::wait_until;

/// Both senders in one pool, and a step by each way, the e-mail as soon as the text is out.
async fn by_text_and_mail(letters: &Letters) -> Result<Value> {
    let outreach = &letters.outreach;
    sqlx::query("UPDATE senders SET pool = 'all' WHERE team_id = $1")
        .bind(outreach.team.id.uuid())
        .execute(outreach.app.admin.pool())
        .await?;
    let steps =
        json!([{ "template": outreach.template }, { "template": letters.letter, "delay_minutes": 60 }]);
    Ok(json!({ "channel": "multi", "sender": null, "sender_pool": "all", "template": null, "steps": steps }))
}

/// What waits is due now, and the workflow is told.
async fn now(letters: &Letters, id: CampaignId, per_minute: u32) -> Result<()> {
    let outreach = &letters.outreach;
    sqlx::query(
        "UPDATE send_intents SET due_at = now() - interval '1 second' WHERE team_id = $1 AND state IN ('planned', 'held')",
    )
    .bind(outreach.team.id.uuid())
    .execute(outreach.app.admin.pool())
    .await?;
    // Limits are news: the workflow looks at what is due.
    outreach.order(&outreach.team, id, "limits", json!({ "per_minute_limit": per_minute })).await?;
    Ok(())
}

#[tokio::test]
async fn a_worker_without_the_mail_server_sends_the_texts_and_the_mail_waits_for_one_with_it() -> Result<()> {
    let mut letters = Letters::new(Settings::default()).await?;
    let server = letters.outreach.app.worker_config.smtp.take().context("the sandbox has a server")?;
    letters.outreach.app.start_worker()?;
    let people = letters.readers(3).await?;
    let draft = by_text_and_mail(&letters).await?;
    let id = letters.outreach.create(&people, draft).await?;
    letters.outreach.release(id).await?;
    let planned = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND step = 2";
    wait_until("the texts are out and the e-mails are planned", PATIENCE, || async {
        letters.outreach.app.count(&letters.outreach.team, planned).await.is_ok_and(|planned| planned == 3)
    })
    .await;
    letters.outreach.each_got_one(&people).await?;

    now(&letters, id, 5_990).await?;
    let waits = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state = 'held' AND refusal = 'no_vendor' AND due_at > now()";
    wait_until("the e-mails wait", PATIENCE, || async {
        letters.outreach.app.count(&letters.outreach.team, waits).await.is_ok_and(|waiting| waiting == 3)
    })
    .await;
    // Once more, and nobody is told twice.
    now(&letters, id, 5_991).await?;
    wait_until("they wait on", PATIENCE, || async {
        letters.outreach.app.count(&letters.outreach.team, waits).await.is_ok_and(|waiting| waiting == 3)
    })
    .await;
    let campaign = letters.outreach.campaign(id).await?;
    assert_eq!(campaign["state"], "running", "{campaign}");
    let alerts = letters.outreach.app.get(&letters.outreach.team, "/v1/alerts?open=true").await?;
    let told: Vec<&Value> = alerts["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|alert| alert["kind"] == "campaign.vendor_missing")
        .collect();
    assert!(matches!(told[..], [alert] if alert["detail"]["vendor"] == "smtp"), "{alerts}");
    assert!(letters.taken().is_empty());

    letters.outreach.app.worker_config.smtp = Some(server);
    letters.outreach.app.start_worker()?;
    now(&letters, id, 5_992).await?;
    letters.outreach.reaches(id, "completed", PATIENCE * 2).await?;
    letters.each_got_one(&people).await?;
    letters.outreach.each_got_one(&people).await?;
    Ok(())
}
