//! Delivery reports: late, twice, out of order, too early.

use anyhow::{Context, Result};
use domain::message::MessageStatus;
use entities::message::{self, Received, Report};
use entities::send_intent::Outcome;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::scene::{FROM, Scene, number};

fn report<'a>(external_id: &'a str, delivery_key: &'a str, status: MessageStatus) -> Report<'a> {
    Report {
        external_id,
        delivery_key,
        status,
        error_code: matches!(status, MessageStatus::Failed | MessageStatus::Undelivered).then_some("30003"),
        price: None,
        segments: None,
        happened_at: chrono::Utc::now(),
    }
}

async fn status(scene: &Scene, external_id: &str) -> Result<MessageStatus> {
    let (status,): (String,) = sqlx::query_as("SELECT status FROM messages WHERE external_id = $1")
        .bind(external_id)
        .fetch_one(scene.admin.pool())
        .await?;
    Ok(status.parse()?)
}

#[tokio::test]
async fn sql_and_rust_move_a_status_alike() -> Result<()> {
    let scene = Scene::new().await?;
    for current in MessageStatus::ALL {
        for reported in MessageStatus::ALL {
            let (next,): (String,) = sqlx::query_as("SELECT message_status_after($1, $2)")
                .bind(current.as_str())
                .bind(reported.as_str())
                .fetch_one(scene.db.pool())
                .await?;
            assert_eq!(next, current.advance(*reported).as_str(), "{current} and {reported}");
        }
    }
    // Nobody writes one back, by whatever statement.
    let (campaign, _) = scene.planned(1).await?;
    scene.sent(campaign, "msg_1").await?;
    let mut tx = scene.tx().await?;
    message::report(&mut tx, "signalhouse", &[report("msg_1", "d", MessageStatus::Delivered)], scene.now)
        .await?;
    tx.commit().await?;
    let back = sqlx::query("UPDATE messages SET status = 'sent'").execute(scene.admin.pool()).await;
    assert!(back.is_err());
    Ok(())
}

/// Whatever comes in whatever order, as often as it likes, before or after the message itself: the end is the same.
#[tokio::test]
async fn order_and_repetition_do_not_matter() -> Result<()> {
    let scene = Scene::new().await?;
    let rounds = 12;
    let (campaign, _) = scene.planned(rounds).await?;
    let mut runner = TestRunner::deterministic();
    let some = proptest::collection::vec((proptest::sample::select(MessageStatus::ALL), 0..3usize), 0..6);
    for round in 0..rounds {
        let reports = some.new_tree(&mut runner).map_err(|error| anyhow::anyhow!("{error}"))?.current();
        let early =
            (0..=reports.len()).new_tree(&mut runner).map_err(|error| anyhow::anyhow!("{error}"))?.current();
        let external = format!("msg_{round}");
        let expected =
            reports.iter().fold(MessageStatus::Queued, |status, (reported, _)| status.advance(*reported));
        let tell = async |range: std::ops::Range<usize>| {
            for (index, (reported, again)) in reports.iter().enumerate().skip(range.start).take(range.len()) {
                for _ in 0..=*again {
                    let key = format!("{external}:{index}");
                    let mut tx = scene.tx().await?;
                    message::report(&mut tx, "signalhouse", &[report(&external, &key, *reported)], scene.now)
                        .await?;
                    tx.commit().await?;
                }
            }
            anyhow::Ok(())
        };
        tell(0..early).await?;
        scene.sent(campaign, &external).await?;
        tell(early..reports.len()).await?;
        assert_eq!(status(&scene, &external).await?, expected, "{early} early of {reports:?}");
    }
    let orphans = scene.count("SELECT count(*) FROM message_events WHERE message_id IS NULL").await?;
    assert_eq!(orphans, 0, "each event found its message");
    Ok(())
}

/// The report and the acceptance are written at the same moment: one of them sees the other.
#[tokio::test]
async fn a_report_that_crosses_the_acceptance_is_not_lost() -> Result<()> {
    let scene = Scene::with(6).await?;
    let rounds = 20;
    let (campaign, _) = scene.planned(rounds).await?;
    for round in 0..rounds {
        let external = format!("msg_{round}");
        let claimed = scene.claimed(campaign, "one", 1).await?;
        scene.begin("one", &claimed).await?;
        let outcome = Outcome::Accepted { external_id: &external, segments: None, price: None };
        let told = async {
            let mut tx = scene.tx().await?;
            let key = format!("d{round}");
            message::report(
                &mut tx,
                "signalhouse",
                &[report(&external, &key, MessageStatus::Delivered)],
                scene.now,
            )
            .await?;
            anyhow::Ok(tx.commit().await?)
        };
        let (settled, told) = tokio::join!(scene.settle(claimed[0], outcome), told);
        settled?.context("new")?;
        told?;
        assert_eq!(status(&scene, &external).await?, MessageStatus::Delivered, "round {round}");
    }
    let reached = scene.count("SELECT count(*) FROM campaign_leads WHERE state = 'delivered'").await?;
    assert_eq!(reached, rounds as i64);
    Ok(())
}

#[tokio::test]
async fn a_report_is_told_once_and_a_failure_keeps_its_code() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(1).await?;
    let intent = scene.sent(campaign, "msg_1").await?;
    let mut tx = scene.tx().await?;
    let failed = report("msg_1", "d1", MessageStatus::Undelivered);
    let told = message::report(&mut tx, "signalhouse", std::slice::from_ref(&failed), scene.now).await?;
    let [one] = &told[..] else { anyhow::bail!("{told:?}") };
    assert_eq!(
        (one.status, one.intent, one.lead),
        (MessageStatus::Undelivered, Some(intent), Some(leads[0]))
    );
    assert_eq!(one.error_code.as_deref(), Some("30003"));
    assert!(message::report(&mut tx, "signalhouse", &[failed], scene.now).await?.is_empty(), "nothing new");
    let other =
        message::report(&mut tx, "twilio", &[report("msg_1", "d1", MessageStatus::Delivered)], scene.now)
            .await?;
    assert!(other.is_empty(), "another vendor's message of this name is another message");
    tx.commit().await?;
    assert_eq!(scene.count("SELECT count(*) FROM campaign_leads WHERE state = 'failed'").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_reply_is_kept_once_and_belongs_to_whom_was_written_to() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(1).await?;
    scene.sent(campaign, "msg_1").await?;
    let from = number(0);
    let reply = Received {
        channel: "sms",
        provider: "signalhouse",
        external_id: "in_1",
        from: &from,
        to: FROM,
        body: "Who is this?",
        classification: None,
    };
    let mut tx = scene.tx().await?;
    let kept = message::receive(&mut tx, &reply, scene.now).await?.context("new")?;
    assert_eq!((kept.lead, kept.campaign), (Some(leads[0]), Some(campaign)));
    assert!(message::receive(&mut tx, &reply, scene.now).await?.is_none(), "once");
    let stranger = Received { from: "+12125550199", external_id: "in_2", ..reply };
    let kept = message::receive(&mut tx, &stranger, scene.now).await?.context("new")?;
    assert_eq!((kept.lead, kept.campaign), (None, None));
    tx.commit().await?;
    assert_eq!(scene.count("SELECT count(*) FROM campaign_leads WHERE state = 'responded'").await?, 1);
    Ok(())
}
