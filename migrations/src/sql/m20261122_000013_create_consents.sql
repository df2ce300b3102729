-- Who may be contacted and who may not, and the doors through which vendors tell us things.

-- A suppression says now for whom it holds: everything the team sends, one brand, or one of its numbers. Several of one
-- value stand side by side, each for its own reason, and each is lifted alone.
ALTER TABLE suppressions DROP CONSTRAINT suppressions_pkey;
ALTER TABLE suppressions DROP CONSTRAINT suppressions_reason_check;
ALTER TABLE suppressions
    ADD COLUMN id         uuid NOT NULL DEFAULT fresh_uuid(),
    ADD COLUMN scope      text NOT NULL DEFAULT 'team' CHECK (scope IN ('team', 'brand', 'number')),
    -- The brand, or the number (E.164) it was said to; empty for the team.
    ADD COLUMN subject    text NOT NULL DEFAULT '',
    -- How it came: keyword, language, vendor, person, import, bounce, complaint.
    ADD COLUMN method     text NOT NULL DEFAULT 'vendor' CHECK (method IN ('keyword', 'language', 'vendor', 'person',
                          'import', 'bounce', 'complaint')),
    -- The user who said so; NULL where nobody of the team did.
    ADD COLUMN created_by uuid,
    -- A soft one ends by itself.
    ADD COLUMN expires_at timestamptz,
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (team_id, id),
    ADD CONSTRAINT suppressions_once UNIQUE (team_id, kind, value, scope, subject, reason),
    ADD CONSTRAINT suppressions_reason CHECK (reason IN ('dnc', 'tcpa', 'litigator', 'deceased', 'opt_out', 'manual',
                   'invalid', 'landline', 'carrier', 'bounce', 'complaint')),
    ADD CONSTRAINT suppressions_subject CHECK ((scope = 'team') = (subject = ''));

-- What nobody of any team may contact: kept by whoever runs the system, read by all.
CREATE TABLE global_suppressions (
    id         uuid PRIMARY KEY DEFAULT fresh_uuid(),
    kind       text NOT NULL CHECK (kind IN ('phone', 'email')),
    value      text NOT NULL,
    reason     text NOT NULL,
    source     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_at  timestamptz,
    CONSTRAINT global_suppressions_once UNIQUE (kind, value, reason)
);
GRANT SELECT ON global_suppressions TO refinery_app;

-- Every suppression that holds, everybody's among them, in the words of the gate.
CREATE VIEW active_suppressions WITH (security_invoker = true) AS
SELECT s.team_id, s.id, s.kind, s.value, s.scope, s.subject, s.reason, s.method, s.created_at
  FROM suppressions s
 WHERE s.lifted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp())
UNION ALL
SELECT current_team(), g.id, g.kind, g.value, 'global', '', g.reason, 'import', g.created_at
  FROM global_suppressions g WHERE g.lifted_at IS NULL;
GRANT SELECT ON active_suppressions TO refinery_app;

-- Whether a text from a number of a brand to this value is forbidden. A person is named where the lead has one.
CREATE FUNCTION is_suppressed(recipient text, persona uuid, sender_brand text, sender_address text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM suppressions s
                    WHERE s.team_id = current_team() AND s.kind IN ('phone', 'email') AND s.value = recipient
                      AND s.lifted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp())
                      AND (s.scope = 'team' OR (s.scope = 'brand' AND s.subject = sender_brand)
                           OR (s.scope = 'number' AND s.subject = sender_address)))
        OR EXISTS (SELECT FROM suppressions s
                    WHERE s.team_id = current_team() AND s.kind = 'persona' AND s.value = persona::text
                      AND s.lifted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp()))
        OR EXISTS (SELECT FROM global_suppressions g
                    WHERE g.kind IN ('phone', 'email') AND g.value = recipient AND g.lifted_at IS NULL)
$$;

-- What somebody agreed to, with what shows it. Without one nothing is sent.
CREATE TABLE consents (
    team_id     uuid NOT NULL,
    id          uuid NOT NULL,
    -- phone: E.164. email: in lower case.
    kind        text NOT NULL CHECK (kind IN ('phone', 'email')),
    value       text NOT NULL,
    -- domain::campaign::ConsentBasis.
    basis       text NOT NULL,
    -- The text that was shown, word by word.
    text_shown  text NOT NULL CHECK (text_shown <> ''),
    -- Where: a page, a form, a conversation.
    source      text NOT NULL CHECK (source <> ''),
    -- How: web_form, keyword, paper, voice, import.
    method      text NOT NULL CHECK (method <> ''),
    -- Of what programme; NULL: of all.
    programme   text,
    -- Address of the client, number of the form and the like.
    identifiers jsonb NOT NULL DEFAULT '{}',
    given_at    timestamptz NOT NULL,
    expires_at  timestamptz,
    revoked_at  timestamptz,
    revoked_by  text,
    created_by  uuid,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT consents_once UNIQUE (team_id, kind, value, basis, source, given_at)
);
CALL wall_off('consents');
-- Evidence is revoked, never taken away.
REVOKE DELETE ON consents FROM refinery_app;

-- The secret part of the addresses to which vendors report, and by what their signatures are checked.
CREATE TABLE webhook_tokens (
    team_id        uuid NOT NULL,
    id             uuid NOT NULL,
    provider       text NOT NULL,
    -- SHA-256 of the token; the token itself is shown once.
    token_hash     bytea NOT NULL CONSTRAINT webhook_tokens_hash UNIQUE CHECK (octet_length(token_hash) = 32),
    -- The vendor's signing secrets as a JSON list, newest first, encrypted by the program.
    secrets_sealed bytea,
    key_id         text,
    created_by     uuid,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at     timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT webhook_tokens_sealed CHECK ((secrets_sealed IS NULL) = (key_id IS NULL))
);
CALL wall_off('webhook_tokens');

-- From the token in a vendor's request to the team: the vendor knows none.
CREATE FUNCTION find_webhook_token(hash bytea)
RETURNS TABLE (team_id uuid, token_id uuid, provider text, secrets_sealed bytea, key_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.team_id, t.id, t.provider, t.secrets_sealed, t.key_id FROM webhook_tokens t
     WHERE t.token_hash = hash AND t.revoked_at IS NULL
$$;
CREATE POLICY gate ON webhook_tokens FOR SELECT TO refinery_gate USING (true);
GRANT SELECT ON webhook_tokens TO refinery_gate;
CALL guard_by_gate('find_webhook_token(bytea)');

-- What vendors sent, once each, after its signature was found good.
CREATE TABLE webhook_deliveries (
    team_id      uuid NOT NULL,
    id           uuid NOT NULL,
    token_id     uuid NOT NULL,
    provider     text NOT NULL,
    -- What the vendor repeats when it sends the same again.
    delivery_key text NOT NULL,
    -- The body, encrypted by the program.
    raw          bytea NOT NULL,
    key_id       text NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    processed_at timestamptz,
    attempts     smallint NOT NULL DEFAULT 0,
    -- Why it could not be processed, without personal data.
    failure      text,
    PRIMARY KEY (team_id, id),
    CONSTRAINT webhook_deliveries_once UNIQUE (team_id, provider, delivery_key)
);
ALTER TABLE webhook_deliveries ALTER COLUMN raw SET STORAGE EXTERNAL;
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (team_id, received_at) WHERE processed_at IS NULL;
CALL wall_off('webhook_deliveries');

-- What is to be done elsewhere because of something that was committed here: a signal, an outgoing webhook.
CREATE TABLE outbox (
    team_id      uuid NOT NULL,
    id           uuid NOT NULL DEFAULT fresh_uuid(),
    kind         text NOT NULL,
    -- What makes it the same matter; the same is told once.
    dedup_key    text NOT NULL,
    -- Ids and counts only.
    payload      jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts     integer NOT NULL DEFAULT 0,
    failure      text,
    done_at      timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT outbox_once UNIQUE (team_id, dedup_key)
);
CREATE INDEX outbox_open ON outbox (available_at) WHERE done_at IS NULL;
CALL wall_off('outbox');

-- For the relay, which belongs to no team: who has something to be told.
CREATE FUNCTION teams_with_outbox(most integer) RETURNS TABLE (team_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.team_id FROM outbox o WHERE o.done_at IS NULL AND o.available_at <= clock_timestamp()
     GROUP BY o.team_id ORDER BY min(o.available_at) LIMIT most
$$;
CREATE POLICY gate ON outbox FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, done_at, available_at) ON outbox TO refinery_gate;
CALL guard_by_gate('teams_with_outbox(integer)');

-- Where the team wants to be told, signed by a secret of its own.
CREATE TABLE webhook_endpoints (
    team_id       uuid NOT NULL,
    id            uuid NOT NULL,
    url           text NOT NULL CHECK (url ~ '^https?://'),
    -- Which matters: the outbox's kinds; empty: all.
    kinds         text[] NOT NULL DEFAULT '{}',
    secret_sealed bytea NOT NULL,
    key_id        text NOT NULL,
    created_by    uuid,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    disabled_at   timestamptz,
    last_status   integer,
    last_told_at  timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT webhook_endpoints_url UNIQUE (team_id, url)
);
CALL wall_off('webhook_endpoints');

-- How long a stage may take before somebody is told; a team's own where it differs from the defaults of the program.
CREATE TABLE service_levels (
    team_id       uuid NOT NULL,
    stage         text NOT NULL,
    alert_seconds integer NOT NULL CHECK (alert_seconds > 0),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, stage)
);
CALL wall_off('service_levels');
