//! What was promised to an address is written by a person, sent once, and tracked.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use entities::membership::Role;
use entities::suppression::{self, NewSuppression, SuppressedKind, SuppressionReason};
use reqwest::Method;
use sandbox::{MailSettings, Settings};
use serde_json::{Value, json};
use tests::faults::Mischief;
use tests::letters::{POSTAL, give_mail, way_out};
use tests::replies::{Correspondence, PATIENCE};
use tests::{a_team, wait_until};

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");
/// The address that is left.
const ADDRESS: &str = "bob.quimby@example.com";

async fn with_mail() -> Result<Correspondence> {
    let mut all = Correspondence::new(Settings::default()).await?;
    give_mail(&mut all.outreach).await?;
    Ok(all)
}

/// Somebody leaves an address, and people have what is owed to it in hand; answers its id.
async fn owed(all: &Correspondence) -> Result<String> {
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, ADDRESS).await?;
    all.classified(&number, 1).await?;
    wait_until("it is handed over", PATIENCE, || async {
        first(all).await.is_ok_and(|found| found["state"] == "handed_over")
    })
    .await;
    Ok(first(all).await?["id"].as_str().context("an id")?.to_owned())
}

async fn first(all: &Correspondence) -> Result<Value> {
    let page = all.outreach.app.get(&all.outreach.team, "/v1/deliverables").await?;
    page["items"].get(0).cloned().context("a deliverable")
}

async fn look(all: &Correspondence, id: &str) -> Result<Value> {
    all.outreach.app.get(&all.outreach.team, &format!("/v1/deliverables/{id}")).await
}

async fn send(all: &Correspondence, id: &str, body: Value) -> Result<(u16, Value)> {
    let path = format!("/v1/deliverables/{id}/send");
    let response =
        all.outreach.app.request(&all.outreach.team, Method::POST, &path).json(&body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

fn report() -> Value {
    json!({ "subject": "Your valuation", "text": "Dear Bob,\n\n$410,000 it is.\n" })
}

async fn becomes(all: &Correspondence, id: &str, state: &str) -> Result<Value> {
    wait_until(&format!("it is {state}"), PATIENCE, || async {
        look(all, id).await.is_ok_and(|found| found["state"] == state)
    })
    .await;
    look(all, id).await
}

#[tokio::test]
async fn what_a_person_writes_is_sent_once_and_its_way_is_seen() -> Result<()> {
    let mut all = with_mail().await?;
    all.outreach.app.start_worker()?;
    let id = owed(&all).await?;
    for (wrong, status) in [
        (json!({}), 422),
        (json!({ "subject": "x" }), 422),
        (json!({ "subject": "a\nb", "text": "x" }), 422),
        (json!({ "template": all.outreach.template }), 422),
        (json!({ "subject": "x", "text": "x", "sender": all.outreach.sender }), 422),
        (json!({ "subject": "x", "text": "x", "to": "ann@example.com" }), 422),
    ] {
        assert_eq!(send(&all, &id, wrong.clone()).await?.0, status, "{wrong}");
    }
    let (status, asked) = send(&all, &id, report()).await?;
    assert_eq!((status, &asked["letter"]["state"]), (202, &json!("planned")), "{asked}");
    let sent = becomes(&all, &id, "sent").await?;
    assert_eq!(sent["letter"]["state"], "accepted", "{sent}");
    assert!(sent["sent_at"].is_string() && sent["made_at"].is_string());
    let mail = all.outreach.sandbox.mail();
    assert_eq!(mail.len(), 1);
    assert_eq!(
        (mail[0].to.as_slice(), mail[0].header("Subject")),
        (&[ADDRESS.to_owned()][..], "Your valuation")
    );
    assert!(mail[0].body.contains("$410,000 it is.") && mail[0].body.contains(POSTAL), "{}", mail[0].body);
    assert!(way_out(&mail[0])?.contains("/unsubscribe/"));

    // The same again is answered like the first, another text is refused, and nothing more leaves.
    assert_eq!(send(&all, &id, report()).await?.0, 202);
    let other = json!({ "subject": "Your valuation", "text": "Sorry, $420,000." });
    assert_eq!(send(&all, &id, other).await?.0, 409);
    assert_eq!(all.outreach.sandbox.mail().len(), 1);

    // In the conversation, in the budget, in the audit log, and no task any more.
    let conversation = sent["conversation"].as_str().context("a conversation")?;
    let said = all.outreach.app.get(&all.outreach.team, &format!("/v1/conversations/{conversation}")).await?;
    let messages = said["messages"].as_array().context("messages")?;
    let email = messages.iter().find(|one| one["channel"] == "email").context("the e-mail")?;
    assert_eq!(email["subject"], "Your valuation");
    let spent = "SELECT spent_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(all.count(spent).await?, 100);
    let aside = "SELECT reserved_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(all.count(aside).await?, 0);
    let open = "SELECT count(*) FROM tasks WHERE team_id = $1 AND kind = 'deliverable' AND state = 'open'";
    assert_eq!(all.count(open).await?, 0);
    let audit = all.outreach.app.get(&all.outreach.team, "/v1/audit?limit=50").await?;
    assert!(audit.to_string().contains("deliverable.send") && !audit.to_string().contains("410,000"));
    Ok(())
}

#[tokio::test]
async fn a_template_speaks_to_whom_it_is_for_and_who_may_not_send_does_not() -> Result<()> {
    let mut all = with_mail().await?;
    all.outreach.app.start_worker()?;
    let id = owed(&all).await?;
    let viewer = a_team().with_role(Role::Viewer).create(&all.outreach.app.admin).await?;
    let path = format!("/v1/deliverables/{id}/send");
    let refused = all.outreach.app.request(&viewer, Method::POST, &path).json(&report()).send().await?;
    assert_eq!(refused.status(), 404, "another team's is not there");
    let new = json!({ "name": "report", "channel": "email", "subject": "For {{first_name|you}}",
                      "body": "Hello {{first_name|there}}, here it is." });
    let response = all.outreach.app.request(&all.outreach.team, Method::POST, "/v1/templates").json(&new);
    let template: Value = response.send().await?.error_for_status()?.json().await?;
    let (status, asked) = send(&all, &id, json!({ "template": template["id"] })).await?;
    assert_eq!(status, 202, "{asked}");
    becomes(&all, &id, "sent").await?;
    let mail = all.outreach.sandbox.mail();
    assert_eq!(mail.len(), 1);
    assert!(
        mail[0].header("Subject").starts_with("For ") && !mail[0].body.contains("{{"),
        "{}",
        mail[0].body
    );
    Ok(())
}

/// Each activity runs twice, or is dropped wherever it is.
async fn sent_once_under(mischief: Mischief) -> Result<()> {
    let mut all = with_mail().await?;
    all.outreach.app.start_faulty_worker(mischief)?;
    let id = owed(&all).await?;
    assert_eq!(send(&all, &id, report()).await?.0, 202);
    becomes(&all, &id, "sent").await?;
    assert_eq!(all.outreach.sandbox.mail().len(), 1);
    let said = "SELECT count(*) FROM messages WHERE team_id = $1 AND channel = 'email'";
    assert_eq!(all.count(said).await?, 1);
    Ok(())
}

#[tokio::test]
async fn again() -> Result<()> {
    sent_once_under(Mischief::AnswersLost).await
}

#[tokio::test]
async fn dropped() -> Result<()> {
    sent_once_under(Mischief::DroppedMidway { seed: 11, attempts: 3, within_us: 30_000 }).await
}

#[tokio::test]
async fn what_may_have_arrived_is_never_sent_again_and_a_person_is_asked() -> Result<()> {
    let mut all = with_mail().await?;
    all.outreach.app.start_worker()?;
    all.outreach.sandbox.set_mail(MailSettings { lost_replies: 1.0, ..MailSettings::default() });
    let id = owed(&all).await?;
    assert_eq!(send(&all, &id, report()).await?.0, 202);
    let failed = becomes(&all, &id, "failed").await?;
    assert_eq!(
        (&failed["failure"], &failed["letter"]["state"]),
        (&json!("send.outcome_unknown"), &json!("unknown"))
    );
    let asked = "SELECT count(*) FROM tasks WHERE team_id = $1 AND state = 'open' AND title LIKE 'Find out%'";
    assert_eq!(all.count(asked).await?, 1);
    assert_eq!(send(&all, &id, json!({ "subject": "Again", "text": "Did it arrive?" })).await?.0, 409);
    assert_eq!(all.outreach.sandbox.mail().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_worker_that_is_killed_at_the_call_sends_nothing_twice() -> Result<()> {
    let all = with_mail().await?;
    let worker = all.outreach.worker_process(WORKER)?;
    let id = owed(&all).await?;
    // The server takes longer than anybody waits for it, and the worker does not live to hear what it says.
    all.outreach.sandbox.set_mail(MailSettings { latency_ms: 60_000, ..MailSettings::default() });
    assert_eq!(send(&all, &id, report()).await?.0, 202);
    wait_until("it is called", PATIENCE, || async {
        let called =
            |found: Value| ["calling", "unknown"].iter().any(|state| found["letter"]["state"] == *state);
        look(&all, &id).await.is_ok_and(called)
    })
    .await;
    worker.kill()?;
    // As if the time of whoever calls were over.
    sqlx::query("UPDATE letters SET lease_until = now() WHERE team_id = $1 AND state = 'calling'")
        .bind(domain::id::TypedId::uuid(all.outreach.team.id))
        .execute(all.outreach.app.admin.pool())
        .await?;
    let _worker = all.outreach.worker_process(WORKER)?;
    let failed = becomes(&all, &id, "failed").await?;
    assert_eq!(failed["letter"]["state"], "unknown", "{failed}");
    assert!(all.outreach.sandbox.mail().len() <= 1);
    Ok(())
}

#[tokio::test]
async fn what_the_server_refuses_is_the_peoples_again_and_an_opt_out_wins() -> Result<()> {
    let all = with_mail().await?;
    let worker = all.outreach.worker_process(WORKER)?;
    let id = owed(&all).await?;
    let rejected = BTreeMap::from([("554 5.7.1 looks like spam".to_owned(), 1.0)]);
    all.outreach.sandbox.set_mail(MailSettings { rejected, ..MailSettings::default() });
    assert_eq!(send(&all, &id, report()).await?.0, 202);
    let back = becomes(&all, &id, "handed_over").await?;
    assert_eq!(back["letter"]["state"], "refused", "{back}");
    let task =
        "SELECT count(*) FROM tasks WHERE team_id = $1 AND state = 'open' AND title = 'Send an e-mail'";
    assert_eq!(all.count(task).await?, 1);
    all.outreach.sandbox.set_mail(MailSettings::default());
    // Written anew, and before anybody sends it the person wants no more mail.
    worker.kill()?;
    let (status, asked) = send(&all, &id, report()).await?;
    assert_eq!((status, &asked["state"]), (202, &json!("made")), "{asked}");
    let mut tx = all.outreach.app.db.team_bulk(all.outreach.team.id).await?;
    let who = NewSuppression {
        kind: SuppressedKind::Email,
        value: ADDRESS.to_owned(),
        reason: SuppressionReason::OptOut,
    };
    suppression::suppress(&mut tx, "test", &[who]).await?;
    tx.commit().await?;
    let _worker = all.outreach.worker_process(WORKER)?;
    let over = becomes(&all, &id, "cancelled").await?;
    assert_eq!(
        (&over["letter"]["state"], &over["letter"]["why"]),
        (&json!("withheld"), &json!("suppression"))
    );
    assert_eq!(send(&all, &id, json!({ "subject": "Still", "text": "no" })).await?.0, 409);
    assert!(all.outreach.sandbox.mail().is_empty());
    Ok(())
}
