//! The inbox in its order, and what people put right in it.

use anyhow::Result;
use chrono::TimeDelta;
use domain::id::TypedId as _;
use domain::reply::{Bucket, Intent};
use entities::inbox_item::{self, Assigned, Which};
use entities::{DbError, conversation};

use super::scene::Scene;

/// A number that nobody else has.
fn number(index: i64) -> String {
    format!("+1512557{index:04}")
}

#[tokio::test]
async fn the_hottest_comes_first_page_by_page() -> Result<()> {
    let scene = Scene::new().await?;
    let mut expected = Vec::new();
    for (index, score) in [(0, 20), (1, 90), (2, 55), (3, 90), (4, 5)] {
        let opened = scene.says(&number(index), "Hello").await?;
        scene.read_as(opened.item, "other", score).await?;
        expected.push((score, opened.item));
    }
    expected.sort_by(|one, other| other.cmp(one));
    let mut tx = scene.tx().await?;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let (items, next) = inbox_item::list(&mut tx, Which::default(), after, 2, scene.now).await?;
        seen.extend(items.iter().map(|item| (item.priority_score, item.id)));
        match next {
            Some(_) => after = next,
            None => break,
        }
    }
    assert_eq!(seen, expected);
    let counts = inbox_item::counts(&mut tx).await?;
    assert_eq!(counts.iter().map(|count| (count.waiting, count.unread)).collect::<Vec<_>>(), [(5, 5)]);
    Ok(())
}

#[tokio::test]
async fn filters_find_what_they_say() -> Result<()> {
    let scene = Scene::new().await?;
    let (one, two, three) = (
        scene.says(&number(1), "a").await?,
        scene.says(&number(2), "b").await?,
        scene.says(&number(3), "c").await?,
    );
    let mut tx = scene.tx().await?;
    conversation::assign(&mut tx, one.conversation, Some(scene.user), scene.user, scene.now).await?;
    inbox_item::move_to(&mut tx, two.item, Bucket::HotResponses, None, "a test").await?;
    inbox_item::snooze(&mut tx, three.item, Some(scene.now + TimeDelta::hours(1)), scene.user, scene.now)
        .await?;
    let found = async |tx: &mut entities::BulkTransaction, which: Which, at| {
        let (items, _) = inbox_item::list(tx, which, None, 50, at).await?;
        anyhow::Ok(items.into_iter().map(|item| item.id).collect::<Vec<_>>())
    };
    let all = Which::default();
    let now = scene.now;
    assert_eq!(found(&mut tx, all, now).await?, [two.item, one.item], "what is snoozed is out of sight");
    assert_eq!(found(&mut tx, Which { snoozed: true, ..all }, now).await?, [three.item]);
    let later = now + TimeDelta::hours(2);
    assert_eq!(found(&mut tx, all, later).await?.len(), 3, "it comes back by itself");
    assert_eq!(found(&mut tx, Which { bucket: Some(Bucket::HotResponses), ..all }, now).await?, [two.item]);
    let mine = Which { assigned: Some(Assigned::To(scene.user)), ..all };
    assert_eq!(found(&mut tx, mine, now).await?, [one.item]);
    let nobodys = Which { assigned: Some(Assigned::Nobody), ..all };
    assert_eq!(found(&mut tx, nobodys, now).await?, [two.item]);
    inbox_item::mark_read(&mut tx, one.item, scene.user, now).await?;
    assert_eq!(found(&mut tx, Which { read: Some(true), ..all }, now).await?, [one.item]);
    inbox_item::archive(&mut tx, one.item, scene.user, now).await?;
    assert_eq!(found(&mut tx, Which { archived: true, ..all }, now).await?, [one.item]);
    assert_eq!(found(&mut tx, all, now).await?, [two.item]);
    Ok(())
}

#[tokio::test]
async fn a_move_and_a_correction_keep_who_and_why() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    scene.read_as(opened.item, "other", 0).await?;
    let mut tx = scene.tx().await?;
    let first =
        inbox_item::move_to(&mut tx, opened.item, Bucket::Objections, Some(scene.user), "asks").await?;
    assert!(first.is_some());
    let again =
        inbox_item::move_to(&mut tx, opened.item, Bucket::Objections, Some(scene.user), "asks").await?;
    assert_eq!(again, None, "it lies there already");

    let was = inbox_item::reclassify(
        &mut tx,
        opened.item,
        Intent::Interested,
        scene.user,
        "wants a call",
        scene.now,
    )
    .await?;
    assert_eq!(was.from, Some(Intent::Other));
    let item = inbox_item::get(&mut tx, opened.item, scene.now).await?;
    assert_eq!((item.intent.as_deref(), item.confidence), (Some("interested"), Some(100)));
    assert_eq!(item.classified_by.as_deref(), Some("person"));
    // 0.7 × 50 + 0.3 × 50; the first message of interest is hot.
    assert_eq!((item.priority_score, item.temperature.as_deref()), (50, Some("hot")));
    let moves = conversation::movements(&mut tx, opened.conversation).await?;
    let way: Vec<(&str, &str)> = moves.iter().map(|one| (one.to.as_str(), one.why.as_str())).collect();
    assert_eq!(way, [("objections", "asks"), ("hot_responses", "wants a call")]);
    assert!(moves.iter().all(|one| one.by == Some(scene.user)));
    let kept = inbox_item::reclassifications(&mut tx, Some(opened.conversation), 10).await?;
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].from.as_deref(), kept[0].to.as_str(), kept[0].by),
        (Some("other"), "interested", scene.user)
    );
    let same =
        inbox_item::reclassify(&mut tx, opened.item, Intent::Interested, scene.user, "again", scene.now)
            .await;
    assert!(matches!(same, Err(DbError::WrongState { .. })), "{same:?}");
    tx.commit().await?;
    // The reports of campaigns count it by their own spelling.
    let word = scene.value(
        "SELECT classification FROM messages m JOIN inbox_items i ON i.message_id = m.id WHERE i.id = $1",
        opened.item.uuid(),
    );
    assert_eq!(word.await?, "interested");
    Ok(())
}

#[tokio::test]
async fn changes_are_seen_by_whoever_listens() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let mut tx = scene.tx().await?;
    let seen = inbox_item::changed_since(&mut tx, scene.now - TimeDelta::hours(1), 10, scene.now).await?;
    assert_eq!(seen.items.iter().map(|item| item.id).collect::<Vec<_>>(), [opened.item]);
    let nothing = inbox_item::changed_since(&mut tx, seen.items[0].updated_at, 10, scene.now).await?;
    assert_eq!(nothing.items.len(), 0);
    tx.commit().await?;
    let mut tx = scene.tx().await?;
    let lease = std::time::Duration::from_secs(60);
    assert!(conversation::claim(&mut tx, opened.conversation, scene.user, lease, scene.now).await?.is_ok());
    tx.commit().await?;
    let mut tx = scene.tx().await?;
    let claimed = inbox_item::changed_since(&mut tx, seen.items[0].updated_at, 10, scene.now).await?;
    assert_eq!(claimed.items.len(), 1, "a claim is a change of what is seen");
    Ok(())
}
