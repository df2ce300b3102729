-- What a vendor's webhook waits for.

-- Whoever puts a notice into the outbox waits for what is told of it: where no endpoint is, which is nearly everywhere, nothing is
-- prepared.
CREATE OR REPLACE FUNCTION tell_endpoints() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM webhook_endpoints WHERE disabled_at IS NULL) THEN
        RETURN NULL;
    END IF;
    INSERT INTO endpoint_notices (team_id, endpoint_id, notice_id, kind, payload, happened_at)
    SELECT n.team_id, e.id, n.id, n.kind, n.payload, n.created_at
      FROM new_notices n JOIN webhook_endpoints e ON e.team_id = n.team_id
     WHERE e.disabled_at IS NULL AND n.kind NOT LIKE 'relay.%'
       AND (e.kinds = '{}' OR n.kind = ANY (e.kinds) OR split_part(n.kind, '.', 1) || '.*' = ANY (e.kinds));
    RETURN NULL;
END $$;

-- Opt-outs find what has been made for a number and has not been begun, of campaigns as of conversations.
CREATE INDEX send_intents_made_for ON send_intents (team_id, to_value)
    WHERE to_value IS NOT NULL AND state IN ('planned', 'held', 'claimed');
DROP INDEX send_intents_reply_to;
