//! What is put aside never passes a limit, and what was put aside is spent or given back.

use anyhow::{Context, Result};
use domain::id::{IntentId, TypedId as _};
use domain::message::MessageStatus;
use domain::money::MicroDollars;
use entities::budget::{self, Budget, Limit, Reservation, Scope};
use entities::message::{self, Report};
use entities::send_intent::Outcome;
use entities::{fresh_id, suppression};
use futures::future::try_join_all;

use super::scene::{PRICE, Scene};

fn scopes(campaign: domain::id::CampaignId) -> Vec<Scope> {
    vec![Scope::Team, Scope::Campaign(campaign.to_string()), Scope::Day]
}

async fn of_team(scene: &Scene) -> Result<Budget> {
    let team = scene.db.team(scene.team).await?;
    budget::list(&team).await?.into_iter().find(|budget| budget.scope == "team").context("a budget")
}

#[tokio::test]
async fn many_who_reserve_at_once_end_exactly_at_the_limit() -> Result<()> {
    let scene = Scene::with(12).await?;
    let (campaign, _) = scene.planned(1).await?;
    let mut tx = scene.tx().await?;
    // For 100 texts and two thirds of another.
    let limit = Limit { money: Some(MicroDollars::new(1_510_000)), calls: None };
    budget::set_limit(&mut tx, &Scope::Team, limit).await?;
    tx.commit().await?;
    let granted = try_join_all((0..12).map(async |_| {
        let mut granted = Vec::new();
        for _ in 0..3 {
            let calls: Vec<(IntentId, MicroDollars)> = (0..7).map(|_| (fresh_id(), PRICE)).collect();
            let mut tx = scene.tx().await?;
            let answers = budget::reserve_many(&mut tx, &calls, &scopes(campaign)).await?;
            tx.commit().await?;
            assert_eq!(answers.len(), 7);
            for (call, reservation) in answers {
                match reservation {
                    Reservation::Reserved => granted.push(call),
                    Reservation::Exhausted { scope } => assert_eq!(scope, Scope::Team),
                    Reservation::Settled => anyhow::bail!("nothing was settled"),
                }
            }
        }
        anyhow::Ok(granted)
    }))
    .await?;
    let granted: Vec<IntentId> = granted.into_iter().flatten().collect();
    assert_eq!(granted.len(), 100);
    assert_eq!(of_team(&scene).await?.reserved_micros, 1_500_000);
    assert_eq!(
        scene.count("SELECT count(*) FROM alerts WHERE kind = 'budget.threshold'").await?,
        1,
        "one alert"
    );

    // A cheaper one still fits.
    let mut tx = scene.tx().await?;
    let small: (IntentId, MicroDollars) = (fresh_id(), MicroDollars::new(10_000));
    let dear: (IntentId, MicroDollars) = (fresh_id(), PRICE);
    let answers = budget::reserve_many(&mut tx, &[dear, small], &scopes(campaign)).await?;
    assert_eq!(answers[1], (small.0, Reservation::Reserved));
    assert!(matches!(answers[0].1, Reservation::Exhausted { .. }));
    tx.rollback().await?;

    let mut tx = scene.tx().await?;
    assert_eq!(budget::release_many(&mut tx, &granted[..40]).await?, 40);
    assert_eq!(budget::release_many(&mut tx, &granted[..40]).await?, 0, "once");
    let costs: Vec<(IntentId, MicroDollars)> =
        granted[40..].iter().map(|call| (*call, MicroDollars::new(14_000))).collect();
    assert_eq!(budget::settle_many(&mut tx, &costs).await?, 60);
    assert_eq!(budget::settle_many(&mut tx, &costs).await?, 0, "once");
    let again = budget::reserve_many(&mut tx, &[costs[0]], &scopes(campaign)).await?;
    assert_eq!(again, [(costs[0].0, Reservation::Settled)], "what was paid for is not paid for again");
    tx.commit().await?;
    let after = of_team(&scene).await?;
    assert_eq!((after.reserved_micros, after.spent_micros), (0, 60 * 14_000));
    let unequal = scene
        .count(
            "SELECT count(*) FROM budgets b WHERE b.reserved_micros <> 0 OR b.spent_micros <>
                    (SELECT coalesce(sum(e.settled_micros), 0) FROM budget_entries e WHERE e.budget_id = b.id)",
        )
        .await?;
    assert_eq!(unequal, 0, "each budget is the sum of its entries");
    Ok(())
}

#[tokio::test]
async fn a_delivery_report_settles_and_an_opt_out_gives_back() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(3).await?;
    let mut tx = scene.tx().await?;
    let claimed = scene.claim_due(&mut tx, campaign, "one", 3).await?;
    let calls: Vec<(IntentId, MicroDollars)> = claimed.iter().map(|intent| (*intent, PRICE)).collect();
    budget::reserve_many(&mut tx, &calls, &scopes(campaign)).await?;
    tx.commit().await?;
    assert_eq!(of_team(&scene).await?.reserved_micros, 45_000);

    let (to,): (String,) = sqlx::query_as("SELECT to_value FROM send_intents WHERE id = $1")
        .bind(claimed[2].uuid())
        .fetch_one(scene.admin.pool())
        .await?;
    let mut tx = scene.tx().await?;
    let who = suppression::OptOut {
        kind: suppression::SuppressedKind::Phone,
        value: &to,
        scope: suppression::SuppressionScope::Team,
        subject: "",
        method: suppression::SuppressionMethod::Keyword,
        source: "signalhouse",
    };
    suppression::opt_out(&mut tx, &who, scene.now).await?;
    tx.commit().await?;
    assert_eq!(of_team(&scene).await?.reserved_micros, 30_000, "what is not sent costs nothing");

    scene.begin("one", &claimed[..2]).await?;
    for (intent, external_id) in claimed.iter().zip(["msg_1", "msg_2"]) {
        let outcome = Outcome::Accepted { external_id, segments: None, price: None };
        scene.settle(*intent, outcome).await?.context("new")?;
    }
    assert_eq!(of_team(&scene).await?.reserved_micros, 30_000, "a vendor that took it has not charged yet");
    let mut tx = scene.tx().await?;
    let delivered = Report {
        external_id: "msg_1",
        delivery_key: "d1",
        status: MessageStatus::Delivered,
        error_code: None,
        price: Some(MicroDollars::new(12_000)),
        segments: Some(1),
        happened_at: scene.now,
    };
    message::report(&mut tx, "signalhouse", &[delivered], scene.now).await?;
    tx.commit().await?;
    let after = of_team(&scene).await?;
    assert_eq!((after.reserved_micros, after.spent_micros), (15_000, 12_000));

    // The other report never comes: at the end it cost what was expected.
    let mut tx = scene.tx().await?;
    assert_eq!(message::settle_unreported(&mut tx, campaign).await?, 1);
    tx.commit().await?;
    let after = of_team(&scene).await?;
    assert_eq!((after.reserved_micros, after.spent_micros), (0, 27_000));
    let bill = scene.count("SELECT sum(price_micros)::bigint FROM messages").await?;
    assert_eq!(bill, 27_000, "the ledger says what the bill says");
    Ok(())
}
