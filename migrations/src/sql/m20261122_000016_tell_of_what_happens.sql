-- What a team's own programs are told, what is alerted by itself, and what only the operator of the installation may do.

-- An id as people and programs see it, as domain::id renders it.
CREATE FUNCTION typed_id(prefix text, id uuid) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT prefix || '_' || string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
               1 + substring(b.bits FROM 1 + 5 * n.digit FOR 5)::bit(5)::integer, 1), '' ORDER BY n.digit)
      FROM (SELECT B'00' || ('x' || replace(id::text, '-', ''))::bit(128)) b (bits), generate_series(0, 25) n (digit)
$$;

-- How often in a row an endpoint did not take what it was told, since when, and why it is told nothing any more.
ALTER TABLE webhook_endpoints
    ADD COLUMN failures        integer NOT NULL DEFAULT 0,
    ADD COLUMN failing_since   timestamptz,
    ADD COLUMN disabled_reason text;

-- What is to be told to an endpoint: its own row for each, so that one that does not answer holds up no other.
CREATE TABLE endpoint_notices (
    team_id      uuid NOT NULL,
    id           uuid NOT NULL DEFAULT fresh_uuid(),
    endpoint_id  uuid NOT NULL,
    -- The row of the outbox, or a row of its own where the endpoint is only tried.
    notice_id    uuid NOT NULL,
    kind         text NOT NULL,
    -- Ids and counts only.
    payload      jsonb NOT NULL,
    happened_at  timestamptz NOT NULL,
    available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts     integer NOT NULL DEFAULT 0,
    last_status  integer,
    failure      text,
    told_at      timestamptz,
    given_up_at  timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT endpoint_notices_once UNIQUE (team_id, endpoint_id, notice_id),
    CONSTRAINT endpoint_notices_endpoint FOREIGN KEY (team_id, endpoint_id) REFERENCES webhook_endpoints (team_id, id)
        ON DELETE CASCADE
);
CREATE INDEX endpoint_notices_open ON endpoint_notices (available_at) WHERE told_at IS NULL AND given_up_at IS NULL;
CALL wall_off('endpoint_notices');

-- For the sender, which belongs to no team: whose endpoints have something to be told.
CREATE FUNCTION teams_with_notices(most integer) RETURNS TABLE (team_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT n.team_id FROM endpoint_notices n
     WHERE n.told_at IS NULL AND n.given_up_at IS NULL AND n.available_at <= clock_timestamp()
     GROUP BY n.team_id ORDER BY min(n.available_at) LIMIT most
$$;
CREATE POLICY gate ON endpoint_notices FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, told_at, given_up_at, available_at) ON endpoint_notices TO refinery_gate;
CALL guard_by_gate('teams_with_notices(integer)');

-- Whatever is put into the outbox is told to the endpoints there are at that moment, in the same transaction. Kinds that
-- begin with relay are the program's own.
CREATE FUNCTION tell_endpoints() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO endpoint_notices (team_id, endpoint_id, notice_id, kind, payload, happened_at)
    SELECT n.team_id, e.id, n.id, n.kind, n.payload, n.created_at
      FROM new_notices n JOIN webhook_endpoints e ON e.team_id = n.team_id
     WHERE e.disabled_at IS NULL AND n.kind NOT LIKE 'relay.%'
       AND (e.kinds = '{}' OR n.kind = ANY (e.kinds) OR split_part(n.kind, '.', 1) || '.*' = ANY (e.kinds));
    RETURN NULL;
END $$;
CREATE TRIGGER tell_endpoints AFTER INSERT ON outbox REFERENCING NEW TABLE AS new_notices
    FOR EACH STATEMENT EXECUTE FUNCTION tell_endpoints();

-- Alerts are made in several places, one of them in the database (alert_budget); all of them are told.
CREATE FUNCTION tell_of_alerts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (team_id, kind, dedup_key, payload)
    SELECT a.team_id, 'alert.raised', 'alert:' || a.id,
           jsonb_build_object('alert', typed_id('alrt', a.id), 'kind', a.kind, 'subject', a.subject)
      FROM new_alerts a ON CONFLICT ON CONSTRAINT outbox_once DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_of_alerts AFTER INSERT ON alerts REFERENCING NEW TABLE AS new_alerts
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_alerts();

-- What was told long ago is of no use to anybody. A sweep of everybody's rows at once: it reads nothing out.
CREATE FUNCTION forget_told(older_than interval) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH notices AS (
        DELETE FROM endpoint_notices WHERE coalesce(told_at, given_up_at) < clock_timestamp() - older_than RETURNING 1),
    done AS (DELETE FROM outbox WHERE done_at < clock_timestamp() - older_than RETURNING 1)
    SELECT (SELECT count(*) FROM notices) + (SELECT count(*) FROM done)
$$;
CREATE POLICY forget ON endpoint_notices FOR DELETE TO refinery_gate USING (true);
CREATE POLICY forget ON outbox FOR DELETE TO refinery_gate USING (true);
GRANT DELETE ON endpoint_notices, outbox TO refinery_gate;
CALL guard_by_gate('forget_told(interval)');

-- A team changes its own settings, all but those that the operator of the installation sets: the application may read the
-- table of teams, and write this much of one row. NULL takes a setting back to its default.
CREATE FUNCTION change_team_settings(changes jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed jsonb;
BEGIN
    IF changes ?| ARRAY['max_file_bytes', 'max_open_uploads', 'storage_quota_bytes', 'requests_per_minute_user',
                        'requests_per_minute_team'] THEN
        RAISE EXCEPTION 'quotas and rates are set by the operator of the installation'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE teams SET settings = jsonb_strip_nulls(settings || changes) WHERE id = current_team()
    RETURNING settings INTO changed;
    RETURN changed;
END $$;
GRANT UPDATE (settings) ON teams TO refinery_gate;
CALL guard_by_gate('change_team_settings(jsonb)');

-- Vendors' accounts are everybody's: any worker may find that one is stopped, and only the operator of the installation
-- says that it may be called again.
CREATE FUNCTION refuse_resume() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the account of % is resumed by the operator of the installation', OLD.provider
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER refuse_resume BEFORE UPDATE OF state ON provider_accounts FOR EACH ROW
    WHEN (OLD.state = 'paused' AND NEW.state = 'active' AND current_user = 'refinery_app')
    EXECUTE FUNCTION refuse_resume();
