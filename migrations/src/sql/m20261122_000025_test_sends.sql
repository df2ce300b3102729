-- Templates sent to be looked at: to numbers and addresses of the team's own, and to nobody else.

-- Who lists one proves that it is the team's by a code that was sent there.
CREATE TABLE test_recipients (
    team_id      uuid NOT NULL,
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('phone', 'email')),
    -- E.164, or an address in lower case.
    value        text NOT NULL,
    name         text NOT NULL CHECK (name <> ''),
    -- SHA-256 of the code that was sent there last, and until when it is good.
    code_hash    bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    code_until   timestamptz NOT NULL,
    -- How often a code was tried: six digits are not many.
    tries        smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    confirmed_at timestamptz,
    confirmed_by uuid,
    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT test_recipients_value UNIQUE (team_id, kind, value)
);
CALL wall_off('test_recipients');

-- What was sent there. One row is one call at the most: what may have left is not sent again.
CREATE TABLE test_sends (
    team_id             uuid NOT NULL,
    id                  uuid NOT NULL,
    recipient_id        uuid NOT NULL,
    sender_id           uuid NOT NULL,
    -- NULL: the code by which the recipient is confirmed.
    template_version_id uuid,
    state               text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'calling', 'accepted', 'refused',
                        'unknown', 'withheld')),
    subject             text,
    body                text NOT NULL,
    segments            smallint NOT NULL CHECK (segments >= 1),
    price_micros        bigint NOT NULL CHECK (price_micros >= 0),
    external_id         text,
    -- The vendor's code, or what withheld it.
    why                 text,
    called_at           timestamptz,
    ended_at            timestamptz,
    created_by          uuid,
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, recipient_id) REFERENCES test_recipients (team_id, id) ON DELETE CASCADE,
    FOREIGN KEY (team_id, sender_id) REFERENCES senders (team_id, id),
    CONSTRAINT test_sends_called CHECK (state NOT IN ('calling', 'accepted', 'unknown') OR called_at IS NOT NULL),
    CONSTRAINT test_sends_ended CHECK ((ended_at IS NULL) = (state IN ('planned', 'calling')))
);
CREATE INDEX test_sends_open ON test_sends (team_id, created_at) WHERE state IN ('planned', 'calling');
CREATE INDEX test_sends_lately ON test_sends (team_id, created_at);
CALL wall_off('test_sends');

-- Whether somebody of the team's lists is reached there: nobody of them is anybody's test.
CREATE FUNCTION is_a_lead(point_kind text, point text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE point_kind
        WHEN 'phone' THEN EXISTS (SELECT FROM leads WHERE team_id = current_team() AND phone = point)
            OR EXISTS (SELECT FROM persona_phones WHERE team_id = current_team() AND number = point)
            OR EXISTS (SELECT FROM campaign_leads WHERE team_id = current_team() AND phone = point)
        ELSE EXISTS (SELECT FROM leads WHERE team_id = current_team() AND email = point)
            OR EXISTS (SELECT FROM persona_emails WHERE team_id = current_team() AND address = point)
            OR EXISTS (SELECT FROM campaign_leads WHERE team_id = current_team() AND email = point) END
$$;

-- Whose tests are to be sent: for whoever sends them, who belongs to no team.
CREATE FUNCTION teams_with_test_sends(most integer) RETURNS TABLE (team_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.team_id FROM test_sends t WHERE t.state IN ('planned', 'calling') GROUP BY 1 ORDER BY min(t.created_at) LIMIT most
$$;
CREATE POLICY gate ON test_sends FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, state, created_at) ON test_sends TO refinery_gate;
CALL guard_by_gate('teams_with_test_sends(integer)');
