//! A question that nobody asks any more: `sql/m20261122_000020_forget_replies_due.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000020_forget_replies_due.sql");

const DOWN: &str = "
CREATE INDEX inbox_items_hot ON inbox_items (team_id, received_at) WHERE temperature = 'hot' AND processed_at IS NULL;
CREATE INDEX reply_suggestions_expiring ON reply_suggestions (team_id, expires_at) WHERE state = 'proposed';
CREATE FUNCTION teams_with_replies_due(hot_since timestamptz, due_by timestamptz, most integer) RETURNS TABLE (team_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.team_id FROM inbox_items i
     WHERE i.temperature = 'hot' AND i.processed_at IS NULL AND i.received_at <= hot_since
    UNION SELECT s.team_id FROM reply_suggestions s WHERE s.state = 'proposed' AND s.expires_at <= due_by
    UNION SELECT f.team_id FROM follow_ups f WHERE f.state = 'planned' AND f.due_at <= due_by
     LIMIT most
$$;
CREATE POLICY gate ON inbox_items FOR SELECT TO refinery_gate USING (true);
CREATE POLICY gate ON reply_suggestions FOR SELECT TO refinery_gate USING (true);
CREATE POLICY gate ON follow_ups FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, temperature, processed_at, received_at) ON inbox_items TO refinery_gate;
GRANT SELECT (team_id, state, expires_at) ON reply_suggestions TO refinery_gate;
GRANT SELECT (team_id, state, due_at) ON follow_ups TO refinery_gate;
CALL guard_by_gate('teams_with_replies_due(timestamptz, timestamptz, integer)');
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
