//! Whoever opts out is heard everywhere at once, and nothing that was to be said is said.

use anyhow::Result;
use chrono::TimeDelta;
use domain::id::{TypedId as _, UserId};
use domain::reply::{ConversationState, HoldReason};
use entities::call_queue::{self, NewCall};
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use entities::{BulkTransaction, DbError, conversation};

use super::scene::{Scene, THEIRS};

async fn opts_out(scene: &Scene, tx: &mut BulkTransaction, method: SuppressionMethod) -> Result<()> {
    let who = OptOut {
        kind: SuppressedKind::Phone,
        value: THEIRS,
        scope: SuppressionScope::Team,
        subject: "",
        method,
        source: "signalhouse",
    };
    suppression::opt_out(tx, &who, scene.now).await?;
    Ok(())
}

#[tokio::test]
async fn an_opt_out_ends_all_that_was_to_be_said() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let suggestion = scene.proposed(opened.conversation, opened.item).await?;
    let mut tx = scene.tx().await?;
    let call = NewCall {
        conversation: Some(opened.conversation),
        item: Some(opened.item),
        lead: opened.lead,
        phone: THEIRS,
        reason: "called",
        skill: None,
        priority: 90,
        due_at: scene.now,
    };
    let call = call_queue::enqueue(&mut tx, &call).await?.map(|id| id.uuid()).unwrap_or_default();
    opts_out(&scene, &mut tx, SuppressionMethod::Keyword).await?;
    let silenced = conversation::silence(&mut tx, THEIRS, HoldReason::OptedOut, scene.now).await?;
    tx.commit().await?;
    assert_eq!(silenced.conversations, [opened.conversation]);
    assert_eq!((silenced.suggestions, silenced.calls), (1, 1));
    let state = "SELECT state FROM reply_suggestions WHERE id = $1";
    assert_eq!(scene.value(state, suggestion.uuid()).await?, "stale");
    assert_eq!(scene.value("SELECT state FROM call_queue WHERE id = $1", call).await?, "cancelled");

    // Nothing is released there, whoever tries; the one confirmation is.
    let release = |origin: &'static str| {
        sqlx::query(
            "INSERT INTO reply_suggestions (team_id, id, conversation_id, origin, state, text, automatic, confidence,
                                            decided_at, expires_at)
             VALUES ($1, fresh_uuid(), $2, $3, 'approved', 'Hello', true, 99, $4, $4)",
        )
        .bind(scene.team.uuid())
        .bind(opened.conversation.uuid())
        .bind(origin)
        .bind(scene.now)
    };
    assert_eq!(scene.refusal(release("follow_up")).await?, "reply_suggestions_silenced");
    assert_eq!(scene.refusal(release("confirmation")).await?, "");
    // And the next message does not open it.
    let again = scene.says_at(THEIRS, "STOP", scene.now + TimeDelta::seconds(1)).await?;
    assert_eq!(again.state, ConversationState::Held);
    Ok(())
}

#[tokio::test]
async fn what_a_word_said_is_not_cleared_and_what_was_read_out_of_words_is() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let clear = async |by: UserId| {
        let mut tx = scene.tx().await?;
        let cleared = conversation::clear(&mut tx, opened.conversation, by, scene.now).await;
        if cleared.is_ok() {
            tx.commit().await?
        } else {
            tx.rollback().await?
        }
        anyhow::Ok(cleared)
    };
    assert!(matches!(clear(scene.user).await?, Err(DbError::WrongState { .. })), "it is not held");

    let mut tx = scene.tx().await?;
    opts_out(&scene, &mut tx, SuppressionMethod::Language).await?;
    conversation::silence(&mut tx, THEIRS, HoldReason::LikelyOptOut, scene.now).await?;
    tx.commit().await?;
    clear(scene.user).await??;
    let mut tx = scene.tx().await?;
    let found = conversation::get(&mut tx, opened.conversation).await?;
    assert_eq!(found.state, "open", "a person has read it");

    opts_out(&scene, &mut tx, SuppressionMethod::Keyword).await?;
    conversation::silence(&mut tx, THEIRS, HoldReason::OptedOut, scene.now).await?;
    tx.commit().await?;
    let refused = clear(scene.user).await?;
    assert!(
        matches!(&refused, Err(DbError::WrongState { found, .. }) if found.contains("suppressed")),
        "{refused:?}"
    );

    // Only whoever said it takes it back.
    let mut tx = scene.tx().await?;
    assert_eq!(conversation::opted_in(&mut tx, THEIRS, scene.now).await?, 0, "the suppression holds");
    suppression::opt_in(&mut tx, SuppressedKind::Phone, THEIRS, None, None, scene.now).await?;
    assert_eq!(conversation::opted_in(&mut tx, THEIRS, scene.now).await?, 1);
    tx.commit().await?;
    Ok(())
}

/// A race: somebody approves while the person opts out. Whichever is first, nothing is released afterwards.
#[tokio::test]
async fn an_approval_that_meets_an_opt_out_loses_or_is_taken_back() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let suggestion = scene.proposed(opened.conversation, opened.item).await?;
    let approve = async {
        let mut tx = scene.tx().await?;
        let query = sqlx::query(
            "UPDATE reply_suggestions SET state = 'approved', decided_by = $3, decided_at = $4
              WHERE team_id = $1 AND id = $2 AND state = 'proposed'",
        );
        let query = query.bind(scene.team.uuid()).bind(suggestion.uuid()).bind(scene.user.uuid());
        match tx.run(query.bind(scene.now)).await {
            Ok(_) => tx.commit().await?,
            Err(_) => tx.rollback().await?,
        }
        anyhow::Ok(())
    };
    let silence = async {
        loop {
            let mut tx = scene.tx().await?;
            match conversation::silence(&mut tx, THEIRS, HoldReason::OptedOut, scene.now).await {
                Ok(_) => break tx.commit().await?,
                Err(error) if error.is_transient() => tx.rollback().await?,
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::Ok(())
    };
    tokio::try_join!(approve, silence)?;
    let state = scene.value("SELECT state FROM reply_suggestions WHERE id = $1", suggestion.uuid()).await?;
    assert_eq!(state, "stale");
    Ok(())
}
