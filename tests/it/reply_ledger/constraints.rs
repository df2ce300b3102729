//! Each wrong state of a reply is refused by the table itself, by the constraint that is meant for it.

use anyhow::Result;
use chrono::TimeDelta;
use domain::id::TypedId as _;
use domain::reply::Trigger;
use entities::follow_up_rule;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::scene::Scene;

/// What is tried, and the constraint that refuses it. $1 team, $2 conversation, $3 item, $4 user, $5 now, $6 a suggestion that
/// is proposed, $7 a rule of following up, $8 a lead.
const WRONG: &[(&str, &str)] = &[
    ("UPDATE conversations SET state = 'held' WHERE id = $2", "conversations_held"),
    ("UPDATE conversations SET state = 'closed', closed_as = 'lost' WHERE id = $2", "conversations_closed"),
    ("UPDATE conversations SET auto_replies = 7 WHERE id = $2", "conversations_auto_replies"),
    ("UPDATE conversations SET rebuttals = 4 WHERE id = $2", "conversations_rebuttals"),
    ("UPDATE conversations SET claimed_by = $4 WHERE id = $2", "conversations_claim"),
    ("UPDATE conversations SET hold_reason = 'a whim' WHERE id = $2", "conversations_hold_reason"),
    (
        "INSERT INTO conversations (team_id, id, channel, provider, our_address, their_address)
         SELECT team_id, fresh_uuid(), channel, provider, our_address, their_address FROM conversations WHERE id = $2",
        "conversations_once",
    ),
    (
        "INSERT INTO inbox_items (team_id, id, message_id, conversation_id, received_at)
         SELECT team_id, fresh_uuid(), message_id, conversation_id, $5 FROM inbox_items WHERE id = $3",
        "inbox_items_once",
    ),
    ("UPDATE inbox_items SET status = 'archived' WHERE id = $3", "inbox_items_archived"),
    ("UPDATE inbox_items SET intent = 'question' WHERE id = $3", "inbox_items_classified"),
    ("UPDATE inbox_items SET priority_score = 101 WHERE id = $3", "inbox_items_priority_score_check"),
    (
        "INSERT INTO bucket_movements (team_id, item_id, from_bucket, to_bucket, why) VALUES ($1, $3, 'other', 'other', 'why')",
        "bucket_movements_elsewhere",
    ),
    (
        "INSERT INTO bucket_movements (team_id, item_id, from_bucket, to_bucket, why) VALUES ($1, $3, 'other', 'objections', '')",
        "bucket_movements_why_check",
    ),
    (
        "INSERT INTO reclassifications (team_id, item_id, from_intent, to_intent, by, why) VALUES ($1, $3, 'other', 'other', $4, 'why')",
        "reclassifications_otherwise",
    ),
    (
        "INSERT INTO reply_suggestions (team_id, id, conversation_id, origin, text, expires_at)
         VALUES ($1, fresh_uuid(), $2, 'person', 'Hello', $5)",
        "reply_suggestions_proposed",
    ),
    (
        "INSERT INTO reply_suggestions (team_id, id, conversation_id, item_id, origin, text, state, expires_at)
         VALUES ($1, fresh_uuid(), $2, $3, 'model', 'Hello', 'expired', $5)",
        "reply_suggestions_item",
    ),
    ("UPDATE reply_suggestions SET state = 'approved', decided_at = $5 WHERE id = $6", "reply_suggestions_released"),
    (
        "UPDATE reply_suggestions SET state = 'approved', decided_at = $5, automatic = true, confidence = 69 WHERE id = $6",
        "reply_suggestions_released",
    ),
    (
        "UPDATE reply_suggestions SET state = 'approved', decided_by = $4, decided_at = expires_at + interval '1 second' WHERE id = $6",
        "reply_suggestions_in_time",
    ),
    ("UPDATE reply_suggestions SET state = 'rejected' WHERE id = $6", "reply_suggestions_decided"),
    (
        "UPDATE reply_suggestions SET state = 'edited', decided_by = $4, decided_at = $5 WHERE id = $6",
        "reply_suggestions_edited",
    ),
    ("UPDATE reply_suggestions SET sent_at = $5 WHERE id = $6", "reply_suggestions_sent"),
    (
        "UPDATE reply_suggestions SET state = 'sent', sent_at = $5, decided_by = $4, decided_at = $5 WHERE id = $6",
        "reply_suggestions_state_order",
    ),
    (
        "INSERT INTO call_queue (team_id, id, phone, reason, due_at)
         SELECT $1, fresh_uuid(), '+15125560009', 'called', $5 FROM generate_series(1, 2)",
        "call_queue_open",
    ),
    (
        "INSERT INTO call_queue (team_id, id, phone, reason, due_at, state) VALUES ($1, fresh_uuid(), '+15125560008', 'called', $5, 'claimed')",
        "call_queue_claimed",
    ),
    (
        "INSERT INTO call_queue (team_id, id, phone, reason, due_at, state, ended_at)
         VALUES ($1, fresh_uuid(), '+15125560008', 'called', $5, 'done', $5)",
        "call_queue_done",
    ),
    (
        "INSERT INTO tasks (team_id, id, title, dedup_key) SELECT $1, fresh_uuid(), 'Call', 'the same' FROM generate_series(1, 2)",
        "tasks_once",
    ),
    ("INSERT INTO tasks (team_id, id, title, state, ended_at) VALUES ($1, fresh_uuid(), 'Call', 'done', $5)", "tasks_done"),
    (
        "INSERT INTO canned_replies (team_id, id, name, body)
         SELECT $1, fresh_uuid(), n, 'Hello' FROM unnest(ARRAY['Hello', 'HELLO']) n",
        "canned_replies_name",
    ),
    (
        "INSERT INTO deliverables (team_id, id, conversation_id, kind, queue, address)
         SELECT $1, fresh_uuid(), $2, 'exit_preparation', 'content-queue', 'ann@example.com' FROM generate_series(1, 2)",
        "deliverables_once",
    ),
    (
        "INSERT INTO deliverables (team_id, id, conversation_id, kind, queue, address)
         VALUES ($1, fresh_uuid(), $2, 'exit_preparation', 'sales-queue', 'ann@example.com')",
        "deliverables_kind",
    ),
    (
        "INSERT INTO deliverables (team_id, id, conversation_id, kind, queue, address, state)
         VALUES ($1, fresh_uuid(), $2, 'exit_preparation', 'content-queue', 'ann@example.com', 'made')",
        "deliverables_made",
    ),
    (
        "INSERT INTO follow_ups (team_id, rule_id, rule_version, trigger, conversation_id, occasion, actions, due_at)
         SELECT $1, $7, 1, 'question_unanswered', $2, $3, '[]', $5 FROM generate_series(1, 2)",
        "follow_ups_once",
    ),
    (
        "INSERT INTO follow_ups (team_id, rule_id, rule_version, trigger, conversation_id, occasion, actions, due_at, contact_no)
         VALUES ($1, $7, 1, 'question_unanswered', $2, $3, '[]', $5, 4)",
        "follow_ups_most",
    ),
    (
        "INSERT INTO follow_ups (team_id, rule_id, rule_version, trigger, conversation_id, lead_id, occasion, actions, due_at, contact_no)
         SELECT $1, $7, 1, 'question_unanswered', $2, $8, fresh_uuid(), '[]', $5, 1 FROM generate_series(1, 2)",
        "follow_ups_contacts",
    ),
    (
        "INSERT INTO follow_ups (team_id, rule_id, rule_version, trigger, conversation_id, occasion, actions, due_at, state, ended_at)
         VALUES ($1, $7, 1, 'question_unanswered', $2, $3, '[]', $5, 'cancelled', $5)",
        "follow_ups_said",
    ),
    (
        "INSERT INTO follow_up_switches (team_id, reason) SELECT $1, 'a drill' FROM generate_series(1, 2)",
        "follow_up_switches_on",
    ),
    ("UPDATE follow_up_rules SET after_minutes = 0 WHERE id = $7", "follow_up_rules_after_minutes_check"),
];

#[tokio::test]
async fn each_wrong_state_is_refused_by_its_own_constraint() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let suggestion = scene.proposed(opened.conversation, opened.item).await?;
    let mut tx = scene.tx().await?;
    follow_up_rule::ensure_shipped(&mut tx).await?;
    let rules = follow_up_rule::list(&mut tx).await?;
    tx.commit().await?;
    let rule = rules.iter().find(|stored| stored.rule.trigger == Trigger::QuestionUnanswered);
    let rule = rule.map_or_else(Uuid::nil, |stored| stored.id.uuid());
    for (sql, constraint) in WRONG {
        // Every parameter has its type said, also where the statement has no use for it.
        let typed = format!(
            "WITH given AS (SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, $6::uuid, $7::uuid, $8::uuid) {sql}"
        );
        let query = sqlx::query(AssertSqlSafe(typed)).bind(scene.team.uuid());
        let query = query.bind(opened.conversation.uuid()).bind(opened.item.uuid()).bind(scene.user.uuid());
        let query = query.bind(scene.now).bind(suggestion.uuid()).bind(rule);
        let refused = scene.refusal(query.bind(opened.lead.map(domain::id::TypedId::uuid))).await?;
        assert_eq!(&refused, constraint, "{sql}");
    }
    Ok(())
}

/// States only go where the program's state machines lead.
#[tokio::test]
async fn what_has_ended_does_not_begin_again() -> Result<()> {
    let scene = Scene::new().await?;
    let opened = scene.a_reply().await?;
    let made = [
        (
            "INSERT INTO tasks (team_id, id, title, state, done_by, ended_at) VALUES ($1, $2, 'Call', 'done', $3, $4)",
            "UPDATE tasks SET state = 'open', ended_at = NULL WHERE id = $1",
            "tasks_state_order",
        ),
        (
            "INSERT INTO call_queue (team_id, id, phone, reason, due_at, state, outcome, done_by, ended_at)
             VALUES ($1, $2, '+15125560007', 'called', $4, 'done', 'reached', $3, $4)",
            "UPDATE call_queue SET state = 'queued', ended_at = NULL WHERE id = $1",
            "call_queue_state_order",
        ),
        (
            "INSERT INTO deliverables (team_id, id, conversation_id, kind, queue, address, state, ended_at)
             SELECT $1, $2, id, 'exit_preparation', 'content-queue', 'ann@example.com', 'cancelled', $4 FROM conversations
              WHERE $3::uuid IS NOT NULL",
            "UPDATE deliverables SET state = 'requested', ended_at = NULL WHERE id = $1",
            "deliverables_state_order",
        ),
        (
            "INSERT INTO reply_suggestions (team_id, id, conversation_id, origin, text, state, expires_at)
             SELECT $1, $2, id, 'person', 'Hello', 'stale', $4 FROM conversations WHERE $3::uuid IS NOT NULL",
            "UPDATE reply_suggestions SET state = 'proposed' WHERE id = $1",
            "reply_suggestions_state_order",
        ),
    ];
    for (insert, update, constraint) in made {
        let id = Uuid::new_v4();
        let mut tx = scene.tx().await?;
        let query = sqlx::query(AssertSqlSafe(insert)).bind(scene.team.uuid()).bind(id);
        assert_eq!(tx.run(query.bind(scene.user.uuid()).bind(scene.now)).await?, 1, "{insert}");
        tx.commit().await?;
        let refused = scene.refusal(sqlx::query(AssertSqlSafe(update)).bind(id)).await?;
        assert_eq!(refused, constraint);
    }
    // One that is held goes on where somebody clears it, and says so.
    let mut tx = scene.tx().await?;
    let held = "UPDATE conversations SET state = 'held', hold_reason = 'by_hand', held_at = $2 WHERE id = $1";
    tx.run(sqlx::query(held).bind(opened.conversation.uuid()).bind(scene.now)).await?;
    tx.commit().await?;
    let open = sqlx::query("UPDATE conversations SET state = 'open' WHERE id = $1");
    assert_eq!(scene.refusal(open.bind(opened.conversation.uuid())).await?, "conversations_cleared");
    let nobody = sqlx::query(
        "UPDATE conversations SET state = 'open', cleared_how = 'person', cleared_at = $2 WHERE id = $1",
    );
    let nobody = nobody.bind(opened.conversation.uuid()).bind(scene.now + TimeDelta::seconds(1));
    assert_eq!(scene.refusal(nobody).await?, "conversations_cleared");
    Ok(())
}
