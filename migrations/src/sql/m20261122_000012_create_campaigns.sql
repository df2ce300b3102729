-- Campaigns: what is to be said, by whom, to whom, who released it, and the ledger of what was sent.
--
-- A text cannot be taken back, so what must not happen is made impossible here and not only in a process: one intent per
-- campaign, lead and step; a call is begun from a claim alone; a message's status only moves forward; a campaign is not
-- released without an approval (docs/adr/0023-send-ledger.md).

-- From where something is sent: a number, a pool's number, a mailbox, a person who calls.
CREATE TABLE senders (
    team_id          uuid NOT NULL,
    id               uuid NOT NULL,
    channel          text NOT NULL CHECK (channel IN ('sms', 'email', 'voice')),
    -- The vendor that sends, by its word.
    provider         text NOT NULL,
    -- E.164, or an e-mail address in lower case.
    address          text NOT NULL,
    name             text NOT NULL,
    -- Senders of one pool stand in for each other.
    pool             text,
    area_code        text CHECK (area_code ~ '^[2-9][0-9]{2}$'),
    -- paused: a person or a vendor's refusal stopped it. retired: never again.
    state            text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'retired')),
    state_reason     text,
    -- The brand that carriers know (10DLC), whose day is counted across all of its senders and vendors.
    brand            text,
    -- The vendor's group, profile or service that it belongs to.
    provider_group   text,
    -- Limits in segments, as the carriers registered them; NULL: none known.
    per_second       real CHECK (per_second > 0),
    daily_limit      integer CHECK (daily_limit >= 0),
    att_per_minute   integer CHECK (att_per_minute >= 0),
    tmobile_per_day  integer CHECK (tmobile_per_day >= 0),
    created_by       uuid,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT senders_address UNIQUE (team_id, channel, provider, address)
);
CREATE INDEX senders_pool ON senders (team_id, pool) WHERE pool IS NOT NULL;
CALL wall_off('senders');

CREATE TABLE templates (
    team_id     uuid NOT NULL,
    id          uuid NOT NULL,
    name        text NOT NULL,
    channel     text NOT NULL CHECK (channel IN ('sms', 'email', 'voice')),
    -- The newest version; the rest is in template_versions.
    version     integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_by  uuid,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    archived_at timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT templates_name UNIQUE (team_id, name)
);
CALL wall_off('templates');

-- What a template said, version by version. A version is never changed: campaigns and approvals name it.
CREATE TABLE template_versions (
    team_id     uuid NOT NULL,
    id          uuid NOT NULL,
    template_id uuid NOT NULL,
    version     integer NOT NULL CHECK (version >= 1),
    subject     text,
    body        text NOT NULL CHECK (body <> ''),
    variables   text[] NOT NULL DEFAULT '{}',
    -- Of the text with its fallbacks: gsm7 or ucs2, and how many segments that is.
    encoding    text NOT NULL CHECK (encoding IN ('gsm7', 'ucs2')),
    segments    smallint NOT NULL CHECK (segments >= 1),
    -- Whether it says how to opt out.
    opt_out_wording boolean NOT NULL,
    created_by  uuid,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT template_versions_number UNIQUE (team_id, template_id, version),
    FOREIGN KEY (team_id, template_id) REFERENCES templates (team_id, id)
);
CALL wall_off('template_versions');
REVOKE UPDATE, DELETE ON template_versions FROM refinery_app;

-- In whose voice: opener, follow-up, closer.
CREATE TABLE sdr_profiles (
    team_id     uuid NOT NULL,
    id          uuid NOT NULL,
    name        text NOT NULL,
    role        text NOT NULL CHECK (role IN ('opener', 'follow_up', 'closer', 'preparation', 'orchestration')),
    voice       text NOT NULL DEFAULT '',
    tone        text NOT NULL DEFAULT '',
    signature   text NOT NULL DEFAULT '',
    created_by  uuid,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    archived_at timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT sdr_profiles_name UNIQUE (team_id, name)
);
CALL wall_off('sdr_profiles');

CREATE TABLE campaigns (
    team_id          uuid NOT NULL,
    id               uuid NOT NULL,
    name             text NOT NULL,
    channel          text NOT NULL CHECK (channel IN ('sms', 'email', 'multi', 'voice')),
    state            text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'staged', 'approved', 'scheduled',
                     'running', 'paused', 'completed', 'cancelled', 'expired', 'failed')),
    -- Of whom: {"blocks": […]} or {"leads": […]}, as it was asked for. Who that is: campaign_leads.
    what             jsonb NOT NULL,
    sender_id        uuid,
    sender_pool      text,
    sdr_profile_id   uuid,
    tags             text[] NOT NULL DEFAULT '{}',
    starts_at        timestamptz,
    expires_at       timestamptz,
    on_window_close  text NOT NULL DEFAULT 'hold' CHECK (on_window_close IN ('hold', 'expire', 'ask')),
    -- domain::campaign::SendWindow, narrower than the law's; {}: only the law's and the house's.
    windows          jsonb NOT NULL DEFAULT '{}',
    daily_limit      integer NOT NULL DEFAULT 500 CHECK (daily_limit >= 1),
    per_minute_limit integer NOT NULL DEFAULT 20 CHECK (per_minute_limit >= 1),
    -- Micro-dollars; the limit itself is the budget of scope 'campaign'.
    budget_micros    bigint CHECK (budget_micros >= 0),
    consent_basis    text NOT NULL,
    consent_evidence jsonb NOT NULL DEFAULT '{}',
    -- What the approver saw, without personal data.
    preview          jsonb,
    preview_hash     text,
    previewed_at     timestamptz,
    staged_by        uuid,
    staged_at        timestamptz,
    approved_by      uuid,
    approved_at      timestamptz,
    approved_hash    text,
    approval_expires_at timestamptz,
    rejected_by      uuid,
    rejected_at      timestamptz,
    reject_reason    text,
    pause_reason     text,
    ended_reason     text,
    -- A FailureCode; NULL unless failed.
    failure          text,
    workflow_id      text,
    -- How many changes of its state or limits there were, and the last: one that is repeated is known by its id.
    version          bigint NOT NULL DEFAULT 0,
    last_change      uuid,
    -- Leads that it is for, and those that are left out.
    leads            integer NOT NULL DEFAULT 0,
    excluded         integer NOT NULL DEFAULT 0,
    created_by       uuid,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at       timestamptz,
    ended_at         timestamptz,
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, sender_id) REFERENCES senders (team_id, id),
    FOREIGN KEY (team_id, sdr_profile_id) REFERENCES sdr_profiles (team_id, id),
    CONSTRAINT campaigns_expiry CHECK (expires_at > starts_at),
    CONSTRAINT campaigns_staged CHECK (state <> 'staged' OR preview_hash IS NOT NULL),
    -- Nothing is sent that nobody released as it was previewed.
    CONSTRAINT campaigns_released CHECK (state NOT IN ('approved', 'scheduled', 'running', 'paused', 'completed')
        OR (approved_by IS NOT NULL AND approved_hash IS NOT NULL AND approved_hash = preview_hash)),
    CONSTRAINT campaigns_ended CHECK ((ended_at IS NOT NULL) = (state IN ('completed', 'cancelled', 'expired', 'failed')))
);
CREATE INDEX campaigns_state ON campaigns (team_id, state);
CALL wall_off('campaigns');

-- Which states follow which; domain::campaign::CampaignState::after says the same.
CREATE FUNCTION campaign_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'draft' THEN new IN ('staged', 'cancelled', 'failed')
        WHEN 'staged' THEN new IN ('draft', 'approved', 'cancelled', 'expired', 'failed')
        WHEN 'approved' THEN new IN ('draft', 'staged', 'scheduled', 'cancelled', 'expired', 'failed')
        WHEN 'scheduled' THEN new IN ('draft', 'staged', 'running', 'paused', 'cancelled', 'expired', 'failed')
        WHEN 'running' THEN new IN ('paused', 'completed', 'cancelled', 'expired', 'failed')
        WHEN 'paused' THEN new IN ('running', 'cancelled', 'expired', 'failed')
        ELSE false END
$$;

CREATE FUNCTION refuse_campaign_step_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a campaign that is % does not become %', OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'campaigns_state_order';
END $$;
CREATE TRIGGER trg_campaigns_state BEFORE UPDATE OF state ON campaigns FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NOT campaign_may_become(OLD.state, NEW.state))
    EXECUTE FUNCTION refuse_campaign_step_back();

CREATE TABLE campaign_steps (
    team_id             uuid NOT NULL,
    campaign_id         uuid NOT NULL,
    step                smallint NOT NULL CHECK (step BETWEEN 1 AND 4),
    template_id         uuid NOT NULL,
    template_version_id uuid NOT NULL,
    -- How long after the step before.
    delay               interval NOT NULL DEFAULT '0' CHECK (delay >= '0'),
    only_silent         boolean NOT NULL DEFAULT true,
    PRIMARY KEY (team_id, campaign_id, step),
    FOREIGN KEY (team_id, campaign_id) REFERENCES campaigns (team_id, id) ON DELETE CASCADE,
    FOREIGN KEY (team_id, template_id) REFERENCES templates (team_id, id),
    FOREIGN KEY (team_id, template_version_id) REFERENCES template_versions (team_id, id)
);
CALL wall_off('campaign_steps');

-- Who it is for, in the order in which they are written to, and who is left out by which rule.
CREATE TABLE campaign_leads (
    team_id       uuid NOT NULL,
    campaign_id   uuid NOT NULL,
    -- From 0, without gaps, the best first.
    position      integer NOT NULL,
    lead_id       uuid NOT NULL,
    state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'excluded', 'sent', 'delivered',
                  'responded', 'opted_out', 'failed')),
    -- The rule that leaves it out, by the gate's word.
    excluded_rule text,
    -- Where it is reached: the best point it had when the audience was made.
    phone         text,
    -- mobile, landline, voip; NULL: nobody has looked.
    line_type     text,
    carrier       text,
    email         text,
    -- Of the last step that was accepted; 0: none.
    step          smallint NOT NULL DEFAULT 0 CHECK (step BETWEEN 0 AND 4),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, campaign_id, position),
    CONSTRAINT campaign_leads_once UNIQUE (team_id, campaign_id, lead_id),
    CONSTRAINT campaign_leads_excluded CHECK (state <> 'excluded' OR excluded_rule IS NOT NULL)
);
CREATE INDEX campaign_leads_lead ON campaign_leads (team_id, lead_id);
-- By whom somebody who opts out is found in campaigns.
CREATE INDEX campaign_leads_phone ON campaign_leads (team_id, phone) WHERE phone IS NOT NULL;
CREATE INDEX campaign_leads_email ON campaign_leads (team_id, email) WHERE email IS NOT NULL;
CALL wall_off('campaign_leads');

-- The ledger. One row is one text that is meant to go out once.
CREATE TABLE send_intents (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL DEFAULT fresh_uuid(),
    campaign_id     uuid NOT NULL,
    lead_id         uuid NOT NULL,
    step            smallint NOT NULL CHECK (step BETWEEN 1 AND 4),
    -- planned: nothing was done. held: the gate said not yet. claimed: somebody is about to call. calling: the call may
    -- have left. accepted, refused: the vendor said so. unknown: it left and nobody knows. skipped: the gate said never.
    -- cancelled: the campaign ended, or the person opted out, before the call.
    state           text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'held', 'claimed', 'calling', 'accepted',
                    'refused', 'unknown', 'skipped', 'cancelled')),
    -- When to look at it next.
    due_at          timestamptz NOT NULL,
    -- How many calls were begun.
    attempt         smallint NOT NULL DEFAULT 0 CONSTRAINT send_intents_attempts CHECK (attempt BETWEEN 0 AND 3),
    claimed_by      text,
    claimed_at      timestamptz,
    lease_until     timestamptz,
    -- The same for all attempts: the vendor sees through a repetition where it can.
    idempotency_key text,
    channel         text CHECK (channel IN ('sms', 'email', 'voice')),
    provider        text,
    sender_id       uuid,
    from_value      text,
    to_value        text,
    subject         text,
    body            text,
    -- SHA-256 of the body.
    text_hash       bytea CHECK (octet_length(text_hash) = 32),
    segments        smallint CHECK (segments >= 1),
    carrier         text,
    price_micros    bigint CHECK (price_micros >= 0),
    template_version_id uuid,
    verdict_id      uuid,
    called_at       timestamptz,
    external_id     text,
    -- The vendor's code of a refusal, or the rule's word.
    refusal         text,
    ended_at        timestamptz,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT send_intents_once UNIQUE (team_id, campaign_id, lead_id, step),
    CONSTRAINT send_intents_claimed CHECK (state NOT IN ('claimed', 'calling') OR (claimed_by IS NOT NULL
        AND lease_until IS NOT NULL AND idempotency_key IS NOT NULL AND channel IS NOT NULL AND provider IS NOT NULL
        AND from_value IS NOT NULL AND to_value IS NOT NULL AND body IS NOT NULL)),
    CONSTRAINT send_intents_called CHECK (state NOT IN ('calling', 'accepted', 'unknown') OR called_at IS NOT NULL),
    CONSTRAINT send_intents_accepted CHECK ((state = 'accepted') = (external_id IS NOT NULL)),
    CONSTRAINT send_intents_ended CHECK
        ((ended_at IS NOT NULL) = (state IN ('accepted', 'refused', 'skipped', 'cancelled')))
) WITH (fillfactor = 80);
CREATE INDEX send_intents_due ON send_intents (team_id, campaign_id, due_at, id) WHERE state IN ('planned', 'held');
CREATE INDEX send_intents_under_way ON send_intents (team_id, campaign_id, state)
    WHERE state IN ('claimed', 'calling', 'unknown');
-- Who is about to be written to, or may have been: counted with the messages by the caps.
CREATE INDEX send_intents_recipient ON send_intents (team_id, to_value) WHERE state IN ('claimed', 'calling', 'unknown');
CALL wall_off('send_intents');

-- Which states of an intent follow which. What the vendor was told is never forgotten: a call that was begun ends as
-- accepted, refused or unknown, or goes back because it certainly did not arrive.
CREATE FUNCTION send_intent_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'planned' THEN new IN ('held', 'claimed', 'skipped', 'cancelled')
        WHEN 'held' THEN new IN ('planned', 'claimed', 'skipped', 'cancelled')
        WHEN 'claimed' THEN new IN ('planned', 'held', 'calling', 'skipped', 'cancelled')
        WHEN 'calling' THEN new IN ('accepted', 'refused', 'unknown', 'planned')
        WHEN 'unknown' THEN new IN ('accepted', 'refused', 'planned')
        ELSE false END
$$;

CREATE FUNCTION refuse_intent_step_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an intent that is % does not become %', OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'send_intents_state_order';
END $$;
CREATE TRIGGER trg_send_intents_state BEFORE UPDATE OF state ON send_intents FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NOT send_intent_may_become(OLD.state, NEW.state))
    EXECUTE FUNCTION refuse_intent_step_back();

-- Why something was sent, and why it was not: each judgement of the gate.
CREATE TABLE gate_verdicts (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL DEFAULT fresh_uuid(),
    campaign_id     uuid NOT NULL,
    lead_id         uuid NOT NULL,
    step            smallint NOT NULL,
    intent_id       uuid,
    allowed         boolean NOT NULL,
    -- The rule that decided.
    rule            text NOT NULL,
    rule_set        text NOT NULL,
    inputs_hash     bytea NOT NULL CHECK (octet_length(inputs_hash) = 32),
    -- What was judged, without personal data: another rule set can be tried on it.
    inputs          jsonb NOT NULL,
    next_allowed_at timestamptz,
    judged_at       timestamptz NOT NULL,
    PRIMARY KEY (team_id, id)
);
CREATE INDEX gate_verdicts_lead ON gate_verdicts (team_id, lead_id, judged_at DESC);
CREATE INDEX gate_verdicts_campaign ON gate_verdicts (team_id, campaign_id, id);
CALL wall_off('gate_verdicts');
REVOKE UPDATE, DELETE ON gate_verdicts FROM refinery_app;

-- What went out and what came in.
CREATE TABLE messages (
    team_id             uuid NOT NULL,
    id                  uuid NOT NULL DEFAULT fresh_uuid(),
    direction           text NOT NULL CHECK (direction IN ('outbound', 'inbound')),
    channel             text NOT NULL CHECK (channel IN ('sms', 'email', 'voice')),
    campaign_id         uuid,
    lead_id             uuid,
    intent_id           uuid,
    step                smallint,
    provider            text NOT NULL,
    external_id         text NOT NULL,
    sender_id           uuid,
    from_value          text NOT NULL,
    to_value            text NOT NULL,
    subject             text,
    body                text NOT NULL,
    text_hash           bytea,
    segments            smallint,
    carrier             text,
    template_version_id uuid,
    -- domain::message::status; of an inbound one NULL.
    status              text CHECK (status IN ('queued', 'sent', 'delivered', 'failed', 'undelivered')),
    error_code          text,
    -- What it costs: as expected, until the vendor says.
    price_micros        bigint NOT NULL DEFAULT 0,
    -- Of a reply: what it says, by the classifier's word (issue of replies).
    classification      text,
    sent_at             timestamptz,
    delivered_at        timestamptz,
    failed_at           timestamptz,
    received_at         timestamptz,
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT messages_external UNIQUE (team_id, provider, external_id),
    CONSTRAINT messages_status CHECK ((direction = 'outbound') = (status IS NOT NULL))
) WITH (fillfactor = 80);
-- One accepted message per intent.
CREATE UNIQUE INDEX messages_intent ON messages (team_id, intent_id) WHERE intent_id IS NOT NULL;
CREATE INDEX messages_recipient ON messages (team_id, to_value, sent_at) WHERE direction = 'outbound';
CREATE INDEX messages_campaign ON messages (team_id, campaign_id, sent_at) WHERE campaign_id IS NOT NULL;
CREATE INDEX messages_lead ON messages (team_id, lead_id, created_at);
CALL wall_off('messages');

-- How far along a status is; whatever is reported in whatever order, the furthest one stays. That it arrived is the last
-- word. domain::message::MessageStatus::advance says the same.
CREATE FUNCTION message_status_rank(status text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE status WHEN 'queued' THEN 0 WHEN 'sent' THEN 1 WHEN 'failed' THEN 2 WHEN 'undelivered' THEN 3
                       WHEN 'delivered' THEN 4 END::smallint
$$;
CREATE FUNCTION message_status_after(current text, reported text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN message_status_rank(reported) > message_status_rank(current) THEN reported ELSE current END
$$;
CREATE FUNCTION refuse_status_step_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a message that is % does not become %', OLD.status, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_status_order';
END $$;
CREATE TRIGGER trg_messages_status BEFORE UPDATE OF status ON messages FOR EACH ROW
    WHEN (NEW.status IS DISTINCT FROM message_status_after(OLD.status, NEW.status))
    EXECUTE FUNCTION refuse_status_step_back();

-- What vendors reported of messages, once each. One that comes before its message is known waits here for it.
CREATE TABLE message_events (
    team_id      uuid NOT NULL,
    id           uuid NOT NULL DEFAULT fresh_uuid(),
    message_id   uuid,
    provider     text NOT NULL,
    external_id  text NOT NULL,
    -- What the vendor repeats when it reports the same again.
    delivery_key text NOT NULL,
    status       text NOT NULL CHECK (status IN ('queued', 'sent', 'delivered', 'failed', 'undelivered')),
    error_code   text,
    price_micros bigint,
    segments     smallint,
    -- When it happened, as the vendor says.
    happened_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT message_events_once UNIQUE (team_id, provider, delivery_key)
);
CREATE INDEX message_events_external ON message_events (team_id, provider, external_id);
CALL wall_off('message_events');

-- Stops that work by the database alone. One that was lifted stays as a record.
CREATE TABLE kill_switches (
    team_id   uuid NOT NULL,
    id        uuid NOT NULL DEFAULT fresh_uuid(),
    scope     text NOT NULL CHECK (scope IN ('team', 'campaign', 'sender')),
    -- The campaign or sender; NULL for the team.
    subject   uuid,
    reason    text NOT NULL,
    set_by    uuid,
    set_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_by uuid,
    lifted_at timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT kill_switches_subject CHECK ((scope = 'team') = (subject IS NULL))
);
CREATE UNIQUE INDEX kill_switches_on ON kill_switches (team_id, scope, subject) NULLS NOT DISTINCT
    WHERE lifted_at IS NULL;
CALL wall_off('kill_switches');

-- The one for everybody: set and lifted by whoever runs the system, read by all.
CREATE TABLE global_kill_switches (
    id        uuid PRIMARY KEY DEFAULT fresh_uuid(),
    reason    text NOT NULL,
    set_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_at timestamptz
);
CREATE UNIQUE INDEX global_kill_switches_on ON global_kill_switches ((true)) WHERE lifted_at IS NULL;
GRANT SELECT ON global_kill_switches TO refinery_app;

-- The switch that stops a campaign's sender at this moment: the widest first; NULL: none.
CREATE FUNCTION kill_switch_on(campaign uuid, sender uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT scope FROM (
        SELECT 'everything' AS scope, 0 AS width FROM global_kill_switches WHERE lifted_at IS NULL
        UNION ALL
        SELECT k.scope, CASE k.scope WHEN 'team' THEN 1 WHEN 'campaign' THEN 2 ELSE 3 END FROM kill_switches k
         WHERE k.team_id = current_team() AND k.lifted_at IS NULL
           AND (k.scope = 'team' OR (k.scope = 'campaign' AND k.subject = campaign)
                OR (k.scope = 'sender' AND k.subject = sender))) s
     ORDER BY width LIMIT 1
$$;

-- Rules of the gate as data, version by version, the platform's: replaying another version is naming it.
CREATE TABLE rule_sets (
    id             uuid PRIMARY KEY DEFAULT fresh_uuid(),
    version        text NOT NULL UNIQUE,
    effective_from timestamptz NOT NULL,
    body           jsonb NOT NULL,
    source         text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT ON rule_sets TO refinery_app;

-- How much went out in a day, in whose limits: a campaign's, a sender's, a brand's at one carrier. Days begin at midnight
-- of the place that counts (T-Mobile's at midnight Pacific).
CREATE TABLE send_counters (
    team_id    uuid NOT NULL,
    counter    text NOT NULL,
    day        date NOT NULL,
    used       bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, counter, day)
) WITH (fillfactor = 50);
CALL wall_off('send_counters');
