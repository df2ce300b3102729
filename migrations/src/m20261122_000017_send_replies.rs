//! Replies in the ledger of what is sent: `sql/m20261122_000017_send_replies.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000017_send_replies.sql");

const DOWN: &str = "
DROP FUNCTION teams_with_stuck_outbox(interval, integer), team_of_message(text, text), team_of_number(text, text);
REVOKE SELECT (created_at) ON outbox FROM refinery_gate;
REVOKE SELECT (team_id, provider, external_id, direction) ON messages FROM refinery_gate;
REVOKE SELECT (team_id, channel, provider, address, state) ON senders FROM refinery_gate;
DROP POLICY gate ON messages;
DROP POLICY gate ON senders;
DROP INDEX messages_vendor, senders_number;
DROP TABLE event_readings;
DELETE FROM gate_verdicts WHERE conversation_id IS NOT NULL;
DROP INDEX gate_verdicts_conversation;
ALTER TABLE gate_verdicts DROP CONSTRAINT gate_verdicts_of_one, DROP COLUMN conversation_id;
ALTER TABLE gate_verdicts ALTER COLUMN campaign_id SET NOT NULL;
ALTER TABLE gate_verdicts ALTER COLUMN step SET NOT NULL;
DELETE FROM send_intents WHERE suggestion_id IS NOT NULL;
DROP INDEX send_intents_reply_to, send_intents_conversation, send_intents_reply;
ALTER TABLE send_intents DROP CONSTRAINT send_intents_suggestion, DROP CONSTRAINT send_intents_of_one,
    DROP COLUMN answers, DROP COLUMN suggestion_id, DROP COLUMN conversation_id;
ALTER TABLE send_intents ALTER COLUMN campaign_id SET NOT NULL;
ALTER TABLE send_intents ALTER COLUMN step SET NOT NULL;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
