//! How long the history of a campaign's workflow gets: measured, on Temporal itself.

use anyhow::Result;
use sandbox::Settings;
use serde_json::{Value, json};
use tests::campaigns::{BRISK, Outreach, PATIENCE};
use tests::{Services, wait_until};
use workflows::campaign::{Pace, workflow_id};

/// The longest history that a run may have.
const MOST: usize = 10_000;
/// Leads of the campaign that it has to hold for.
const LEADS: usize = 300_000;
/// At how many events runs are continued here.
const EVENTS: usize = 100;
/// What a run may add to it before it looks: a step, and what is ordered meanwhile.
const STEP: usize = 100;

/// Activities of a run.
fn activities(events: &[Value]) -> usize {
    let scheduled = |event: &&Value| !event["attributes"]["ActivityTaskScheduledEventAttributes"].is_null();
    events.iter().filter(scheduled).count()
}

/// Bytes of what a run begins with, as Temporal keeps it.
fn carried(events: &[Value]) -> usize {
    let started = &events[0]["attributes"]["WorkflowExecutionStartedEventAttributes"];
    started["input"]["payloads"][0]["data"].as_str().map_or(0, str::len)
}

/// A run ends at a length that has nothing to do with how many leads there are, and what it hands to the next one does not
/// grow: so a campaign of any size has short histories, and many.
#[tokio::test]
async fn each_run_is_short_however_many_leads_there_are() -> Result<()> {
    let pace = Pace { events_per_run: u32::try_from(EVENTS)?, batch_messages: 2, plan_leads: 3, ..BRISK };
    let mut outreach = Outreach::at_pace(Services::shared().await, Settings::default(), pace).await?;
    outreach.app.start_worker()?;
    let people = outreach.people(60).await?;
    let id = outreach.create(&people, json!({})).await?;
    outreach.release(id).await?;
    wait_until("some are sent", PATIENCE, || async { outreach.texts().len() >= 10 }).await;
    // Whoever is quick enough pauses it, and changes how fast it goes: what is ordered is part of the history too.
    let (paused, _) = outreach.order(&outreach.team, id, "pause", Value::Null).await?;
    outreach.order(&outreach.team, id, "limits", json!({ "per_minute_limit": 5_000 })).await?;
    if paused == 200 {
        outreach.must(id, "resume").await?;
    }
    outreach.reaches(id, "completed", PATIENCE).await?;
    // Nothing is lost or repeated where one run ends and the next begins.
    outreach.each_got_one(&people).await?;

    let runs = outreach.app.runs(&workflow_id(id)).await?;
    let lengths: Vec<usize> = runs.iter().map(Vec::len).collect();
    assert!(runs.len() >= 4, "it was continued several times: {lengths:?}");
    let longest = lengths.iter().copied().max().unwrap_or_default();
    let beyond = longest.saturating_sub(EVENTS);
    assert!(beyond <= STEP, "a run went {beyond} events beyond {EVENTS}: {lengths:?}");
    let shipped = Pace::default();
    let bound = usize::try_from(shipped.events_per_run)? + beyond;
    assert!(bound < MOST, "{bound} events, {MOST} are too many");

    // And it would not be short by itself: what so many leads take, at what each activity costs here.
    let (events, done): (usize, usize) = (lengths.iter().sum(), runs.iter().map(|run| activities(run)).sum());
    let each = events / done.max(1);
    let (pages, batch) = (usize::try_from(shipped.plan_leads)?, usize::try_from(shipped.batch_messages)?);
    let fastest = (LEADS / pages + LEADS / batch) * each;
    // A batch lasts a minute, in which the usual limit lets 20 go.
    let usual = (LEADS / pages + LEADS / 20) * each;
    assert!((4..20).contains(&each), "{each} events for each of {done} activities: {lengths:?}");
    assert!(usual > MOST, "{usual} events: one run would do");
    tracing::info!(each, fastest, usual, bound, ?lengths, "events of 300,000 leads, and of one run");

    let carried: Vec<usize> = runs.iter().map(|run| carried(run)).collect();
    assert!(
        carried.iter().all(|bytes| (1..4_096).contains(bytes)),
        "what is carried over grows: {carried:?}"
    );
    Ok(())
}
