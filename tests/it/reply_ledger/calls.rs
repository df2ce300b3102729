//! Calls go to whoever can take them and has least, and to one at a time.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{QueuedCallId, UserId};
use entities::call_queue::{self, CallOutcome, NewCall, OVERFLOW, Taken};
use entities::{BulkTransaction, DbError, alert};

use super::scene::Scene;

const LEASE: Duration = Duration::from_secs(600);

async fn queued(
    scene: &Scene,
    tx: &mut BulkTransaction,
    phone: &str,
    skill: Option<&str>,
) -> Result<Option<QueuedCallId>> {
    Ok(call_queue::enqueue(tx, &call_to(scene, phone, skill)).await?)
}

fn call_to<'a>(scene: &Scene, phone: &'a str, skill: Option<&'a str>) -> NewCall<'a> {
    NewCall {
        conversation: None,
        item: None,
        lead: None,
        phone,
        reason: "called",
        skill,
        priority: 95,
        due_at: scene.now + TimeDelta::hours(2),
    }
}

async fn given_to(
    scene: &Scene,
    tx: &mut BulkTransaction,
    id: Option<QueuedCallId>,
) -> Result<Option<UserId>> {
    Ok(call_queue::get(tx, id.context("it is queued")?, scene.now).await?.assigned_to)
}

/// A Tuesday noon in Austin, in January.
fn noon() -> Result<DateTime<Utc>> {
    Ok("2027-01-12T18:00:00Z".parse()?)
}

#[tokio::test]
async fn nobody_takes_a_call_at_an_hour_at_which_it_may_not_be_made() -> Result<()> {
    let scene = Scene::new().await?;
    let mut tx = scene.tx().await?;
    let noon = noon()?;
    // Nobody's lead: the area code tells the clock, and where it tells none the hours are the safe ones.
    for (phone, night) in [
        ("+15125580000", noon + TimeDelta::hours(15)),
        ("+18085580000", noon - TimeDelta::hours(1)),
        ("+18005580000", noon - TimeDelta::minutes(75)),
    ] {
        let id = queued(&scene, &mut tx, phone, None).await?.context("it is queued")?;
        let taken = call_queue::claim(&mut tx, id, scene.user, LEASE, night).await?;
        let Taken::Quiet(quiet) = taken else { bail!("{phone} was called at {night}: {taken:?}") };
        assert!(!quiet.says.contains(phone), "{quiet:?}");
        let opens = quiet.opens_at.context("morning comes")?;
        let before = opens - TimeDelta::seconds(1);
        assert!(opens > night && opens < night + TimeDelta::hours(24), "{quiet:?}");
        assert!(matches!(
            call_queue::claim(&mut tx, id, scene.user, LEASE, before).await?,
            Taken::Quiet(still) if still.opens_at == Some(opens)
        ));
        let call = call_queue::get(&mut tx, id, before).await?;
        assert_eq!((call.state.as_str(), call.attempts, call.claimed_by), ("queued", 0, None), "it waits");
        let until = opens + LEASE;
        assert_eq!(call_queue::claim(&mut tx, id, scene.user, LEASE, opens).await?, Taken::Yours(until));
        // Whoever has called says what came of it whatever the hour.
        let late = opens + TimeDelta::hours(14);
        assert!(matches!(call_queue::claim(&mut tx, id, scene.user, LEASE, late).await?, Taken::Quiet(_)));
        let done = call_queue::done(&mut tx, id, CallOutcome::Reached, "", scene.user, late).await?;
        assert_eq!(done, None);
    }
    // Abroad there is no such hour, near or far.
    for phone in ["+14165580000", "+447700900123"] {
        let id = queued(&scene, &mut tx, phone, None).await?.context("it is queued")?;
        let abroad = call_queue::claim(&mut tx, id, scene.user, LEASE, noon).await?;
        let Taken::Quiet(quiet) = abroad else { bail!("{phone} was called: {abroad:?}") };
        assert!(quiet.opens_at.is_none() && !quiet.says.contains(phone), "{quiet:?}");
    }
    Ok(())
}

#[tokio::test]
async fn calls_go_to_who_knows_and_has_least() -> Result<()> {
    let scene = Scene::new().await?;
    let (plain, spanish) = (scene.user, scene.colleague().await?);
    let mut tx = scene.tx().await?;
    call_queue::put_worker(&mut tx, plain, &[], 2, true, plain).await?;
    call_queue::put_worker(&mut tx, spanish, &["spanish".to_owned()], 2, true, plain).await?;
    let hola = queued(&scene, &mut tx, "+15125580000", Some("spanish")).await?;
    assert_eq!(given_to(&scene, &mut tx, hola).await?, Some(spanish));
    let hello = queued(&scene, &mut tx, "+15125580001", None).await?;
    assert_eq!(given_to(&scene, &mut tx, hello).await?, Some(plain), "who has least");
    let together = ["+15125580002", "+15125580003", "+15125580003", "+15125580001"];
    let together = together.map(|phone| call_to(&scene, phone, None));
    let put = call_queue::enqueue_all(&mut tx, &together).await?;
    assert_eq!(put.len(), 2, "a number is called once at a time");
    for call in put {
        assert!(given_to(&scene, &mut tx, Some(call)).await?.is_some(), "both have room for two");
    }
    let fifth = queued(&scene, &mut tx, "+15125580009", None).await?;
    assert_eq!(given_to(&scene, &mut tx, fifth).await?, None, "nobody has room");
    let loads: Vec<i64> = call_queue::workers(&mut tx).await?.iter().map(|worker| worker.load).collect();
    assert_eq!(loads, [2, 2]);
    // The same person is called once at a time.
    assert_eq!(queued(&scene, &mut tx, "+15125580001", None).await?, None);
    // Somebody makes room.
    assert_eq!(call_queue::put_worker(&mut tx, plain, &[], 5, true, plain).await?, 1);
    assert_eq!(given_to(&scene, &mut tx, fifth).await?, Some(plain));
    assert_eq!(call_queue::remove_worker(&mut tx, plain).await?, 3, "what they have not begun is nobody's");
    Ok(())
}

#[tokio::test]
async fn a_call_is_made_by_one() -> Result<()> {
    let scene = Scene::new().await?;
    let other = scene.colleague().await?;
    let mut tx = scene.tx().await?;
    let id = queued(&scene, &mut tx, "+15125580000", None).await?.context("it is queued")?;
    let noon = noon()?;
    let until = noon + LEASE;
    assert_eq!(call_queue::claim(&mut tx, id, scene.user, LEASE, noon).await?, Taken::Yours(until));
    let theirs = call_queue::claim(&mut tx, id, other, LEASE, noon).await?;
    assert_eq!(theirs, Taken::Theirs(scene.user, until));
    let not_yours = call_queue::done(&mut tx, id, CallOutcome::Reached, "", other, noon).await?;
    assert_eq!(not_yours, Some(scene.user));
    // A claim that has run out is nobody's.
    let late = until + TimeDelta::seconds(1);
    assert!(matches!(call_queue::claim(&mut tx, id, other, LEASE, late).await?, Taken::Yours(_)));
    assert_eq!(call_queue::done(&mut tx, id, CallOutcome::Voicemail, "left word", other, late).await?, None);
    let call = call_queue::get(&mut tx, id, late).await?;
    assert_eq!((call.outcome.as_deref(), call.attempts, call.done_by), (Some("voicemail"), 2, Some(other)));
    let again = call_queue::claim(&mut tx, id, scene.user, LEASE, late).await;
    assert!(matches!(again, Err(DbError::WrongState { .. })), "{again:?}");
    assert_eq!(call_queue::waiting(&mut tx, None, late).await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn somebody_is_told_once_that_calls_are_nobodys() -> Result<()> {
    let scene = Scene::new().await?;
    let mut tx = scene.tx().await?;
    let phones: Vec<String> = (0..OVERFLOW + 5).map(|index| format!("+1512559{index:04}")).collect();
    let calls: Vec<NewCall<'_>> = phones.iter().map(|phone| call_to(&scene, phone, None)).collect();
    for some in calls.chunks(usize::try_from(OVERFLOW)? + 2) {
        call_queue::enqueue_all(&mut tx, some).await?;
    }
    tx.commit().await?;
    let tx = scene.db.team(scene.team).await?;
    let alerts = alert::list(&tx, true, entities::page::PageRequest::default()).await?;
    tx.commit().await?;
    let told: Vec<&str> = alerts.items.iter().map(|alert| alert.kind.as_str()).collect();
    // The hour may turn between two of them.
    assert!(!told.is_empty() && told.len() <= 2, "{told:?}");
    assert!(told.iter().all(|kind| *kind == "call_queue.overflow"), "{told:?}");
    Ok(())
}
