//! A language model: asked about what the rules leave open, masked, for the team's own money; never in the way.

use anyhow::{Context, Result};
use providers::notice::NoticeSettings;
use reqwest::{Method, StatusCode};
use sandbox::{Fault, ModelSays, Script, Settings, Vendor};
use serde_json::{Value, json};
use tests::replies::{Correspondence, PATIENCE};
use tests::wait_until;

const CALLS: &str = "SELECT count(*) FROM model_calls WHERE team_id = $1 AND state <> 'asked'";
const OPEN_MONEY: &str =
    "SELECT coalesce(sum(reserved_micros), 0)::bigint FROM budgets WHERE team_id = $1 AND subject = 'model'";

/// The system with a worker, and a team that has the sandbox's model.
async fn with_model(change: Value) -> Result<Correspondence> {
    let mut all = Correspondence::new(Settings::default()).await?;
    all.outreach.app.worker_config.notices = NoticeSettings { private_addresses: true };
    all.outreach.app.start_worker()?;
    set(&all, change).await?;
    Ok(all)
}

async fn set(all: &Correspondence, change: Value) -> Result<()> {
    let mut body = json!({
        "base_url": format!("{}/v1", all.outreach.sandbox.url(Vendor::Model)), "model": "small", "key": "sk-of-the-tests",
        "input_micros": 150_000, "output_micros": 600_000, "daily_limit_micros": 1_000_000, "reads": true,
    });
    for (name, value) in change.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let (app, team) = (&all.outreach.app, &all.outreach.team);
    let response = app.request(team, Method::PUT, "/v1/model").json(&body).send().await?;
    let (status, said) = (response.status(), response.text().await?);
    assert_eq!(status, StatusCode::OK, "{said}");
    assert!(!said.contains("sk-of"), "{said}");
    Ok(())
}

fn says(schema: &str, says: Value) -> ModelSays {
    ModelSays { containing: String::new(), schema: schema.to_owned(), says }
}

async fn asked(all: &Correspondence, times: i64) {
    wait_until(&format!("the model was asked {times} times"), PATIENCE, || async {
        all.count(CALLS).await.is_ok_and(|found| found == times)
    })
    .await;
}

#[tokio::test]
async fn what_the_rules_leave_open_is_read_by_the_model_masked_and_paid() -> Result<()> {
    let all = with_model(json!({})).await?;
    all.outreach
        .sandbox
        .answer_as_model(vec![says("reading", json!({ "intent": "interested", "confidence": 93 }))]);
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "this is Zephyrina Doyle zq 312-555-0188 blue").await?;
    all.until(&number, "the model's word counts", |look| look.intents == ["interested"]).await?;
    asked(&all, 1).await;
    let requests = all.outreach.sandbox.model_asked();
    let [request] = &requests[..] else { panic!("once: {requests:?}") };
    let sent = request.body["messages"][1]["content"].as_str().unwrap_or_default();
    for hidden in ["Zephyrina", "Doyle", "555", "0188"] {
        assert!(!request.body.to_string().contains(hidden), "{hidden} left: {sent}");
    }
    assert!(sent.contains("blue"), "{sent}");
    // A person reads it all the same, and it cost what the vendor's books say.
    let person = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND classified_by = 'model' AND needs_person AND confidence < 70";
    assert_eq!(all.count(person).await?, 1);
    let spent = "SELECT coalesce(sum(spent_micros), 0)::bigint FROM budgets WHERE team_id = $1 AND scope = 'day' AND subject = 'model' AND day IS NOT NULL";
    let owed = i64::try_from(all.outreach.sandbox.ledger().vendor(Vendor::Model).micro_dollars)?;
    assert_eq!(all.count(spent).await?, owed);
    assert_eq!(all.count(OPEN_MONEY).await?, 0);
    // What the rules are sure of is none of its business.
    all.write(&number, "How does it work?").await?;
    all.classified(&number, 2).await?;
    assert_eq!(all.outreach.sandbox.model_asked().len(), 1);
    Ok(())
}

#[tokio::test]
async fn who_wants_to_be_left_alone_by_its_word_is_until_a_person_says_otherwise() -> Result<()> {
    let all = with_model(json!({})).await?;
    all.outreach
        .sandbox
        .answer_as_model(vec![says("reading", json!({ "intent": "opt_out", "confidence": 51 }))]);
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "zq blue").await?;
    let look = all.until(&number, "it is held", |look| look.state == "held").await?;
    assert_eq!(look.hold_reason.as_deref(), Some("likely_opt_out"));
    let suppressed =
        "SELECT count(*) FROM suppressions WHERE team_id = $1 AND reason = 'opt_out' AND lifted_at IS NULL";
    assert_eq!(all.count(suppressed).await?, 1);
    assert_eq!(all.release(look.id).await?.refused, None);
    assert_eq!(all.count(suppressed).await?, 0);
    Ok(())
}

#[tokio::test]
async fn whatever_goes_wrong_with_it_the_rules_have_answered() -> Result<()> {
    let all = with_model(json!({})).await?;
    // Never three failures of the server in a row, after which it would be left alone; and last what asks for that.
    let faults = [
        Fault::Outage { status: 503 },
        Fault::Declines,
        Fault::Malformed,
        Fault::Cut { processed: true },
        Fault::OffSchema,
        Fault::AccountStop { reason: sandbox::StopReason::Balance },
        Fault::RateLimited { retry_after_s: Some(0) },
    ];
    let people = all.written_to(faults.len()).await?;
    for (number, (fault, (_, from))) in (1..).zip(faults.into_iter().zip(&people)) {
        all.outreach.sandbox.script(Script::new(fault).at(Vendor::Model).times(1))?;
        all.write(from, "zq blue").await?;
        let look = all.classified(from, 1).await?;
        assert_eq!((look.intents.as_slice(), look.state.as_str()), (["other".to_owned()].as_slice(), "open"));
        asked(&all, number).await;
    }
    let reasons =
        "SELECT count(DISTINCT reason) FROM model_calls WHERE team_id = $1 AND reason IN ('rate_limited',
                      'unreachable', 'declined', 'unreadable', 'lost', 'not_json', 'account_stop')";
    wait_until("each has its reason", PATIENCE, || async {
        all.count(reasons).await.is_ok_and(|found| found == 7)
    })
    .await;
    // Nothing is put aside any more, whatever became of the calls.
    wait_until("no money is put aside", PATIENCE, || async {
        all.count(OPEN_MONEY).await.is_ok_and(|found| found == 0)
    })
    .await;
    let by_rules = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND classified_by <> 'rules'";
    assert_eq!(all.count(by_rules).await?, 0);
    Ok(())
}

#[tokio::test]
async fn where_the_days_money_is_spent_nothing_is_asked() -> Result<()> {
    let all = with_model(json!({ "daily_limit_micros": 10 })).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "zq blue").await?;
    all.classified(&number, 1).await?;
    asked(&all, 1).await;
    let unfunded = "SELECT count(*) FROM model_calls WHERE team_id = $1 AND state = 'unfunded'";
    assert_eq!(all.count(unfunded).await?, 1);
    assert!(all.outreach.sandbox.model_asked().is_empty());
    Ok(())
}

#[tokio::test]
async fn what_it_writes_waits_for_a_person_and_what_is_from_nowhere_is_not_shown() -> Result<()> {
    let all = with_model(json!({ "reads": false, "writes": true })).await?;
    // Also where the team lets answers out by itself: this suggestion is not sure enough for that.
    let people = all.written_to(2).await?;
    let answer = "Hi {{first_name|there}}, happy to explain. When would suit you?";
    all.outreach.sandbox.answer_as_model(vec![says("answer", json!({ "text": answer }))]);
    let (asks, bad) = (&people[0].1, &people[1].1);
    all.write(asks, "How does it work?").await?;
    let written = "SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND origin = 'model' AND state = 'proposed'
                      AND text LIKE 'Hi %, happy to explain.%' AND confidence < 70 AND jsonb_array_length(alternatives) >= 1";
    wait_until("the model's text waits", PATIENCE, || async {
        all.count(written).await.is_ok_and(|found| found == 1)
    })
    .await;
    let (conversation, suggestion, text) = all.suggested(asks).await?;
    assert!(text.starts_with("Hi ") && !text.contains('{'), "{text}");
    assert!(all.outreach.texts().is_empty(), "nothing goes out by itself");
    // Whether the workflow has heard of it yet or not: the row decides.
    assert_eq!(all.approve(conversation, suggestion).await?.refused, None);
    all.texted(asks, 1).await;
    assert_eq!(all.texts_to(asks)[0].body, text);

    let link = "See https://cheap.example/now or call 312-555-0188";
    all.outreach.sandbox.answer_as_model(vec![says("answer", json!({ "text": link }))]);
    all.write(bad, "How does it work?").await?;
    let refused = "SELECT count(*) FROM model_calls WHERE team_id = $1 AND state = 'failed' AND reason = 'invented' AND cost_micros > 0";
    wait_until("it is refused and paid", PATIENCE, || async {
        all.count(refused).await.is_ok_and(|found| found == 1)
    })
    .await;
    let (_, _, text) = all.suggested(bad).await?;
    assert!(!text.contains("cheap"), "the playbook's answer stays: {text}");
    Ok(())
}

#[tokio::test]
async fn a_key_is_for_one_address_and_is_never_shown() -> Result<()> {
    let all = Correspondence::new(Settings::default()).await?;
    let (app, team) = (&all.outreach.app, &all.outreach.team);
    let none = app.request(team, Method::GET, "/v1/model").send().await?;
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
    set(&all, json!({})).await?;
    let shown = app.get(team, "/v1/model").await?;
    assert_eq!((&shown["has_key"], &shown["reads"]), (&json!(true), &json!(true)), "{shown}");
    // Kept where nothing is said of it, dropped with the address.
    set(&all, json!({ "key": null })).await?;
    assert_eq!(app.get(team, "/v1/model").await?["has_key"], true);
    set(&all, json!({ "key": null, "base_url": "https://models.example/v1" })).await?;
    assert_eq!(app.get(team, "/v1/model").await?["has_key"], false);
    for wrong in [
        json!({ "base_url": "http://models.example" }),
        json!({ "input_micros": -1 }),
        json!({ "model": "" }),
    ] {
        let mut body = json!({ "base_url": "https://models.example", "model": "m", "input_micros": 1, "output_micros": 1,
                               "daily_limit_micros": 1 });
        for (name, value) in wrong.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let response = app.request(team, Method::PUT, "/v1/model").json(&body).send().await?;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let gone = app.request(team, Method::DELETE, "/v1/model").send().await?;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    let kept = "SELECT count(*) FROM team_models WHERE team_id = $1";
    assert_eq!(all.count(kept).await?, 0);
    Ok(())
}

/// Nobody waits for it, and nothing is lost by the minute in which somebody wrote.
#[tokio::test]
async fn what_comes_in_while_it_rests_is_asked_about_afterwards() -> Result<()> {
    let all = with_model(json!({})).await?;
    all.outreach
        .sandbox
        .answer_as_model(vec![says("reading", json!({ "intent": "interested", "confidence": 93 }))]);
    let people = all.written_to(2).await?;
    let (first, later) = (&people[0].1, &people[1].1);
    let rests = Fault::RateLimited { retry_after_s: Some(8) };
    all.outreach.sandbox.script(Script::new(rests).at(Vendor::Model).times(1))?;
    all.write(first, "zq blue").await?;
    all.classified(first, 1).await?;
    asked(&all, 1).await;
    all.write(later, "zq green").await?;
    let look = all.classified(later, 1).await?;
    assert_eq!(look.state, "open", "the rules have answered");
    all.until(later, "the model's word counts", |look| look.intents == ["interested"]).await?;
    // The question that was refused is not asked again.
    let of_first = "SELECT count(*) FROM model_calls WHERE team_id = $1 AND reason = 'rate_limited'";
    assert_eq!(all.count(of_first).await?, 1);
    let look = all.look(first).await?.context("a conversation")?;
    assert_eq!(look.intents, ["other"]);
    Ok(())
}
