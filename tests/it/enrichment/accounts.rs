//! A vendor's account is paused for everybody, and its circuit lets one try.

use std::time::Duration;

use anyhow::Result;
use domain::enrichment::RateLimit;
use entities::provider_account::{self, Breaker, Circuit, Gate};
use entities::rate_limit::{Bucket, Taken};
use entities::{alert, page::PageRequest};
use futures::future::try_join_all;
use tests::a_team;

use super::scene::Scene;

const BREAKER: Breaker =
    Breaker { failures: 3, open_for: Duration::from_secs(600), probe_for: Duration::from_secs(600) };

async fn gate(scene: &Scene) -> Result<Gate> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let gate = provider_account::gate(&mut tx, "apollo", BREAKER).await?;
    tx.commit().await?;
    Ok(gate)
}

async fn fail(scene: &Scene) -> Result<bool> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let open = provider_account::failed(&mut tx, "apollo", BREAKER).await?;
    tx.commit().await?;
    Ok(open)
}

async fn succeed(scene: &Scene) -> Result<()> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    provider_account::succeeded(&mut tx, "apollo").await?;
    tx.commit().await?;
    Ok(())
}

async fn wait_is_over(scene: &Scene) -> Result<()> {
    sqlx::query("UPDATE provider_accounts SET open_until = clock_timestamp()")
        .execute(scene.admin.pool())
        .await?;
    Ok(())
}

#[tokio::test]
async fn three_failures_in_a_row_open_and_one_tries() -> Result<()> {
    let scene = Scene::with(8).await?;
    assert_eq!(gate(&scene).await?, Gate::Open, "nothing is known of it");
    assert!(!fail(&scene).await? && !fail(&scene).await?);
    succeed(&scene).await?;
    assert!(!fail(&scene).await? && !fail(&scene).await?, "not in a row");
    assert!(fail(&scene).await?);
    let Gate::Circuit { until } = gate(&scene).await? else { panic!("open") };
    assert!(fail(&scene).await?, "one that was under way");
    assert_eq!(gate(&scene).await?, Gate::Circuit { until }, "it is not held open longer by that");

    wait_is_over(&scene).await?;
    let gates = try_join_all((0..8).map(|_| gate(&scene))).await?;
    assert_eq!(gates.iter().filter(|gate| **gate == Gate::Probe).count(), 1, "{gates:?}");
    assert!(fail(&scene).await?, "the one that tried failed");
    assert!(matches!(gate(&scene).await?, Gate::Circuit { .. }));

    wait_is_over(&scene).await?;
    assert_eq!(gate(&scene).await?, Gate::Probe);
    // The one who tries never tells.
    wait_is_over(&scene).await?;
    assert_eq!(gate(&scene).await?, Gate::Probe);
    succeed(&scene).await?;
    assert_eq!(gate(&scene).await?, Gate::Open);
    Ok(())
}

#[tokio::test]
async fn an_account_stop_is_everybodys_and_alerts_once() -> Result<()> {
    let scene = Scene::with(8).await?;
    let other = a_team().create(&scene.admin).await?.id;
    let pauses = (0..8).map(|at| {
        let team = if at % 2 == 0 { scene.team } else { other };
        let db = &scene.db;
        async move {
            let mut tx = db.team_bulk(team).await?;
            let first = provider_account::pause(&mut tx, "apollo", "out of credit").await?;
            tx.commit().await?;
            anyhow::Ok(first)
        }
    });
    let firsts = try_join_all(pauses).await?;
    assert_eq!(firsts.iter().filter(|first| **first).count(), 1);
    let mut alerts = 0;
    for team in [scene.team, other] {
        let tx = scene.db.team(team).await?;
        alerts += alert::list(&tx, true, PageRequest::default()).await?.items.len();
    }
    assert_eq!(alerts, 1);
    let Gate::Paused { reason, .. } = gate(&scene).await? else { panic!("paused") };
    assert_eq!(reason, "out of credit");

    let mut tx = scene.db.team_bulk(other).await?;
    let accounts = provider_account::list(&mut tx).await?;
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts[0].circuit, Circuit::Closed);
    tx.commit().await?;
    // No team resumes what is everybody's, not even past the API.
    assert!(provider_account::resume(&scene.db, "apollo").await.is_err());
    assert!(matches!(gate(&scene).await?, Gate::Paused { .. }));
    assert!(provider_account::resume(&scene.admin, "apollo").await?);
    assert!(!provider_account::resume(&scene.admin, "apollo").await?);
    assert_eq!(gate(&scene).await?, Gate::Open);
    Ok(())
}

#[tokio::test]
async fn tokens_are_drawn_where_the_account_is_open_and_left_alone_where_it_is_not() -> Result<()> {
    let scene = Scene::new().await?;
    let hourly = RateLimit::new(1, Duration::from_secs(3_600))?;
    let buckets =
        [(Bucket::Account("apollo".to_owned()), hourly), (Bucket::Team("apollo".to_owned()), hourly)];
    let take = || provider_account::take_if_open(&scene.db, scene.team, "apollo", &buckets);
    for _ in 0..BREAKER.failures {
        fail(&scene).await?;
    }
    assert_eq!(take().await?, None, "the circuit is open");
    succeed(&scene).await?;
    assert_eq!(take().await?, Some(Taken::Granted), "nothing was drawn while it was open");
    let Some(Taken::Wait(wait)) = take().await? else { panic!("both are empty") };
    assert!(wait > Duration::from_secs(3_000) && wait <= Duration::from_secs(3_600), "{wait:?}");
    Ok(())
}
