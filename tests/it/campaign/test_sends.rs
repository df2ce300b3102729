//! A template is sent to the team's own numbers and addresses, once they are proved to be theirs, and to nobody else.

use anyhow::{Context, Result};
use reqwest::Method;
use sandbox::Settings;
use serde_json::{Value, json};
use tests::campaigns::PATIENCE;
use tests::letters::Letters;
use tests::wait_until;

async fn post(letters: &Letters, path: &str, body: Value) -> Result<(u16, Value)> {
    let outreach = &letters.outreach;
    let response = outreach.app.request(&outreach.team, Method::POST, path).json(&body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// The six digits of a message.
fn code(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).take(6).collect()
}

#[tokio::test]
async fn a_template_goes_to_whom_the_team_has_proved_to_be_its_own() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let own = json!({ "name": "Ann's phone", "value": "(512) 555-0177", "sender": outreach.sender });
    let (status, listed) = post(&letters, "/v1/test-recipients", own.clone()).await?;
    assert_eq!(status, 201, "{listed}");
    let id = listed["id"].as_str().context("an id")?.to_owned();
    let test = json!({ "recipient": id, "sender": outreach.sender });
    let path = format!("/v1/templates/{}/test", outreach.template);
    let (status, refused) = post(&letters, &path, test.clone()).await?;
    assert_eq!(status, 409, "nobody has confirmed it: {refused}");
    wait_until("the code arrives", PATIENCE, || async {
        outreach.sandbox.texts(Some("5125550177")).len() == 1
    })
    .await;
    let code = code(&outreach.sandbox.texts(Some("5125550177"))[0].body);
    let confirm = format!("/v1/test-recipients/{id}/confirm");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(post(&letters, &confirm, json!({ "code": wrong })).await?.0, 422);
    let (status, confirmed) = post(&letters, &confirm, json!({ "code": code })).await?;
    assert_eq!(status, 200, "{confirmed}");
    assert!(confirmed["confirmed_at"].is_string());

    let (status, planned) = post(&letters, &path, test.clone()).await?;
    assert_eq!((status, &planned["segments"]), (202, &json!(1)), "{planned}");
    let sent = format!("/v1/test-sends/{}", planned["id"].as_str().context("an id")?);
    wait_until("it is taken", PATIENCE, || async {
        outreach.app.get(&outreach.team, &sent).await.is_ok_and(|test| test["state"] == "accepted")
    })
    .await;
    let texts = outreach.sandbox.texts(Some("5125550177"));
    assert_eq!((texts.len(), texts[1].body.starts_with("Hi there, a word about")), (2, true));
    let spent = "SELECT spent_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    wait_until("both texts are paid", PATIENCE, || async {
        outreach.app.count(&outreach.team, spent).await.is_ok_and(|spent| spent == 30_000)
    })
    .await;
    let audit = outreach.app.get(&outreach.team, "/v1/audit?limit=50").await?;
    assert!(audit.to_string().contains("template.test"), "{audit}");

    // A sender of another channel, and a number that becomes a lead's.
    let by_mail = json!({ "recipient": id, "sender": letters.address });
    assert_eq!(post(&letters, &path, by_mail).await?.0, 422);
    let people = outreach.people(1).await?;
    let number = outreach.numbers(&people).await?.remove(0);
    let leads = json!({ "name": "x", "value": number, "sender": outreach.sender });
    assert_eq!(post(&letters, "/v1/test-recipients", leads).await?.0, 409);
    sqlx::query("UPDATE leads SET phone = '+15125550177' WHERE team_id = $1")
        .bind(domain::id::TypedId::uuid(outreach.team.id))
        .execute(outreach.app.admin.pool())
        .await?;
    let (_, planned) = post(&letters, &path, test.clone()).await?;
    let sent = format!("/v1/test-sends/{}", planned["id"].as_str().context("an id")?);
    wait_until("it is withheld", PATIENCE, || async {
        outreach.app.get(&outreach.team, &sent).await.is_ok_and(|test| test["why"] == "lead")
    })
    .await;
    assert_eq!(outreach.sandbox.texts(Some("5125550177")).len(), 2, "a lead gets no test");

    // Ten in an hour.
    let mut last = 202;
    for _ in 0..10 {
        last = post(&letters, &path, test.clone()).await?.0;
    }
    assert_eq!(last, 429);
    let off = outreach.app.request(&outreach.team, Method::DELETE, &format!("/v1/test-recipients/{id}"));
    assert_eq!(off.send().await?.status(), 204);
    assert_eq!(post(&letters, "/v1/test-recipients", own).await?.0, 429, "what was sent there counts still");
    Ok(())
}

#[tokio::test]
async fn a_worker_leaves_what_goes_by_a_vendor_that_it_does_not_know_to_others_for_a_while() -> Result<()> {
    let mut letters = Letters::new(Settings::default()).await?;
    letters.outreach.app.worker_config.smtp = None;
    letters.outreach.app.start_worker()?;
    let outreach = &letters.outreach;
    let own = json!({ "name": "Ann", "value": "ann@acme-tools.example", "sender": letters.address });
    assert_eq!(post(&letters, "/v1/test-recipients", own).await?.0, 201);
    let phone = json!({ "name": "Ann's phone", "value": "(512) 555-0177", "sender": outreach.sender });
    assert_eq!(post(&letters, "/v1/test-recipients", phone).await?.0, 201);
    // The older one keeps nobody waiting.
    wait_until("the code arrives", PATIENCE, || async {
        outreach.sandbox.texts(Some("5125550177")).len() == 1
    })
    .await;
    let waits = "SELECT count(*) FROM test_sends WHERE team_id = $1 AND state = 'planned'";
    assert_eq!(outreach.app.count(&outreach.team, waits).await?, 1);
    sqlx::query("UPDATE test_sends SET created_at = now() - interval '11 minutes' WHERE team_id = $1")
        .bind(domain::id::TypedId::uuid(outreach.team.id))
        .execute(outreach.app.admin.pool())
        .await?;
    let withheld =
        "SELECT count(*) FROM test_sends WHERE team_id = $1 AND state = 'withheld' AND why = 'no_sender'";
    wait_until("nobody came who knows the mail server", PATIENCE, || async {
        outreach.app.count(&outreach.team, withheld).await.is_ok_and(|withheld| withheld == 1)
    })
    .await;
    let open = "SELECT coalesce(sum(reserved_micros), 0)::bigint FROM budgets WHERE team_id = $1";
    wait_until("no money is put aside", PATIENCE, || async {
        outreach.app.count(&outreach.team, open).await.is_ok_and(|open| open == 0)
    })
    .await;
    assert!(outreach.sandbox.mail().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_letter_is_looked_at_in_a_mailbox_of_the_teams_own() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let own = json!({ "name": "Ann", "value": "Ann@Acme-Tools.example", "sender": letters.address });
    let (status, listed) = post(&letters, "/v1/test-recipients", own).await?;
    assert_eq!(status, 201, "{listed}");
    let id = listed["id"].as_str().context("an id")?.to_owned();
    wait_until("the code arrives", PATIENCE, || async { outreach.sandbox.mail().len() == 1 }).await;
    let code = code(&outreach.sandbox.mail()[0].body);
    let confirm = format!("/v1/test-recipients/{id}/confirm");
    assert_eq!(post(&letters, &confirm, json!({ "code": code })).await?.0, 200);
    let test = json!({ "recipient": id, "sender": letters.address });
    assert_eq!(post(&letters, &format!("/v1/templates/{}/test", letters.letter), test).await?.0, 202);
    wait_until("it is taken", PATIENCE, || async { outreach.sandbox.mail().len() == 2 }).await;
    let mail = outreach.sandbox.mail().remove(1);
    assert_eq!((mail.header("Subject"), mail.to[0].as_str()), ("For you", "ann@acme-tools.example"));
    Ok(())
}
