//! What has changed since a text was claimed stops it at the last moment.

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use entities::campaign::change::Applied;
use entities::kill_switch::{self, Target};
use entities::send_intent::{self, Begun, IntentState, Outcome, Stop, Stopped};
use entities::suppression::{
    self, NewEntry, OptOut, SuppressedKind, SuppressionMethod, SuppressionReason, SuppressionScope,
};

use super::scene::{LEASE, Scene, number};

fn stop_of(value: &str) -> OptOut<'_> {
    OptOut {
        kind: SuppressedKind::Phone,
        value,
        scope: SuppressionScope::Team,
        subject: "",
        method: SuppressionMethod::Keyword,
        source: "signalhouse",
    }
}

#[tokio::test]
async fn an_opt_out_between_claim_and_call_stops_the_text() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(2).await?;
    let claimed = scene.claimed(campaign, "one", 2).await?;
    let gone = number(0);
    let mut tx = scene.tx().await?;
    let out = suppression::opt_out(&mut tx, &stop_of(&gone), scene.now).await?;
    tx.commit().await?;
    assert!(out.new && out.leads == [leads[0]], "{out:?}");
    let begun = scene.begin("one", &claimed).await?;
    assert_eq!(begun.calling.len(), 1, "the other one leaves: {begun:?}");
    assert!(!begun.calling.contains(&out.cancelled[0]));
    assert_eq!(scene.states(campaign).await?, [("calling".to_owned(), 1), ("cancelled".to_owned(), 1)]);
    Ok(())
}

/// The opt-out is being written while the worker comes to the last check: it waits, and sees it.
#[tokio::test]
async fn the_last_check_waits_for_an_opt_out_that_is_being_written() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(1).await?;
    let claimed = scene.claimed(campaign, "one", 1).await?;
    let gone = number(0);
    let mut writing = scene.tx().await?;
    suppression::opt_out(&mut writing, &stop_of(&gone), scene.now).await?;
    let (begun, written) = tokio::join!(scene.begin("one", &claimed), async {
        // Until the worker is at the row.
        let waits = async {
            while scene.count("SELECT count(*) FROM pg_locks WHERE NOT granted").await? == 0 {}
            anyhow::Ok(())
        };
        tokio::time::timeout(Duration::from_secs(30), waits).await??;
        anyhow::Ok(writing.commit().await?)
    });
    written?;
    assert_eq!(begun?, Begun::default(), "it is cancelled, and nobody's");
    assert_eq!(scene.states(campaign).await?, [("cancelled".to_owned(), 1)]);
    Ok(())
}

#[tokio::test]
async fn a_suppression_of_any_kind_is_seen_at_the_last_moment() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(6).await?;
    let claimed = scene.claimed(campaign, "one", 6).await?;
    let mut tx = scene.tx().await?;
    let entry = |value: String, scope, subject: &str| NewEntry {
        kind: SuppressedKind::Phone,
        value,
        reason: SuppressionReason::Manual,
        scope,
        subject: subject.to_owned(),
        expires_at: None,
    };
    let past = NewEntry {
        expires_at: Some(scene.now - TimeDelta::hours(1)),
        ..entry(number(3), SuppressionScope::Team, "")
    };
    let entries = [
        entry(number(0), SuppressionScope::Team, ""),
        entry(number(1), SuppressionScope::Brand, "brand-1"),
        entry(number(2), SuppressionScope::Number, super::scene::FROM),
        past,
        entry(number(4), SuppressionScope::Brand, "another brand"),
    ];
    suppression::add(&mut tx, "a list", SuppressionMethod::Import, None, &entries).await?;
    tx.commit().await?;
    let mut tx = scene.tx().await?;
    tx.run(
        sqlx::query(
            "INSERT INTO suppressions (team_id, kind, value, reason, source)
             SELECT team_id, 'persona', persona_id::text, 'deceased', 'batchdata' FROM leads WHERE id = $1",
        )
        .bind(domain::id::TypedId::uuid(leads[5])),
    )
    .await?;
    tx.commit().await?;
    let begun = scene.begin("one", &claimed).await?;
    assert_eq!(begun.calling.len(), 2, "of those that are over or another's: {begun:?}");
    assert!(begun.stopped.iter().all(|stopped| stopped.stop == Stop::Suppression));

    sqlx::query("INSERT INTO global_suppressions (kind, value, reason, source) VALUES ('phone', $1, 'litigator', 'a list')")
        .bind(number(3))
        .execute(scene.admin.pool())
        .await?;
    let (count,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM global_suppressions").fetch_one(scene.db.pool()).await?;
    assert_eq!(count, 1, "everybody sees it");
    let forged = sqlx::query(
        "INSERT INTO global_suppressions (kind, value, reason, source) VALUES ('phone', 'x', 'y', 'z')",
    )
    .execute(scene.db.pool())
    .await;
    assert!(forged.is_err(), "and no team writes it");
    Ok(())
}

#[tokio::test]
async fn a_pause_takes_effect_before_the_next_text() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(3).await?;
    let claimed = scene.claimed(campaign, "one", 3).await?;
    assert_eq!(scene.begin("one", &claimed[..1]).await?.calling.len(), 1);
    scene.change(campaign, Applied::Paused { reason: "a person".to_owned() }).await?;
    let begun = scene.begin("one", &claimed[1..]).await?;
    assert!(
        begun.calling.is_empty() && begun.stopped.iter().all(|one| one.stop == Stop::Campaign),
        "{begun:?}"
    );

    scene.change(campaign, Applied::Resumed).await?;
    let again = scene.claimed(campaign, "two", 3).await?;
    assert_eq!(again.len(), 2, "the one that left is not sent again");
    assert_eq!(scene.begin("two", &again).await?.calling.len(), 2);
    Ok(())
}

#[tokio::test]
async fn each_kill_switch_stops_what_it_is_about() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(1).await?;
    let other = scene.campaign(&leads).await?;
    for (target, stops_other) in [
        (Target::Team, true),
        (Target::Campaign(campaign), false),
        (Target::Campaign(other), true),
        (Target::Sender(scene.sender), true),
    ] {
        let claimed = scene.claimed(campaign, "one", 1).await?;
        let mut tx = scene.tx().await?;
        let switch = kill_switch::set(&mut tx, target, "a drill", Some(scene.user)).await?;
        assert_eq!(kill_switch::set(&mut tx, target, "again", None).await?, switch, "it is on already");
        tx.commit().await?;
        let mut tx = scene.tx().await?;
        let on_other = kill_switch::on(&mut tx, other, Some(scene.sender)).await?;
        assert_eq!(on_other.is_some(), stops_other, "{target:?}");
        let begun = scene.begin("one", &claimed).await?;
        let stopped = [Stopped { intent: claimed[0], stop: Stop::KillSwitch }];
        let stops_mine = target != Target::Campaign(other);
        assert_eq!(begun.stopped, if stops_mine { &stopped[..] } else { &[] }, "{target:?}");
        if !stops_mine {
            let due_at = scene.now;
            scene.settle(claimed[0], Outcome::Back { due_at, tried: false }).await?;
        }
        let mut tx = scene.tx().await?;
        assert!(kill_switch::lift(&mut tx, switch, Some(scene.user)).await?);
        assert!(!kill_switch::lift(&mut tx, switch, Some(scene.user)).await?, "once");
        tx.commit().await?;
    }
    // Everybody's is set by whoever runs the system, and stops every team.
    assert!(kill_switch::stop_everything(&scene.admin, "a drill").await?);
    assert!(!kill_switch::stop_everything(&scene.admin, "a drill").await?);
    assert!(kill_switch::stop_everything(&scene.db, "forged").await.is_err(), "no team may");
    let claimed = scene.claimed(campaign, "one", 1).await?;
    assert!(scene.begin("one", &claimed).await?.calling.is_empty());
    assert!(kill_switch::resume_everything(&scene.admin).await?);
    let claimed = scene.claimed(campaign, "one", 1).await?;
    assert_eq!(scene.begin("one", &claimed).await?.calling.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_worker_that_wakes_up_too_late_sends_nothing() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(2).await?;
    let claimed = scene.claimed(campaign, "one", 2).await?;
    assert_eq!(scene.begin("one", &claimed[..1]).await?.calling.len(), 1);
    let later = scene.now + TimeDelta::seconds(61);
    let mut tx = scene.tx().await?;
    assert_eq!(send_intent::reclaim(&mut tx, campaign, scene.now).await?, send_intent::Reclaimed::default());
    let reclaimed = send_intent::reclaim(&mut tx, campaign, later).await?;
    tx.commit().await?;
    assert_eq!((&reclaimed.back[..], &reclaimed.unknown[..]), (&claimed[1..], &claimed[..1]));

    assert_eq!(scene.begin("one", &claimed[1..]).await?, Begun::default(), "it is nobody's now");
    let again = scene.claimed(campaign, "two", 2).await?;
    assert_eq!(again, claimed[1..], "what may have left is not claimed again");
    let begun = scene.begin("one", &again).await?;
    assert_eq!(begun, Begun::default(), "and now it is another's");
    // The slow one's call had arrived after all.
    let outcome = Outcome::Accepted { external_id: "msg_1", segments: Some(1), price: None };
    let settled = scene.settle(claimed[0], outcome).await?;
    assert_eq!(settled.map(|one| one.state), Some(IntentState::Accepted));
    let mut tx = scene.tx().await?;
    assert_eq!(send_intent::extend(&mut tx, "two", &again, LEASE, later).await?, 1);
    tx.commit().await?;
    let mut tx = scene.tx().await?;
    let after = send_intent::reclaim(&mut tx, campaign, later + TimeDelta::seconds(59)).await?;
    assert_eq!(after.back.len(), 0, "a heartbeat keeps it");
    Ok(())
}
