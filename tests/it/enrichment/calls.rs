//! The same question is paid for once.

use std::time::Duration;

use anyhow::{Result, bail};
use domain::id::{PersonaId, ProviderCallId, TypedId as _};
use domain::money::MicroDollars;
use entities::budget::{self, Scope};
use entities::fresh_id;
use entities::provider_call::{self, Abandoned, Ask, CallState, CallSubject, Claim, Finished, PointKey};
use futures::future::try_join_all;

use super::scene::Scene;

const LONG: Duration = Duration::from_secs(3_600);
/// How long the vendor took for each answer.
const TOOK: Duration = Duration::from_millis(80);

fn ask<'a>(persona: PersonaId, hash: u8, claimed_by: &'a str) -> Ask<'a> {
    Ask {
        provider: "batchdata",
        product: "skip_trace",
        request_hash: [hash; 32],
        subject: CallSubject::Persona(persona),
        enrichment: None,
        claimed_by,
        lease: LONG,
    }
}

async fn claim(scene: &Scene, ask: Ask<'_>) -> Result<Claim> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let answer = provider_call::claim(&mut tx, &ask).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn claimed(scene: &Scene, ask: Ask<'_>) -> Result<ProviderCallId> {
    match claim(scene, ask).await? {
        Claim::Claimed { call, .. } => Ok(call),
        other => bail!("not claimed: {other:?}"),
    }
}

async fn leave(scene: &Scene, call: ProviderCallId, by: &str) -> Result<bool> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let left = provider_call::leave(&mut tx, call, by, LONG).await?;
    tx.commit().await?;
    Ok(left)
}

async fn finish(scene: &Scene, call: ProviderCallId, state: CallState) -> Result<bool> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let end = Finished {
        state,
        verdict: "as told",
        http_status: Some(200),
        request_id: None,
        batch: None,
        cost: MicroDollars::new(150_000),
        took: Some(TOOK),
    };
    let noted = provider_call::finish(&mut tx, call, end).await?;
    tx.commit().await?;
    Ok(noted)
}

/// As if so much time had passed for the call.
async fn later(scene: &Scene, call: ProviderCallId, time: &str) -> Result<()> {
    sqlx::query(
        "UPDATE provider_calls SET lease_until = lease_until - $2::interval, valid_until = valid_until - $2::interval, \
                late_deadline = late_deadline - $2::interval WHERE id = $1",
    )
    .bind(call.uuid())
    .bind(time)
    .execute(scene.admin.pool())
    .await?;
    Ok(())
}

#[tokio::test]
async fn of_many_who_claim_at_once_one_calls() -> Result<()> {
    let scene = Scene::with(16).await?;
    let persona: PersonaId = fresh_id();
    for round in 0..10u8 {
        let persona = if round % 2 == 0 { persona } else { fresh_id() };
        let workers: Vec<String> = (0..16).map(|worker| format!("worker {worker}")).collect();
        // In odd rounds the same request about people who are not the same; in even ones the same person otherwise asked.
        let asks = workers.iter().enumerate().map(|(worker, name)| {
            let same_request = round % 2 == 1;
            let persona = if same_request { fresh_id() } else { persona };
            let hash = if same_request { round } else { 100 + worker as u8 };
            let product = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"][usize::from(round)];
            claim(&scene, Ask { product, ..ask(persona, hash, name) })
        });
        let answers = try_join_all(asks).await?;
        let claims = answers.iter().filter(|answer| matches!(answer, Claim::Claimed { .. })).count();
        let waiting = answers.iter().filter(|answer| matches!(answer, Claim::InFlight { .. })).count();
        assert_eq!((claims, waiting), (1, 15), "round {round}: {answers:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_spares_calls_for_thirty_days_also_where_nobody_was_found() -> Result<()> {
    let scene = Scene::new().await?;
    for (hash, state) in
        [(1, CallState::Match), (2, CallState::NoMatch), (3, CallState::Ambiguous), (4, CallState::Permanent)]
    {
        let persona: PersonaId = fresh_id();
        let call = claimed(&scene, ask(persona, hash, "one")).await?;
        assert!(leave(&scene, call, "one").await?);
        assert!(finish(&scene, call, state).await?);
        assert!(!finish(&scene, call, CallState::Match).await?, "an answer stays");

        let Claim::Cached(answer) = claim(&scene, ask(persona, 99, "two")).await? else { bail!("by person") };
        assert_eq!((answer.call, answer.state), (call, state));
        assert_eq!(answer.cost, Some(MicroDollars::new(150_000)));
        let Claim::Cached(_) = claim(&scene, ask(fresh_id(), hash, "two")).await? else {
            bail!("by request")
        };

        later(&scene, call, "29 days 23 hours 59 minutes").await?;
        assert!(matches!(claim(&scene, ask(persona, 99, "two")).await?, Claim::Cached(_)));
        later(&scene, call, "2 minutes").await?;
        let next = claimed(&scene, ask(persona, hash, "two")).await?;
        assert_ne!(next, call, "a new call has a new row, and new money");
    }
    Ok(())
}

#[tokio::test]
async fn a_lease_that_is_over_gives_the_call_on_only_where_nothing_left() -> Result<()> {
    let scene = Scene::new().await?;
    let persona: PersonaId = fresh_id();
    let call = claimed(&scene, ask(persona, 1, "one")).await?;
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let scopes = [Scope::Team];
    budget::reserve(&mut tx, call, &scopes, MicroDollars::new(150_000), true).await?;
    tx.commit().await?;
    assert!(matches!(claim(&scene, ask(persona, 1, "two")).await?, Claim::InFlight { .. }));
    later(&scene, call, "2 hours").await?;
    let Claim::Claimed { call: second, attempt: 2 } = claim(&scene, ask(persona, 1, "two")).await? else {
        bail!("it never left")
    };
    assert!(!leave(&scene, call, "one").await?, "the first worker wakes up too late");
    let team = scene.db.team(scene.team).await?;
    let reserved: i64 = budget::list(&team).await?.iter().map(|budget| budget.reserved_micros).sum();
    assert_eq!(reserved, 0, "what the first had put aside is back");

    assert!(leave(&scene, second, "two").await?);
    later(&scene, second, "2 hours").await?;
    let lost = claim(&scene, ask(persona, 1, "three")).await?;
    assert!(matches!(lost, Claim::UnknownOutcome(_)), "{lost:?}");
    later(&scene, second, "400 days").await?;
    let still = claim(&scene, ask(persona, 1, "three")).await?;
    assert!(matches!(still, Claim::UnknownOutcome(_)), "never again by itself: {still:?}");

    // The worker was only slow: its answer counts.
    assert!(finish(&scene, second, CallState::Match).await?);
    assert!(matches!(claim(&scene, ask(persona, 1, "three")).await?, Claim::Cached(_)));
    Ok(())
}

#[tokio::test]
async fn an_attempt_goes_on_with_its_own_claim_and_never_with_its_own_call() -> Result<()> {
    let scene = Scene::new().await?;
    let persona: PersonaId = fresh_id();
    let call = claimed(&scene, ask(persona, 1, "activity 7")).await?;
    let Claim::Claimed { call: again, attempt: 2 } = claim(&scene, ask(persona, 1, "activity 7")).await?
    else {
        bail!("its own claim")
    };
    assert_eq!(call, again);
    assert!(leave(&scene, call, "activity 7").await?);
    let lost = claim(&scene, ask(persona, 1, "activity 7")).await?;
    assert!(matches!(lost, Claim::UnknownOutcome(_)), "the attempt before died while calling: {lost:?}");

    let mut tx = scene.db.team_bulk(scene.team).await?;
    assert!(provider_call::resolve_unknown(&mut tx, call, MicroDollars::ZERO).await?);
    assert!(!provider_call::resolve_unknown(&mut tx, call, MicroDollars::ZERO).await?);
    tx.commit().await?;
    claimed(&scene, ask(persona, 1, "activity 8")).await?;
    Ok(())
}

#[tokio::test]
async fn what_was_not_charged_is_claimed_again() -> Result<()> {
    let scene = Scene::new().await?;
    let persona: PersonaId = fresh_id();
    let call = claimed(&scene, ask(persona, 1, "one")).await?;
    assert!(leave(&scene, call, "one").await?);
    let mut tx = scene.db.team_bulk(scene.team).await?;
    assert!(!provider_call::give_back(&mut tx, call, "two", "rate_limited", Some(429)).await?, "not its own");
    assert!(provider_call::give_back(&mut tx, call, "one", "rate_limited", Some(429)).await?);
    tx.commit().await?;
    let Claim::Claimed { attempt: 2, .. } = claim(&scene, ask(persona, 2, "two")).await? else {
        bail!("released")
    };
    assert!(!finish(&scene, call, CallState::Match).await?, "its row is history");
    Ok(())
}

#[tokio::test]
async fn people_who_were_merged_into_one_were_asked_about() -> Result<()> {
    let scene = Scene::new().await?;
    let (_, survivor) = scene.person(0).await?;
    let merged: PersonaId = fresh_id();
    let call = claimed(&scene, ask(merged, 1, "one")).await?;
    assert!(leave(&scene, call, "one").await?);
    assert!(finish(&scene, call, CallState::NoMatch).await?);
    sqlx::query("UPDATE personas SET merged_from_ids = ARRAY[$2] WHERE id = $1")
        .bind(survivor.uuid())
        .bind(merged.uuid())
        .execute(scene.admin.pool())
        .await?;
    let Claim::Cached(answer) = claim(&scene, ask(survivor, 2, "two")).await? else { bail!("cached") };
    assert_eq!(answer.call, call);
    Ok(())
}

#[tokio::test]
async fn two_products_and_two_numbers_are_two_questions() -> Result<()> {
    let scene = Scene::new().await?;
    let persona: PersonaId = fresh_id();
    claimed(&scene, ask(persona, 1, "one")).await?;
    claimed(&scene, Ask { product: "line_type", ..ask(persona, 1, "one") }).await?;
    claimed(&scene, Ask { provider: "apollo", ..ask(persona, 1, "one") }).await?;
    for number in ["+15125550100", "+15125550101"] {
        let subject = CallSubject::Point(PointKey::of(number));
        claimed(&scene, Ask { subject, ..ask(persona, number.as_bytes()[11], "one") }).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_late_answer_finds_its_call_by_its_secret_alone() -> Result<()> {
    let scene = Scene::new().await?;
    let persona: PersonaId = fresh_id();
    let call = claimed(&scene, ask(persona, 1, "one")).await?;
    let mut tx = scene.db.team_bulk(scene.team).await?;
    provider_call::await_later(&mut tx, call, b"secret", LONG).await?;
    tx.commit().await?;
    assert!(leave(&scene, call, "one").await?);
    assert!(finish(&scene, call, CallState::Pending).await?);

    assert_eq!(provider_call::find_late(&scene.db, b"Secret").await?, None);
    let late = provider_call::find_late(&scene.db, b"secret").await?.expect("the call");
    assert_eq!((late.team, late.call, late.state), (scene.team, call, CallState::Pending));

    assert!(matches!(claim(&scene, ask(persona, 1, "two")).await?, Claim::InFlight { .. }), "it is awaited");
    later(&scene, call, "2 hours").await?;
    let Claim::Cached(answer) = claim(&scene, ask(persona, 1, "two")).await? else {
        bail!("what came at once")
    };
    assert_eq!(answer.state, CallState::Pending);
    assert!(finish(&scene, call, CallState::Match).await?, "better late than never");
    assert!(!finish(&scene, call, CallState::Match).await?, "and once");
    Ok(())
}

#[tokio::test]
async fn calls_are_counted_by_vendor() -> Result<()> {
    let scene = Scene::new().await?;
    for (hash, state) in
        [(1, CallState::Match), (2, CallState::Match), (3, CallState::NoMatch), (4, CallState::Unknown)]
    {
        let call = claimed(&scene, ask(fresh_id(), hash, "one")).await?;
        assert!(leave(&scene, call, "one").await?);
        assert!(finish(&scene, call, state).await?);
    }
    claimed(&scene, ask(fresh_id(), 5, "one")).await?;
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let stats = provider_call::stats(&mut tx, 30).await?;
    let [only] = stats.as_slice() else { bail!("{stats:?}") };
    assert_eq!((only.answered, only.matched, only.unknown, only.open), (3, 2, 1, 1));
    assert_eq!(only.spent_micros, 600_000, "what may have been charged counts");
    assert!(
        only.median_ms.is_some_and(|ms| (ms - 80.0).abs() < 1.0),
        "{only:?}: as long as the vendor took, not as long as the call waited"
    );
    Ok(())
}

#[tokio::test]
async fn calls_of_dead_workers_are_ended_and_a_late_answer_is_the_truth() -> Result<()> {
    let scene = Scene::new().await?;
    const MOST: MicroDollars = MicroDollars::new(200_000);
    let mut calls = Vec::new();
    for (number, leaves) in [false, true, true].into_iter().enumerate() {
        let call = claimed(&scene, ask(fresh_id(), number as u8, "the dead")).await?;
        let mut tx = scene.db.team_bulk(scene.team).await?;
        budget::reserve(&mut tx, call, &[Scope::Team], MOST, false).await?;
        provider_call::set_reserved(&mut tx, call, MOST).await?;
        tx.commit().await?;
        if leaves {
            assert!(leave(&scene, call, "the dead").await?);
        }
        calls.push(call);
    }
    let behind = async || -> Result<Vec<ProviderCallId>> {
        let all = provider_call::left_behind(&scene.db, Duration::from_secs(600)).await?;
        Ok(all.into_iter().filter(|(team, _)| *team == scene.team).map(|(_, call)| call).collect())
    };
    assert_eq!(behind().await?, []);
    for call in &calls[..2] {
        later(&scene, *call, "1 hour 11 minutes").await?;
    }
    let mut expected = calls[..2].to_vec();
    expected.sort_unstable();
    assert_eq!(behind().await?, expected);
    let mut ended = Vec::new();
    for call in &calls {
        let mut tx = scene.db.team_bulk(scene.team).await?;
        ended.push(provider_call::abandon(&mut tx, *call).await?);
        tx.commit().await?;
    }
    assert_eq!(ended, [Abandoned::GivenBack, Abandoned::Lost(MOST), Abandoned::Nothing]);
    assert_eq!(behind().await?, []);
    let money = async || -> Result<(i64, i64)> {
        let query = sqlx::query_as("SELECT spent_micros, reserved_micros FROM budgets WHERE scope = 'team'");
        Ok(query.fetch_one(scene.admin.pool()).await?)
    };
    assert_eq!(money().await?, (200_000, 200_000), "one is lost, one is under way");

    // It was not dead but slow.
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let end = Finished {
        state: CallState::NoMatch,
        verdict: "no_match",
        http_status: Some(200),
        request_id: None,
        batch: None,
        cost: MicroDollars::ZERO,
        took: None,
    };
    assert!(provider_call::finish(&mut tx, calls[1], end).await?);
    assert!(budget::correct(&mut tx, calls[1], MicroDollars::ZERO).await?);
    tx.commit().await?;
    assert_eq!(money().await?, (0, 200_000));
    Ok(())
}
