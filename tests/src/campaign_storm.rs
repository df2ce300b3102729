//! A campaign while everything goes wrong: answers get lost, recipients are refused, reports come twice and in any order, the
//! worker is killed again and again, Temporal and PostgreSQL are restarted, and somebody pauses, resumes and changes limits.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use domain::id::{CampaignId, LeadId, TypedId as _};
use entities::suppression::{self, NewSuppression, SuppressedKind, SuppressionReason};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use sandbox::{Settings, Throttle, ThrottleBy, Vendor};
use serde_json::{Value, json};
use stack::Service;

use crate::campaigns::Outreach;
use crate::{Services, WorkerProcess, wait_until};

/// The share of texts that are taken while their answer gets lost.
const LOST: f64 = 0.02;
/// The share of recipients that the vendor refuses.
const REFUSED: f64 = 0.03;
/// One lead in so many has opted out.
const SUPPRESSED: usize = 40;
/// Messages a minute at the fastest: what the campaign's limit allows.
const PER_MINUTE: u32 = 3_000;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// How rough it is to be.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Leads of the campaign.
    pub leads: usize,
    /// How often the worker is killed.
    pub kills: usize,
    /// Whether Temporal and PostgreSQL are restarted once each.
    pub restarts: bool,
    /// What chance is made of.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Weathered {
    /// Texts that were accepted.
    pub accepted: usize,
    /// Of these, those whose answer was lost.
    pub lost: usize,
    /// Recipients that were refused.
    pub refused: usize,
    /// How long it took.
    pub took: Duration,
}

/// Sends a campaign through, and sees to it that everything is as it has to be: exactly one accepted text for each lead who
/// was to get one and was not refused, none to whoever opted out, none above any limit, and money as the vendor bills it.
///
/// # Errors
/// The first thing that is not.
pub async fn weather(program: &str, services: &Services, weather: Weather) -> Result<Weathered> {
    let outreach = Outreach::on(services, world()).await?;
    let people = outreach.people(weather.leads).await?;
    let (out, intended): (Vec<_>, Vec<_>) =
        people.iter().copied().enumerate().partition(|(at, _)| at % SUPPRESSED == 0);
    let out: Vec<LeadId> = out.into_iter().map(|(_, lead)| lead).collect();
    let intended: Vec<LeadId> = intended.into_iter().map(|(_, lead)| lead).collect();
    opt_out(&outreach, &out).await?;
    let id = outreach.create(&people, json!({ "per_minute_limit": PER_MINUTE })).await?;

    let start = Instant::now();
    let mut worker = outreach.worker_process(program)?;
    outreach.release(id).await?;
    let mut chance = StdRng::seed_from_u64(weather.seed);
    for kill in 1..=weather.kills {
        let share = intended.len() * kill / (weather.kills + 2);
        wait_until(&format!("{share} are sent"), PATIENCE, || async {
            outreach.texts().len() >= share || has_ended(&set_going(&outreach, id).await)
        })
        .await;
        meddle(&outreach, id, &mut chance).await;
        worker.kill()?;
        if weather.restarts && kill == weather.kills / 3 {
            restart(services, Service::Temporal).await?;
        }
        if weather.restarts && kill == weather.kills * 2 / 3 {
            restart(services, Service::Postgres).await?;
        }
        worker = outreach.worker_process(program)?;
    }
    let _worker: WorkerProcess = worker;
    wait_until("it has ended", PATIENCE, || async { has_ended(&set_going(&outreach, id).await) }).await;
    let took = start.elapsed();
    let done = outreach.campaign(id).await?;
    ensure!(done["state"] == "completed", "{done}");
    check(&outreach, &intended, &out, &done).await.map(|(accepted, lost, refused)| Weathered {
        accepted,
        lost,
        refused,
        took,
    })
}

fn world() -> Settings {
    let mut settings = Settings::default().with_latency(Duration::from_millis(50));
    // What the ledger expects a segment to cost: the vendor tells no price with its reports.
    settings.vendor_mut(Vendor::SignalHouse).set_price("segment", 15_000);
    let texts = &mut settings.texts;
    texts.lost_replies = LOST;
    texts.refused = [("OUT", REFUSED / 3.0), ("landline", REFUSED / 3.0), ("dnc", REFUSED / 3.0)]
        .map(|(code, share)| (code.to_owned(), share))
        .into();
    texts.reports.twice = 0.2;
    texts.reports.reordered = 0.2;
    texts.reports.late = 0.1;
    texts.reports.late_by_ms = 1_000;
    let minute = Duration::from_secs(60);
    texts.throttles = vec![Throttle::of(ThrottleBy::Number, u64::from(PER_MINUTE), minute)];
    settings
}

async fn opt_out(outreach: &Outreach, leads: &[LeadId]) -> Result<()> {
    let numbers = outreach.numbers(leads).await?;
    let what: Vec<NewSuppression> = numbers
        .iter()
        .map(|number| NewSuppression {
            kind: SuppressedKind::Phone,
            value: format!("+1{number}"),
            reason: SuppressionReason::OptOut,
        })
        .collect();
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    suppression::suppress(&mut tx, "storm", &what).await?;
    tx.commit().await?;
    Ok(())
}

fn has_ended(campaign: &Value) -> bool {
    campaign["ended_at"].is_string()
}

/// A person pauses, resumes or changes how fast it goes; what is refused or unanswered is nobody's harm.
async fn meddle(outreach: &Outreach, id: CampaignId, chance: &mut StdRng) {
    let what = match chance.random_range(0..3) {
        0 => ("pause", Value::Null),
        1 => ("limits", json!({ "per_minute_limit": chance.random_range(PER_MINUTE / 2..=PER_MINUTE) })),
        _ => ("resume", Value::Null),
    };
    let told = outreach.order(&outreach.team, id, what.0, what.1).await;
    if what.0 == "pause" && told.is_ok_and(|(status, _)| status == 200) {
        resume(outreach, id).await;
    }
}

/// Lets it go on. While something is down nobody answers, and the storm goes on without.
async fn resume(outreach: &Outreach, id: CampaignId) {
    if let Err(error) = outreach.order(&outreach.team, id, "resume", Value::Null).await {
        tracing::warn!(%error, "an order was not answered");
    }
}

/// The campaign, null while nobody answers. Whatever it was paused by, it goes on: a pause that nobody answered when it was
/// asked for may take effect at any time after.
async fn set_going(outreach: &Outreach, id: CampaignId) -> Value {
    let campaign = outreach.campaign(id).await.unwrap_or(Value::Null);
    if campaign["state"] == "paused" {
        resume(outreach, id).await;
    }
    campaign
}

async fn restart(services: &Services, service: Service) -> Result<()> {
    services.kill(service).await?;
    services.restart(service).await
}

async fn check(
    outreach: &Outreach,
    intended: &[LeadId],
    out: &[LeadId],
    done: &Value,
) -> Result<(usize, usize, usize)> {
    let texts = outreach.texts();
    let taken = outreach.taken();
    let twice: Vec<_> = taken.iter().filter(|(_, times)| **times > 1).collect();
    ensure!(twice.is_empty(), "texts were accepted twice: {twice:?}");
    let suppressed: BTreeSet<String> = outreach.numbers(out).await?.into_iter().collect();
    let wrongly: Vec<_> = taken.keys().filter(|number| suppressed.contains(*number)).collect();
    ensure!(wrongly.is_empty(), "{} who opted out got a text", wrongly.len());
    let violations = outreach.sandbox.violations();
    ensure!(violations.is_empty(), "limits were exceeded: {violations:?}");

    let refused: Vec<(String,)> = sqlx::query_as(
        "SELECT right(l.phone, 10) FROM send_intents i JOIN leads l ON l.team_id = i.team_id AND l.id = i.lead_id
          WHERE i.team_id = $1 AND i.state = 'refused'",
    )
    .bind(outreach.team.id.uuid())
    .fetch_all(outreach.app.admin.pool())
    .await?;
    let refused: BTreeSet<String> = refused.into_iter().map(|(number,)| number).collect();
    let mut lacking = Vec::new();
    for number in outreach.numbers(intended).await? {
        match (taken.contains_key(&number), refused.contains(&number)) {
            (true, false) | (false, true) => {}
            (true, true) => lacking.push(format!("{number}: accepted and noted as refused")),
            (false, false) => lacking.push(format!("{number}: nothing, and nobody says why")),
        }
    }
    ensure!(lacking.is_empty(), "{} leads: {:?}; {done}", lacking.len(), lacking.first());

    let noted = "SELECT coalesce(sum(price_micros), 0)::bigint FROM messages WHERE team_id = $1 AND direction = 'outbound'";
    let bill: u64 = texts.iter().map(|text| text.micro_dollars).sum();
    let noted = outreach.app.count(&outreach.team, noted).await?.unsigned_abs();
    ensure!(noted == bill, "the ledger says {noted}, the bill {bill}");
    let budgets = "SELECT spent_micros + reserved_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    let spent = outreach.app.count(&outreach.team, budgets).await?.unsigned_abs();
    ensure!(spent == bill, "the budget says {spent}, the bill {bill}");
    let lost = texts.iter().filter(|text| text.reply_lost).count();
    let first = texts.first().context("nothing was sent")?;
    ensure!(!first.body.is_empty(), "a text without words");
    Ok((texts.len(), lost, refused.len()))
}
