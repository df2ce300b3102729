//! Numbers are ordered, bought once whatever gets lost on the way, entered as senders, and sent from.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::id::{SenderId, TypedId as _};
use domain::money::MicroDollars;
use entities::budget::{self, Limit, Scope};
use reqwest::Method;
use sandbox::{Fault, Script, Settings, Vendor};
use serde_json::{Value, json};
use tests::campaigns::{Outreach, PATIENCE};
use tests::carriers::{TWILIO_TOKEN, access_to_both};
use tests::replies::Correspondence;
use tests::{Team, a_team, wait_until};

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");
async fn scene() -> Result<Outreach> {
    let mut outreach = Outreach::new(Settings::default()).await?;
    outreach.app.worker_config.sms = access_to_both(&outreach.sandbox);
    Ok(outreach)
}

async fn post(outreach: &Outreach, team: &Team, body: Value) -> Result<(u16, Value)> {
    let response = outreach.app.request(team, Method::POST, "/v1/number-orders").json(&body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// Orders; answers the order's path.
async fn order(outreach: &Outreach, team: &Team, body: Value) -> Result<String> {
    let (status, order) = post(outreach, team, body).await?;
    ensure!(status == 202, "{status}: {order}");
    Ok(format!("/v1/number-orders/{}", order["id"].as_str().context("an id")?))
}

/// Waits until an order is in this state.
async fn reaches(outreach: &Outreach, team: &Team, path: &str, state: &str) -> Result<Value> {
    wait_until(&format!("the order is {state}"), PATIENCE, || async {
        outreach.app.get(team, path).await.is_ok_and(|order| order["state"] == state)
    })
    .await;
    outreach.app.get(team, path).await
}

/// How many numbers a vendor has sold, by its own bill.
fn sold(outreach: &Outreach, vendor: Vendor) -> u64 {
    let ledger = outreach.sandbox.ledger();
    let subjects = ledger.vendors.get(&vendor).into_iter().flat_map(|report| report.subjects.values());
    subjects.filter_map(|subject| subject.paid.get("number")).sum()
}

#[tokio::test]
async fn a_number_near_the_leads_is_bought_and_a_campaign_goes_out_from_it_and_is_reported_to_us()
-> Result<()> {
    let mut outreach = scene().await?;
    let door = "twilio-door-token-0123456789-0123456789-01a";
    let (app, team) = (&outreach.app, &outreach.team);
    Correspondence::open(&outreach, team, "twilio", door, TWILIO_TOKEN).await?;
    let people = outreach.people(3).await?;
    let id = outreach.create(&people, json!({})).await?;
    // Whoever approves does not spend.
    let near = json!({ "provider": "twilio", "campaign": id, "name": "Austin's own", "daily_limit": 500 });
    assert_eq!(post(&outreach, &outreach.approver, near.clone()).await?.0, 403);
    let stranger = a_team().create(&app.admin).await?;
    assert_eq!(post(&outreach, &stranger, near.clone()).await?.0, 404, "another team's campaign");

    let path = order(&outreach, team, near).await?;
    outreach.app.start_worker()?;
    let (app, team) = (&outreach.app, &outreach.team);
    let bought = reaches(&outreach, team, &path, "bought").await?;
    let number = bought["number"].as_str().context("a number")?.to_owned();
    assert!(number.starts_with("+1512"), "the leads are in Texas and most have 512: {bought}");
    assert_eq!(sold(&outreach, Vendor::Twilio), 1);
    let sender: SenderId = bought["sender"].as_str().context("a sender")?.parse()?;
    let shown = app.get(team, &format!("/v1/senders/{sender}")).await?;
    assert_eq!(
        (shown["state"].as_str(), shown["name"].as_str(), shown["daily_limit"].as_i64()),
        (Some("active"), Some("Austin's own"), Some(500)),
        "{shown}"
    );
    let spent = "SELECT spent_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(app.count(team, spent).await?, 1_150_000);
    let audit = app.get(team, "/v1/audit?limit=50").await?.to_string();
    assert!(audit.contains("number_order.create") && audit.contains("number_order.bought"), "{audit}");

    let id = outreach.create(&people, json!({ "sender": sender })).await?;
    outreach.release(id).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    outreach.each_got_one(&people).await?;
    assert!(
        outreach.texts().iter().all(|text| number.ends_with(&text.from) && text.vendor == Vendor::Twilio)
    );
    // Nobody has set anything at the vendor: each text said where its report is to go, and the number where answers are.
    let reported = "SELECT count(*) FROM messages WHERE team_id = $1 AND status = 'delivered'";
    wait_until("the reports are there", PATIENCE, || async {
        app.count(team, reported).await.is_ok_and(|reported| reported == 3)
    })
    .await;
    let deliveries = "SELECT count(*) FROM webhook_deliveries WHERE team_id = $1 AND provider = 'twilio'";
    wait_until("reports come by the addresses that the texts named", PATIENCE, || async {
        app.count(team, deliveries).await.is_ok_and(|deliveries| deliveries >= 3)
    })
    .await;
    let from = outreach.numbers(&people[..1]).await?.remove(0);
    outreach.sandbox.text_in(Vendor::Twilio, &from, &number, "Yes, tell me more").context("a text")?;
    let heard = "SELECT count(*) FROM inbox_items WHERE team_id = $1";
    wait_until("the answer is there", PATIENCE, || async {
        app.count(team, heard).await.is_ok_and(|heard| heard == 1)
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_buys_no_second_number() -> Result<()> {
    let mut outreach = scene().await?;
    let cases =
        [(Vendor::Twilio, "twilio", "PhoneNumber="), (Vendor::SignalHouse, "signalhouse", "phoneNumbers")];
    for (vendor, _, purchase) in cases {
        for processed in [true, false] {
            let cut = Script::new(Fault::Cut { processed }).at(vendor).containing(purchase).times(1);
            outreach.sandbox.script(cut)?;
        }
    }
    outreach.app.start_worker()?;
    let team = &outreach.team;
    for (vendor, word, _) in cases {
        // The answer to the first purchase gets lost; the second never arrives, and is made again.
        for (nth, pool) in [(1, "first"), (2, "second")] {
            let body = json!({ "provider": word, "states": ["NM"], "pool": pool });
            let path = order(&outreach, team, body).await?;
            let bought = reaches(&outreach, team, &path, "bought").await?;
            assert!(bought["number"].as_str().is_some_and(|number| number.starts_with("+1505")), "{bought}");
            assert_eq!(sold(&outreach, vendor), nth, "{word}: {bought}");
        }
    }
    let faults = outreach.sandbox.faults();
    assert!(faults.iter().all(|fault| fault.happened == 1), "what was scripted happened: {faults:?}");
    let numbers = "SELECT count(DISTINCT address) FROM senders WHERE team_id = $1 AND pool IS NOT NULL";
    assert_eq!(outreach.app.count(team, numbers).await?, 4);
    Ok(())
}

#[tokio::test]
async fn a_worker_that_dies_while_it_buys_buys_nothing_twice() -> Result<()> {
    let outreach = {
        let mut outreach =
            Outreach::new(Settings::default().with_latency(Duration::from_millis(400))).await?;
        outreach.app.worker_config.sms = access_to_both(&outreach.sandbox);
        outreach
    };
    let (app, team) = (&outreach.app, &outreach.team);
    let path = order(&outreach, team, json!({ "provider": "twilio", "area_codes": ["512"] })).await?;
    let worker = outreach.worker_process(WORKER)?;
    let called = "SELECT count(*) FROM number_orders WHERE team_id = $1 AND called_at IS NOT NULL";
    wait_until("the vendor is asked", PATIENCE, || async {
        app.count(team, called).await.is_ok_and(|called| called == 1)
    })
    .await;
    worker.kill()?;
    // Its time with the order is over.
    sqlx::query("UPDATE number_orders SET due_at = now() WHERE team_id = $1")
        .bind(team.id.uuid())
        .execute(app.admin.pool())
        .await?;
    let _worker = outreach.worker_process(WORKER)?;
    reaches(&outreach, team, &path, "bought").await?;
    assert_eq!(sold(&outreach, Vendor::Twilio), 1);
    let spent = "SELECT spent_micros + reserved_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(app.count(team, spent).await?, 1_150_000);
    Ok(())
}

#[tokio::test]
async fn teams_that_ask_for_the_same_place_get_numbers_of_their_own_as_long_as_there_is_money() -> Result<()>
{
    let mut outreach = scene().await?;
    let other = a_team().create(&outreach.app.admin).await?;
    let poor = a_team().create(&outreach.app.admin).await?;
    let mut tx = outreach.app.db.team_bulk(poor.id).await?;
    let limit = Limit { money: Some(MicroDollars::new(1_000_000)), calls: None };
    budget::set_limit(&mut tx, &Scope::Team, limit).await?;
    tx.commit().await?;
    let wanted = json!({ "provider": "signalhouse", "area_codes": ["512"] });
    let mut paths = Vec::new();
    for team in [&outreach.team, &other, &poor] {
        paths.push(order(&outreach, team, wanted.clone()).await?);
    }
    outreach.app.start_worker()?;
    let ours = reaches(&outreach, &outreach.team, &paths[0], "bought").await?;
    let theirs = reaches(&outreach, &other, &paths[1], "bought").await?;
    assert_ne!(ours["number"], theirs["number"]);
    let failed = reaches(&outreach, &poor, &paths[2], "failed").await?;
    assert_eq!(failed["why"], "budget", "{failed}");
    assert_eq!(sold(&outreach, Vendor::SignalHouse), 2);
    let alerts = "SELECT count(*) FROM alerts WHERE team_id = $1 AND kind = 'number_order.failed'";
    assert_eq!(outreach.app.count(&poor, alerts).await?, 1, "a person hears of it");
    // What is bought is its team's alone.
    for (team, expected) in [(&outreach.team, 2), (&other, 1), (&poor, 0)] {
        let senders = outreach.app.get(team, "/v1/senders").await?;
        assert_eq!(senders["items"].as_array().map(Vec::len), Some(expected), "{senders}");
    }
    Ok(())
}
