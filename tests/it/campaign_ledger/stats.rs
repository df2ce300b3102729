//! What the reports say is what the ledger says.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use domain::campaign::LeadState;
use domain::message::MessageStatus;
use domain::money::MicroDollars;
use entities::campaign::stats;
use entities::message::{self, Received, Report};
use entities::send_intent::Outcome;
use entities::{campaign, campaign_lead};

use super::scene::{FROM, Scene, number};

#[tokio::test]
async fn hours_failures_totals_and_costs_add_up() -> Result<()> {
    let scene = Scene::new().await?;
    let (id, leads) = scene.planned(6).await?;
    for index in 0..4 {
        scene.sent(id, &format!("msg_{index}")).await?;
    }
    let refused = scene.claimed(id, "one", 1).await?;
    scene.begin("one", &refused).await?;
    scene.settle(refused[0], Outcome::Refused { code: "21211" }).await?.context("new")?;
    let report = |external_id, delivery_key, status, error_code| Report {
        external_id,
        delivery_key,
        status,
        error_code,
        price: Some(MicroDollars::new(16_000)),
        segments: Some(2),
        happened_at: scene.now,
    };
    let mut tx = scene.tx().await?;
    let reports = [
        report("msg_0", "d0", MessageStatus::Delivered, None),
        report("msg_1", "d1", MessageStatus::Delivered, None),
        report("msg_2", "d2", MessageStatus::Undelivered, Some("30003")),
    ];
    message::report(&mut tx, "signalhouse", &reports, scene.now).await?;
    let (first, second) = (number(0), number(1));
    for (from, external_id, classification) in [
        (&first, "in_1", "interested"),
        (&first, "in_2", "email-capture"),
        (&second, "in_3", "not-interested"),
    ] {
        let reply = Received {
            channel: "sms",
            provider: "signalhouse",
            external_id,
            from,
            to: FROM,
            body: "…",
            classification: Some(classification),
        };
        message::receive(&mut tx, &reply, scene.now).await?.context("new")?;
    }
    tx.commit().await?;

    let mut tx = scene.tx().await?;
    let hours = stats::hours(&mut tx, id).await?;
    let sum = |of: fn(&stats::StatsRow) -> i64| hours.iter().map(of).sum::<i64>();
    assert_eq!((sum(|row| row.sent), sum(|row| row.delivered), sum(|row| row.failed)), (4, 2, 1));
    assert_eq!((sum(|row| row.segments), sum(|row| row.spent_micros)), (3 * 2 + 1, 3 * 16_000 + 15_000));
    assert_eq!((sum(|row| row.replied), sum(|row| row.positive), sum(|row| row.negative)), (3, 2, 1));
    assert!(hours.iter().all(|row| row.carrier == "att" && (0..24).contains(&row.hour)), "{hours:?}");

    let failures = stats::failures(&mut tx, id).await?;
    let codes: Vec<(&str, i64)> = failures.iter().map(|one| (one.code.as_str(), one.failed)).collect();
    assert_eq!(codes, [("21211", 1), ("30003", 1)]);

    let totals = stats::totals(&mut tx, id).await?;
    assert_eq!((totals.leads, totals.sent, totals.delivered, totals.responded), (6, 4, 2, 2));
    assert_eq!((totals.positive, totals.captured, totals.negative), (1, 1, 1), "people, not messages");
    assert_eq!(
        (totals.response_rate(), totals.positive_rate(), totals.capture_rate()),
        (Some(0.5), Some(0.5), Some(0.25))
    );

    let costs = stats::costs(&mut tx, id).await?;
    assert_eq!((costs.sms_micros, costs.email_micros, costs.total_micros()), (63_000, 0, 63_000));

    let calendar =
        stats::calendar(&mut tx, scene.now - TimeDelta::days(1), scene.now + TimeDelta::days(1)).await?;
    assert_eq!(calendar.iter().map(|row| row.texts).sum::<i64>(), 1, "one text is left: {calendar:?}");

    campaign_lead::advance(&mut tx, id, &leads[..1], LeadState::OptedOut, scene.now).await?;
    assert_eq!(stats::totals(&mut tx, id).await?.opted_out, 1);
    let team = scene.db.team(scene.team).await?;
    assert_eq!(campaign::get(&team, id).await?.campaign_state()?, domain::campaign::CampaignState::Running);
    Ok(())
}

#[tokio::test]
async fn a_campaign_that_sent_nothing_has_no_rates() -> Result<()> {
    let scene = Scene::new().await?;
    let (id, _) = scene.planned(1).await?;
    let mut tx = scene.tx().await?;
    let totals = stats::totals(&mut tx, id).await?;
    assert_eq!((totals.sent, totals.response_rate(), totals.delivery_rate()), (0, None, None));
    assert!(stats::hours(&mut tx, id).await?.is_empty());
    assert!(stats::costs(&mut tx, entities::fresh_id()).await.is_err(), "no such campaign");
    Ok(())
}
