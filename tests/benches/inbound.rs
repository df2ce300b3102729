//! How soon a vendor has its answer, a message is classified, and an opt-out takes effect: `cargo bench -p tests --bench inbound`.
//!
//! After a warm-up, the last line is `ack_p50_ms=… ack_p99_ms=… inbox_p99_ms=… optout_p99_ms=…`: the webhook's acknowledgement at 200 deliveries a
//! second, from there to the classified item of the inbox, and from an opt-out's delivery to its suppression. Before it the
//! same is told with Temporal stopped for a minute: nothing is lost, and the backlog is drained. With `-- --storm 2000` a fifth of
//! 2,000 people reply while workers and Temporal are killed.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use domain::id::TypedId as _;
use reqwest::StatusCode;
use sandbox::Settings;
use stack::Service;
use tests::replies::Correspondence;
use tests::reply_storm::weather;
use tests::{Services, wait_until};
use uuid::Uuid;

/// Deliveries a second.
const PER_SECOND: usize = 200;
/// Deliveries before anything is measured. After half of them PostgreSQL looks at its tables, as it does within a minute of any
/// installation's life: what it plans for empty ones reads them from end to end when they are not. With the other half it plans
/// anew, on each connection.
const WARM_UP: usize = 400;
/// How long an outage of Temporal is.
const OUTAGE: Duration = Duration::from_secs(60);
/// Deliveries a second during the outage.
const PER_SECOND_AWAY: usize = 5;
/// How long a backlog may take.
const PATIENCE: Duration = Duration::from_secs(1_800);

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match number("--storm")? {
        Some(leads) => runtime.block_on(storm(leads)),
        None => runtime.block_on(run(number("--seconds")?.unwrap_or(10))),
    }
}

/// The number behind `name`; what else cargo passes (`--bench`) is of no interest.
fn number(name: &str) -> Result<Option<usize>> {
    let mut args = std::env::args().skip_while(|arg| arg != name).skip(1);
    let asked = std::env::args().any(|arg| arg == name);
    let value = args.next().map(|value| value.replace('_', "").parse());
    match (asked, value) {
        (true, Some(Ok(number))) => Ok(Some(number)),
        (true, _) => bail!("{name} needs a number"),
        (false, _) => Ok(None),
    }
}

async fn storm(leads: usize) -> Result<()> {
    let services = Services::durable("bench-inbound").await?;
    let weathered = weather(WORKER, &services, leads).await?;
    println!(
        "messages={} opted_out={} sent={} followed_up={} seconds={:.1}",
        weathered.messages,
        weathered.opted_out,
        weathered.sent,
        weathered.followed_up,
        weathered.took.as_secs_f64()
    );
    services.stop().await
}

async fn run(seconds: usize) -> Result<()> {
    let services = Services::durable("bench-inbound").await?;
    let mut all = Correspondence::on(&services, Settings::default()).await?;
    all.outreach.app.worker_config.conversation_pace.idle_ms = 3_600_000;
    let _worker = all.outreach.worker_process(WORKER)?;
    let count = seconds * PER_SECOND;
    // Those who write at the rate, those who opt out among them, and those who write while Temporal is away.
    let away = usize::try_from(OUTAGE.as_secs())? * PER_SECOND_AWAY;
    let people = all.written_to(WARM_UP + count + away).await?;
    let numbers: Vec<&str> = people.iter().map(|(_, number)| number.as_str()).collect();
    let (before, numbers) = numbers.split_at(WARM_UP);
    let (first, second) = before.split_at(WARM_UP / 2);
    deliver(&all, first, PER_SECOND / 4).await?;
    drained(&all, first.len()).await?;
    sqlx::query("ANALYZE").execute(all.outreach.app.admin.pool()).await?;
    deliver(&all, second, PER_SECOND / 4).await?;
    drained(&all, WARM_UP).await?;

    let (now, later) = numbers.split_at(count);
    let start = Utc::now();
    let (mut acks, took) = deliver(&all, now, PER_SECOND).await?;
    let end = Instant::now();
    drained(&all, WARM_UP + count).await?;
    println!(
        "{count} deliveries in {:.1} s, drained {:.1} s after the last",
        took.as_secs_f64(),
        end.elapsed().as_secs_f64()
    );
    let (_, inbox_p99) = waits(&all, "inbox", start).await?;
    let (_, optout_p99) = waits(&all, "optout", start).await?;

    services.kill(Service::Temporal).await?;
    let (mut acks_away, _) = deliver(&all, later, PER_SECOND_AWAY).await?;
    services.restart(Service::Temporal).await?;
    let back = Instant::now();
    let everybody = WARM_UP + count + away;
    drained(&all, everybody).await?;
    let items = all.count("SELECT count(*) FROM inbox_items WHERE team_id = $1").await?;
    ensure!(usize::try_from(items)? == everybody, "{items} items of {everybody}");
    println!(
        "Temporal away for {} s: {away} deliveries, ack p99 {:.1} ms, nothing lost, drained {:.1} s after it was back",
        OUTAGE.as_secs(),
        percentile(&mut acks_away, 0.99),
        back.elapsed().as_secs_f64()
    );
    let ack_p50 = percentile(&mut acks, 0.5);
    let ack_p99 = percentile(&mut acks, 0.99);
    println!(
        "ack_p50_ms={ack_p50:.1} ack_p99_ms={ack_p99:.1} inbox_p99_ms={inbox_p99:.0} optout_p99_ms={optout_p99:.0}"
    );
    services.stop().await
}

/// Delivers one message of each, so many a second, whatever the ones before do. One in ten opts out. Answers how long each took to be
/// acknowledged, in milliseconds, and all of them together.
async fn deliver(all: &Correspondence, numbers: &[&str], per_second: usize) -> Result<(Vec<f64>, Duration)> {
    let mut acks = Vec::with_capacity(numbers.len());
    let start = Instant::now();
    // One task drives all requests: what is measured is the service and not many clients.
    let mut calls = futures::stream::FuturesUnordered::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / u32::try_from(per_second)?);
    let mut next = 0;
    use futures::StreamExt as _;
    while next < numbers.len() || !calls.is_empty() {
        tokio::select! {
            _ = tick.tick(), if next < numbers.len() => {
                let text = if next % 10 == 9 { "STOP" } else { "Yes, I am interested" };
                let (number, id) = (numbers[next], Uuid::new_v4().simple().to_string());
                calls.push(async move { all.deliver_as(&id, number, text).await });
                next += 1;
            }
            Some(done) = calls.next() => {
                let (status, took) = done?;
                ensure!(status == StatusCode::NO_CONTENT, "{status}");
                acks.push(took.as_secs_f64() * 1_000.0);
            }
        }
    }
    Ok((acks, start.elapsed()))
}

async fn drained(all: &Correspondence, items: usize) -> Result<()> {
    let items = i64::try_from(items)?;
    wait_until("everything is classified", PATIENCE, || async {
        let done = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND classified_at IS NOT NULL";
        all.count(done).await.is_ok_and(|done| done >= items)
    })
    .await;
    Ok(())
}

/// From the delivery to what it led to, in milliseconds, of all deliveries since `start`: the median and the hundredth that takes
/// longest.
async fn waits(all: &Correspondence, what: &str, start: DateTime<Utc>) -> Result<(f64, f64)> {
    let sql = match what {
        "inbox" => {
            "SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM classified_at - received_at) * 1000)
               FROM inbox_items WHERE team_id = $1 AND received_at >= $2"
        }
        _ => {
            "SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM s.created_at - d.received_at) * 1000)
               FROM suppressions s JOIN messages m ON m.team_id = s.team_id AND m.from_value = s.value AND m.body = 'STOP'
               JOIN inbox_items d ON d.team_id = m.team_id AND d.message_id = m.id
              WHERE s.team_id = $1 AND d.received_at >= $2"
        }
    };
    let (found,): (Vec<f64>,) = sqlx::query_as(sql)
        .bind(all.outreach.team.id.uuid())
        .bind(start)
        .fetch_one(all.outreach.app.admin.pool())
        .await?;
    found.first().copied().zip(found.get(1).copied()).context("nothing was measured")
}

fn percentile(all: &mut [f64], share: f64) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let place = ((all.len() as f64 * share).ceil() as usize).saturating_sub(1);
    all.get(place).copied().unwrap_or_default()
}
