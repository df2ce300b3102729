-- Enrichment: what is asked of vendors, paid for once and never over the limit; what they answer; and lists that are
-- pulled from them.
--
-- Who may call, and when, is decided here and not in a process: two workers share no memory, and a worker that dies
-- forgets what it paid for. All times are the database's, because no two workers have the same (docs/adr/0019).

-- Sixteen bytes that begin with the time, in milliseconds, as entities::fresh_id makes them.
CREATE FUNCTION fresh_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
            || right(replace(gen_random_uuid()::text, '-', ''), 20))::uuid
$$;

-- One run over some leads.
CREATE TABLE enrichments (
    id              uuid PRIMARY KEY,
    team_id         uuid NOT NULL,
    -- Which leads, as they were asked for: {"block": …}, {"filter": …}, {"leads": how many}, {"source": …}, {"on_hold": true}.
    what            jsonb NOT NULL,
    -- What is to be found, as the waterfall reads it.
    wanted          jsonb NOT NULL DEFAULT '{}',
    origin          text NOT NULL CHECK (origin IN ('request', 'upload', 'schedule')),
    state           text NOT NULL DEFAULT 'estimated'
        CHECK (state IN ('estimated', 'running', 'completed', 'failed', 'cancelled')),
    -- How many leads, and how many of them ended how. What is left is pending.
    leads           integer NOT NULL DEFAULT 0,
    contactable     integer NOT NULL DEFAULT 0,
    enriched        integer NOT NULL DEFAULT 0,
    do_not_contact  integer NOT NULL DEFAULT 0,
    on_hold         integer NOT NULL DEFAULT 0,
    failed          integer NOT NULL DEFAULT 0,
    -- Micro-dollars. The cap is also a budget of scope 'enrichment', which is what stops the calls.
    budget_micros   bigint CHECK (budget_micros >= 0),
    estimate_micros bigint NOT NULL DEFAULT 0,
    workflow_id     text,
    -- What went wrong, without personal data; NULL unless failed.
    failure         text,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    ended_at        timestamptz
);
CREATE INDEX enrichments_team ON enrichments (team_id, id);
CALL wall_off('enrichments');

-- Its leads in the order in which they are worked off, and how each of them ended: the cursor that outlives workers.
CREATE TABLE enrichment_leads (
    team_id       uuid NOT NULL,
    enrichment_id uuid NOT NULL,
    -- From 1, without gaps.
    position      integer NOT NULL,
    lead_id       uuid NOT NULL,
    outcome       text NOT NULL DEFAULT 'pending'
        CHECK (outcome IN ('pending', 'contactable', 'enriched', 'do_not_contact', 'on_hold', 'failed')),
    -- The provider that was asked last, and why it ended there.
    last_rung     text,
    reason        text,
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, enrichment_id, position),
    CONSTRAINT enrichment_leads_once UNIQUE (team_id, enrichment_id, lead_id)
);
CREATE INDEX enrichment_leads_held ON enrichment_leads (team_id, lead_id) WHERE outcome = 'on_hold';
CALL wall_off('enrichment_leads');

-- The ledger of paid calls. A row is claimed before the call and says afterwards how it ended, so that whoever comes to
-- ask the same finds the answer, or that somebody is asking, or that nobody knows whether it was asked.
CREATE TABLE provider_calls (
    id             uuid PRIMARY KEY,
    team_id        uuid NOT NULL,
    provider       text NOT NULL,
    -- Which of the provider's products: a person's e-mail and the line type of a number are two questions.
    product        text NOT NULL,
    -- SHA-256 of everything that would be sent about the subject.
    request_hash   bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    -- Whom it is about. A point is a phone or e-mail address, known by 16 bytes of its SHA-256.
    subject_kind   text NOT NULL CHECK (subject_kind IN ('persona', 'lead', 'business', 'point')),
    subject_id     uuid NOT NULL,
    enrichment_id  uuid,
    -- claimed: nothing has left. in_flight: it may have left. unknown: it left, and nobody knows what came of it.
    -- released: it certainly was neither answered nor charged, and may be claimed again.
    state          text NOT NULL DEFAULT 'claimed' CHECK (state IN ('claimed', 'in_flight', 'match', 'no_match',
                   'ambiguous', 'pending', 'unknown', 'permanent', 'released')),
    attempt        integer NOT NULL DEFAULT 1,
    -- Who is at it, and until when others keep off.
    claimed_by     text NOT NULL,
    lease_until    timestamptz NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at        timestamptz,
    answered_at    timestamptz,
    -- Until when the answer, or that there is none, spares another call.
    valid_until    timestamptz,
    http_status    smallint,
    -- The adapter's word for how it ended, without personal data.
    verdict        text,
    -- The vendor's own id of the request.
    request_id     text,
    -- Of all subjects of one HTTP call.
    batch_id       uuid,
    reserved_micros bigint NOT NULL DEFAULT 0,
    settled_micros bigint,
    -- SHA-256 of the secret in the address to which the vendor sends what comes later, and until when that is awaited.
    capability_hash bytea CHECK (octet_length(capability_hash) = 32),
    late_deadline  timestamptz,
    -- When a newer call for the same took its place.
    superseded_at  timestamptz
);
CREATE UNIQUE INDEX provider_calls_request ON provider_calls (team_id, provider, product, request_hash)
    WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX provider_calls_subject ON provider_calls (team_id, provider, product, subject_kind, subject_id)
    WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX provider_calls_capability ON provider_calls (capability_hash) WHERE capability_hash IS NOT NULL;
CREATE INDEX provider_calls_made ON provider_calls (team_id, created_at);
CALL wall_off('provider_calls');

-- From the secret in a vendor's callback to the call it belongs to: the vendor knows no team.
CREATE FUNCTION find_call_by_capability(hash bytea)
RETURNS TABLE (team_id uuid, call_id uuid, provider text, state text, late_deadline timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.team_id, c.id, c.provider, c.state, c.late_deadline FROM provider_calls c WHERE c.capability_hash = hash
$$;
CREATE POLICY gate ON provider_calls FOR SELECT TO refinery_gate USING (true);
GRANT SELECT ON provider_calls TO refinery_gate;
CALL guard_by_gate('find_call_by_capability(bytea)');

-- What vendors answered, word by word, encrypted by the program: the database never has the key.
CREATE TABLE skiptrace_results (
    team_id     uuid NOT NULL,
    id          uuid NOT NULL,
    call_id     uuid NOT NULL,
    -- 0: what came at once; from 1: what came later.
    part        smallint NOT NULL DEFAULT 0,
    provider    text NOT NULL,
    persona_id  uuid,
    lead_id     uuid,
    raw         bytea NOT NULL,
    -- The key of the ring that it is encrypted under.
    key_id      text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- What was in it.
    persons     smallint NOT NULL DEFAULT 0,
    strangers   smallint NOT NULL DEFAULT 0,
    phones      smallint NOT NULL DEFAULT 0,
    emails      smallint NOT NULL DEFAULT 0,
    socials     smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (team_id, id),
    CONSTRAINT skiptrace_results_part UNIQUE (team_id, call_id, part)
);
-- Ciphertext does not compress.
ALTER TABLE skiptrace_results ALTER COLUMN raw SET STORAGE EXTERNAL;
CREATE INDEX skiptrace_results_persona ON skiptrace_results (team_id, persona_id);
CALL wall_off('skiptrace_results');

CREATE TABLE social_profiles (
    team_id       uuid NOT NULL,
    persona_id    uuid NOT NULL,
    url           text NOT NULL,
    -- linkedin, facebook, x, github, instagram, other.
    network       text NOT NULL,
    source        text NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, persona_id, url)
);
CALL wall_off('social_profiles');

-- What a lead of kind 'property' is about.
CREATE TABLE properties (
    team_id         uuid NOT NULL,
    lead_id         uuid NOT NULL,
    property_type   text,
    street          text,
    unit            text,
    city            text,
    state           text,
    zip5            text,
    county          text,
    apn             text,
    -- Whole dollars.
    value           bigint,
    equity          bigint,
    -- Of the owner, in years.
    owner_age       smallint,
    -- How long the owner has had it, in years.
    years_owned     smallint,
    owner_occupied  boolean,
    owner_company   text,
    mailing_street  text,
    mailing_unit    text,
    mailing_city    text,
    mailing_state   text,
    mailing_zip5    text,
    -- The vendor's list that had it.
    vendor_list_id  text,
    source          text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, lead_id)
);
CALL wall_off('properties');

-- Provenance that design §5 asks for. Nullable and without defaults or indexes: an import writes none of it. Flags are
-- the time at which a vendor last raised them, so that none is taken back by a vendor that knows less, or by a merge.
ALTER TABLE persona_phones
    ADD COLUMN carrier      text,
    ADD COLUMN dnc_at       timestamptz,
    ADD COLUMN tcpa_at      timestamptz,
    ADD COLUMN litigator_at timestamptz;
ALTER TABLE persona_emails
    -- verified, guessed, unavailable, invalid: as the source says.
    ADD COLUMN status       text;
ALTER TABLE personas
    ADD COLUMN litigator_at timestamptz,
    ADD COLUMN deceased_at  timestamptz;
ALTER TABLE businesses
    -- When a vendor confirmed that the business exists, and which.
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN confirmed_by text;
-- Where a property lead is; of other leads the business or the person has the address.
ALTER TABLE leads
    ADD COLUMN street text,
    ADD COLUMN unit   text;

-- Vendors' accounts are the platform's, so these two tables have no team: what one team learns of an account holds for
-- all. Nothing in them is about anybody.
CREATE TABLE provider_accounts (
    provider             text PRIMARY KEY,
    -- paused: by an account stop or a person; nobody calls before a person has seen to it.
    state                text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
    reason               text,
    since                timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The breaker: after so many failures in a row nobody calls for a while, then one does, to see.
    circuit              text NOT NULL DEFAULT 'closed' CHECK (circuit IN ('closed', 'open', 'half_open')),
    consecutive_failures integer NOT NULL DEFAULT 0,
    -- open: until when nobody calls. half_open: until when the one who calls has to have told.
    open_until           timestamptz,
    updated_at           timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE ON provider_accounts TO refinery_app;

-- Token buckets, one timestamp each: the time at which the bucket will be full again (GCRA). What is drawn from it adds
-- to that time; nothing may be drawn that would bring it further ahead than the bucket is deep.
CREATE TABLE account_buckets (
    bucket        text PRIMARY KEY,
    full_at       timestamptz NOT NULL,
    -- The vendor said to wait so long.
    blocked_until timestamptz,
    -- What the last one who asked was told to wait; 0 where it was given. Read within the statement that wrote it.
    told_to_wait  interval NOT NULL DEFAULT '0'
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON account_buckets TO refinery_app;

-- The same, of one team.
CREATE TABLE rate_buckets (
    team_id       uuid NOT NULL,
    bucket        text NOT NULL,
    full_at       timestamptz NOT NULL,
    blocked_until timestamptz,
    told_to_wait  interval NOT NULL DEFAULT '0',
    PRIMARY KEY (team_id, bucket)
) WITH (fillfactor = 50);
CALL wall_off('rate_buckets');

-- What may be spent, in micro-dollars, and what was. Limits are checked, and money put aside, under the lock of the rows
-- concerned, which everybody takes in the order of their ids.
CREATE TABLE budgets (
    id             uuid PRIMARY KEY DEFAULT fresh_uuid(),
    team_id        uuid NOT NULL,
    -- team: all of it. campaign, provider, enrichment: what subject names. day: one day of the team's calendar, of
    -- everything or of the provider that subject names.
    scope          text NOT NULL CHECK (scope IN ('team', 'campaign', 'provider', 'enrichment', 'day')),
    subject        text NOT NULL DEFAULT '',
    -- Of scope 'day' only: which day; NULL: every day that begins, whose limits these are.
    day            date,
    -- NULL: no limit.
    limit_micros   bigint CHECK (limit_micros >= 0),
    -- How many expensive calls; NULL: no limit.
    limit_calls    integer CHECK (limit_calls >= 0),
    reserved_micros bigint NOT NULL DEFAULT 0 CHECK (reserved_micros >= 0),
    spent_micros   bigint NOT NULL DEFAULT 0 CHECK (spent_micros >= 0),
    calls          integer NOT NULL DEFAULT 0 CHECK (calls >= 0),
    -- The highest threshold, in percent, that was told.
    alerted        smallint NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT budgets_scope UNIQUE NULLS NOT DISTINCT (team_id, scope, subject, day),
    CONSTRAINT budgets_day CHECK (day IS NULL OR scope = 'day')
) WITH (fillfactor = 50);
CALL wall_off('budgets');

-- What each call put aside in each budget, and what became of it. A call repeats nothing: its entry is there.
CREATE TABLE budget_entries (
    team_id         uuid NOT NULL,
    call_id         uuid NOT NULL,
    budget_id       uuid NOT NULL,
    state           text NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'settled', 'released')),
    reserved_micros bigint NOT NULL CHECK (reserved_micros >= 0),
    settled_micros  bigint CHECK (settled_micros >= 0),
    -- 1 for an expensive call.
    calls           integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at        timestamptz,
    PRIMARY KEY (team_id, call_id, budget_id)
);
CREATE INDEX budget_entries_budget ON budget_entries (team_id, budget_id);
CALL wall_off('budget_entries');

-- What somebody should see to. dedup_key makes one matter one alert.
CREATE TABLE alerts (
    id              uuid PRIMARY KEY DEFAULT fresh_uuid(),
    team_id         uuid NOT NULL,
    kind            text NOT NULL,
    subject         text NOT NULL,
    detail          jsonb NOT NULL DEFAULT '{}',
    dedup_key       text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    CONSTRAINT alerts_once UNIQUE (team_id, dedup_key)
);
CREATE INDEX alerts_team ON alerts (team_id, id);
CALL wall_off('alerts');

-- Today, where the team is: the time zone of its settings, else New York's.
CREATE FUNCTION team_day() RETURNS date LANGUAGE sql VOLATILE AS $$
    SELECT (clock_timestamp() AT TIME ZONE coalesce(
        (SELECT settings->>'time_zone' FROM teams WHERE id = current_team()), 'America/New_York'))::date
$$;

-- Tells, once each, which of the thresholds a budget has passed. The caller holds its lock.
CREATE FUNCTION alert_budget(budget uuid, stopped boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b budgets%ROWTYPE;
    reached integer := 0;
BEGIN
    SELECT * INTO STRICT b FROM budgets WHERE id = budget;
    IF stopped THEN
        reached := 100;
    ELSIF b.limit_micros > 0 THEN
        reached := least(100, b.spent_micros::numeric * 100 / b.limit_micros);
        -- A rounded 99.6 is no 100.
        IF reached = 100 AND b.spent_micros < b.limit_micros THEN reached := 99; END IF;
    END IF;
    IF reached < 50 OR reached <= b.alerted THEN RETURN; END IF;
    INSERT INTO alerts (team_id, kind, subject, detail, dedup_key)
    SELECT b.team_id, 'budget.threshold', concat_ws(':', b.scope, nullif(b.subject, ''), b.day),
           jsonb_build_object('budget_id', b.id, 'percent', t.percent, 'limit_micros', b.limit_micros,
               'limit_calls', b.limit_calls, 'spent_micros', b.spent_micros, 'calls', b.calls),
           format('budget:%s:%s:%s:%s', b.id, coalesce(b.limit_micros::text, '-'), coalesce(b.limit_calls::text, '-'),
                  t.percent)
      FROM (VALUES (50), (80), (100)) t (percent)
     WHERE t.percent <= reached AND t.percent > b.alerted AND (t.percent = 100 OR NOT stopped) ORDER BY t.percent
    ON CONFLICT DO NOTHING;
    UPDATE budgets SET alerted = (SELECT max(t) FROM unnest(ARRAY[50, 80, 100]) t WHERE t <= reached)
     WHERE id = budget;
END $$;

-- Puts money aside for a call in all budgets named, or in none. Answers 'reserved', 'settled' (the call was paid for
-- already), or 'exhausted' with the budget that has too little left. Missing budgets are made: without limit, a day with
-- what every day has, and a day of everything with 1,000 expensive calls.
CREATE FUNCTION reserve_budget(call uuid, scopes text[], subjects text[], micros bigint, expensive boolean)
RETURNS TABLE (verdict text, scope text, subject text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    today date := team_day();
    ids uuid[];
    known text;
    b budgets%ROWTYPE;
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

    SELECT min(e.state) INTO known FROM budget_entries e
     WHERE e.team_id = current_team() AND e.call_id = call AND e.state <> 'released';
    IF known IS NOT NULL THEN
        RETURN QUERY SELECT known, NULL::text, NULL::text;
        RETURN;
    END IF;

    SELECT h.* INTO b FROM budgets h
     WHERE h.id = ANY(ids)
       AND (h.reserved_micros + h.spent_micros + micros > h.limit_micros
            OR (expensive AND h.calls + 1 > h.limit_calls))
     ORDER BY h.id LIMIT 1;
    IF FOUND THEN
        PERFORM alert_budget(b.id, true);
        RETURN QUERY SELECT 'exhausted', b.scope, b.subject;
        RETURN;
    END IF;

    INSERT INTO budget_entries AS e (team_id, call_id, budget_id, reserved_micros, calls)
    SELECT current_team(), call, i.id, micros, expensive::integer FROM unnest(ids) i (id)
    ON CONFLICT (team_id, call_id, budget_id) DO UPDATE
       SET state = 'reserved', reserved_micros = excluded.reserved_micros, calls = excluded.calls, ended_at = NULL;
    UPDATE budgets SET reserved_micros = reserved_micros + micros, calls = calls + expensive::integer,
                       updated_at = clock_timestamp()
     WHERE id = ANY(ids);
    RETURN QUERY SELECT 'reserved', NULL::text, NULL::text;
END $$;

-- Turns what a call put aside into what it cost. Answers whether that was still to be done. A call whose reservation was
-- released and that turns out to have cost something is settled, too: truth goes before limits.
CREATE FUNCTION settle_budget(call uuid, micros bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
    id uuid;
BEGIN
    PERFORM FROM budgets b WHERE b.id IN
        (SELECT e.budget_id FROM budget_entries e WHERE e.team_id = current_team() AND e.call_id = call)
     ORDER BY b.id FOR UPDATE;
    UPDATE budgets b
       SET reserved_micros = b.reserved_micros - CASE e.state WHEN 'reserved' THEN e.reserved_micros ELSE 0 END,
           spent_micros = b.spent_micros + micros,
           calls = b.calls + CASE e.state WHEN 'released' THEN e.calls ELSE 0 END,
           updated_at = clock_timestamp()
      FROM budget_entries e
     WHERE e.team_id = current_team() AND e.call_id = call AND e.state <> 'settled' AND b.id = e.budget_id;
    WITH done AS (
        UPDATE budget_entries e SET state = 'settled', settled_micros = micros, ended_at = clock_timestamp()
         WHERE e.team_id = current_team() AND e.call_id = call AND e.state <> 'settled' RETURNING e.budget_id)
    SELECT array_agg(budget_id) INTO ids FROM done;
    FOREACH id IN ARRAY coalesce(ids, '{}') LOOP
        PERFORM alert_budget(id, false);
    END LOOP;
    RETURN ids IS NOT NULL;
END $$;

-- Gives back what a call put aside and did not cost. Answers whether that was still to be done.
CREATE FUNCTION release_budget(call uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM budgets b WHERE b.id IN
        (SELECT e.budget_id FROM budget_entries e WHERE e.team_id = current_team() AND e.call_id = call)
     ORDER BY b.id FOR UPDATE;
    UPDATE budgets b
       SET reserved_micros = b.reserved_micros - e.reserved_micros, calls = b.calls - e.calls,
           updated_at = clock_timestamp()
      FROM budget_entries e
     WHERE e.team_id = current_team() AND e.call_id = call AND e.state = 'reserved' AND b.id = e.budget_id;
    UPDATE budget_entries SET state = 'released', ended_at = clock_timestamp()
     WHERE team_id = current_team() AND call_id = call AND state = 'reserved';
    RETURN FOUND;
END $$;

-- Lists that are pulled from vendors, page by page, until a record is known.
CREATE TABLE pulls (
    id           uuid PRIMARY KEY,
    team_id      uuid NOT NULL,
    source       text NOT NULL,
    -- SHA-256, in hex, of {zip_codes, filters, sort} as canonical JSON: domain::enrichment::QuerySignature.
    query_sig    text NOT NULL CHECK (query_sig ~ '^[0-9a-f]{64}$'),
    pull_params  jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'requested'
        CHECK (state IN ('requested', 'running', 'completed', 'stopped', 'failed')),
    pages        integer NOT NULL DEFAULT 0,
    records      integer NOT NULL DEFAULT 0,
    leads_new    integer NOT NULL DEFAULT 0,
    leads_known  integer NOT NULL DEFAULT 0,
    -- known: a known record came; end: there were no more; limit: enough was pulled; person: somebody stopped it.
    ended_by     text CHECK (ended_by IN ('known', 'end', 'limit', 'person', 'budget', 'failure')),
    failure      text,
    most_pages   integer,
    stop_requested_at timestamptz,
    workflow_id  text,
    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    ended_at     timestamptz
);
CREATE INDEX pulls_team ON pulls (team_id, id);
CALL wall_off('pulls');

CREATE TABLE lead_source_events (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL DEFAULT fresh_uuid(),
    pull_id         uuid NOT NULL,
    source          text NOT NULL,
    query_sig       text NOT NULL,
    pull_params     jsonb NOT NULL,
    page_number     integer NOT NULL,
    seen_vendor_ids text[] NOT NULL,
    first_id        text,
    last_id         text,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT lead_source_events_page UNIQUE (team_id, pull_id, page_number)
);
CREATE INDEX lead_source_events_query ON lead_source_events (team_id, source, query_sig);
CREATE INDEX lead_source_events_seen ON lead_source_events USING gin (seen_vendor_ids);
CALL wall_off('lead_source_events');

CREATE TABLE source_bookmarks (
    team_id             uuid NOT NULL,
    source              text NOT NULL,
    query_sig           text NOT NULL,
    last_page_fetched   integer NOT NULL DEFAULT 0,
    last_seen_vendor_id text,
    updated_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, source, query_sig)
);
CALL wall_off('source_bookmarks');

-- Whether any of the ids came with an earlier page of this query.
CREATE FUNCTION has_vendor_ids_been_seen(source text, query_sig text, vendor_ids text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM lead_source_events e
                    WHERE e.team_id = current_team() AND e.source = has_vendor_ids_been_seen.source
                      AND e.query_sig = has_vendor_ids_been_seen.query_sig AND e.seen_vendor_ids && vendor_ids)
$$;
