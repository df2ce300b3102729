//! Something of everything that comes of a reply.

use anyhow::{Context, Result};
use chrono::Utc;
use domain::id::{DeliverableId, TypedId as _};
use entities::call_queue::{self, NewCall};
use entities::canned_reply::{self, Text};
use entities::message::{self, Received};
use entities::task::{self, NewTask, TaskPriority};
use entities::{conversation, follow_up_rule, fresh_id};
use tests::{Team, TestApp};
use uuid::Uuid;

/// A part of a path, and the id of the team's own thing that goes there.
pub(super) async fn things(app: &TestApp, team: &Team) -> Result<Vec<(&'static str, String)>> {
    let now = Utc::now();
    let mut tx = app.db.team_bulk(team.id).await?;
    let received = Received {
        channel: "sms",
        provider: "signalhouse",
        external_id: "a reply",
        from: "+15125550111",
        to: "+15125550100",
        body: "Who is this?",
        classification: None,
    };
    let kept = message::receive(&mut tx, &received, now).await?.context("it is new")?;
    let opened = conversation::of_message(&mut tx, &received, &kept, now).await?;
    let call = NewCall {
        conversation: Some(opened.conversation),
        item: Some(opened.item),
        lead: None,
        phone: received.from,
        reason: "called",
        skill: None,
        priority: 95,
        due_at: now,
    };
    let call = call_queue::enqueue(&mut tx, &call).await?.context("a call")?;
    call_queue::put_worker(&mut tx, team.user, &[], 1, true, team.user).await?;
    let task = NewTask {
        kind: "by_hand",
        subject: None,
        title: "Call back",
        notes: "",
        priority: TaskPriority::Normal,
        due_at: None,
        conversation: Some(opened.conversation),
        lead: None,
        assigned_to: None,
        dedup_key: None,
        by: Some(team.user),
    };
    let task = task::put(&mut tx, &task).await?.context("a task")?;
    let text = Text {
        name: "When".to_owned(),
        channel: "sms".to_owned(),
        subject: None,
        body: "When may I call?".to_owned(),
        tags: Vec::new(),
    };
    let canned = canned_reply::create(&mut tx, &text, team.user).await?;
    let deliverable: DeliverableId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO deliverables (team_id, id, conversation_id, kind, queue, address)
         VALUES ($1, $2, $3, 'exit_preparation', 'content-queue', 'ann@example.com')",
    );
    let query = query.bind(team.id.uuid()).bind(deliverable.uuid());
    tx.run(query.bind(opened.conversation.uuid())).await?;
    follow_up_rule::ensure_shipped(&mut tx).await?;
    let rule = follow_up_rule::list(&mut tx).await?.first().context("a rule")?.id;
    let query = sqlx::query_as::<_, (Uuid,)>(
        "INSERT INTO follow_ups (team_id, rule_id, rule_version, trigger, conversation_id, occasion, actions, due_at)
         VALUES ($1, $2, 1, 'question_unanswered', $3, $4, '[]', $5) RETURNING id",
    );
    let query = query.bind(team.id.uuid()).bind(rule.uuid()).bind(opened.conversation.uuid());
    let planned = tx.first(query.bind(opened.item.uuid()).bind(now)).await?.context("a follow-up")?;
    tx.commit().await?;
    let planned = domain::id::FollowUpId::from_uuid(planned.0);
    Ok(vec![
        ("/inbox/", opened.item.to_string()),
        ("/conversations/", opened.conversation.to_string()),
        ("/call-queue/", call.to_string()),
        ("/call-workers/", team.user.to_string()),
        ("/tasks/", task.to_string()),
        ("/canned-replies/", canned.to_string()),
        ("/deliverables/", deliverable.to_string()),
        ("/follow-ups/", planned.to_string()),
        ("/follow-up-rules/", rule.to_string()),
    ])
}
