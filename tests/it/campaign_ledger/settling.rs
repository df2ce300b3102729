//! What came of calls is written down once, and a text ends as what the vendor says.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use entities::send_intent::{self, IntentState, Outcome};
use tests::wait_until;

use super::scene::Scene;

#[tokio::test]
async fn an_acceptance_is_a_message_once() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(1).await?;
    let intent = scene.sent(campaign, "msg_1").await?;
    let again = Outcome::Accepted { external_id: "msg_1", segments: None, price: None };
    assert_eq!(scene.settle(intent, again).await?, None, "it is settled");
    assert_eq!(scene.settle(intent, Outcome::Unknown).await?, None);
    assert_eq!(scene.settle(intent, Outcome::Refused { code: "x" }).await?, None);
    assert_eq!(scene.count("SELECT count(*) FROM messages").await?, 1);
    let counted =
        scene.count("SELECT count(*) FROM campaign_leads WHERE state = 'sent' AND step = 1").await?;
    assert_eq!(counted, 1);
    assert_eq!(scene.count("SELECT count(*) FROM leads WHERE status = 'contacted'").await?, 1);
    let team = scene.db.team(scene.team).await?;
    let page = entities::message::of_lead(&team, leads[0], entities::page::PageRequest::default()).await?;
    assert_eq!(page.items.len(), 1);
    assert!(!format!("{:?}", page.items).contains("Ann"), "shown, it tells nothing");
    Ok(())
}

#[tokio::test]
async fn a_vendor_that_names_one_message_for_two_texts_is_not_believed() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(2).await?;
    scene.sent(campaign, "msg_1").await?;
    let refused = scene.sent(campaign, "msg_1").await.expect_err("two texts are two messages");
    let refused = refused.downcast_ref::<entities::DbError>().context("of the database")?;
    assert!(refused.violates("messages_external"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn an_unknown_is_found_out_or_sent_again_and_never_both() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(2).await?;
    let claimed = scene.claimed(campaign, "one", 2).await?;
    scene.begin("one", &claimed).await?;
    for intent in &claimed {
        assert_eq!(
            scene.settle(*intent, Outcome::Unknown).await?.map(|one| one.state),
            Some(IntentState::Unknown)
        );
        assert_eq!(scene.settle(*intent, Outcome::Unknown).await?, None, "once");
    }
    let mut tx = scene.tx().await?;
    let unknown = send_intent::unknowns(&mut tx, campaign, 10).await?;
    assert_eq!(unknown.len(), 2);
    assert!(unknown.iter().all(|one| one.key == one.intent.to_string() && one.attempt == 1), "{unknown:?}");
    assert!(!format!("{unknown:?}").contains("+1512"), "shown, it tells no number");
    assert!(scene.claimed(campaign, "two", 10).await?.is_empty(), "nobody sends it again meanwhile");

    let found = Outcome::Accepted { external_id: "msg_1", segments: Some(1), price: None };
    scene.settle(claimed[0], found).await?.context("found")?;
    scene.settle(claimed[1], Outcome::Back { due_at: scene.now, tried: true }).await?.context("absent")?;
    assert_eq!(scene.claimed(campaign, "two", 10).await?, claimed[1..]);
    Ok(())
}

#[tokio::test]
async fn a_text_is_tried_three_times_at_the_most() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(1).await?;
    let due_at = scene.now;
    // A claim that never left, and a call of which nothing left the machine, are no attempts.
    for _ in 0..5 {
        let claimed = scene.claimed(campaign, "one", 1).await?;
        let mut tx = scene.tx().await?;
        let later = scene.now + TimeDelta::seconds(61);
        assert_eq!(send_intent::reclaim(&mut tx, campaign, later).await?.back, claimed);
        tx.commit().await?;
        let claimed = scene.claimed(campaign, "one", 1).await?;
        scene.begin("one", &claimed).await?;
        let back = scene.settle(claimed[0], Outcome::Back { due_at, tried: false }).await?.context("new")?;
        assert_eq!((back.state, back.attempt), (IntentState::Planned, 0));
    }
    for attempt in 1..=3 {
        let claimed = scene.claimed(campaign, "one", 1).await?;
        scene.begin("one", &claimed).await?;
        let back = scene.settle(claimed[0], Outcome::Back { due_at, tried: true }).await?.context("new")?;
        let expected = if attempt < 3 { IntentState::Planned } else { IntentState::Refused };
        assert_eq!((back.state, back.attempt), (expected, attempt));
    }
    assert!(scene.claimed(campaign, "one", 1).await?.is_empty());
    assert_eq!(
        scene.count("SELECT count(*) FROM send_intents WHERE refusal = 'too_many_attempts'").await?,
        1
    );
    Ok(())
}

#[tokio::test]
async fn an_end_calls_off_what_was_not_begun() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(4).await?;
    let claimed = scene.claimed(campaign, "one", 2).await?;
    scene.begin("one", &claimed[..1]).await?;
    let mut tx = scene.tx().await?;
    let put_aside = send_intent::cancel_all(&mut tx, campaign, "campaign", scene.now).await?;
    tx.commit().await?;
    assert_eq!(put_aside, claimed[1..]);
    assert_eq!(scene.states(campaign).await?, [("calling".to_owned(), 1), ("cancelled".to_owned(), 3)]);
    let mut tx = scene.tx().await?;
    assert_eq!(send_intent::open(&mut tx, campaign).await?.calling, 1);
    Ok(())
}

/// A claim that is being written when a campaign ends: it is waited for, and its money is named.
#[tokio::test]
async fn an_end_sees_the_claim_that_is_being_written() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(4).await?;
    let mut claiming = scene.tx().await?;
    let claimed = scene.claim_due(&mut claiming, campaign, "one", 2).await?;
    let mut ending = scene.tx().await?;
    let end = send_intent::cancel_all(&mut ending, campaign, "campaign", scene.now);
    let waited_for = async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        wait_until("the end waits", Duration::from_secs(120), || async {
            scene.count(waits).await.is_ok_and(|waiting| waiting > 0)
        })
        .await;
        claiming.commit().await
    };
    let (put_aside, committed) = tokio::join!(end, waited_for);
    committed?;
    let put_aside = put_aside?;
    ending.commit().await?;
    assert_eq!(put_aside, claimed);
    assert_eq!(scene.states(campaign).await?, [("cancelled".to_owned(), 4)]);
    Ok(())
}
