//! Campaigns by voice, where each message is a call that a person makes, and by several ways, step by step.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::geo::TimeZone;
use domain::id::{CampaignId, LeadId, SenderId, TypedId};
use entities::rule_set;
use entities::sender::{self, Letterhead, NewSender, Registered};
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use entities::template;
use reqwest::Method;
use sandbox::Settings;
use serde_json::{Value, json};
use tests::campaigns::{NUMBER, Outreach, PATIENCE, hours, version};
use tests::letters::Letters;
use tests::wait_until;

/// A sender of this way, in the pool `all`.
async fn sender(letters: &Letters, channel: &'static str, provider: &str) -> Result<SenderId> {
    let outreach = &letters.outreach;
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    let new = NewSender {
        channel,
        provider: provider.to_owned(),
        address: NUMBER.to_owned(),
        name: "Austin".to_owned(),
        pool: Some("all".to_owned()),
        area_code: None,
        registered: Registered::default(),
        letterhead: Letterhead::default(),
    };
    let id = sender::create(&mut tx, &new, Some(outreach.team.user)).await?;
    tx.commit().await?;
    Ok(id)
}

/// A template of this way.
async fn said(letters: &Letters, name: &str, channel: &'static str, words: &str) -> Result<Value> {
    let outreach = &letters.outreach;
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    let id = template::create(&mut tx, name, channel, &version(words)?, Some(outreach.team.user)).await?;
    tx.commit().await?;
    Ok(json!(id))
}

/// A draft of a campaign by voice to these people.
async fn by_voice(letters: &Letters, people: &[LeadId], daily_limit: u32) -> Result<CampaignId> {
    let caller = sender(letters, "voice", "person").await?;
    let script = said(letters, "script", "voice", "Ask {{first_name|them}} about the roof.").await?;
    let draft =
        json!({ "channel": "voice", "sender": caller, "template": script, "daily_limit": daily_limit });
    letters.outreach.create(people, draft).await
}

/// A campaign by voice, each of whose people is in the queue; and their numbers.
async fn in_the_queue(letters: &Letters, people: usize) -> Result<(CampaignId, Vec<String>)> {
    let outreach = &letters.outreach;
    let people = outreach.people(people).await?;
    let id = by_voice(letters, &people, 500).await?;
    outreach.release(id).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    Ok((id, outreach.numbers(&people).await?))
}

/// The calls to be made: number, what is to be said, and how far each has come.
async fn calls(letters: &Letters) -> Result<Vec<(String, String, String)>> {
    let query = sqlx::query_as(
        "SELECT right(phone, 10), notes, state FROM call_queue WHERE team_id = $1 AND reason = 'campaign' ORDER BY phone",
    );
    let pool = letters.outreach.app.admin.pool();
    Ok(query.bind(letters.outreach.team.id.uuid()).fetch_all(pool).await?)
}

/// The id of the call to this number.
async fn call_to(outreach: &Outreach, number: &str) -> Result<String> {
    let queue = outreach.app.get(&outreach.team, "/v1/call-queue").await?;
    let to_it = |call: &&Value| call["phone"].as_str().is_some_and(|phone| phone.ends_with(number));
    let found = queue["items"].as_array().into_iter().flatten().find(to_it);
    found.and_then(|call| call["id"].as_str()).map(str::to_owned).context("it is queued")
}

/// Takes a call; answers status and body.
async fn claim(outreach: &Outreach, call: &str) -> Result<(u16, Value)> {
    let path = format!("/v1/call-queue/{call}/claim");
    let response = outreach.app.request(&outreach.team, Method::POST, &path).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

#[tokio::test]
async fn each_lead_who_may_be_called_is_a_call_for_a_person_and_nobody_else_is() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let people = outreach.people(6).await?;
    let strangers = outreach.strangers(1).await?;
    let numbers = outreach.numbers(&people).await?;
    let pool = outreach.app.admin.pool();
    sqlx::query("INSERT INTO suppressions (team_id, kind, value, reason, source) VALUES ($1, 'phone', $2, 'dnc', 'test')")
        .bind(outreach.team.id.uuid())
        .bind(format!("+1{}", numbers[0]))
        .execute(pool)
        .await?;
    // A landline takes no text, and a call.
    sqlx::query("UPDATE persona_phones SET line_type = 'landline' WHERE team_id = $1 AND number = $2")
        .bind(outreach.team.id.uuid())
        .bind(format!("+1{}", numbers[1]))
        .execute(pool)
        .await?;
    let all: Vec<LeadId> = people.iter().chain(&strangers).copied().collect();
    let id = by_voice(&letters, &all, 3).await?;
    let preview = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{id}/preview")).await?;
    assert_eq!(preview["excluded"], json!({"consent": 1, "suppression": 1}), "{preview}");
    assert_eq!(preview["first_cost_micros"], 5 * 50_000);
    let (_, rehearsal) = outreach.order(&outreach.team, id, "rehearse", json!({ "list": true })).await?;
    assert_eq!(rehearsal["by_step"], json!({"1": 5}), "{rehearsal}");

    outreach.release(id).await?;
    wait_until("the day is full", PATIENCE, || async {
        calls(&letters).await.is_ok_and(|calls| calls.len() == 3)
    })
    .await;
    // Somebody says STOP before they are called, and is not.
    let first = calls(&letters).await?.remove(0);
    assert!(first.1.starts_with("Ask ") && first.2 == "queued", "{first:?}");
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    let value = format!("+1{}", first.0);
    let stop = OptOut {
        kind: SuppressedKind::Phone,
        value: &value,
        scope: SuppressionScope::Team,
        subject: "",
        method: SuppressionMethod::Keyword,
        source: "test",
    };
    suppression::opt_out(&mut tx, &stop, Utc::now()).await?;
    tx.commit().await?;
    assert_eq!(calls(&letters).await?[0].2, "cancelled");

    outreach.order(&outreach.team, id, "limits", json!({ "daily_limit": 100 })).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    let made: Vec<String> = calls(&letters).await?.into_iter().map(|(number, ..)| number).collect();
    let mut wanted = numbers[1..].to_vec();
    wanted.sort_unstable();
    assert_eq!(made, wanted, "one call each, a landline among them");
    assert!(outreach.texts().is_empty() && letters.taken().is_empty());
    let costs = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{id}/costs")).await?;
    assert_eq!(costs["voice_micros"], 5 * 50_000, "{costs}");
    Ok(())
}

#[tokio::test]
async fn a_campaign_that_is_cancelled_takes_its_calls_back() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let people = outreach.people(4).await?;
    let id = by_voice(&letters, &people, 2).await?;
    outreach.release(id).await?;
    wait_until("the day is full", PATIENCE, || async {
        calls(&letters).await.is_ok_and(|calls| calls.len() == 2)
    })
    .await;
    outreach.must(id, "cancel").await?;
    assert!(calls(&letters).await?.iter().all(|(.., state)| state == "cancelled"));
    Ok(())
}

#[tokio::test]
async fn whoever_takes_a_call_hours_later_hears_what_has_changed_since() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let (id, numbers) = in_the_queue(&letters, 2).await?;
    let first = call_to(outreach, &numbers[0]).await?;
    let second = call_to(outreach, &numbers[1]).await?;
    let switch = json!({ "scope": "campaign", "subject": id, "reason": "a wrong script" });
    let switches = outreach.app.request(&outreach.team, Method::POST, "/v1/kill-switches");
    let switch: Value = switches.json(&switch).send().await?.json().await?;
    let (status, refused) = claim(outreach, &first).await?;
    assert_eq!(status, 409, "{refused}");
    assert!(refused.to_string().contains("switch"), "{refused}");
    let path = format!("/v1/kill-switches/{}", switch["id"].as_str().context("a switch")?);
    assert!(outreach.app.request(&outreach.team, Method::DELETE, &path).send().await?.status().is_success());

    let body = json!({ "items": [{ "value": numbers[0], "reason": "dnc" }] });
    let entered = outreach.app.request(&outreach.team, Method::POST, "/v1/suppressions").json(&body);
    assert!(entered.send().await?.status().is_success());
    assert_eq!(claim(outreach, &first).await?.0, 409, "a person has said that nobody is to be called there");
    assert_eq!(claim(outreach, &second).await?.0, 200);
    let mut states: Vec<String> = calls(&letters).await?.into_iter().map(|(.., state)| state).collect();
    states.sort_unstable();
    assert_eq!(states, ["cancelled", "claimed"]);
    Ok(())
}

#[tokio::test]
async fn a_number_that_takes_no_texts_is_called_and_one_that_opted_out_is_neither_called_nor_texted()
-> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let people = outreach.people(4).await?;
    let numbers = outreach.numbers(&people).await?;
    for (number, reason) in numbers.iter().zip(["landline", "opt_out"]) {
        sqlx::query("INSERT INTO suppressions (team_id, kind, value, reason, source) VALUES ($1, 'phone', $2, $3, 'test')")
            .bind(outreach.team.id.uuid())
            .bind(format!("+1{number}"))
            .bind(reason)
            .execute(outreach.app.admin.pool())
            .await?;
    }
    let by_voice = by_voice(&letters, &people[..3], 500).await?;
    let preview = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{by_voice}/preview")).await?;
    assert_eq!(preview["excluded"], json!({"suppression": 1}), "{preview}");
    let by_text = outreach.create(&[people[0], people[1], people[3]], json!({})).await?;
    let preview = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{by_text}/preview")).await?;
    assert_eq!(preview["excluded"], json!({"suppression": 2}), "{preview}");

    for campaign in [by_voice, by_text] {
        outreach.release(campaign).await?;
        outreach.reaches(campaign, "completed", PATIENCE).await?;
    }
    outreach.each_got_one(&people[3..]).await?;
    let made: Vec<String> = calls(&letters).await?.into_iter().map(|(number, ..)| number).collect();
    assert_eq!(made, [numbers[0].clone(), numbers[2].clone()]);
    // Whoever takes it hears no other word.
    let landline = call_to(outreach, &numbers[0]).await?;
    assert_eq!(claim(outreach, &landline).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_call_of_a_campaign_is_taken_at_the_hours_where_its_lead_is() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let (_, numbers) = in_the_queue(&letters, 1).await?;
    let call = call_to(outreach, &numbers[0]).await?;

    // Meanwhile the house has hours that are over, or have not begun, on the clock of Austin.
    let austin = TimeZone::Central.local(Utc::now()).second / 3_600;
    let house = if austin < 12 { "18:00-20:00" } else { "06:00-08:00" };
    let newer = |days| DateTime::UNIX_EPOCH + TimeDelta::days(days);
    let narrow = hours(house, "test-narrow")?;
    rule_set::load(&outreach.app.admin, "test-narrow", newer(1), &narrow, "tests").await?;
    let path = format!("/v1/call-queue/{call}/claim");
    let response = outreach.app.request(&outreach.team, Method::POST, &path).send().await?;
    assert_eq!(response.status(), 409);
    let wait: u64 = response.headers()["retry-after"].to_str()?.parse()?;
    assert!((1..=86_400).contains(&wait), "{wait}");
    let refused: Value = response.json().await?;
    let detail = refused["detail"].as_str().unwrap_or_default();
    assert!(detail.contains(house) && detail.contains("claimed from"), "{refused}");
    assert_eq!(calls(&letters).await?[0].2, "queued", "it waits");

    let wide = hours("00:00-24:00", "test-wide")?;
    rule_set::load(&outreach.app.admin, "test-wide", newer(2), &wide, "tests").await?;
    assert_eq!(claim(outreach, &call).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn people_who_are_to_be_called_already_stop_no_campaign() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    // More than chance, as the rate of errors has it.
    let people = outreach.people(24).await?;
    for number in outreach.numbers(&people).await? {
        sqlx::query(
            "INSERT INTO call_queue (team_id, id, phone, reason, due_at) VALUES ($1, fresh_uuid(), $2, 'called_phone_line', now())",
        )
        .bind(outreach.team.id.uuid())
        .bind(format!("+1{number}"))
        .execute(outreach.app.admin.pool())
        .await?;
    }
    let caller = sender(&letters, "voice", "person").await?;
    let script = said(&letters, "script", "voice", "Ask about the roof.").await?;
    let draft = json!({ "channel": "voice", "sender": caller, "template": script });
    let id = outreach.create(&people, draft).await?;
    outreach.release(id).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    let refused = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND refusal = 'already_queued'";
    assert_eq!(outreach.app.count(&outreach.team, refused).await?, 24);
    assert!(calls(&letters).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_campaign_by_several_ways_goes_by_the_way_of_each_step() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let people = letters.readers(3).await?;
    // What is wrong with an address says nothing of the number.
    let gone = letters.addresses(&people).await?.remove(0);
    sqlx::query("INSERT INTO suppressions (team_id, kind, value, reason, source) VALUES ($1, 'email', $2, 'bounce', 'test')")
        .bind(outreach.team.id.uuid())
        .bind(&gone)
        .execute(outreach.app.admin.pool())
        .await?;
    sqlx::query("UPDATE senders SET pool = 'all' WHERE team_id = $1")
        .bind(outreach.team.id.uuid())
        .execute(outreach.app.admin.pool())
        .await?;
    sender(&letters, "voice", "person").await?;
    let script = said(&letters, "script", "voice", "Ask about the letter.").await?;
    let steps = json!([
        { "template": outreach.template },
        { "template": letters.letter, "delay_minutes": 60 },
        { "template": script, "delay_minutes": 60 },
    ]);
    let draft = json!({
        "channel": "multi", "sender": null, "sender_pool": "all", "template": null, "steps": steps,
    });
    let id = outreach.create(&people, draft).await?;
    let (_, rehearsal) = outreach.order(&outreach.team, id, "rehearse", Value::Null).await?;
    assert_eq!(rehearsal["by_step"], json!({"1": 3, "2": 2, "3": 2}), "{rehearsal}");
    assert_eq!(rehearsal["left_out"], json!({"suppression": 1}), "{rehearsal}");
    outreach.release(id).await?;
    wait_until("the texts are sent", PATIENCE, || async { outreach.texts().len() == 3 }).await;
    for (step, due) in [(2, 3), (3, 2)] {
        let planned = format!("SELECT count(*) FROM send_intents WHERE team_id = $1 AND step = {step}");
        wait_until("the next step is planned", PATIENCE, || async {
            let query = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(planned.clone()));
            let counted = query.bind(outreach.team.id.uuid()).fetch_one(outreach.app.admin.pool()).await;
            counted.is_ok_and(|planned| planned == due)
        })
        .await;
        sqlx::query("UPDATE send_intents SET due_at = now() - interval '1 second' WHERE team_id = $1 AND state = 'planned'")
            .bind(outreach.team.id.uuid())
            .execute(outreach.app.admin.pool())
            .await?;
        // Limits are news: the workflow looks at what is due.
        outreach.order(&outreach.team, id, "limits", json!({ "per_minute_limit": 5_990 + step })).await?;
    }
    outreach.reaches(id, "completed", PATIENCE).await?;
    outreach.each_got_one(&people).await?;
    letters.each_got_one(&people[1..]).await?;
    assert_eq!(calls(&letters).await?.len(), 2);
    let costs = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{id}/costs")).await?;
    assert_eq!((&costs["email_micros"], &costs["voice_micros"]), (&json!(200), &json!(100_000)), "{costs}");
    Ok(())
}
