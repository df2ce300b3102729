//! How fast texts go out, how well a limit is kept to, and how fast the gate is.
//!
//! `cargo bench -p tests --bench send`: texts a second without a limit against a vendor that answers after 50 ms; the share of
//! a configured 50 a second that is reached over a minute, and that it is never passed; verdicts of the gate a second.
//! `-- --leads 3000` says otherwise.
//!
//! `-- --storm 2000` instead sends so many while everything goes wrong: what `it/campaign/storm.rs` does with fewer, with 20
//! kills and Temporal and PostgreSQL restarted. It measures nothing; it fails where anything is not as it has to be.
//!
//! Ends with one line of figures, which is also written to `target/bench/send.json`. The worker is a process of its own.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chrono::{TimeDelta, Utc};
use domain::gate::{Inputs, RuleSet, judge};
use domain::id::TypedId as _;
use sandbox::Settings;
use serde_json::json;
use tests::Services;
use tests::campaign_storm::{Weather, weather};
use tests::campaigns::{Outreach, moments};
use workflows::campaign::Pace;

/// What the vendor takes to answer.
const LATENCY: Duration = Duration::from_millis(50);
/// The limit that is kept to: 50 a second.
const PER_MINUTE: u32 = 3_000;
/// How long a campaign may take.
const PATIENCE: Duration = Duration::from_secs(900);
/// Verdicts of the measurement.
const VERDICTS: u32 = 2_000_000;

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

fn main() -> Result<()> {
    let leads = usize::try_from(number("--leads")?.unwrap_or(3_000))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match number("--storm")? {
        Some(leads) => runtime.block_on(storm(usize::try_from(leads)?)),
        None => runtime.block_on(run(leads)),
    }
}

/// The number behind `name`; what else cargo passes (`--bench`) is of no interest.
fn number(name: &str) -> Result<Option<u64>> {
    let mut args = std::env::args().skip_while(|arg| arg != name).skip(1);
    let asked = std::env::args().any(|arg| arg == name);
    let value = args.next().map(|value| value.replace('_', "").parse());
    match (asked, value) {
        (true, Some(Ok(number))) => Ok(Some(number)),
        (true, _) => bail!("{name} needs a number"),
        (false, _) => Ok(None),
    }
}

async fn run(leads: usize) -> Result<()> {
    let services = Services::durable("bench-send").await?;
    let send_per_s = unlimited(&services, leads).await?;
    let throttle_share = limited(&services).await?;
    let gate_per_s = gate(&services).await?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder)?;
    let figures = json!({
        "send_per_s": send_per_s, "throttle_share": throttle_share, "gate_per_s": gate_per_s, "leads": leads,
        "latency_ms": LATENCY.as_millis(),
    });
    std::fs::write(folder.join("send.json"), serde_json::to_vec_pretty(&figures)?).context("the figures")?;
    println!("send_per_s={send_per_s:.1} throttle_share={throttle_share:.2} gate_per_s={gate_per_s:.0}");
    services.stop().await
}

/// What is shipped, but for delivery reports: there are none to wait for.
fn pace() -> Pace {
    Pace { reports_ms: 2_000, reports_poll_ms: 200, ..Pace::default() }
}

/// Texts a second, from the first to the last, of a campaign without a limit.
async fn unlimited(services: &Services, leads: usize) -> Result<f64> {
    let outreach = Outreach::at_pace(services, Settings::default().with_latency(LATENCY), pace()).await?;
    let people = outreach.people(leads).await?;
    let id = outreach.create(&people, json!({})).await?;
    // More than anybody may ask for by the API.
    sqlx::query("UPDATE campaigns SET per_minute_limit = 6000000 WHERE team_id = $1")
        .bind(outreach.team.id.uuid())
        .execute(outreach.app.admin.pool())
        .await?;
    let _worker = outreach.worker_process(WORKER)?;
    outreach.release(id).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    outreach.each_got_one(&people).await?;
    let moments = moments(&outreach.texts());
    let (first, last) = moments.first().zip(moments.last()).context("nothing was sent")?;
    let seconds = (*last - *first).as_seconds_f64();
    println!("{leads} texts in {seconds:.2} s");
    Ok(leads as f64 / seconds)
}

/// The share of the limit that is reached over the first minute; no minute may have more than the limit.
async fn limited(services: &Services) -> Result<f64> {
    let outreach = Outreach::at_pace(services, Settings::default().with_latency(LATENCY), pace()).await?;
    let people = outreach.people(usize::try_from(PER_MINUTE + PER_MINUTE / 10)?).await?;
    let id = outreach.create(&people, json!({ "per_minute_limit": PER_MINUTE })).await?;
    let _worker = outreach.worker_process(WORKER)?;
    outreach.release(id).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    let moments = moments(&outreach.texts());
    let minute = TimeDelta::seconds(60);
    let most = moments
        .iter()
        .enumerate()
        .map(|(at, first)| moments[at..].iter().take_while(|moment| **moment - *first < minute).count())
        .max()
        .context("nothing was sent")?;
    ensure!(most <= usize::try_from(PER_MINUTE)?, "{most} in a minute, {PER_MINUTE} are allowed");
    let first = *moments.first().context("nothing was sent")?;
    let reached = moments.iter().take_while(|moment| **moment - first < minute).count();
    println!("{reached} texts in the first minute, {most} in the fullest; {PER_MINUTE} are allowed");
    Ok(reached as f64 / f64::from(PER_MINUTE))
}

/// Verdicts a second on one core, of what a campaign really judged.
async fn gate(services: &Services) -> Result<f64> {
    let outreach = Outreach::on(services, Settings::default()).await?;
    let people = outreach.people(1).await?;
    let id = outreach.create(&people, json!({})).await?;
    let gate = format!("/v1/leads/{}/gate?campaign={id}&if_released=true", people[0]);
    let inputs = outreach.app.get(&outreach.team, &gate).await?["inputs"].clone();
    let mut inputs: Inputs = serde_json::from_value(inputs).context("inputs")?;
    let rules = RuleSet::shipped();
    // A working day, at an hour that every law allows.
    inputs.at = "2026-11-23T18:00:00Z".parse()?;
    ensure!(judge(rules, &inputs).allowed, "{:?}", judge(rules, &inputs));
    let start = Instant::now();
    for number in 0..VERDICTS {
        inputs.at += TimeDelta::microseconds(i64::from(number % 2));
        black_box(judge(rules, black_box(&inputs)));
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{VERDICTS} verdicts in {seconds:.2} s; it is {}", Utc::now());
    Ok(f64::from(VERDICTS) / seconds)
}

/// Everything goes wrong, and everything is as it has to be.
async fn storm(leads: usize) -> Result<()> {
    let services = Services::durable("bench-send-storm").await?;
    let rough = Weather { leads, kills: 20, restarts: true, seed: 1 };
    let weathered = weather(WORKER, &services, rough).await?;
    println!(
        "leads={leads} accepted={} lost={} refused={} seconds={:.1}",
        weathered.accepted,
        weathered.lost,
        weathered.refused,
        weathered.took.as_secs_f64()
    );
    services.stop().await
}
