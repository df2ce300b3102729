//! A message finds its conversation, its lead and its place in the inbox, with the message itself.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use domain::id::TypedId as _;
use domain::reply::{Bucket, ConversationState, Intent};
use entities::conversation::REPLY_RECEIVED;
use entities::message::{self, Received};
use entities::outbox::{self, Which};
use entities::{conversation, inbox_item};

use super::scene::{OURS, Scene, THEIRS};

#[tokio::test]
async fn a_reply_opens_its_conversation_and_tells_of_it_once() -> Result<()> {
    let scene = Scene::new().await?;
    let lead = scene.lead(50).await?;
    let campaign = scene.texted(lead, THEIRS, 60).await?;
    let opened = scene.says(THEIRS, "Who is this?").await?;
    assert!(opened.is_new && !opened.reopened);
    assert_eq!((opened.state, opened.lead), (ConversationState::Open, Some(lead)));

    let mut tx = scene.tx().await?;
    let found = conversation::get(&mut tx, opened.conversation).await?;
    assert_eq!((found.our_address.as_str(), found.their_address.as_str()), (OURS, THEIRS));
    assert_eq!((found.campaign, found.inbound_count, found.outbound_count), (Some(campaign), 1, 1));
    let item = inbox_item::get(&mut tx, opened.item, scene.now).await?;
    assert_eq!(
        (item.body.as_str(), item.status.as_str(), item.no_lead_match),
        ("Who is this?", "unread", false)
    );
    assert_eq!(item.intent, None, "it is read later");
    let said = conversation::messages(&mut tx, &found, 10).await?;
    let directions: Vec<&str> = said.iter().map(|one| one.direction.as_str()).collect();
    assert_eq!(directions, ["outbound", "inbound"], "what the campaign had said belongs to it");
    let lease = std::time::Duration::from_secs(60);
    let notices = outbox::take(&mut tx, Which::Only(REPLY_RECEIVED), 10, lease).await?;
    tx.commit().await?;
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].kind, REPLY_RECEIVED);
    let ids = serde_json::json!({ "conversation": opened.conversation, "item": opened.item });
    assert_eq!(notices[0].payload, ids, "ids and nothing else");
    Ok(())
}

#[tokio::test]
async fn the_next_message_goes_on_with_it_and_what_was_to_be_said_is_stale() -> Result<()> {
    let scene = Scene::new().await?;
    let first = scene.a_reply().await?;
    let suggestion = scene.proposed(first.conversation, first.item).await?;
    let later = scene.now + TimeDelta::seconds(5);
    let second = scene.says_at(THEIRS, "I am interested", later).await?;
    assert!(!second.is_new);
    assert_eq!(second.conversation, first.conversation);
    assert_ne!(second.item, first.item);
    let state = "SELECT state FROM reply_suggestions WHERE id = $1";
    assert_eq!(scene.value(state, suggestion.uuid()).await?, "stale");
    let mut tx = scene.tx().await?;
    let found = conversation::get(&mut tx, first.conversation).await?;
    tx.commit().await?;
    assert_eq!((found.inbound_count, found.last_inbound_at), (2, Some(later)));
    assert!(found.version > 0, "each change counts");
    Ok(())
}

#[tokio::test]
async fn of_two_that_come_at_once_the_second_goes_on_where_the_first_opened() -> Result<()> {
    let scene = Scene::new().await?;
    let received = |external_id, body| Received {
        channel: "sms",
        provider: "signalhouse",
        external_id,
        from: THEIRS,
        to: OURS,
        body,
        classification: None,
    };
    let (one, other) = (received("first", "Hello"), received("second", "Hello?"));
    let mut tx = scene.tx().await?;
    // Both find no conversation yet.
    let first = message::receive(&mut tx, &one, scene.now).await?.context("it is new")?;
    let second = message::receive(&mut tx, &other, scene.now).await?.context("it is new")?;
    assert_ne!(first.place.conversation, second.place.conversation);
    let opened = conversation::of_message(&mut tx, &one, &first, scene.now).await?;
    let goes_on = conversation::of_message(&mut tx, &other, &second, scene.now).await?;
    assert!(opened.is_new && !goes_on.is_new);
    assert_eq!(goes_on.conversation, opened.conversation);
    let found = conversation::get(&mut tx, opened.conversation).await?;
    let said = conversation::messages(&mut tx, &found, 10).await?;
    tx.commit().await?;
    assert_eq!((found.inbound_count, said.len()), (2, 2));
    Ok(())
}

#[tokio::test]
async fn of_several_leads_at_one_number_it_is_the_one_texted_last() -> Result<()> {
    let scene = Scene::new().await?;
    let (old, older, last) = (scene.lead(10).await?, scene.lead(90).await?, scene.lead(50).await?);
    scene.texted(old, THEIRS, 120).await?;
    scene.texted(older, THEIRS, 600).await?;
    scene.texted(last, THEIRS, 30).await?;
    let opened = scene.says(THEIRS, "Yes?").await?;
    assert_eq!(opened.lead, Some(last));
    assert_eq!(opened.others, [old, older], "the one written to last comes first");
    Ok(())
}

#[tokio::test]
async fn of_nobody_it_is_kept_all_the_same() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.says("+15125569999", "Hello?").await?;
    assert_eq!((opened.lead, opened.others.len()), (None, 0));
    let mut tx = scene.tx().await?;
    let which = inbox_item::Which { no_lead_match: true, ..inbox_item::Which::default() };
    let (items, _) = inbox_item::list(&mut tx, which, None, 10, scene.now).await?;
    tx.commit().await?;
    assert_eq!(items.iter().map(|item| item.id).collect::<Vec<_>>(), [opened.item]);
    Ok(())
}

#[tokio::test]
async fn what_was_closed_is_opened_by_the_next_message_with_its_history() -> Result<()> {
    let scene = Scene::new().await?;
    let first = scene.a_reply().await?;
    let mut tx = scene.tx().await?;
    let query = sqlx::query(
        "UPDATE conversations SET state = 'closed', closed_as = 'lost', close_reason = 'not_now', processed_at = $2 WHERE id = $1",
    );
    tx.run(query.bind(first.conversation.uuid()).bind(scene.now)).await?;
    tx.commit().await?;
    let again = scene.says(THEIRS, "Are you still there?").await?;
    assert_eq!(again.conversation, first.conversation);
    assert!(again.reopened && !again.is_new);
    assert_eq!(again.state, ConversationState::Open);
    let mut tx = scene.tx().await?;
    let found = conversation::get(&mut tx, first.conversation).await?;
    let said = conversation::messages(&mut tx, &found, 10).await?;
    tx.commit().await?;
    assert_eq!((found.reopened, said.len()), (1, 3));
    Ok(())
}

#[tokio::test]
async fn a_call_belongs_to_the_texts_and_is_hot_at_once() -> Result<()> {
    let scene = Scene::new().await?;
    let first = scene.a_reply().await?;
    let mut tx = scene.tx().await?;
    let called = scene.says_in(&mut tx, "voice", THEIRS, "", Some("called-phone-line"), scene.now).await?;
    tx.commit().await?;
    assert_eq!(called.conversation, first.conversation);
    let mut tx = scene.tx().await?;
    let item = inbox_item::get(&mut tx, called.item, scene.now).await?;
    tx.commit().await?;
    assert_eq!((item.kind.as_str(), item.bucket.as_str()), ("call", Bucket::HotResponses.as_str()));
    assert_eq!(item.intent.as_deref(), Some(Intent::CalledPhoneLine.as_str()));
    assert_eq!(item.temperature.as_deref(), Some("hot"));
    // 0.7 × 95 + 0.3 × 50.
    assert_eq!(item.priority_score, 82);
    Ok(())
}
