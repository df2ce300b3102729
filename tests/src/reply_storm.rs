//! Replies while everything goes wrong: deliveries come twice, late and out of order, the vendor's answers get lost, the worker is
//! killed again and again, Temporal is killed once, people approve and opt out at the same time, and then everybody is silent.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use domain::id::{ConversationId, SuggestionId, TypedId};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::StatusCode;
use sandbox::{Settings, Vendor};
use stack::Service;
use uuid::Uuid;

use crate::replies::Correspondence;
use crate::{Services, WorkerProcess, wait_until};

/// One in so many of those who were written to replies.
const REPLIES: usize = 5;
/// The share of replies whose texts are taken while the answer gets lost.
const LOST: f64 = 0.05;
/// How often the worker is killed.
const KILLS: usize = 4;
/// Deliveries at once.
const AT_ONCE: usize = 16;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Every kind of message.
const MESSAGES: [&str; 10] = [
    "Yes, I am interested",
    "STOP",
    "How does it work?",
    "bob.quimby@example.com",
    "not interested",
    "thanks!",
    "please take me off your list",
    "call me at 5",
    "too expensive",
    "blue",
];

/// What came of it.
#[derive(Debug)]
pub struct Weathered {
    /// Messages that came in, each once.
    pub messages: usize,
    /// People who opted out, by a word or otherwise.
    pub opted_out: usize,
    /// Replies that were approved and went out.
    pub sent: usize,
    /// Follow-ups whose time came.
    pub followed_up: usize,
    /// How long it took.
    pub took: Duration,
}

/// Has a fifth of so many people reply, and sees to it that everything is as it has to be: each reply is in the inbox once and
/// classified, each opt-out holds and nothing was begun behind it, nothing went out without its approval, or twice, and each
/// follow-up happened once or not at all.
///
/// # Errors
/// The first thing that is not.
pub async fn weather(program: &str, services: &Services, leads: usize) -> Result<Weathered> {
    let mut settings = Settings::default().with_latency(Duration::from_millis(50));
    settings.texts.lost_replies = LOST;
    settings.vendor_mut(Vendor::SignalHouse).set_price("segment", 15_000);
    let mut all = Correspondence::on(services, settings).await?;
    // What is changed past the workflows is met soon, and many of them do not keep two cores busy with looking.
    all.outreach.app.worker_config.conversation_pace.idle_ms = u64::try_from(leads)?.clamp(100, 2_000) * 15;
    let people = all.written_to(leads).await?;
    let numbers: Vec<&str> = people.iter().step_by(REPLIES).map(|(_, number)| number.as_str()).collect();
    let start = Instant::now();
    let mut worker: WorkerProcess = all.outreach.worker_process(program)?;
    let first = deliver(&all, &numbers, 1).await?;
    for kill in 1..=KILLS {
        let share = i64::try_from(numbers.len() * kill / (KILLS + 1))?;
        classified(&all, share).await;
        worker.kill()?;
        if kill == KILLS / 2 {
            services.kill(Service::Temporal).await?;
            // What comes in is taken in all the same; a third of everybody writes again.
            deliver(&all, &numbers[..numbers.len() / 3], 2).await?;
            // And the vendor tells some of it once more, long after.
            redeliver(&all, &first).await?;
            services.restart(Service::Temporal).await?;
        }
        worker = all.outreach.worker_process(program)?;
    }
    let messages = numbers.len() + numbers.len() / 3;
    classified(&all, i64::try_from(messages)?).await;
    let approved = approve_and_stop(&all).await?;
    worker.kill()?;
    worker = all.outreach.worker_process(program)?;
    wait_until("whatever was approved has ended", PATIENCE, || async {
        let open = "SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND state IN ('approved', 'edited', 'sending')";
        all.count(open).await.is_ok_and(|open| open == 0)
    })
    .await;
    let planned = silence(&all).await?;
    for left in [planned / 2, 0] {
        let what = format!("no more than {left} follow-ups are left");
        wait_until(&what, PATIENCE, || async {
            let open =
                "SELECT count(*) FROM follow_ups WHERE team_id = $1 AND state IN ('planned', 'firing')";
            all.count(open).await.is_ok_and(|open| usize::try_from(open).is_ok_and(|open| open <= left))
        })
        .await;
        if left > 0 {
            worker.kill()?;
            worker = all.outreach.worker_process(program)?;
        }
    }
    let took = start.elapsed();
    drop(worker);
    let followed_up = check_follow_ups(&all).await?;
    check(&all, messages, &approved).await.map(|(opted_out, sent)| Weathered {
        messages,
        opted_out,
        sent,
        followed_up,
        took,
    })
}

/// What was delivered: the vendor's id, from whom, and what.
type Delivered = (String, String, &'static str);

/// Everybody writes: some deliveries come twice, and none waits for another.
async fn deliver(all: &Correspondence, numbers: &[&str], round: usize) -> Result<Vec<Delivered>> {
    stream::iter(numbers.iter().enumerate())
        .map(|(at, number)| async move {
            let id = Uuid::new_v4().simple().to_string();
            let text = MESSAGES[(at * round) % MESSAGES.len()];
            for _ in 0..=at % 3 {
                let (status, _) = all.deliver_as(&id, number, text).await?;
                ensure!(status == StatusCode::NO_CONTENT, "{status}");
            }
            Ok((id, (*number).to_owned(), text))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// A third of what was delivered is delivered again, after what was written since.
async fn redeliver(all: &Correspondence, delivered: &[Delivered]) -> Result<()> {
    stream::iter(delivered.iter().step_by(3))
        .map(|(id, number, text)| async move {
            let (status, _) = all.deliver_as(id, number, text).await?;
            ensure!(status == StatusCode::NO_CONTENT, "{status}");
            Ok(())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Nobody says anything for as long as every follow-up waits. Answers how many there are.
async fn silence(all: &Correspondence) -> Result<usize> {
    let due = sqlx::query("UPDATE follow_ups SET due_at = now() WHERE team_id = $1 AND state = 'planned'")
        .bind(all.outreach.team.id.uuid())
        .execute(all.outreach.app.admin.pool())
        .await?;
    Ok(usize::try_from(due.rows_affected())?)
}

/// Each follow-up whose time came made one thing or nothing. Answers how many they were.
async fn check_follow_ups(all: &Correspondence) -> Result<usize> {
    let suggested = "SELECT (SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND origin = 'follow_up')
                          - (SELECT count(DISTINCT suggestion_id) FROM follow_ups WHERE team_id = $1 AND state = 'done')";
    ensure!(all.count(suggested).await? == 0, "a follow-up suggested twice, or for nothing");
    let tasks = "SELECT (SELECT count(*) FROM tasks WHERE team_id = $1 AND dedup_key LIKE 'follow_up:%')
                      - (SELECT count(DISTINCT task_id) FROM follow_ups WHERE team_id = $1 AND state = 'done')";
    ensure!(all.count(tasks).await? == 0, "a follow-up put two tasks, or one for nothing");
    let behind = "SELECT count(*) FROM follow_ups f JOIN conversations c ON c.team_id = f.team_id AND c.id = f.conversation_id
                   WHERE f.team_id = $1 AND f.state = 'done' AND c.hold_reason = 'opted_out' AND f.ended_at > c.held_at";
    ensure!(all.count(behind).await? == 0, "somebody who opted out was followed up");
    let fired = "SELECT count(*) FROM follow_ups WHERE team_id = $1 AND state IN ('done', 'skipped')";
    let fired = usize::try_from(all.count(fired).await?)?;
    ensure!(fired > 0, "nobody was to be followed up: it proves nothing");
    Ok(fired)
}

async fn classified(all: &Correspondence, items: i64) {
    wait_until(&format!("{items} items are classified"), PATIENCE, || async {
        let done = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND intent IS NOT NULL";
        all.count(done).await.is_ok_and(|done| done >= items)
    })
    .await;
}

/// Every other suggestion is approved; of these, every fifth person opts out meanwhile. Answers those that were approved.
async fn approve_and_stop(all: &Correspondence) -> Result<BTreeSet<String>> {
    let rows: Vec<(Uuid, Uuid, String)> = sqlx::query_as(
        "SELECT s.id, c.id, c.their_address FROM reply_suggestions s
           JOIN conversations c ON c.team_id = s.team_id AND c.id = s.conversation_id
          WHERE s.team_id = $1 AND s.state = 'proposed' ORDER BY s.id",
    )
    .bind(all.outreach.team.id.uuid())
    .fetch_all(all.outreach.app.admin.pool())
    .await?;
    ensure!(rows.len() >= 4, "{} suggestions wait: too few to prove anything", rows.len());
    let chosen: Vec<(usize, (Uuid, Uuid, String))> = rows.into_iter().step_by(2).enumerate().collect();
    stream::iter(chosen)
        .map(|(at, (suggestion, conversation, number))| async move {
            let (of, suggestion) =
                (ConversationId::from_uuid(conversation), SuggestionId::from_uuid(suggestion));
            if at % 5 == 4 {
                let stop = all.write(&number, "STOP");
                let (stopped, _refused_or_not) = tokio::join!(stop, all.approve(of, suggestion));
                stopped?;
            } else {
                let decided = all.approve(of, suggestion).await.context("an approval")?;
                ensure!(decided.refused.is_none(), "{:?}", decided.refused);
            }
            Ok(number)
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn check(all: &Correspondence, messages: usize, approved: &BTreeSet<String>) -> Result<(usize, usize)> {
    let items = all.count("SELECT count(*) FROM inbox_items WHERE team_id = $1").await?;
    let stops =
        "SELECT count(*) FROM inbox_items i JOIN messages m ON m.team_id = i.team_id AND m.id = i.message_id
                  WHERE i.team_id = $1 AND m.body = 'STOP'";
    let stopped_late = all.count(stops).await?;
    ensure!(usize::try_from(items)? >= messages, "{items} items of {messages} messages");
    let twice = "SELECT count(*) - count(DISTINCT (provider, external_id)) FROM messages WHERE team_id = $1 AND direction = 'inbound'";
    ensure!(all.count(twice).await? == 0, "a message is there twice");
    let raw = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND intent IS NULL";
    wait_until("everything is classified", PATIENCE, || async {
        all.count(raw).await.is_ok_and(|raw| raw == 0)
    })
    .await;
    let unheld = "SELECT count(DISTINCT c.id) FROM conversations c JOIN inbox_items i ON i.team_id = c.team_id
                     AND i.conversation_id = c.id WHERE c.team_id = $1 AND i.intent = 'opt_out' AND c.state <> 'held'";
    ensure!(all.count(unheld).await? == 0, "somebody opted out and is not held");
    let behind = "SELECT count(*) FROM send_intents i JOIN inbox_items t ON t.team_id = i.team_id AND t.conversation_id = i.conversation_id
                   WHERE i.team_id = $1 AND t.intent = 'opt_out' AND t.rule = 'keyword' AND i.called_at > t.created_at";
    ensure!(all.count(behind).await? == 0, "a call was begun behind an opt-out");
    let unapproved = "SELECT count(*) FROM messages m JOIN reply_suggestions r ON r.team_id = m.team_id AND r.message_id = m.id
                       WHERE m.team_id = $1 AND r.decided_by IS NULL";
    ensure!(all.count(unapproved).await? == 0, "something went out that nobody approved");
    let taken = all.outreach.taken();
    for (number, times) in &taken {
        ensure!(*times == 1, "somebody was answered {times} times");
        ensure!(
            approved.contains(&format!("+1{number}")),
            "somebody was answered whose answer nobody approved"
        );
    }
    let sent = "SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND state = 'sent'";
    let sent = usize::try_from(all.count(sent).await?)?;
    ensure!(sent == taken.len(), "{sent} are written down as sent, {} were taken", taken.len());
    let opted_out =
        "SELECT count(*) FROM suppressions WHERE team_id = $1 AND reason = 'opt_out' AND lifted_at IS NULL";
    let opted_out = usize::try_from(all.count(opted_out).await?)?;
    ensure!(opted_out > 0 && stopped_late > 0 && sent > 0, "nothing of it happened: it proves nothing");
    Ok((opted_out, sent))
}
