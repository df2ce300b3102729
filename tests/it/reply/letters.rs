//! What a follow-up writes by e-mail goes out once, through the gate, where the team wants it and somebody carries it; else a person
//! writes it.

use anyhow::{Context, Result, ensure};
use domain::id::TypedId;
use reqwest::Method;
use sandbox::Settings;
use serde_json::json;
use tests::faults::Mischief;
use tests::letters::{POSTAL, give_mail};
use tests::replies::{Correspondence, PATIENCE};
use tests::wait_until;

const ADDRESS: &str = "bob.quimby@example.com";
const PLANNED: &str = "SELECT count(*) FROM follow_ups WHERE team_id = $1 AND state = 'planned'";
const DONE: &str = "SELECT count(*) FROM follow_ups WHERE team_id = $1 AND state = 'done' AND contact_no = 1 AND task_id IS NULL";
const TASK: &str =
    "SELECT count(*) FROM tasks WHERE team_id = $1 AND state = 'open' AND title = 'Send an e-mail'";

async fn becomes(all: &Correspondence, sql: &'static str, wanted: i64) {
    wait_until(&format!("{sql} is {wanted}"), PATIENCE, || async {
        all.count(sql).await.is_ok_and(|found| found == wanted)
    })
    .await;
}

async fn run(all: &Correspondence, sql: &'static str) -> Result<()> {
    sqlx::query(sql).bind(all.outreach.team.id.uuid()).execute(all.outreach.app.admin.pool()).await?;
    Ok(())
}

/// One rule alone, which writes an e-mail to who is silent after `trigger`.
async fn rule(all: &Correspondence, trigger: &str) -> Result<()> {
    let (app, team) = (&all.outreach.app, &all.outreach.team);
    app.get(team, "/v1/follow-up-rules").await?;
    run(all, "UPDATE follow_up_rules SET enabled = false WHERE team_id = $1").await?;
    let rule = json!({
        "name": "by mail", "trigger": trigger, "after_minutes": 60,
        "actions": [{ "do": "send_email", "subject": "A word, {{first_name|there}}", "text": "Hello {{first_name|there}}, still there?" }],
    });
    let response = app.request(team, Method::POST, "/v1/follow-up-rules").json(&rule).send().await?;
    let status = response.status();
    ensure!(status == 201, "{status}: {}", response.text().await?);
    Ok(())
}

/// Somebody says something, is silent, and the team lets follow-ups go out by themselves when their time has come.
async fn silent_after(all: &Correspondence, said: &str) -> Result<String> {
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, said).await?;
    let look = all.classified(&number, 1).await?;
    becomes(all, PLANNED, 1).await;
    all.set(json!({ "auto_reply": true })).await?;
    all.let_time_pass(look.id).await?;
    Ok(number)
}

async fn to_whom_left_an_address(all: &Correspondence) -> Result<()> {
    rule(all, "email_captured_silent").await?;
    let number = silent_after(all, ADDRESS).await?;
    becomes(all, DONE, 1).await;
    wait_until("it is taken", PATIENCE, || async { !all.outreach.sandbox.mail().is_empty() }).await;
    let accepted = "SELECT count(*) FROM letters WHERE team_id = $1 AND state = 'accepted'";
    becomes(all, accepted, 1).await;
    let mail = all.outreach.sandbox.mail();
    assert_eq!(mail.len(), 1);
    assert_eq!(mail[0].to, [ADDRESS]);
    assert!(mail[0].header("Subject").starts_with("A word, ") && mail[0].body.contains(POSTAL));
    let judged =
        "SELECT count(*) FROM gate_verdicts WHERE team_id = $1 AND conversation_id IS NOT NULL AND allowed";
    assert_eq!(all.count(judged).await?, 1);
    let said = "SELECT count(*) FROM messages WHERE team_id = $1 AND channel = 'email' AND conversation_id IS NOT NULL";
    assert_eq!(all.count(said).await?, 1);
    assert_eq!(all.count(TASK).await?, 0);
    assert!(all.texts_to(&number).is_empty());
    Ok(())
}

#[tokio::test]
async fn who_left_an_address_and_is_silent_is_written_to_there_once() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    give_mail(&mut all.outreach).await?;
    all.outreach.app.start_worker()?;
    to_whom_left_an_address(&all).await
}

#[tokio::test]
async fn written_once_though_every_activity_runs_twice() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    give_mail(&mut all.outreach).await?;
    all.outreach.app.start_faulty_worker(Mischief::AnswersLost)?;
    to_whom_left_an_address(&all).await
}

#[tokio::test]
async fn where_nobody_carries_mail_a_person_writes_it() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    rule(&all, "email_captured_silent").await?;
    silent_after(&all, ADDRESS).await?;
    becomes(&all, TASK, 1).await;
    assert_eq!(all.count("SELECT count(*) FROM letters WHERE team_id = $1").await?, 0);
    Ok(())
}

/// An address from a list is none that somebody gave us: nobody has agreed to be written to there.
#[tokio::test]
async fn what_the_gate_forbids_is_a_persons_task() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    give_mail(&mut all.outreach).await?;
    all.outreach.app.start_worker()?;
    rule(&all, "question_unanswered").await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    run(&all, "UPDATE leads SET email = 'bob@acme-tools.example' WHERE team_id = $1").await?;
    all.write(&number, "How does it work?").await?;
    let look = all.classified(&number, 1).await?;
    becomes(&all, PLANNED, 1).await;
    all.set(json!({ "auto_reply": true })).await?;
    all.let_time_pass(look.id).await?;
    becomes(
        &all,
        "SELECT count(*) FROM letters WHERE team_id = $1 AND state = 'withheld' AND why = 'consent'",
        1,
    )
    .await;
    becomes(&all, TASK, 1).await;
    assert!(all.outreach.sandbox.mail().is_empty());
    Ok(())
}
