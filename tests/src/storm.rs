//! Leads through the whole waterfall while everything goes wrong: each kind of fault befalls a share of the requests, and
//! the worker process is killed again and again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use domain::id::{EnrichmentId, LeadId, TypedId as _};
use entities::budget::{self, Limit, Scope};
use entities::enrichment::Enrichment;
use entities::enrichment::contact_points::{self, FoundPoint, PointKind};
use sandbox::{Fault, LedgerReport, RateLimit, Sandbox, Script, Settings, Vendor};
use uuid::Uuid;
use workflows::enrichment::Pace;

use crate::people::names;
use crate::reckoning::{Reckoning, reckon};
use crate::vendors::{BRISK, access};
use crate::{Services, Team, TestApp, WorkerProcess, a_team, wait_until};

/// The share of requests that each kind of fault befalls.
const RATE: f64 = 0.05;
/// The share of requests that a kind of fault befalls until it has happened for the first time.
const EARLY: f64 = 0.1;
/// How often the worker is killed.
const KILLS: usize = 5;
/// Runs that are under way at once.
const RUNS: usize = 6;
/// One lead in so many is a person at a business, whom only Apollo is asked about.
const AT_WORK: usize = 10;
/// One owner in so many has a number of which nobody has said what it is.
const WITH_A_NUMBER: usize = 3;
/// The vendors of enrichment; the others of the sandbox carry messages.
const ASKED: [Vendor; 5] =
    [Vendor::Melissa, Vendor::BatchData, Vendor::RealEstateApi, Vendor::Apollo, Vendor::Twilio];
/// Calls a second that the house allows to a vendor that tells no limit: few enough to be reached.
const CALLS_PER_SECOND: u32 = 40;
/// Calls under way at once in a worker.
const CONCURRENCY: u32 = 10;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(7_200);

/// What came of a storm.
#[derive(Debug)]
pub struct Weathered {
    /// The runs, as they ended.
    pub runs: Vec<Enrichment>,
    /// How leads ended, by outcome and reason.
    pub outcomes: BTreeMap<String, i64>,
    /// The vendors' books.
    pub books: LedgerReport,
    /// The accounts beside each other.
    pub reckoning: Reckoning,
    /// How long it took.
    pub took: Duration,
}

impl Weathered {
    /// What a person wants to know of it.
    pub fn told(&self) -> String {
        let mut told = vec![format!("{:.0} s; leads: {:?}", self.took.as_secs_f64(), self.outcomes)];
        for (vendor, report) in &self.books.vendors {
            let windows: Vec<String> = report
                .windows
                .iter()
                .filter_map(|window| Some((window.limit?, window)))
                .map(|(limit, window)| {
                    format!("{} of {limit} in {} ms", window.peak_anywhere, window.length_ms)
                })
                .collect();
            told.push(format!(
                "{vendor}: {} requests, {} at once, {}; faults {:?}",
                report.requests,
                report.concurrent_peak,
                windows.join(", "),
                report.faults
            ));
        }
        told.push(format!("micro-dollars: {:?}", self.reckoning));
        told.join("\n")
    }
}

/// Sends so many leads through, and sees to it that everything is as it has to be: every lead has ended, nobody was
/// paid twice, what was spent is what vendors charged, and no limit was passed.
///
/// # Errors
/// The first thing that is not.
pub async fn weather(worker: &str, services: &Services, count: usize) -> Result<Weathered> {
    let sandbox = Sandbox::start(world()).await?;
    // Each once for certain, which also holds for those that can befall only one vendor, and then by chance.
    for fault in faults() {
        sandbox.script(Script::new(fault).rate(EARLY).times(1))?;
    }
    for fault in faults() {
        sandbox.script(Script::new(fault).rate(RATE))?;
    }
    let mut app = TestApp::with_vendors(services, access(&sandbox, &ASKED)).await?;
    app.worker_config.vendor_policy.calls_per_second = CALLS_PER_SECOND;
    let team = a_team().create(&app.admin).await?;
    no_daily_caps(&app, &team).await?;
    let leads = leads(&app, &team, count).await?;
    ensure!(leads.len() == count, "{} leads instead of {count}", leads.len());

    let start = Instant::now();
    let mut ids = Vec::new();
    for part in leads.chunks(count.div_ceil(RUNS)) {
        ids.push(app.enrich_at(&team, part, None, pace()).await?);
    }
    kill_again_and_again(worker, &app, &team, &sandbox, count).await?;
    let last = WorkerProcess::spawn(worker, &app)?;
    let runs = all(&app, &team, &ids).await?;
    let took = start.elapsed();
    drop(last);

    let books = sandbox.ledger();
    let outcomes = outcomes(&app, &team).await?;
    every_lead_has_ended(&runs, &outcomes, count)?;
    every_fault_happened(&books)?;
    no_limit_was_passed(&books)?;
    let reckoning = reckon(&app, &team, &books).await?;
    Ok(Weathered { runs, outcomes, books, reckoning, took })
}

/// Vendors that charge what the adapters believe, take a moment to answer, and refuse what is beyond their limits.
fn world() -> Settings {
    let mut settings = Settings::default().with_latency(Duration::from_millis(20));
    settings.vendor_mut(Vendor::RealEstateApi).set_price("match", 150_000);
    settings.vendor_mut(Vendor::Twilio).set_price("lookup", 10_000);
    // As its documents say; Apollo's are there by default.
    settings.vendor_mut(Vendor::RealEstateApi).limits = vec![RateLimit::of(10, Duration::from_secs(1))];
    // In any second, a full bucket and what it gains come out, and those that were drawn before may still be on the way.
    let most = CALLS_PER_SECOND + CONCURRENCY + CONCURRENCY;
    for vendor in [Vendor::Melissa, Vendor::BatchData, Vendor::Twilio] {
        settings.vendor_mut(vendor).limits = vec![RateLimit::of(most, Duration::from_secs(1))];
    }
    settings
}

/// Every kind but a stop of the account, which would end the calls of everybody until a person has seen to it.
fn faults() -> Vec<Fault> {
    vec![
        Fault::RateLimited { retry_after_s: Some(1) },
        Fault::RateLimited { retry_after_s: None },
        Fault::Outage { status: 500 },
        Fault::Outage { status: 503 },
        Fault::Slow { ms: 500 },
        // Longer than a call may take.
        Fault::Hung { processed: true },
        Fault::Hung { processed: false },
        Fault::Cut { processed: true },
        Fault::Cut { processed: false },
        Fault::Malformed,
        Fault::ErrorInside,
        Fault::PositionalNulls,
        Fault::EmptyAddress,
        Fault::WrongPerson,
        Fault::WebhookLate { ms: 2_000 },
        Fault::WebhookTwice,
        Fault::WebhookOutOfOrder,
    ]
}

/// Small pages, so that vendors that take many at once are called often; and patience with vendors in trouble.
fn pace() -> Pace {
    Pace { page_leads: 10, pages_per_run: 10, lookup_timeout_ms: 600_000, ..BRISK }
}

/// A day has a thousand expensive calls by default.
async fn no_daily_caps(app: &TestApp, team: &Team) -> Result<()> {
    let mut tx = app.db.team_bulk(team.id).await?;
    budget::set_limit(&mut tx, &Scope::Day, Limit::default()).await?;
    for word in ["melissa", "batchdata", "realestateapi", "apollo", "twilio_lookup"] {
        budget::set_limit(&mut tx, &Scope::ProviderDay(word.to_owned()), Limit::default()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Owners of properties, and among them people at businesses.
async fn leads(app: &TestApp, team: &Team, count: usize) -> Result<Vec<LeadId>> {
    let people = names(count);
    let (at_work, owners): (Vec<_>, Vec<_>) =
        people.iter().enumerate().partition(|(number, _)| number % AT_WORK == 0);
    let owners: Vec<(&str, &str)> =
        owners.iter().map(|(_, (given, family))| (given.as_str(), family.as_str())).collect();
    let mut leads = app.owners(team, &owners).await?;
    let numbers: Vec<FoundPoint> = leads
        .iter()
        .enumerate()
        .step_by(WITH_A_NUMBER)
        .map(|(at, lead)| {
            let number = format!("({}) 555-{:04}", 512 + at / 10_000, at % 10_000);
            FoundPoint::new(*lead, PointKind::Phone, number, 10, false)
        })
        .collect();
    let mut tx = app.db.team_bulk(team.id).await?;
    contact_points::merge(&mut tx, "list", &numbers).await?;
    tx.commit().await?;
    let (given, family): (Vec<String>, Vec<String>) =
        at_work.into_iter().map(|(_, name)| name.clone()).unzip();
    let made: Vec<(Uuid,)> = sqlx::query_as(
        "WITH named AS (
             SELECT fresh_uuid() AS persona, fresh_uuid() AS business, given, family
               FROM unnest($2::text[], $3::text[]) AS t (given, family)),
         people AS (
             INSERT INTO personas (team_id, id, match_key, given_name, family_name)
             SELECT $1, persona, persona, given, family FROM named),
         firms AS (
             INSERT INTO businesses (team_id, id, match_key, name, display_name, website)
             SELECT $1, business, business, upper(family) || ' PLUMBING', family || ' Plumbing',
                    lower(family) || 'plumbing.example' FROM named)
         INSERT INTO leads (team_id, id, kind, persona_id, business_id, lead_key, contact_class, score, facts, score_rules,
                            quality_score, tags)
         SELECT $1, fresh_uuid(), 'person', persona, business, persona, 'generic_contact', 50, 3, 1, 0, '{}' FROM named
         RETURNING id",
    )
    .bind(team.id.uuid())
    .bind(given)
    .bind(family)
    .fetch_all(app.admin.pool())
    .await?;
    leads.extend(made.into_iter().map(|(id,)| LeadId::from_uuid(id)));
    Ok(leads)
}

/// Kills a worker each time another share of the leads has ended and a call of it is at a vendor: billed, perhaps, and
/// not answered.
async fn kill_again_and_again(
    program: &str,
    app: &TestApp,
    team: &Team,
    sandbox: &Sandbox,
    count: usize,
) -> Result<()> {
    for kill in 1..=KILLS {
        let worker = WorkerProcess::spawn(program, app)?;
        let share = i64::try_from(count * kill / (KILLS + 2))?;
        wait_until(&format!("{share} leads have ended"), PATIENCE, || async {
            app.count(team, ENDED).await.is_ok_and(|ended| ended >= share)
        })
        .await;
        wait_until("a call is at a vendor", PATIENCE, || async {
            sandbox.ledger().vendors.values().any(|vendor| vendor.concurrent > 0)
        })
        .await;
        worker.kill()?;
    }
    Ok(())
}

const ENDED: &str = "SELECT count(*) FROM enrichment_leads WHERE team_id = $1 AND outcome <> 'pending'";

async fn all(app: &TestApp, team: &Team, ids: &[EnrichmentId]) -> Result<Vec<Enrichment>> {
    let mut runs = Vec::new();
    for id in ids {
        runs.push(app.enriched_within(team, *id, PATIENCE).await?);
    }
    Ok(runs)
}

async fn outcomes(app: &TestApp, team: &Team) -> Result<BTreeMap<String, i64>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT outcome || coalesce('/' || reason, ''), count(*) FROM enrichment_leads WHERE team_id = $1 GROUP BY 1",
    )
    .bind(team.id.uuid())
    .fetch_all(app.admin.pool())
    .await?;
    Ok(rows.into_iter().collect())
}

fn every_lead_has_ended(runs: &[Enrichment], outcomes: &BTreeMap<String, i64>, count: usize) -> Result<()> {
    for run in runs {
        ensure!(run.state.as_str() == "completed", "a run did not complete: {run:?}");
        let ended = run.contactable + run.enriched + run.do_not_contact + run.on_hold + run.failed;
        ensure!(ended == run.leads, "not every lead of a run has ended: {run:?}");
    }
    let ended: i64 = outcomes.values().sum();
    ensure!(ended == i64::try_from(count)?, "{ended} of {count} leads were in runs: {outcomes:?}");
    for (outcome, leads) in outcomes {
        ensure!(!outcome.starts_with("pending"), "{leads} leads have not ended: {outcomes:?}");
        ensure!(!outcome.starts_with("failed"), "{leads} leads failed: {outcomes:?}");
        let explained = !outcome.starts_with("on_hold") || outcome.contains('/');
        ensure!(explained, "{leads} leads are on hold, and nobody says why: {outcomes:?}");
    }
    Ok(())
}

/// A storm in which something did not happen proves nothing of it.
fn every_fault_happened(books: &LedgerReport) -> Result<()> {
    for fault in faults() {
        let kind = fault.kind();
        let happened: u64 = books.vendors.values().filter_map(|vendor| vendor.faults.get(kind)).sum();
        ensure!(happened > 0, "{kind} never happened: send more leads through");
    }
    Ok(())
}

fn no_limit_was_passed(books: &LedgerReport) -> Result<()> {
    for vendor in ASKED {
        let (report, vendor) = (books.vendor(vendor), vendor.name());
        ensure!(report.requests > 0, "{vendor} was never asked");
        ensure!(report.refused_by_limit == 0, "{vendor} refused {} requests", report.refused_by_limit);
        for window in &report.windows {
            let Some(limit) = window.limit else { continue };
            ensure!(window.peak_anywhere <= u64::from(limit), "{vendor} was asked too often: {window:?}");
        }
        // Those of a worker that was killed are still there for a moment.
        let most = u64::from(CONCURRENCY) * 2;
        let peak = report.concurrent_peak;
        ensure!(peak <= most, "{vendor} had {peak} calls at once");
    }
    Ok(())
}
