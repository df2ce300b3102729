//! What a webhook waits for: `sql/m20261123_000033_spare_webhooks.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261123_000033_spare_webhooks.sql");

const DOWN: &str = "
CREATE OR REPLACE FUNCTION tell_endpoints() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO endpoint_notices (team_id, endpoint_id, notice_id, kind, payload, happened_at)
    SELECT n.team_id, e.id, n.id, n.kind, n.payload, n.created_at
      FROM new_notices n JOIN webhook_endpoints e ON e.team_id = n.team_id
     WHERE e.disabled_at IS NULL AND n.kind NOT LIKE 'relay.%'
       AND (e.kinds = '{}' OR n.kind = ANY (e.kinds) OR split_part(n.kind, '.', 1) || '.*' = ANY (e.kinds));
    RETURN NULL;
END $$;
CREATE INDEX send_intents_reply_to ON send_intents (team_id, to_value)
    WHERE suggestion_id IS NOT NULL AND state IN ('planned', 'held', 'claimed');
DROP INDEX send_intents_made_for;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
