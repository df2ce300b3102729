-- What goes on without anybody asking: files whose leads are enriched when they are through, pulls on a schedule, leads on
-- hold that are asked about again, runs whose start got lost, calls whose worker died. And money that turns out to have been
-- another amount.

-- Whether the file's leads are to be enriched when it is through.
ALTER TABLE data_sources ADD COLUMN enrich boolean NOT NULL DEFAULT false;

ALTER TABLE enrichments
    -- The campaign that asks for it and pays with: its budget is put aside in, too.
    ADD COLUMN campaign_id    uuid,
    -- The file that asks for it, once each.
    ADD COLUMN data_source_id uuid,
    -- When Temporal took it on. NULL: a sweep starts it, and where it was started sees that.
    ADD COLUMN begun_at       timestamptz;
CREATE UNIQUE INDEX enrichments_upload ON enrichments (team_id, data_source_id) WHERE data_source_id IS NOT NULL;
CREATE INDEX enrichments_to_begin ON enrichments (started_at) WHERE state = 'running' AND begun_at IS NULL;

-- Few leads are on hold, and an import writes none that is.
CREATE INDEX leads_on_hold ON leads (team_id) WHERE enrichment_status = 'on_hold';

-- Lists that are pulled again and again.
CREATE TABLE pull_schedules (
    id           uuid PRIMARY KEY,
    team_id      uuid NOT NULL,
    source       text NOT NULL,
    query_sig    text NOT NULL CHECK (query_sig ~ '^[0-9a-f]{64}$'),
    pull_params  jsonb NOT NULL,
    most_pages   integer,
    every_hours  integer NOT NULL CHECK (every_hours BETWEEN 1 AND 8784),
    -- When the next pull is due; NULL: it was ended.
    next_at      timestamptz,
    last_pull_id uuid,
    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at     timestamptz
);
CREATE INDEX pull_schedules_team ON pull_schedules (team_id, id);
CREATE INDEX pull_schedules_due ON pull_schedules (next_at) WHERE next_at IS NOT NULL;
-- One for each question: two would fetch the same pages.
CREATE UNIQUE INDEX pull_schedules_question ON pull_schedules (team_id, source, query_sig) WHERE next_at IS NOT NULL;
CALL wall_off('pull_schedules');
ALTER TABLE pulls ADD COLUMN schedule_id uuid;
CREATE INDEX pulls_to_begin ON pulls (created_at) WHERE state = 'requested';

-- What was found out about an address without a vendor (providers::verify), so that nobody is asked again within 30 days.
CREATE TABLE email_checks (
    team_id    uuid NOT NULL,
    -- In lower case.
    address    text NOT NULL,
    -- verified, accepting, catch_all, rejected, no_mail_server, disposable, malformed.
    verdict    text NOT NULL,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, address)
);
CALL wall_off('email_checks');

-- What the part of an answer cost that came at once, where the rest was given up and counted as charged: the rest may come
-- after all, and then all of it is known.
ALTER TABLE provider_calls ADD COLUMN first_micros bigint CHECK (first_micros >= 0);
-- For the sweep that looks for calls whose worker died. BRIN: the rows come in the order of time, and their updates stay
-- what they are (HOT).
CREATE INDEX provider_calls_time ON provider_calls USING brin (created_at);

-- What the sweeps see of all teams: ids, states and times.
CREATE FUNCTION enrichments_to_begin(older_than interval) RETURNS TABLE (team_id uuid, enrichment_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT e.team_id, e.id FROM enrichments e
     WHERE e.state = 'running' AND e.begun_at IS NULL
       -- What a person asked for is started by who took the request, unless that got lost.
       AND (e.origin <> 'request' OR e.started_at < now() - older_than) ORDER BY e.started_at LIMIT 100
$$;
CREATE FUNCTION pulls_to_begin(older_than interval) RETURNS TABLE (team_id uuid, pull_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.team_id, p.id FROM pulls p
     WHERE p.state = 'requested' AND (p.schedule_id IS NOT NULL OR p.created_at < now() - older_than)
     ORDER BY p.created_at LIMIT 100
$$;
CREATE FUNCTION pull_schedules_due() RETURNS TABLE (team_id uuid, schedule_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.team_id, s.id FROM pull_schedules s WHERE s.next_at <= clock_timestamp() ORDER BY s.next_at LIMIT 100
$$;
-- Teams with leads on hold of which some have been for so long, and that the clock has not asked about since. Hours are the
-- team's setting `on_hold_hours`; 0: never.
CREATE FUNCTION teams_with_leads_on_hold(hours_if_unset integer) RETURNS TABLE (team_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id FROM teams t
     CROSS JOIN LATERAL (SELECT coalesce((t.settings->>'on_hold_hours')::integer, hours_if_unset) AS hours) s
     CROSS JOIN LATERAL (SELECT clock_timestamp() - s.hours * interval '1 hour' AS since) c
     WHERE s.hours > 0
       AND EXISTS (SELECT FROM leads l WHERE l.team_id = t.id AND l.enrichment_status = 'on_hold')
       AND NOT EXISTS (SELECT FROM enrichments e
                        WHERE e.team_id = t.id AND e.origin = 'schedule' AND e.created_at > c.since)
       AND EXISTS (SELECT FROM enrichment_leads h
                    WHERE h.team_id = t.id AND h.outcome = 'on_hold' AND h.updated_at <= c.since)
     ORDER BY t.id LIMIT 100
$$;
-- Calls whose lease has been over for so long: whoever was at them has died.
CREATE FUNCTION calls_left_behind(older_than interval) RETURNS TABLE (team_id uuid, call_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.team_id, c.id FROM provider_calls c
     WHERE c.created_at > now() - interval '7 days' AND c.state IN ('claimed', 'in_flight')
       AND c.superseded_at IS NULL AND c.lease_until < clock_timestamp() - older_than ORDER BY c.team_id, c.id LIMIT 1000
$$;
CREATE POLICY gate ON enrichments FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (id, team_id, state, origin, created_at, started_at, begun_at) ON enrichments TO refinery_gate;
CREATE POLICY gate ON pulls FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (id, team_id, state, schedule_id, created_at) ON pulls TO refinery_gate;
CREATE POLICY gate ON pull_schedules FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (id, team_id, next_at) ON pull_schedules TO refinery_gate;
CREATE POLICY gate ON enrichment_leads FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, outcome, updated_at) ON enrichment_leads TO refinery_gate;
CREATE POLICY gate ON leads FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, enrichment_status) ON leads TO refinery_gate;
GRANT SELECT (id, settings) ON teams TO refinery_gate;
CALL guard_by_gate('enrichments_to_begin(interval)');
CALL guard_by_gate('pulls_to_begin(interval)');
CALL guard_by_gate('pull_schedules_due()');
CALL guard_by_gate('teams_with_leads_on_hold(integer)');
CALL guard_by_gate('calls_left_behind(interval)');

-- Settles a call, or corrects what it was settled at. Answers whether anything changed. For whoever knows what it cost; who
-- only knows what it may have cost uses settle_budget, which corrects nothing.
CREATE FUNCTION correct_budget(call uuid, micros bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
    id uuid;
BEGIN
    -- Locks the budgets, in everybody's order.
    IF settle_budget(call, micros) THEN RETURN true; END IF;
    UPDATE budgets b SET spent_micros = b.spent_micros + micros - e.settled_micros, updated_at = clock_timestamp()
      FROM budget_entries e
     WHERE e.team_id = current_team() AND e.call_id = call AND e.state = 'settled' AND e.settled_micros <> micros
       AND b.id = e.budget_id;
    WITH done AS (
        UPDATE budget_entries e SET settled_micros = micros, ended_at = clock_timestamp()
         WHERE e.team_id = current_team() AND e.call_id = call AND e.state = 'settled' AND e.settled_micros <> micros
        RETURNING e.budget_id)
    SELECT array_agg(budget_id) INTO ids FROM done;
    FOREACH id IN ARRAY coalesce(ids, '{}') LOOP
        PERFORM alert_budget(id, false);
    END LOOP;
    RETURN ids IS NOT NULL;
END $$;

-- A zone that PostgreSQL does not know would break team_day(), and with it every reservation of the team.
CREATE FUNCTION is_time_zone(name text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = is_time_zone.name)
$$;
CREATE FUNCTION check_team_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.settings->>'time_zone' IS NOT NULL AND NOT is_time_zone(new.settings->>'time_zone') THEN
        RAISE EXCEPTION 'no time zone %', new.settings->>'time_zone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'teams_time_zone', TABLE = 'teams';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER check_settings BEFORE INSERT OR UPDATE OF settings ON teams
    FOR EACH ROW EXECUTE FUNCTION check_team_settings();
