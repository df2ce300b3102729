//! Silence is followed up once, or not at all.

use anyhow::{Context, Result};
use sandbox::Settings;
use serde_json::json;
use tests::replies::{Correspondence, PATIENCE};
use tests::wait_until;

const PLANNED: &str = "SELECT count(*) FROM follow_ups WHERE team_id = $1 AND state = 'planned'";
const DONE: &str = "SELECT count(*) FROM follow_ups WHERE team_id = $1 AND state = 'done'";

async fn becomes(all: &Correspondence, sql: &'static str, wanted: i64) {
    wait_until(&format!("{sql} is {wanted}"), PATIENCE, || async {
        all.count(sql).await.is_ok_and(|found| found == wanted)
    })
    .await;
}

#[tokio::test]
async fn who_is_interested_and_silent_is_asked_once_and_an_answer_calls_it_off() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let people = all.written_to(2).await?;
    let (silent, answers) = (&people[0].1, &people[1].1);
    all.set(json!({ "auto_reply": true })).await?;
    for number in [silent, answers] {
        all.write(number, "Yes, I am interested").await?;
        all.texted(number, 1).await;
    }
    becomes(&all, PLANNED, 2).await;
    all.write(answers, "bob@example.com").await?;
    all.classified(answers, 2).await?;
    let cancelled =
        "SELECT count(*) FROM follow_ups WHERE team_id = $1 AND state = 'cancelled' AND reason = 'reply'";
    becomes(&all, cancelled, 1).await;
    let before = all.texts_to(answers).len();
    let look = all.look(silent).await?.context("a conversation")?;
    all.let_time_pass(look.id).await?;
    all.texted(silent, 2).await;
    becomes(&all, DONE, 1).await;
    assert_eq!(all.texts_to(silent).len(), 2);
    assert!(all.texts_to(answers).len() <= before + 1, "nothing but the answer to the address");
    Ok(())
}

#[tokio::test]
async fn nothing_follows_up_on_who_opted_out_and_a_lead_has_three_at_the_most() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let people = all.written_to(2).await?;
    let (out, often) = (&people[0].1, &people[1].1);
    for number in [out, often] {
        all.write(number, "Yes, I am interested").await?;
        all.suggested(number).await?;
    }
    becomes(&all, PLANNED, 2).await;
    all.write(out, "STOP").await?;
    all.until(out, "it is held", |look| look.state == "held").await?;
    becomes(&all, PLANNED, 1).await;
    // As if the lead had had three before, in other conversations.
    let look = all.look(often).await?.context("a conversation")?;
    sqlx::query(
        "INSERT INTO follow_ups (team_id, rule_id, rule_version, trigger, conversation_id, lead_id, occasion, actions, state,
                                 due_at, contact_no, fired_at, ended_at)
         SELECT f.team_id, f.rule_id, 1, f.trigger, f.conversation_id, f.lead_id, gen_random_uuid(), f.actions, 'done', now(), n, now(),
                now() FROM follow_ups f, generate_series(1, 3) n
          WHERE f.team_id = $1 AND f.conversation_id = $2 AND f.state = 'planned'",
    )
    .bind(domain::id::TypedId::uuid(all.outreach.team.id))
    .bind(domain::id::TypedId::uuid(look.id))
    .execute(all.outreach.app.admin.pool())
    .await?;
    all.let_time_pass(look.id).await?;
    becomes(
        &all,
        "SELECT count(*) FROM follow_ups WHERE team_id = $1 AND state = 'skipped' AND reason = 'too_many'",
        1,
    )
    .await;
    assert!(all.outreach.texts().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_question_that_nobody_answers_is_a_persons_task() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "How does it work?").await?;
    let (conversation, ..) = all.suggested(&number).await?;
    becomes(&all, PLANNED, 1).await;
    all.let_time_pass(conversation).await?;
    becomes(&all, DONE, 1).await;
    assert!(all.count("SELECT count(*) FROM tasks WHERE team_id = $1 AND state = 'open'").await? >= 1);
    assert!(all.outreach.texts().is_empty());
    Ok(())
}
