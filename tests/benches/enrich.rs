//! How fast leads are enriched, as a share of what the vendor and the number of calls at once allow.
//!
//! `cargo bench -p tests --bench enrich`. The vendor answers after 100 ms, ten calls are under way at once, and it is
//! asked about one lead a call (Twilio's lookup; the others take up to 100 at once, and there latency would hide what
//! every lead costs beside it). So 100 leads a second are the limit of it; what is missing from that was spent on
//! ledger, budget, buckets, answers and pages. `-- --leads 3000` and `-- --latency-ms 100` say otherwise.
//!
//! `-- --storm 10000` instead sends so many through the whole waterfall while everything goes wrong: what
//! `it/enrichment/storm.rs` does with fewer. It measures nothing; it fails where anything is not as it has to be.
//!
//! Ends with one line of figures, which is also written to `target/bench/enrich.json`. The worker is a process of its
//! own, and the services are durable ones (`fsync` on), not those of the tests.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use domain::id::LeadId;
use entities::enrichment::Enrichment;
use entities::enrichment::contact_points::{self, FoundPoint, PointKind};
use sandbox::{Sandbox, Settings, Vendor};
use tests::people::names;
use tests::{Services, Team, TestApp, WorkerProcess, a_team};
use workflows::enrichment::Pace;

/// Calls under way at once.
const CONCURRENCY: usize = 10;
/// Calls a second that the house allows: more than can be made.
const CALLS_PER_SECOND: u32 = 10_000;
/// How long a run may take beyond what it takes at least.
const PATIENCE: Duration = Duration::from_secs(600);
/// Leads of the run that warms up connections, caches and compiled queries.
const WARM_UP: usize = 100;

fn main() -> Result<()> {
    let leads = number("--leads")?.unwrap_or(3_000);
    let latency = Duration::from_millis(number("--latency-ms")?.unwrap_or(100));
    let leads = usize::try_from(leads)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match number("--storm")? {
        Some(leads) => runtime.block_on(storm(usize::try_from(leads)?)),
        None => runtime.block_on(run(leads, latency)),
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

async fn run(leads: usize, latency: Duration) -> Result<()> {
    let mut settings = Settings::default().with_latency(latency);
    settings.vendor_mut(Vendor::Twilio).set_price("lookup", 10_000);
    let sandbox = Sandbox::start(settings).await?;
    let services = Services::durable("bench-enrich").await?;
    let mut app =
        TestApp::with_vendors(&services, tests::vendors::access(&sandbox, &[Vendor::Twilio])).await?;
    app.worker_config.vendor_policy.concurrency = CONCURRENCY;
    app.worker_config.vendor_policy.calls_per_second = CALLS_PER_SECOND;
    let team = a_team().create(&app.admin).await?;
    let leads = leads_with_a_number(&app, &team, WARM_UP + leads).await?;
    let (warm_up, leads) = leads.split_at(WARM_UP);

    let worker = WorkerProcess::spawn(env!("CARGO_BIN_EXE_test-worker"), &app)?;
    through(&app, &team, warm_up).await?;
    // As PostgreSQL does by itself within a minute: what it plans for empty tables is not what it plans for these.
    sqlx::query("ANALYZE").execute(app.admin.pool()).await?;
    let before = sandbox.ledger().vendor(Vendor::Twilio).requests;
    let (took, run) = through(&app, &team, leads).await?;
    drop(worker);

    let ledger = sandbox.ledger();
    let twilio = ledger.vendor(Vendor::Twilio);
    let calls = twilio.requests - before;
    ensure!(
        calls == leads.len() as u64,
        "{calls} calls for {} leads: this is not the limit told",
        leads.len()
    );
    ensure!(twilio.paid_again().is_empty(), "somebody was paid for twice");
    ensure!(run.on_hold == 0 && run.failed == 0, "not everybody got through: {run:?}");

    let limit = CONCURRENCY as f64 / latency.as_secs_f64();
    let leads_per_s = leads.len() as f64 / took.as_secs_f64();
    let efficiency = leads_per_s / limit;
    let seconds = took.as_secs_f64();
    println!(
        "{} leads in {seconds:.2} s: {} contactable, {} enriched, {} do not contact; {} calls at once at the most",
        leads.len(),
        run.contactable,
        run.enriched,
        run.do_not_contact,
        twilio.concurrent_peak
    );
    write_figures(&serde_json::json!({
        "enrich_efficiency": efficiency,
        "leads_per_s": leads_per_s,
        "limit_leads_per_s": limit,
        "leads": leads.len(),
        "seconds": seconds,
        "latency_ms": latency.as_millis(),
        "concurrency": CONCURRENCY,
        "concurrent_peak": twilio.concurrent_peak,
    }))?;
    println!("enrich_efficiency={efficiency:.2} leads_per_s={leads_per_s:.1}");
    drop(app);
    services.stop().await
}

/// Everything goes wrong, and everything is as it has to be.
async fn storm(leads: usize) -> Result<()> {
    let services = Services::own().await?;
    let weathered = tests::storm::weather(env!("CARGO_BIN_EXE_test-worker"), &services, leads).await?;
    println!("{}", weathered.told());
    services.stop().await
}

/// Leads that each have one number of which nobody has said what it is.
async fn leads_with_a_number(app: &TestApp, team: &Team, count: usize) -> Result<Vec<LeadId>> {
    let names = names(count);
    let names: Vec<(&str, &str)> =
        names.iter().map(|(given, family)| (given.as_str(), family.as_str())).collect();
    let leads = app.owners(team, &names).await?;
    let points: Vec<FoundPoint> = leads
        .iter()
        .enumerate()
        .map(|(number, lead)| {
            let value = format!("(512) 555-{:04}", number % 10_000);
            FoundPoint::new(*lead, PointKind::Phone, value, 10, false)
        })
        .collect();
    ensure!(count <= 10_000, "there are 10,000 numbers in the exchange");
    let mut tx = app.db.team_bulk(team.id).await?;
    contact_points::merge(&mut tx, "list", &points).await?;
    tx.commit().await?;
    Ok(leads)
}

/// Runs the leads through at the product's own pace.
async fn through(app: &TestApp, team: &Team, leads: &[LeadId]) -> Result<(Duration, Enrichment)> {
    let start = Instant::now();
    let id = app.enrich_at(team, leads, None, Pace::default()).await?;
    let run = app.enriched_within(team, id, PATIENCE).await?;
    let took = start.elapsed();
    ensure!(run.state.as_str() == "completed", "the run did not complete: {run:?}");
    Ok((took, run))
}

fn write_figures(figures: &serde_json::Value) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("enrich.json"), serde_json::to_vec_pretty(figures)?).context("the figures")
}
