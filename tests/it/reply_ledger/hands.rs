//! Two people and one conversation: one has it, the other is told who.

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use entities::conversation::{self, Hand};
use entities::{DbError, fresh_id};

use super::scene::Scene;

const LEASE: Duration = Duration::from_secs(600);

#[tokio::test]
async fn of_two_who_claim_at_once_one_has_it() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let (one, other) = (scene.user, scene.colleague().await?);
    let claim = async |by| {
        let mut tx = scene.tx().await?;
        let claimed = conversation::claim(&mut tx, opened.conversation, by, LEASE, scene.now).await?;
        tx.commit().await?;
        anyhow::Ok(claimed)
    };
    for _ in 0..5 {
        let (first, second) = tokio::try_join!(claim(one), claim(other))?;
        let (winner, loser) = if first.is_ok() { (one, second) } else { (other, first) };
        let hand = loser.err();
        assert_eq!(hand.as_ref().map(|hand| hand.user), Some(winner), "the other is told who");
        let mut tx = scene.tx().await?;
        assert!(conversation::release(&mut tx, opened.conversation, winner).await?);
        tx.commit().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_claim_is_renewed_released_and_runs_out() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let other = scene.colleague().await?;
    let mut tx = scene.tx().await?;
    let until = conversation::claim(&mut tx, opened.conversation, scene.user, LEASE, scene.now).await?;
    assert_eq!(until.ok(), Some(scene.now + LEASE));
    let soon = scene.now + TimeDelta::minutes(5);
    let longer = conversation::claim(&mut tx, opened.conversation, scene.user, LEASE, soon).await?;
    assert_eq!(longer.ok(), Some(soon + LEASE));
    let taken = conversation::in_other_hands(&mut tx, opened.conversation, other, soon).await?;
    assert!(matches!(taken, Some(Hand { user, .. }) if user == scene.user));
    assert!(
        !conversation::release(&mut tx, opened.conversation, other).await?,
        "only whoever has it lets go"
    );
    let late = soon + LEASE;
    assert!(conversation::in_other_hands(&mut tx, opened.conversation, other, late).await?.is_none());
    let after = conversation::claim(&mut tx, opened.conversation, other, LEASE, late).await?;
    assert!(after.is_ok(), "it has run out");
    Ok(())
}

#[tokio::test]
async fn it_is_assigned_to_members_who_may_work() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let other = scene.colleague().await?;
    let mut tx = scene.tx().await?;
    conversation::assign(&mut tx, opened.conversation, Some(other), scene.user, scene.now).await?;
    let found = conversation::get(&mut tx, opened.conversation).await?;
    assert_eq!(found.assigned_to, Some(other));
    conversation::assign(&mut tx, opened.conversation, None, scene.user, scene.now).await?;
    let stranger =
        conversation::assign(&mut tx, opened.conversation, Some(fresh_id()), scene.user, scene.now).await;
    assert!(matches!(stranger, Err(DbError::NotFound { .. })), "{stranger:?}");
    Ok(())
}
