//! Money is never spent beyond a limit, and everything that is repeated is done once.

use anyhow::Result;
use chrono::NaiveDate;
use domain::id::{ProviderCallId, TypedId as _};
use domain::money::MicroDollars;
use entities::budget::{self, Budget, Limit, Reservation, Scope};
use entities::team::TeamSettings;
use entities::{admin, alert, fresh_id, page::PageRequest};
use futures::future::try_join_all;

use super::scene::Scene;

const PRICE: MicroDollars = MicroDollars::new(150_000);

async fn reserve(scene: &Scene, call: ProviderCallId, scopes: &[Scope]) -> Result<Reservation> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let answer = budget::reserve(&mut tx, call, scopes, PRICE, true).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn settle(scene: &Scene, call: ProviderCallId, cost: MicroDollars) -> Result<bool> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let done = budget::settle(&mut tx, call, cost).await?;
    tx.commit().await?;
    Ok(done)
}

async fn release(scene: &Scene, call: ProviderCallId) -> Result<bool> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let done = budget::release(&mut tx, call).await?;
    tx.commit().await?;
    Ok(done)
}

async fn limit(scene: &Scene, scope: &Scope, money: Option<i64>, calls: Option<i32>) -> Result<()> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let limit = Limit { money: money.map(MicroDollars::new), calls };
    budget::set_limit(&mut tx, scope, limit).await?;
    tx.commit().await?;
    Ok(())
}

async fn budgets(scene: &Scene) -> Result<Vec<Budget>> {
    let team = scene.db.team(scene.team).await?;
    Ok(budget::list(&team).await?)
}

async fn of(scene: &Scene, scope: &Scope) -> Result<Budget> {
    let (kind, subject) = scope.columns();
    let found = budgets(scene).await?.into_iter().find(|budget| {
        budget.scope == kind && budget.subject == subject && budget.day.is_some() == scope.is_daily()
    });
    Ok(found.expect("a budget"))
}

async fn alerts(scene: &Scene) -> Result<Vec<i64>> {
    let team = scene.db.team(scene.team).await?;
    let page = alert::list(&team, true, PageRequest::default()).await?;
    let mut percents: Vec<i64> =
        page.items.iter().filter_map(|alert| alert.detail["percent"].as_i64()).collect();
    percents.sort_unstable();
    Ok(percents)
}

fn provider() -> Scope {
    Scope::Provider("batchdata".to_owned())
}

/// Fifty spenders, each with its scopes in another order, end exactly at the limit of the one that has the least.
#[tokio::test]
async fn fifty_spenders_end_exactly_at_the_limit() -> Result<()> {
    let scene = Scene::with(24).await?;
    const AFFORDABLE: i64 = 137;
    limit(&scene, &Scope::Day, Some(PRICE.micros() * AFFORDABLE), Some(1_000)).await?;
    limit(&scene, &Scope::Team, Some(PRICE.micros() * 500), None).await?;
    let spenders = (0..50).map(|spender: usize| {
        let scene = &scene;
        async move {
            let mut scopes = vec![Scope::Team, Scope::Campaign("c1".to_owned()), provider(), Scope::Day];
            scopes.rotate_left(spender % 4);
            let mut spent = 0i64;
            loop {
                let call: ProviderCallId = fresh_id();
                match reserve(scene, call, &scopes).await? {
                    Reservation::Exhausted { scope } => {
                        assert_eq!(scope, Scope::Day);
                        return anyhow::Ok(spent);
                    }
                    other => assert_eq!(other, Reservation::Reserved),
                }
                // Each third call costs nothing after all; each does everything twice.
                if (spent as usize + spender) % 3 == 2 {
                    assert!(release(scene, call).await?);
                    assert!(!release(scene, call).await?);
                    let again: ProviderCallId = fresh_id();
                    if reserve(scene, again, &scopes).await? == Reservation::Reserved {
                        assert!(settle(scene, again, PRICE).await?);
                        spent += 1;
                    }
                } else {
                    assert!(settle(scene, call, PRICE).await?);
                    assert!(!settle(scene, call, PRICE).await?);
                    spent += 1;
                }
            }
        }
    });
    let spent: i64 = try_join_all(spenders).await?.into_iter().sum();
    assert_eq!(spent, AFFORDABLE, "to the last call");
    for scope in [Scope::Team, Scope::Campaign("c1".to_owned()), provider(), Scope::Day] {
        let budget = of(&scene, &scope).await?;
        let facts = (budget.spent_micros, budget.reserved_micros, i64::from(budget.calls));
        assert_eq!(facts, (PRICE.micros() * AFFORDABLE, 0, AFFORDABLE), "{scope:?}");
    }
    assert_eq!(alerts(&scene).await?, [50, 80, 100], "each threshold once");
    Ok(())
}

/// What is put aside ends a budget that has spent little, and its thresholds are told all the same when they are passed.
#[tokio::test]
async fn thresholds_are_told_also_after_an_end() -> Result<()> {
    let scene = Scene::with(20).await?;
    let scopes = [Scope::Team];
    limit(&scene, &Scope::Team, Some(PRICE.micros() * 10), None).await?;
    let calls: Vec<ProviderCallId> = (0..10).map(|_| fresh_id()).collect();
    for call in &calls {
        assert_eq!(reserve(&scene, *call, &scopes).await?, Reservation::Reserved);
    }
    for _ in 0..2 {
        let refused = reserve(&scene, fresh_id(), &scopes).await?;
        assert_eq!(refused, Reservation::Exhausted { scope: Scope::Team });
    }
    assert_eq!(alerts(&scene).await?, [100]);
    for (settled, call) in calls.iter().enumerate() {
        assert!(settle(&scene, *call, PRICE).await?);
        let told: &[i64] = match settled + 1 {
            ..5 => &[100],
            5..8 => &[50, 100],
            _ => &[50, 80, 100],
        };
        assert_eq!(alerts(&scene).await?, told, "{settled}");
    }
    Ok(())
}

#[tokio::test]
async fn at_no_moment_is_more_put_aside_than_there_is() -> Result<()> {
    let scene = Scene::with(20).await?;
    limit(&scene, &Scope::Team, Some(PRICE.micros() * 10), None).await?;
    // Nobody settles: what is put aside is as good as spent.
    let attempts = (0..50).map(|_| reserve(&scene, fresh_id(), &[Scope::Team]));
    let answers = try_join_all(attempts).await?;
    let reserved = answers.iter().filter(|answer| **answer == Reservation::Reserved).count();
    assert_eq!(reserved, 10);
    assert_eq!(of(&scene, &Scope::Team).await?.reserved_micros, PRICE.micros() * 10);
    Ok(())
}

#[tokio::test]
async fn what_is_repeated_is_done_once() -> Result<()> {
    let scene = Scene::with(8).await?;
    let scopes = [Scope::Team, Scope::Day];
    let call: ProviderCallId = fresh_id();
    let same = (0..8).map(|_| reserve(&scene, call, &scopes));
    assert!(try_join_all(same).await?.iter().all(|answer| *answer == Reservation::Reserved));
    assert_eq!(of(&scene, &Scope::Team).await?.reserved_micros, PRICE.micros());
    let same = (0..8).map(|_| settle(&scene, call, MicroDollars::new(70_000)));
    assert_eq!(try_join_all(same).await?.iter().filter(|done| **done).count(), 1);
    assert!(!release(&scene, call).await?, "what is paid is not given back");
    assert_eq!(reserve(&scene, call, &scopes).await?, Reservation::Settled, "and not paid again");
    let team = of(&scene, &Scope::Team).await?;
    assert_eq!((team.reserved_micros, team.spent_micros, team.calls), (0, 70_000, 1));

    let call: ProviderCallId = fresh_id();
    reserve(&scene, call, &scopes).await?;
    let same = (0..8).map(|_| release(&scene, call));
    assert_eq!(try_join_all(same).await?.iter().filter(|done| **done).count(), 1);
    // It was charged after all.
    assert!(settle(&scene, call, PRICE).await?);
    let team = of(&scene, &Scope::Team).await?;
    assert_eq!((team.reserved_micros, team.spent_micros, team.calls), (0, 70_000 + PRICE.micros(), 2));
    assert!(!settle(&scene, fresh_id(), PRICE).await?, "nothing was ever put aside for it");
    Ok(())
}

#[tokio::test]
async fn a_day_has_a_thousand_expensive_calls_unless_told_otherwise() -> Result<()> {
    let scene = Scene::new().await?;
    reserve(&scene, fresh_id(), &[Scope::Day]).await?;
    assert_eq!(of(&scene, &Scope::Day).await?.limit_calls, Some(1_000));
    limit(&scene, &Scope::Day, None, Some(2)).await?;
    assert_eq!(reserve(&scene, fresh_id(), &[Scope::Day]).await?, Reservation::Reserved);
    let third = reserve(&scene, fresh_id(), &[Scope::Day]).await?;
    assert_eq!(third, Reservation::Exhausted { scope: Scope::Day });
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let cheap = budget::reserve(&mut tx, fresh_id::<ProviderCallId>(), &[Scope::Day], PRICE, false).await?;
    assert_eq!(cheap, Reservation::Reserved, "cheap calls are not counted");
    Ok(())
}

/// The day is the team's: what was spent yesterday is not spent today, and today begins with what every day has.
#[tokio::test]
async fn every_day_begins_anew_where_the_team_is() -> Result<()> {
    let scene = Scene::new().await?;
    limit(&scene, &Scope::Day, Some(PRICE.micros()), Some(7)).await?;
    assert_eq!(reserve(&scene, fresh_id(), &[Scope::Day]).await?, Reservation::Reserved);
    assert!(matches!(reserve(&scene, fresh_id(), &[Scope::Day]).await?, Reservation::Exhausted { .. }));
    sqlx::query("UPDATE budgets SET day = day - 1 WHERE day IS NOT NULL").execute(scene.admin.pool()).await?;
    assert_eq!(reserve(&scene, fresh_id(), &[Scope::Day]).await?, Reservation::Reserved);
    let today = of(&scene, &Scope::Day).await?;
    assert_eq!((today.limit_micros, today.limit_calls, today.calls), (Some(PRICE.micros()), Some(7), 1));

    // The clocks of Honolulu and Kiritimati are 24 hours apart, at any hour.
    let mut days: Vec<NaiveDate> = Vec::new();
    for zone in ["Pacific/Honolulu", "Pacific/Kiritimati"] {
        sqlx::query("UPDATE teams SET settings = jsonb_build_object('time_zone', $2::text) WHERE id = $1")
            .bind(scene.team.uuid())
            .bind(zone)
            .execute(scene.admin.pool())
            .await?;
        let team = scene.db.team(scene.team).await?;
        days.push(budget::today(&team).await?);
    }
    assert_eq!((days[1] - days[0]).num_days(), 1, "{days:?}");
    Ok(())
}

#[tokio::test]
async fn thresholds_are_told_once_and_again_under_a_higher_limit() -> Result<()> {
    let scene = Scene::new().await?;
    limit(&scene, &Scope::Team, Some(PRICE.micros() * 10), None).await?;
    let mut told = Vec::new();
    for _ in 0..10 {
        let call: ProviderCallId = fresh_id();
        reserve(&scene, call, &[Scope::Team]).await?;
        settle(&scene, call, PRICE).await?;
        told.push(alerts(&scene).await?.len());
    }
    assert_eq!(told, [0, 0, 0, 0, 1, 1, 1, 2, 2, 3]);
    limit(&scene, &Scope::Team, Some(PRICE.micros() * 15), None).await?;
    for _ in 0..2 {
        let call: ProviderCallId = fresh_id();
        reserve(&scene, call, &[Scope::Team]).await?;
        settle(&scene, call, PRICE).await?;
    }
    assert_eq!(alerts(&scene).await?, [50, 80, 80, 100], "80 % of the new limit");
    Ok(())
}

#[tokio::test]
async fn a_negative_amount_is_refused() -> Result<()> {
    let scene = Scene::new().await?;
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let call: ProviderCallId = fresh_id();
    let refused = budget::reserve(&mut tx, call, &[Scope::Team], MicroDollars::new(-1), false).await;
    assert!(refused.is_err(), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn what_it_cost_is_corrected_when_somebody_knows() -> Result<()> {
    let scene = Scene::new().await?;
    let call: ProviderCallId = fresh_id();
    let scopes = [Scope::Team, provider(), Scope::Day];
    limit(&scene, &Scope::Team, Some(PRICE.micros()), None).await?;
    reserve(&scene, call, &scopes).await?;
    assert!(settle(&scene, call, PRICE).await?, "the most that it may have cost");
    let correct = async |cost: i64| -> Result<bool> {
        let mut tx = scene.db.team_bulk(scene.team).await?;
        let changed = budget::correct(&mut tx, call, MicroDollars::new(cost)).await?;
        tx.commit().await?;
        Ok(changed)
    };
    assert!(correct(70_000).await?);
    assert!(!correct(70_000).await?, "once");
    assert!(!settle(&scene, call, PRICE).await?, "and who does not know does not take it back");
    for scope in &scopes {
        let budget = of(&scene, scope).await?;
        assert_eq!((budget.spent_micros, budget.reserved_micros, budget.calls), (70_000, 0, 1), "{budget:?}");
    }
    assert!(correct(0).await? && correct(80_000).await?);
    assert_eq!(of(&scene, &Scope::Team).await?.spent_micros, 80_000);
    // A call that nothing was ever put aside for has nothing to be corrected.
    let mut tx = scene.db.team_bulk(scene.team).await?;
    assert!(!budget::correct(&mut tx, fresh_id::<ProviderCallId>(), PRICE).await?);
    Ok(())
}

#[tokio::test]
async fn a_time_zone_that_there_is_not_is_refused() -> Result<()> {
    let scene = Scene::new().await?;
    let set = |zone: &str| {
        let settings = TeamSettings { time_zone: Some(zone.to_owned()), ..TeamSettings::default() };
        let admin = scene.admin.clone();
        async move { admin::set_settings(&admin, scene.team, &settings).await }
    };
    set("Pacific/Honolulu").await?;
    let refused = set("Mars/Olympus").await;
    assert!(refused.as_ref().is_err_and(|error| error.violates("teams_time_zone")), "{refused:?}");
    let team = scene.db.team(scene.team).await?;
    assert_eq!(entities::team::settings(&team).await?.time_zone.as_deref(), Some("Pacific/Honolulu"));
    Ok(())
}
