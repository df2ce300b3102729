//! A campaign from draft to completion: who is left out and why, who gets what, and that a rehearsal says the same.

use anyhow::{Context, Result};
use domain::id::LeadId;
use entities::suppression::{self, NewSuppression, SuppressedKind, SuppressionReason};
use serde_json::{Value, json};
use tests::campaigns::{Outreach, PATIENCE};

#[tokio::test]
async fn everybody_who_may_be_written_to_gets_one_text_and_nobody_else() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let people = outreach.people(12).await?;
    let strangers = outreach.strangers(3).await?;
    let numbers = outreach.numbers(&people).await?;
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    let opted_out = NewSuppression {
        kind: SuppressedKind::Phone,
        value: format!("+1{}", numbers[0]),
        reason: SuppressionReason::OptOut,
    };
    suppression::suppress(&mut tx, "test", &[opted_out]).await?;
    tx.commit().await?;
    let all: Vec<LeadId> = people.iter().chain(&strangers).copied().collect();
    let id = outreach.create(&all, json!({})).await?;

    let preview = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{id}/preview")).await?;
    assert_eq!((preview["leads"].as_u64(), preview["audience"].as_u64()), (Some(15), Some(11)), "{preview}");
    assert_eq!(preview["excluded"], json!({"consent": 3, "suppression": 1}));
    assert_eq!(preview["first_cost_micros"], 11 * 15_000);
    let body = preview["samples"][0]["body"].as_str().context("a sample")?;
    assert!(body.contains("Plumbing") && body.ends_with("Reply STOP to opt out"), "{body}");
    let csv = outreach
        .app
        .request(&outreach.team, reqwest::Method::GET, &format!("/v1/campaigns/{id}/exclusions.csv"))
        .send()
        .await?
        .text()
        .await?;
    assert_eq!(csv.lines().count(), 5, "{csv}");
    for stranger in &strangers {
        assert!(csv.contains(&format!("{stranger},consent,")), "{csv}");
    }
    let (status, rehearsal) = outreach.order(&outreach.team, id, "rehearse", json!({ "list": true })).await?;
    assert_eq!(status, 200, "{rehearsal}");

    outreach.release(id).await?;
    let done = outreach.reaches(id, "completed", PATIENCE).await?;
    outreach.each_got_one(&people[1..]).await?;
    assert_eq!(done["lead_states"]["delivered"], 11, "{done}");
    assert_eq!(done["lead_states"]["excluded"], 4, "{done}");

    // The rehearsal said so.
    let rehearsed: Vec<&str> = rehearsal["sends"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|send| send["lead"].as_str())
        .collect();
    let mut planned = rehearsed.clone();
    planned.sort_unstable();
    let mut sent: Vec<String> = people[1..].iter().map(ToString::to_string).collect();
    sent.sort_unstable();
    assert_eq!(planned, sent);
    assert_eq!(rehearsal["left_out"], json!({"consent": 3, "suppression": 1}));
    let bill = outreach.texts().iter().map(|text| text.segments).sum::<u64>();
    assert_eq!(rehearsal["segments"].as_u64(), Some(bill));

    // Each decision is kept, and can be asked for.
    let gate = |lead: LeadId| format!("/v1/leads/{lead}/gate?campaign={id}&if_released=true");
    let stranger = outreach.app.get(&outreach.team, &gate(strangers[0])).await?;
    assert_eq!((stranger["allowed"].as_bool(), &stranger["rule"]), (Some(false), &json!("consent")));
    let sent = outreach.app.get(&outreach.team, &gate(people[1])).await?;
    assert_eq!(sent["kept"][0]["rule"], "passed", "{sent}");
    assert_eq!(sent["rule"], "duplicate_text", "it has had this text: {sent}");
    let kept = "SELECT count(*) FROM gate_verdicts WHERE team_id = $1 AND allowed";
    assert_eq!(outreach.app.count(&outreach.team, kept).await?, 11);
    Ok(())
}

#[tokio::test]
async fn a_second_step_goes_only_to_those_who_are_silent() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let people = outreach.people(4).await?;
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    let second = tests::campaigns::version("Still interested, {{first_name|friend}}?")?;
    let second =
        entities::template::create(&mut tx, "second", "sms", &second, Some(outreach.team.user)).await?;
    tx.commit().await?;
    let steps = json!([{ "template": outreach.template }, { "template": second, "delay_minutes": 60 }]);
    let draft = json!({ "template": null, "steps": steps });
    let id = outreach.create(&people, draft).await?;
    let (_, rehearsal) = outreach.order(&outreach.team, id, "rehearse", Value::Null).await?;
    assert_eq!(rehearsal["by_step"], json!({"1": 4, "2": 4}), "{rehearsal}");
    outreach.release(id).await?;
    tests::wait_until("the first step is sent", PATIENCE, || async { outreach.texts().len() == 4 }).await;
    // One answers; an hour passes.
    let age = "UPDATE send_intents SET due_at = now() - interval '1 second' WHERE team_id = $1 AND step = 2";
    tests::wait_until("the second step is planned", PATIENCE, || async {
        let planned = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND step = 2";
        outreach.app.count(&outreach.team, planned).await.is_ok_and(|planned| planned == 4)
    })
    .await;
    let pool = outreach.app.admin.pool();
    sqlx::query("UPDATE campaign_leads SET state = 'responded' WHERE team_id = $1 AND lead_id = $2")
        .bind(domain::id::TypedId::uuid(outreach.team.id))
        .bind(domain::id::TypedId::uuid(people[0]))
        .execute(pool)
        .await?;
    sqlx::query(age).bind(domain::id::TypedId::uuid(outreach.team.id)).execute(pool).await?;
    // Limits are news: the workflow looks at what is due.
    outreach.order(&outreach.team, id, "limits", json!({ "per_minute_limit": 5_999 })).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    assert_eq!(outreach.texts().len(), 7);
    let silent = outreach.numbers(&people[1..]).await?;
    for number in silent {
        assert_eq!(outreach.sandbox.texts(Some(&number)).len(), 2);
    }
    Ok(())
}
