//! What comes in is seen to at once, for many conversations together, whether Temporal is there or not; what is wrong with one
//! message keeps no other from its place; and a workflow begins with all that it needs to know.

use anyhow::{Context, Result};
use sandbox::Settings;
use serde_json::Value;
use stack::Service;
use tests::replies::{Correspondence, PATIENCE};
use tests::{Services, wait_until};
use workflows::conversation::workflow_id;

const OPEN: &str = "SELECT count(*) FROM outbox WHERE team_id = $1 AND done_at IS NULL";

#[tokio::test]
async fn what_comes_in_while_temporal_is_away_is_seen_to_at_once_and_told_afterwards() -> Result<()> {
    let services = Services::own().await?;
    let mut all = Correspondence::on(&services, Settings::default()).await?;
    all.outreach.app.start_worker()?;
    let people = all.written_to(6).await?;
    all.write(&people[0].1, "Yes, I am interested").await?;
    all.classified(&people[0].1, 1).await?;
    services.kill(Service::Temporal).await?;
    for (_, number) in &people[1..] {
        all.write(number, "How does it work?").await?;
    }
    all.write(&people[0].1, "STOP").await?;
    let held = all.look(&people[0].1).await?.context("a conversation")?;
    assert_eq!(held.state, "held", "an opt-out waits for nobody");
    for (_, number) in &people[1..] {
        let look = all.classified(number, 1).await?;
        assert_eq!(look.intents, ["question"]);
        all.suggested(number).await?;
    }
    assert!(all.count(OPEN).await? >= 5, "the workflows are still to be told");
    services.restart(Service::Temporal).await?;
    wait_until("everything is told", PATIENCE, || async {
        all.count(OPEN).await.is_ok_and(|open| open == 0)
    })
    .await;
    let (conversation, suggestion, _) = all.suggested(&people[1].1).await?;
    assert_eq!(all.approve(conversation, suggestion).await?.refused, None);
    all.texted(&people[1].1, 1).await;
    assert_eq!(all.count("SELECT count(*) FROM inbox_items WHERE team_id = $1").await?, 7);
    drop(all);
    services.stop().await
}

#[tokio::test]
async fn what_is_wrong_with_one_message_keeps_no_other_from_its_place() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    let people = all.written_to(5).await?;
    for (_, number) in &people {
        all.write(number, "How does it work?").await?;
    }
    // One conversation that nothing can be written of.
    let broken = all.look(&people[2].1).await?.context("a conversation")?.id;
    let break_it = format!(
        "CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
         CREATE TRIGGER break_off BEFORE UPDATE ON inbox_items FOR EACH ROW
             WHEN (NEW.conversation_id = '{}') EXECUTE FUNCTION break_off()",
        domain::id::TypedId::uuid(broken)
    );
    let admin = all.outreach.app.admin.pool().clone();
    sqlx::raw_sql(sqlx::AssertSqlSafe(break_it)).execute(&admin).await?;
    all.outreach.app.start_worker()?;
    for (at, (_, number)) in people.iter().enumerate() {
        if at != 2 {
            all.suggested(number).await?;
        }
    }
    let failing =
        "SELECT count(*) FROM outbox WHERE team_id = $1 AND done_at IS NULL AND failure IS NOT NULL";
    wait_until("its notice says why", PATIENCE, || async {
        all.count(failing).await.is_ok_and(|failing| failing == 1)
    })
    .await;
    let look = all.look(&people[2].1).await?.context("a conversation")?;
    assert_eq!(look.intents, ["-"]);
    sqlx::raw_sql("DROP TRIGGER break_off ON inbox_items").execute(&admin).await?;
    all.suggested(&people[2].1).await?;
    assert_eq!(all.count("SELECT count(*) FROM reply_suggestions WHERE team_id = $1").await?, 5);
    Ok(())
}

/// A first message costs Temporal one task: no activity, and no second look.
#[tokio::test]
async fn a_workflow_begins_with_what_the_relay_has_seen_to() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    all.outreach.app.worker_config.conversation_pace.idle_ms = 3_600_000;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    for text in ["Yes, I am interested", "How does it work?", "Where are you?"] {
        all.write(&number, text).await?;
    }
    all.outreach.app.start_worker()?;
    let (conversation, ..) = all.suggested(&number).await?;
    wait_until("it waits", PATIENCE, || async {
        kinds(&all, &workflow_id(conversation))
            .await
            .is_ok_and(|kinds| kinds.contains(&"TimerStarted".to_owned()))
    })
    .await;
    let kinds = kinds(&all, &workflow_id(conversation)).await?;
    let task = ["WorkflowTaskScheduled", "WorkflowTaskStarted", "WorkflowTaskCompleted"];
    let start = ["WorkflowExecutionStarted", "WorkflowExecutionSignaled"];
    let expected: Vec<&str> = start.into_iter().chain(task).chain(["TimerStarted"]).collect();
    assert_eq!(kinds, expected, "three messages are told at once, and nothing is asked");
    Ok(())
}

/// The kinds of events in the history of a workflow.
async fn kinds(all: &Correspondence, id: &str) -> Result<Vec<String>> {
    let history: Value = serde_json::from_slice(&all.outreach.app.history(id).to_json().await?)?;
    let events = history["events"].as_array().context("events")?;
    let kinds = events.iter().filter_map(|event| event["attributes"].as_object()?.keys().next());
    Ok(kinds.map(|kind| kind.trim_end_matches("EventAttributes").to_owned()).collect())
}
