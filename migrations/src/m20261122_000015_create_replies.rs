//! Replies, from what came in to a closed conversation: `sql/m20261122_000015_create_replies.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000015_create_replies.sql");

const DOWN: &str = "
DROP FUNCTION teams_with_replies_due(timestamptz, timestamptz, integer);
DROP TABLE follow_up_switches, follow_ups, follow_up_rules, deliverables, canned_replies, tasks, call_queue, call_workers,
    reply_suggestions, reclassifications, bucket_movements, inbox_items, conversations;
ALTER TABLE messages DROP COLUMN conversation_id;
DROP FUNCTION follow_up_may_become(text, text), deliverable_may_become(text, text), queued_call_may_become(text, text),
    refuse_silenced_reply(), reply_suggestion_may_become(text, text), refuse_unclear_conversation(), count_change(),
    refuse_step_back();
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
