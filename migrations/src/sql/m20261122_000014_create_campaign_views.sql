-- Money of many texts at once, and what campaigns did, as views over the ledger: no second set of numbers to keep.

-- Puts money aside for many calls in all budgets named, in the order given; of each call says 'reserved', 'settled' or
-- 'exhausted' with the budget that has too little left. As reserve_budget, whose words these are, one lock for all.
CREATE FUNCTION reserve_budgets(call_ids uuid[], amounts bigint[], scopes text[], subjects text[])
RETURNS TABLE (call_id uuid, verdict text, scope text, subject text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    today date := team_day();
    ids uuid[];
    tight budgets%ROWTYPE;
    room bigint;
    taken bigint := 0;
    granted uuid[] := '{}';
    granted_micros bigint[] := '{}';
    stopped boolean := false;
    one record;
BEGIN
    INSERT INTO budgets (team_id, scope, subject, day, limit_micros, limit_calls)
    SELECT current_team(), w.scope, w.subject, w.day, s.limit_micros,
           CASE WHEN w.scope = 'day' AND w.subject = '' AND s.id IS NULL THEN 1000 ELSE s.limit_calls END
      FROM (SELECT DISTINCT u.scope, u.subject, CASE WHEN u.scope = 'day' THEN today END AS day
              FROM unnest(scopes, subjects) u (scope, subject)) w
      LEFT JOIN budgets s ON s.team_id = current_team() AND s.scope = w.scope AND s.subject = w.subject
                         AND s.day IS NULL AND w.day IS NOT NULL
     WHERE NOT EXISTS (SELECT FROM budgets h WHERE h.team_id = current_team() AND h.scope = w.scope
                          AND h.subject = w.subject AND h.day IS NOT DISTINCT FROM w.day)
     ORDER BY w.scope, w.subject
    ON CONFLICT DO NOTHING;
    ids := ARRAY(SELECT h.id FROM budgets h JOIN unnest(scopes, subjects) u (scope, subject)
                     ON h.scope = u.scope AND h.subject = u.subject
                  WHERE h.team_id = current_team()
                    AND h.day IS NOT DISTINCT FROM CASE WHEN u.scope = 'day' THEN today END);
    PERFORM FROM budgets h WHERE h.id = ANY(ids) ORDER BY h.id FOR UPDATE;

    SELECT h.* INTO tight FROM budgets h WHERE h.id = ANY(ids) AND h.limit_micros IS NOT NULL
     ORDER BY h.limit_micros - h.reserved_micros - h.spent_micros, h.id LIMIT 1;
    room := tight.limit_micros - tight.reserved_micros - tight.spent_micros;

    FOR one IN
        SELECT w.id, w.micros,
               (SELECT min(e.state) FROM budget_entries e
                 WHERE e.team_id = current_team() AND e.call_id = w.id AND e.state <> 'released') AS known
          FROM unnest(call_ids, amounts) WITH ORDINALITY w (id, micros, place) ORDER BY w.place
    LOOP
        IF one.known IS NOT NULL THEN
            RETURN QUERY SELECT one.id, one.known, NULL::text, NULL::text;
        ELSIF room IS NOT NULL AND taken + one.micros > room THEN
            stopped := true;
            RETURN QUERY SELECT one.id, 'exhausted', tight.scope, tight.subject;
        ELSE
            taken := taken + one.micros;
            granted := granted || one.id;
            granted_micros := granted_micros || one.micros;
            RETURN QUERY SELECT one.id, 'reserved', NULL::text, NULL::text;
        END IF;
    END LOOP;

    INSERT INTO budget_entries AS e (team_id, call_id, budget_id, reserved_micros)
    SELECT current_team(), g.id, i.id, g.micros FROM unnest(granted, granted_micros) g (id, micros), unnest(ids) i (id)
    ON CONFLICT (team_id, call_id, budget_id) DO UPDATE
       SET state = 'reserved', reserved_micros = excluded.reserved_micros, calls = 0, ended_at = NULL;
    IF taken > 0 THEN
        UPDATE budgets SET reserved_micros = reserved_micros + taken, updated_at = clock_timestamp()
         WHERE id = ANY(ids);
    END IF;
    IF stopped THEN
        PERFORM alert_budget(tight.id, true);
    END IF;
END $$;

-- Turns what many calls put aside into what they cost. As settle_budget: each once, truth before limits. Answers how
-- many were still to be done.
CREATE FUNCTION settle_budgets(call_ids uuid[], amounts bigint[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
    done integer;
    id uuid;
BEGIN
    PERFORM FROM budgets b WHERE b.id IN
        (SELECT e.budget_id FROM budget_entries e WHERE e.team_id = current_team() AND e.call_id = ANY(call_ids))
     ORDER BY b.id FOR UPDATE;
    WITH cost AS (SELECT w.id, w.micros FROM unnest(call_ids, amounts) w (id, micros)),
         open AS (SELECT e.call_id, e.budget_id, e.state, e.reserved_micros, e.calls, c.micros
                    FROM budget_entries e JOIN cost c ON c.id = e.call_id
                   WHERE e.team_id = current_team() AND e.state <> 'settled'),
         moved AS (
            UPDATE budgets b
               SET reserved_micros = b.reserved_micros - o.reserved, spent_micros = b.spent_micros + o.spent,
                   calls = b.calls + o.calls, updated_at = clock_timestamp()
              FROM (SELECT budget_id, sum(CASE state WHEN 'reserved' THEN reserved_micros ELSE 0 END)::bigint AS reserved,
                           sum(micros)::bigint AS spent,
                           sum(CASE state WHEN 'released' THEN calls ELSE 0 END)::integer AS calls
                      FROM open GROUP BY 1) o
             WHERE b.id = o.budget_id RETURNING b.id),
         ended AS (
            UPDATE budget_entries e SET state = 'settled', settled_micros = o.micros, ended_at = clock_timestamp()
              FROM open o
             WHERE e.team_id = current_team() AND e.call_id = o.call_id AND e.budget_id = o.budget_id
            RETURNING e.call_id)
    SELECT ARRAY(SELECT m.id FROM moved m), (SELECT count(DISTINCT call_id) FROM ended) INTO ids, done;
    FOREACH id IN ARRAY ids LOOP
        PERFORM alert_budget(id, false);
    END LOOP;
    RETURN done;
END $$;

-- Gives back what many calls put aside and did not cost. Answers how many were still to be done.
CREATE FUNCTION release_budgets(call_ids uuid[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    done integer;
BEGIN
    PERFORM FROM budgets b WHERE b.id IN
        (SELECT e.budget_id FROM budget_entries e WHERE e.team_id = current_team() AND e.call_id = ANY(call_ids))
     ORDER BY b.id FOR UPDATE;
    WITH ended AS (
            UPDATE budget_entries e SET state = 'released', ended_at = clock_timestamp()
             WHERE e.team_id = current_team() AND e.call_id = ANY(call_ids) AND e.state = 'reserved'
            RETURNING e.call_id, e.budget_id, e.reserved_micros, e.calls),
         moved AS (
            UPDATE budgets b SET reserved_micros = b.reserved_micros - o.reserved, calls = b.calls - o.calls,
                                 updated_at = clock_timestamp()
              FROM (SELECT budget_id, sum(reserved_micros)::bigint AS reserved, sum(calls)::integer AS calls
                      FROM ended GROUP BY 1) o
             WHERE b.id = o.budget_id)
    SELECT count(DISTINCT call_id) INTO done FROM ended;
    RETURN done;
END $$;

-- Where the team's days begin: the time zone of its settings, else New York's.
CREATE FUNCTION team_time_zone() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT settings->>'time_zone' FROM teams WHERE id = current_team()), 'America/New_York')
$$;

-- What came of what was sent, by day and hour of the team, template and carrier. A reply counts where it came in.
CREATE VIEW campaign_stats WITH (security_invoker = true) AS
SELECT m.team_id, m.campaign_id, (coalesce(m.sent_at, m.received_at) AT TIME ZONE z.zone)::date AS day,
       extract(hour FROM coalesce(m.sent_at, m.received_at) AT TIME ZONE z.zone)::smallint AS hour,
       m.template_version_id, m.channel, coalesce(m.carrier, 'unknown') AS carrier,
       count(*) FILTER (WHERE m.direction = 'outbound') AS sent,
       count(*) FILTER (WHERE m.status = 'delivered') AS delivered,
       count(*) FILTER (WHERE m.status IN ('failed', 'undelivered')) AS failed,
       count(*) FILTER (WHERE m.status IN ('failed', 'undelivered') AND m.channel = 'email') AS bounced,
       coalesce(sum(m.segments) FILTER (WHERE m.direction = 'outbound'), 0)::bigint AS segments,
       coalesce(sum(m.price_micros) FILTER (WHERE m.direction = 'outbound'), 0)::bigint AS spent_micros,
       count(*) FILTER (WHERE m.direction = 'inbound') AS replied,
       count(*) FILTER (WHERE m.classification IN ('interested', 'email-capture')) AS positive,
       count(*) FILTER (WHERE m.classification = 'question') AS neutral,
       count(*) FILTER (WHERE m.classification = 'not-interested') AS negative,
       count(*) FILTER (WHERE m.classification = 'opt-out') AS opted_out,
       count(*) FILTER (WHERE m.classification = 'email-capture') AS captured
  FROM messages m CROSS JOIN (SELECT team_time_zone() AS zone OFFSET 0) z
 WHERE m.campaign_id IS NOT NULL
 GROUP BY 1, 2, 3, 4, 5, 6, 7;
GRANT SELECT ON campaign_stats TO refinery_app;

-- What failed and why: by the vendor's code, whether it was refused at once or reported later.
CREATE VIEW campaign_failures WITH (security_invoker = true) AS
SELECT team_id, campaign_id, code, sum(failed)::bigint AS failed FROM (
    SELECT m.team_id, m.campaign_id, coalesce(m.error_code, 'unknown') AS code, count(*) AS failed FROM messages m
     WHERE m.campaign_id IS NOT NULL AND m.status IN ('failed', 'undelivered') GROUP BY 1, 2, 3
    UNION ALL
    SELECT i.team_id, i.campaign_id, coalesce(i.refusal, 'unknown'), count(*) FROM send_intents i
     WHERE i.state = 'refused' GROUP BY 1, 2, 3) f
 GROUP BY 1, 2, 3;
GRANT SELECT ON campaign_failures TO refinery_app;

-- One line a campaign, counting leads: what the rates of the reports are made of.
CREATE VIEW campaign_totals WITH (security_invoker = true) AS
SELECT c.team_id, c.id AS campaign_id, coalesce(l.leads, 0) AS leads, coalesce(l.excluded, 0) AS excluded,
       coalesce(l.sent, 0) AS sent, coalesce(r.delivered, 0) AS delivered, coalesce(r.responded, 0) AS responded,
       coalesce(l.opted_out, 0) AS opted_out, coalesce(l.qualified, 0) AS qualified, coalesce(l.meetings, 0) AS meetings,
       coalesce(l.deals, 0) AS deals, coalesce(r.positive, 0) AS positive, coalesce(r.neutral, 0) AS neutral,
       coalesce(r.negative, 0) AS negative, coalesce(r.captured, 0) AS captured
  FROM campaigns c
  LEFT JOIN (
    SELECT a.team_id, a.campaign_id, count(*) AS leads, count(*) FILTER (WHERE a.state = 'excluded') AS excluded,
           count(*) FILTER (WHERE a.step > 0) AS sent, count(*) FILTER (WHERE a.state = 'opted_out') AS opted_out,
           count(*) FILTER (WHERE l.status IN ('qualified', 'converted')) AS qualified,
           count(*) FILTER (WHERE l.close_reason = 'booked') AS meetings,
           count(*) FILTER (WHERE l.status = 'converted') AS deals
      FROM campaign_leads a LEFT JOIN leads l ON l.team_id = a.team_id AND l.id = a.lead_id
     GROUP BY 1, 2) l ON l.team_id = c.team_id AND l.campaign_id = c.id
  LEFT JOIN (
    -- By lead first: each person counts once, in one reading of the campaign's messages.
    SELECT m.team_id, m.campaign_id, count(*) FILTER (WHERE m.delivered) AS delivered,
           count(*) FILTER (WHERE m.responded) AS responded, count(*) FILTER (WHERE m.positive) AS positive,
           count(*) FILTER (WHERE m.neutral) AS neutral, count(*) FILTER (WHERE m.negative) AS negative,
           count(*) FILTER (WHERE m.captured) AS captured
      FROM (SELECT team_id, campaign_id, lead_id, bool_or(status = 'delivered') AS delivered,
                   bool_or(direction = 'inbound') AS responded,
                   bool_or(classification IN ('interested', 'email-capture')) AS positive,
                   bool_or(classification = 'question') AS neutral,
                   bool_or(classification = 'not-interested') AS negative,
                   bool_or(classification = 'email-capture') AS captured
              FROM messages WHERE campaign_id IS NOT NULL AND lead_id IS NOT NULL GROUP BY 1, 2, 3) m
     GROUP BY 1, 2) r ON r.team_id = c.team_id AND r.campaign_id = c.id;
GRANT SELECT ON campaign_totals TO refinery_app;

-- What a campaign cost, by what it was spent on. Enrichment is what was ever asked about its leads.
CREATE VIEW campaign_costs WITH (security_invoker = true) AS
SELECT c.team_id, c.id AS campaign_id, coalesce(m.sms, 0)::bigint AS sms_micros,
       coalesce(m.email, 0)::bigint AS email_micros, coalesce(m.voice, 0)::bigint AS voice_micros,
       coalesce(e.micros, 0)::bigint AS enrichment_micros
  FROM campaigns c
  LEFT JOIN (
    SELECT team_id, campaign_id, sum(price_micros) FILTER (WHERE channel = 'sms') AS sms,
           sum(price_micros) FILTER (WHERE channel = 'email') AS email,
           sum(price_micros) FILTER (WHERE channel = 'voice') AS voice
      FROM messages WHERE direction = 'outbound' AND campaign_id IS NOT NULL GROUP BY 1, 2) m
    ON m.team_id = c.team_id AND m.campaign_id = c.id
  LEFT JOIN LATERAL (
    SELECT sum(p.settled_micros) AS micros FROM provider_calls p
     WHERE p.team_id = c.team_id AND p.settled_micros > 0 AND p.subject_id IN (
        SELECT a.lead_id FROM campaign_leads a WHERE a.team_id = c.team_id AND a.campaign_id = c.id
        UNION ALL SELECT l.persona_id FROM campaign_leads a JOIN leads l ON l.team_id = a.team_id AND l.id = a.lead_id
         WHERE a.team_id = c.team_id AND a.campaign_id = c.id AND l.persona_id IS NOT NULL)) e ON true;
GRANT SELECT ON campaign_costs TO refinery_app;

-- What is to go out when, across campaigns, by hour: what is planned, and what waits for a person is not in it.
CREATE VIEW campaign_calendar WITH (security_invoker = true) AS
SELECT i.team_id, i.campaign_id, c.name, c.state, date_trunc('hour', greatest(i.due_at, c.starts_at)) AS hour,
       count(*) AS texts
  FROM send_intents i JOIN campaigns c ON c.team_id = i.team_id AND c.id = i.campaign_id
 WHERE i.state IN ('planned', 'held') AND c.state IN ('scheduled', 'running', 'paused')
 GROUP BY 1, 2, 3, 4, 5;
GRANT SELECT ON campaign_calendar TO refinery_app;
