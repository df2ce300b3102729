-- What no sweep asks any more: conversations look after themselves, each by its workflow, and what is due is in how they stand.
DROP FUNCTION teams_with_replies_due(timestamptz, timestamptz, integer);
DROP POLICY gate ON inbox_items;
DROP POLICY gate ON reply_suggestions;
DROP POLICY gate ON follow_ups;
REVOKE SELECT (team_id, temperature, processed_at, received_at) ON inbox_items FROM refinery_gate;
REVOKE SELECT (team_id, state, expires_at) ON reply_suggestions FROM refinery_gate;
REVOKE SELECT (team_id, state, due_at) ON follow_ups FROM refinery_gate;
DROP INDEX reply_suggestions_expiring, inbox_items_hot;
