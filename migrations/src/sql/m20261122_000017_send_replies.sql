-- Replies in the ledger: what is answered goes out by the same rows, states and last check as what a campaign sends
-- (docs/adr/0027-replies.md).

-- A row is a campaign's step to a lead, or one suggestion of a conversation that was released. Replies carry no campaign of
-- their own, so that a campaign that pauses, ends or counts what is left does not mean them; the one that they answer is named
-- beside, for its budget and its switch.
ALTER TABLE send_intents ALTER COLUMN campaign_id DROP NOT NULL;
ALTER TABLE send_intents ALTER COLUMN step DROP NOT NULL;
ALTER TABLE send_intents
    ADD COLUMN conversation_id uuid,
    ADD COLUMN suggestion_id   uuid,
    ADD COLUMN answers         uuid,
    ADD CONSTRAINT send_intents_of_one CHECK (CASE WHEN suggestion_id IS NULL
        THEN campaign_id IS NOT NULL AND step IS NOT NULL AND conversation_id IS NULL AND answers IS NULL
        ELSE campaign_id IS NULL AND step IS NULL AND conversation_id IS NOT NULL END),
    ADD CONSTRAINT send_intents_suggestion FOREIGN KEY (team_id, suggestion_id) REFERENCES reply_suggestions (team_id, id);
-- A suggestion is sent once, whoever repeats whatever.
CREATE UNIQUE INDEX send_intents_reply ON send_intents (team_id, suggestion_id) WHERE suggestion_id IS NOT NULL;
CREATE INDEX send_intents_conversation ON send_intents (team_id, conversation_id)
    WHERE conversation_id IS NOT NULL AND state IN ('planned', 'held', 'claimed', 'calling', 'unknown');
-- Opt-outs find what is planned for a number.
CREATE INDEX send_intents_reply_to ON send_intents (team_id, to_value)
    WHERE suggestion_id IS NOT NULL AND state IN ('planned', 'held', 'claimed');

ALTER TABLE gate_verdicts ALTER COLUMN campaign_id DROP NOT NULL;
ALTER TABLE gate_verdicts ALTER COLUMN step DROP NOT NULL;
ALTER TABLE gate_verdicts
    ADD COLUMN conversation_id uuid,
    ADD CONSTRAINT gate_verdicts_of_one CHECK ((conversation_id IS NULL) = (campaign_id IS NOT NULL AND step IS NOT NULL));
CREATE INDEX gate_verdicts_conversation ON gate_verdicts (team_id, conversation_id, judged_at)
    WHERE conversation_id IS NOT NULL;

-- The vendor's own record is read from here on: what came after it and by no webhook is missed. The account is everybody's of
-- the installation, so no team has it; the numbers say whose an event is.
CREATE TABLE event_readings (
    provider   text PRIMARY KEY,
    read_until timestamptz NOT NULL,
    read_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE ON event_readings TO refinery_app;

-- To which team a text belongs that no webhook brought: the one whose number it was sent to. Two teams with one number: none.
CREATE FUNCTION team_of_number(vendor text, number text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN count(*) = 1 THEN (array_agg(s.team_id))[1] END FROM senders s
     WHERE s.channel = 'sms' AND s.provider = vendor AND s.address = number AND s.state <> 'retired'
$$;
-- And one of which there is a report: the one that sent the message.
CREATE FUNCTION team_of_message(vendor text, external text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN count(*) = 1 THEN (array_agg(m.team_id))[1] END FROM messages m
     WHERE m.provider = vendor AND m.external_id = external AND m.direction = 'outbound'
$$;
CREATE POLICY gate ON senders FOR SELECT TO refinery_gate USING (true);
CREATE POLICY gate ON messages FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, channel, provider, address, state) ON senders TO refinery_gate;
GRANT SELECT (team_id, provider, external_id, direction) ON messages TO refinery_gate;
CREATE INDEX senders_number ON senders (provider, address);
CREATE INDEX messages_vendor ON messages (provider, external_id) WHERE direction = 'outbound';
CALL guard_by_gate('team_of_number(text, text)');
CALL guard_by_gate('team_of_message(text, text)');

-- Whose notices could not be told for so long: somebody should see to it.
CREATE FUNCTION teams_with_stuck_outbox(older_than interval, most integer) RETURNS TABLE (team_id uuid, notices bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.team_id, count(*) FROM outbox o
     WHERE o.done_at IS NULL AND o.created_at < clock_timestamp() - older_than GROUP BY 1 LIMIT most
$$;
GRANT SELECT (created_at) ON outbox TO refinery_gate;
CALL guard_by_gate('teams_with_stuck_outbox(interval, integer)');
