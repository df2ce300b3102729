-- Replies: conversations, the inbox, what is suggested and who released it, calls, tasks, deliverables, follow-ups.
--
-- What must not happen is made impossible here and not only in a process: a message has one item, nothing is released in a
-- conversation that is held or closed, nothing goes out that nobody released, no conversation has more than six automatic
-- answers, nobody gets more than three follow-ups, and a decision is made once.

CREATE FUNCTION refuse_step_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- TG_ARGV: what it is in words, and what the constraint is called.
    RAISE EXCEPTION 'a % that is % does not become %', TG_ARGV[0], OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[1];
END $$;

-- Each change of a row counts, whoever makes it.
CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;

-- Everything said between one of our addresses and one of theirs, by one way.
CREATE TABLE conversations (
    team_id          uuid NOT NULL,
    id               uuid NOT NULL,
    channel          text NOT NULL CHECK (channel IN ('sms', 'email', 'voice')),
    -- The vendor that brought the last message, by its word.
    provider         text NOT NULL,
    -- E.164, or an e-mail address in lower case.
    our_address      text NOT NULL,
    their_address    text NOT NULL,
    -- The sender that our address is; NULL: none that the team has registered.
    sender_id        uuid,
    -- The lead written to last from our address, and the campaign that did; NULL: nobody was written to there.
    lead_id          uuid,
    campaign_id      uuid,
    -- Others who are reached at the same number: the one written to last first.
    other_leads      uuid[] NOT NULL DEFAULT '{}',
    -- held: nothing may be sent. domain::reply::ConversationState.
    state            text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'held', 'closed')),
    hold_reason      text CHECK (hold_reason IN ('opt_out', 'revocation', 'wrong_number', 'complaint', 'person')),
    held_at          timestamptz,
    -- Who let it go on, and how: a person, or the one who had opted out opted in again.
    cleared_by       uuid,
    cleared_how      text CHECK (cleared_how IN ('person', 'opt_in')),
    cleared_at       timestamptz,
    stage            text NOT NULL DEFAULT 'cold_open' CHECK (stage IN ('cold_open', 'warming_up', 'hot_response',
                     'handling_pushback', 'follow_up')),
    temperature      text CHECK (temperature IN ('hot', 'warm', 'cold')),
    -- Answers that nobody approved one by one, and answers to objections among them.
    auto_replies     smallint NOT NULL DEFAULT 0
                     CONSTRAINT conversations_auto_replies CHECK (auto_replies BETWEEN 0 AND 6),
    rebuttals        smallint NOT NULL DEFAULT 0 CONSTRAINT conversations_rebuttals CHECK (rebuttals BETWEEN 0 AND 3),
    inbound_count    integer NOT NULL DEFAULT 0 CHECK (inbound_count >= 0),
    outbound_count   integer NOT NULL DEFAULT 0 CHECK (outbound_count >= 0),
    first_inbound_at timestamptz,
    last_inbound_at  timestamptz,
    last_outbound_at timestamptz,
    -- Whose it is, and who has it in hand at this moment: nobody else answers meanwhile.
    assigned_to      uuid,
    assigned_by      uuid,
    assigned_at      timestamptz,
    claimed_by       uuid,
    claimed_until    timestamptz,
    -- A person answers from now on; nothing is suggested.
    taken_over_by    uuid,
    taken_over_at    timestamptz,
    -- How it ended: domain::reply::Disposition and CloseReason.
    closed_as        text CHECK (closed_as IN ('closed', 'converted', 'lost')),
    close_reason     text,
    close_notes      text,
    processed_by     uuid,
    processed_at     timestamptz,
    -- How often it was opened anew.
    reopened         integer NOT NULL DEFAULT 0 CHECK (reopened >= 0),
    -- How many changes there were.
    version          bigint NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT conversations_once UNIQUE (team_id, channel, our_address, their_address),
    CONSTRAINT conversations_held CHECK ((state = 'held') <= (hold_reason IS NOT NULL AND held_at IS NOT NULL)),
    CONSTRAINT conversations_closed CHECK ((state = 'closed') <=
        (closed_as IS NOT NULL AND coalesce(close_reason, '') <> '' AND processed_at IS NOT NULL)),
    CONSTRAINT conversations_claim CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX conversations_theirs ON conversations (team_id, their_address);
CREATE INDEX conversations_lead ON conversations (team_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX conversations_open ON conversations (team_id, last_inbound_at) WHERE state = 'open';
CALL wall_off('conversations');
CREATE TRIGGER trg_conversations_version BEFORE UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION count_change();

-- The conversation that a message belongs to; what went out before there was one is found by its addresses.
ALTER TABLE messages ADD COLUMN conversation_id uuid;
CREATE INDEX messages_conversation ON messages (team_id, conversation_id, created_at) WHERE conversation_id IS NOT NULL;

-- Which states follow which; domain::reply::ConversationState says the same. One that is held goes on only where somebody
-- cleared it, and that is said in the same change.
CREATE FUNCTION refuse_unclear_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.cleared_how IS NULL OR NEW.cleared_at IS NULL OR NEW.cleared_at < OLD.held_at
       OR (NEW.cleared_how = 'person' AND NEW.cleared_by IS NULL) THEN
        RAISE EXCEPTION 'a conversation that is held goes on only where somebody clears it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'conversations_cleared';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trg_conversations_cleared BEFORE UPDATE OF state ON conversations FOR EACH ROW
    WHEN (OLD.state = 'held' AND NEW.state = 'open') EXECUTE FUNCTION refuse_unclear_conversation();

-- What came in, message by message, as people work through it.
CREATE TABLE inbox_items (
    team_id          uuid NOT NULL,
    id               uuid NOT NULL,
    message_id       uuid NOT NULL,
    conversation_id  uuid NOT NULL,
    -- As they were when it came.
    lead_id          uuid,
    campaign_id      uuid,
    -- Nobody was written to there: a person says whose it is.
    no_lead_match    boolean NOT NULL GENERATED ALWAYS AS (lead_id IS NULL) STORED,
    kind             text NOT NULL DEFAULT 'message' CHECK (kind IN ('message', 'call')),
    -- What it says: domain::reply::Intent, by which rule of which rule book; NULL until that was looked at.
    intent           text,
    confidence       smallint CHECK (confidence BETWEEN 0 AND 100),
    extracted        jsonb NOT NULL DEFAULT '{}',
    rule             text,
    rule_book        text,
    -- playbook of rules, model, or a person.
    classified_by    text CHECK (classified_by IN ('rules', 'model', 'person')),
    classified_at    timestamptz,
    needs_person     boolean NOT NULL DEFAULT false,
    bucket           text NOT NULL DEFAULT 'other' CHECK (bucket IN ('email_captures', 'hot_responses', 'objections',
                     'do_not_contact', 'other')),
    temperature      text CHECK (temperature IN ('hot', 'warm', 'cold')),
    -- Of what it says; and 0.7 of that and 0.3 of the lead's score, by which the inbox is ordered.
    priority         smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 100),
    priority_score   smallint NOT NULL DEFAULT 0 CHECK (priority_score BETWEEN 0 AND 100),
    suggested_action text,
    notes            text NOT NULL DEFAULT '',
    status           text NOT NULL DEFAULT 'unread' CHECK (status IN ('unread', 'read', 'archived')),
    snoozed_until    timestamptz,
    snoozed_by       uuid,
    read_by          uuid,
    read_at          timestamptz,
    processed_by     uuid,
    processed_at     timestamptz,
    received_at      timestamptz NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT inbox_items_once UNIQUE (team_id, message_id),
    FOREIGN KEY (team_id, message_id) REFERENCES messages (team_id, id),
    FOREIGN KEY (team_id, conversation_id) REFERENCES conversations (team_id, id),
    CONSTRAINT inbox_items_classified CHECK ((intent IS NULL) = (classified_at IS NULL)
        AND (intent IS NULL) = (confidence IS NULL) AND (intent IS NULL) = (classified_by IS NULL)),
    -- One that was dealt with is no longer waited for.
    CONSTRAINT inbox_items_archived CHECK (status <> 'archived' OR processed_at IS NOT NULL)
) WITH (fillfactor = 80);
-- The list: the hottest first, the newest of them first.
CREATE INDEX inbox_items_waiting ON inbox_items (team_id, priority_score DESC, id DESC) WHERE status <> 'archived';
CREATE INDEX inbox_items_bucket ON inbox_items (team_id, bucket, priority_score DESC, id DESC) WHERE status <> 'archived';
CREATE INDEX inbox_items_archive ON inbox_items (team_id, priority_score DESC, id DESC) WHERE status = 'archived';
CREATE INDEX inbox_items_conversation ON inbox_items (team_id, conversation_id, received_at);
CREATE INDEX inbox_items_changed ON inbox_items (team_id, updated_at);
CREATE INDEX inbox_items_hot ON inbox_items (team_id, received_at) WHERE temperature = 'hot' AND processed_at IS NULL;
CALL wall_off('inbox_items');

-- Who put an item into another bucket, and why.
CREATE TABLE bucket_movements (
    team_id     uuid NOT NULL,
    id          uuid NOT NULL DEFAULT fresh_uuid(),
    item_id     uuid NOT NULL,
    from_bucket text NOT NULL,
    to_bucket   text NOT NULL,
    -- NULL: the classifier, or a rule.
    moved_by    uuid,
    why         text NOT NULL CHECK (why <> ''),
    moved_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, item_id) REFERENCES inbox_items (team_id, id),
    CONSTRAINT bucket_movements_elsewhere CHECK (from_bucket <> to_bucket)
);
CREATE INDEX bucket_movements_item ON bucket_movements (team_id, item_id, id);
CALL wall_off('bucket_movements');
REVOKE UPDATE, DELETE ON bucket_movements FROM refinery_app;

-- Where a person read a message otherwise than the classifier: what the table of its quality is made of.
CREATE TABLE reclassifications (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL DEFAULT fresh_uuid(),
    item_id         uuid NOT NULL,
    -- NULL: nobody had looked at it before.
    from_intent     text,
    from_confidence smallint,
    from_rule       text,
    to_intent       text NOT NULL,
    by              uuid NOT NULL,
    why             text NOT NULL CHECK (why <> ''),
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, item_id) REFERENCES inbox_items (team_id, id),
    CONSTRAINT reclassifications_otherwise CHECK (to_intent IS DISTINCT FROM from_intent)
);
CREATE INDEX reclassifications_item ON reclassifications (team_id, item_id, id);
CALL wall_off('reclassifications');
REVOKE UPDATE, DELETE ON reclassifications FROM refinery_app;

-- What is proposed to be answered, and what became of it. Whatever goes out in a conversation is a row here first.
CREATE TABLE reply_suggestions (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    -- What it answers; NULL: nothing that came in, as a follow-up.
    item_id         uuid,
    -- person: somebody wrote it. confirmation: the one answer to an opt-out.
    origin          text NOT NULL CHECK (origin IN ('playbook', 'model', 'person', 'follow_up', 'deliverable',
                    'confirmation')),
    -- approved: as proposed. edited: with another text. sending: the call may have left. stale: something else was said
    -- meanwhile.
    state           text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'approved', 'edited', 'sending', 'sent',
                    'failed', 'rejected', 'taken_over', 'stale', 'expired')),
    stage           text,
    subject         text,
    text            text NOT NULL CHECK (text <> ''),
    -- Other texts, at most two.
    alternatives    jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(alternatives) = 'array'
                    AND jsonb_array_length(alternatives) <= 2),
    intent          text,
    confidence      smallint CHECK (confidence BETWEEN 0 AND 100),
    next_action     text,
    notes           text NOT NULL DEFAULT '',
    -- Whether it answers an objection.
    rebuttal        boolean NOT NULL DEFAULT false,
    sdr_profile_id  uuid,
    model           text,
    cost_micros     bigint NOT NULL DEFAULT 0 CHECK (cost_micros >= 0),
    -- What is sent, where a person changed it.
    edited_text     text CHECK (edited_text <> ''),
    -- Released by a rule of the team and not by a person.
    automatic       boolean NOT NULL DEFAULT false,
    decided_by      uuid,
    decided_at      timestamptz,
    why             text,
    expires_at      timestamptz NOT NULL,
    message_id      uuid,
    sent_at         timestamptz,
    -- The gate's rule, or the vendor's code.
    refusal         text,
    version         bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, conversation_id) REFERENCES conversations (team_id, id),
    FOREIGN KEY (team_id, item_id) REFERENCES inbox_items (team_id, id),
    CONSTRAINT reply_suggestions_decided CHECK
        ((state IN ('approved', 'edited', 'sending', 'sent', 'failed', 'rejected', 'taken_over')) <= (decided_at IS NOT NULL)),
    -- Nothing goes out that neither a person nor a rule of the team released, and no rule releases what is uncertain.
    CONSTRAINT reply_suggestions_released CHECK (state NOT IN ('approved', 'edited', 'sending', 'sent', 'failed')
        OR (decided_by IS NOT NULL AND NOT automatic)
        OR (automatic AND (origin IN ('follow_up', 'deliverable', 'confirmation') OR coalesce(confidence, 0) >= 70))),
    CONSTRAINT reply_suggestions_in_time CHECK (state NOT IN ('approved', 'edited', 'sending', 'sent', 'failed')
        OR decided_at <= expires_at),
    CONSTRAINT reply_suggestions_edited CHECK ((state = 'edited') <= (edited_text IS NOT NULL)),
    CONSTRAINT reply_suggestions_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL))
) WITH (fillfactor = 80);
-- One proposal at a time, one for each message, and one confirmation of an opt-out ever.
CREATE UNIQUE INDEX reply_suggestions_proposed ON reply_suggestions (team_id, conversation_id) WHERE state = 'proposed';
CREATE UNIQUE INDEX reply_suggestions_item ON reply_suggestions (team_id, conversation_id, item_id)
    WHERE origin IN ('playbook', 'model');
CREATE UNIQUE INDEX reply_suggestions_confirmation ON reply_suggestions (team_id, conversation_id)
    WHERE origin = 'confirmation';
CREATE INDEX reply_suggestions_conversation ON reply_suggestions (team_id, conversation_id, id);
CREATE INDEX reply_suggestions_expiring ON reply_suggestions (team_id, expires_at) WHERE state = 'proposed';
CALL wall_off('reply_suggestions');
CREATE TRIGGER trg_reply_suggestions_version BEFORE UPDATE ON reply_suggestions FOR EACH ROW
    EXECUTE FUNCTION count_change();

-- What is being sent is not stale: a call that may have left ends as the vendor says.
CREATE FUNCTION reply_suggestion_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'proposed' THEN new IN ('approved', 'edited', 'rejected', 'taken_over', 'stale', 'expired')
        WHEN 'approved' THEN new IN ('sending', 'sent', 'failed', 'taken_over', 'stale')
        WHEN 'edited' THEN new IN ('sending', 'sent', 'failed', 'taken_over', 'stale')
        WHEN 'sending' THEN new IN ('sent', 'failed', 'approved', 'edited')
        ELSE false END
$$;
CREATE TRIGGER trg_reply_suggestions_state BEFORE UPDATE OF state ON reply_suggestions FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NOT reply_suggestion_may_become(OLD.state, NEW.state))
    EXECUTE FUNCTION refuse_step_back('suggestion', 'reply_suggestions_state_order');

-- In a conversation that is held or closed nothing is released and no call begins. Whoever holds it is waited for.
CREATE FUNCTION refuse_silenced_reply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM conversations c
      WHERE c.team_id = NEW.team_id AND c.id = NEW.conversation_id AND c.state = 'open' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the conversation is not open: nothing is answered in it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reply_suggestions_silenced';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trg_reply_suggestions_silenced BEFORE INSERT OR UPDATE OF state ON reply_suggestions FOR EACH ROW
    WHEN (NEW.state IN ('approved', 'edited', 'sending') AND NEW.origin <> 'confirmation')
    EXECUTE FUNCTION refuse_silenced_reply();

-- Who calls back: what they know, and how many calls they take at once.
CREATE TABLE call_workers (
    team_id    uuid NOT NULL,
    user_id    uuid NOT NULL,
    skills     text[] NOT NULL DEFAULT '{}',
    most       smallint NOT NULL DEFAULT 5 CHECK (most BETWEEN 1 AND 100),
    active     boolean NOT NULL DEFAULT true,
    updated_by uuid,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, user_id),
    FOREIGN KEY (team_id, user_id) REFERENCES memberships (team_id, user_id)
);
CALL wall_off('call_workers');

-- Who is to be called, and who has it.
CREATE TABLE call_queue (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid,
    item_id         uuid,
    lead_id         uuid,
    phone           text NOT NULL,
    reason          text NOT NULL CHECK (reason <> ''),
    -- What the caller has to know; NULL: anybody.
    skill           text,
    priority        smallint NOT NULL DEFAULT 50 CHECK (priority BETWEEN 0 AND 100),
    state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'claimed', 'done', 'cancelled')),
    due_at          timestamptz NOT NULL,
    assigned_to     uuid,
    assigned_at     timestamptz,
    claimed_by      uuid,
    claimed_at      timestamptz,
    claimed_until   timestamptz,
    attempts        smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    outcome         text CHECK (outcome IN ('reached', 'no_answer', 'voicemail', 'wrong_number', 'call_back', 'other')),
    notes           text NOT NULL DEFAULT '',
    done_by         uuid,
    ended_at        timestamptz,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, conversation_id) REFERENCES conversations (team_id, id),
    FOREIGN KEY (team_id, item_id) REFERENCES inbox_items (team_id, id),
    CONSTRAINT call_queue_claimed CHECK ((state = 'claimed') <= (claimed_by IS NOT NULL AND claimed_until IS NOT NULL)),
    CONSTRAINT call_queue_done CHECK ((state = 'done') <= (outcome IS NOT NULL AND done_by IS NOT NULL)),
    CONSTRAINT call_queue_ended CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'cancelled')))
) WITH (fillfactor = 80);
-- A person is called once at a time.
CREATE UNIQUE INDEX call_queue_open ON call_queue (team_id, phone) WHERE state IN ('queued', 'claimed');
CREATE INDEX call_queue_waiting ON call_queue (team_id, priority DESC, id) WHERE state IN ('queued', 'claimed');
CREATE INDEX call_queue_worker ON call_queue (team_id, assigned_to) WHERE state IN ('queued', 'claimed');
CREATE INDEX call_queue_conversation ON call_queue (team_id, conversation_id) WHERE conversation_id IS NOT NULL;
CALL wall_off('call_queue');

CREATE FUNCTION queued_call_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'queued' THEN new IN ('claimed', 'done', 'cancelled')
        WHEN 'claimed' THEN new IN ('queued', 'done', 'cancelled')
        ELSE false END
$$;
CREATE TRIGGER trg_call_queue_state BEFORE UPDATE OF state ON call_queue FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NOT queued_call_may_become(OLD.state, NEW.state))
    EXECUTE FUNCTION refuse_step_back('call', 'call_queue_state_order');

-- What somebody has to do.
CREATE TABLE tasks (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL,
    -- What it is about, in a word: call_back, hot_unprocessed, by_hand; and the row it is about.
    kind            text NOT NULL DEFAULT 'by_hand' CHECK (kind <> ''),
    subject         uuid,
    title           text NOT NULL CHECK (title <> ''),
    notes           text NOT NULL DEFAULT '',
    priority        text NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high')),
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'cancelled')),
    due_at          timestamptz,
    conversation_id uuid,
    lead_id         uuid,
    assigned_to     uuid,
    -- What makes it the same matter, where the system made it.
    dedup_key       text,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_by         uuid,
    done_notes      text,
    ended_at        timestamptz,
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT tasks_once UNIQUE (team_id, dedup_key),
    FOREIGN KEY (team_id, conversation_id) REFERENCES conversations (team_id, id),
    CONSTRAINT tasks_done CHECK ((state = 'done') <= (done_by IS NOT NULL)),
    CONSTRAINT tasks_ended CHECK ((ended_at IS NOT NULL) = (state <> 'open'))
);
CREATE INDEX tasks_open ON tasks (team_id, due_at, id) WHERE state = 'open';
CREATE INDEX tasks_conversation ON tasks (team_id, conversation_id) WHERE conversation_id IS NOT NULL;
CALL wall_off('tasks');
CREATE TRIGGER trg_tasks_state BEFORE UPDATE OF state ON tasks FOR EACH ROW
    WHEN (OLD.state <> 'open' AND OLD.state <> NEW.state)
    EXECUTE FUNCTION refuse_step_back('task', 'tasks_state_order');

-- Answers that are at hand.
CREATE TABLE canned_replies (
    team_id     uuid NOT NULL,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (name <> ''),
    channel     text NOT NULL DEFAULT 'sms' CHECK (channel IN ('sms', 'email')),
    subject     text,
    -- A template's text, with its variables.
    body        text NOT NULL CHECK (body <> ''),
    tags        text[] NOT NULL DEFAULT '{}',
    version     integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_by  uuid,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_by  uuid,
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    archived_at timestamptz,
    PRIMARY KEY (team_id, id)
);
CREATE UNIQUE INDEX canned_replies_name ON canned_replies (team_id, lower(name)) WHERE archived_at IS NULL;
CALL wall_off('canned_replies');

-- What is owed to somebody who left an address: made once, sent once.
CREATE TABLE deliverables (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    item_id         uuid,
    lead_id         uuid,
    kind            text NOT NULL,
    -- Who makes it.
    queue           text NOT NULL,
    -- Where it goes: an e-mail address in lower case.
    address         text NOT NULL CHECK (address <> ''),
    -- requested: it is to be made. handed_over: people make it. made: its document is stored. sending: the call may have
    -- left.
    state           text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'handed_over', 'made', 'sending', 'sent',
                    'failed', 'cancelled')),
    object_key      text,
    workflow_id     text,
    provider        text,
    external_id     text,
    -- A FailureCode; NULL unless failed.
    failure         text,
    made_at         timestamptz,
    sent_at         timestamptz,
    delivered_at    timestamptz,
    opened_at       timestamptz,
    ended_at        timestamptz,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT deliverables_once UNIQUE (team_id, conversation_id, kind, address),
    FOREIGN KEY (team_id, conversation_id) REFERENCES conversations (team_id, id),
    FOREIGN KEY (team_id, item_id) REFERENCES inbox_items (team_id, id),
    CONSTRAINT deliverables_kind CHECK ((kind, queue) IN (('property_valuation_report', 'valuation'),
        ('exit_preparation', 'content'), ('white_label_pitch', 'sales'), ('user_to_owner_pitch', 'sales'))),
    CONSTRAINT deliverables_made CHECK ((state IN ('made', 'sending', 'sent')) <= (object_key IS NOT NULL AND made_at IS NOT NULL)),
    CONSTRAINT deliverables_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT deliverables_failed CHECK ((state = 'failed') = (failure IS NOT NULL)),
    CONSTRAINT deliverables_ended CHECK ((ended_at IS NOT NULL) = (state IN ('sent', 'failed', 'cancelled')))
) WITH (fillfactor = 80);
CREATE INDEX deliverables_state ON deliverables (team_id, state, id);
CREATE INDEX deliverables_external ON deliverables (team_id, provider, external_id) WHERE external_id IS NOT NULL;
CALL wall_off('deliverables');

CREATE FUNCTION deliverable_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'requested' THEN new IN ('handed_over', 'made', 'failed', 'cancelled')
        WHEN 'handed_over' THEN new IN ('made', 'failed', 'cancelled')
        WHEN 'made' THEN new IN ('handed_over', 'sending', 'sent', 'failed', 'cancelled')
        WHEN 'sending' THEN new IN ('made', 'sent', 'failed')
        ELSE false END
$$;
CREATE TRIGGER trg_deliverables_state BEFORE UPDATE OF state ON deliverables FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NOT deliverable_may_become(OLD.state, NEW.state))
    EXECUTE FUNCTION refuse_step_back('deliverable', 'deliverables_state_order');

-- When something is done by itself, and what: domain::reply::follow_up, as data.
CREATE TABLE follow_up_rules (
    team_id       uuid NOT NULL,
    id            uuid NOT NULL,
    name          text NOT NULL CHECK (name <> ''),
    -- What a shipped rule is called; NULL: the team made it.
    shipped       text,
    trigger       text NOT NULL CHECK (trigger <> ''),
    after_minutes integer NOT NULL CHECK (after_minutes BETWEEN 1 AND 43200),
    -- Which conversations besides; {}: all.
    conditions    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(conditions) = 'object'),
    -- One to five, in order.
    actions       jsonb NOT NULL CHECK (jsonb_typeof(actions) = 'array' AND jsonb_array_length(actions) BETWEEN 1 AND 5),
    enabled       boolean NOT NULL DEFAULT true,
    version       integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_by    uuid,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_by    uuid,
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    archived_at   timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT follow_up_rules_shipped UNIQUE (team_id, shipped)
);
CREATE UNIQUE INDEX follow_up_rules_name ON follow_up_rules (team_id, lower(name)) WHERE archived_at IS NULL;
CALL wall_off('follow_up_rules');

-- What was planned by a rule for a conversation, once for each occasion.
CREATE TABLE follow_ups (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL DEFAULT fresh_uuid(),
    rule_id         uuid NOT NULL,
    rule_version    integer NOT NULL,
    trigger         text NOT NULL,
    conversation_id uuid NOT NULL,
    lead_id         uuid,
    -- What it follows upon: the item that came in.
    occasion        uuid NOT NULL,
    -- Its actions as they were when it was planned.
    actions         jsonb NOT NULL,
    state           text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'firing', 'done', 'failed', 'skipped',
                    'cancelled')),
    due_at          timestamptz NOT NULL,
    -- Which of the lead's messages by follow-up it is; NULL: it contacts nobody.
    contact_no      smallint CONSTRAINT follow_ups_most CHECK (contact_no BETWEEN 1 AND 3),
    -- What came of it, or the rule that forbade it, or what cancelled it: reply, opt_out, person, rule, switch.
    reason          text,
    suggestion_id   uuid,
    task_id         uuid,
    cancelled_by    uuid,
    fired_at        timestamptz,
    ended_at        timestamptz,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT follow_ups_once UNIQUE (team_id, rule_id, conversation_id, occasion),
    FOREIGN KEY (team_id, rule_id) REFERENCES follow_up_rules (team_id, id),
    FOREIGN KEY (team_id, conversation_id) REFERENCES conversations (team_id, id),
    CONSTRAINT follow_ups_fired CHECK ((state IN ('firing', 'done', 'failed')) <= (fired_at IS NOT NULL)),
    CONSTRAINT follow_ups_said CHECK ((state IN ('failed', 'skipped', 'cancelled')) <= (reason IS NOT NULL)),
    CONSTRAINT follow_ups_ended CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'failed', 'skipped', 'cancelled')))
) WITH (fillfactor = 80);
-- At most three messages by follow-up to a lead, over all campaigns: the fourth finds no number.
CREATE UNIQUE INDEX follow_ups_contacts ON follow_ups (team_id, lead_id, contact_no)
    WHERE lead_id IS NOT NULL AND contact_no IS NOT NULL;
CREATE INDEX follow_ups_due ON follow_ups (team_id, due_at, id) WHERE state = 'planned';
CREATE INDEX follow_ups_conversation ON follow_ups (team_id, conversation_id, id);
CALL wall_off('follow_ups');

CREATE FUNCTION follow_up_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'planned' THEN new IN ('firing', 'skipped', 'cancelled')
        WHEN 'firing' THEN new IN ('done', 'failed', 'skipped')
        ELSE false END
$$;
CREATE TRIGGER trg_follow_ups_state BEFORE UPDATE OF state ON follow_ups FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NOT follow_up_may_become(OLD.state, NEW.state))
    EXECUTE FUNCTION refuse_step_back('follow-up', 'follow_ups_state_order');

-- Stops of follow-ups, of one rule or of all. One that was lifted stays as a record.
CREATE TABLE follow_up_switches (
    team_id   uuid NOT NULL,
    id        uuid NOT NULL DEFAULT fresh_uuid(),
    -- NULL: all rules.
    rule_id   uuid,
    reason    text NOT NULL CHECK (reason <> ''),
    set_by    uuid,
    set_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_by uuid,
    lifted_at timestamptz,
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, rule_id) REFERENCES follow_up_rules (team_id, id)
);
CREATE UNIQUE INDEX follow_up_switches_on ON follow_up_switches (team_id, rule_id) NULLS NOT DISTINCT
    WHERE lifted_at IS NULL;
CALL wall_off('follow_up_switches');

-- For the sweep, which belongs to no team: who has something hot that nobody dealt with, something proposed that has
-- expired, or a follow-up that is due.
CREATE FUNCTION teams_with_replies_due(hot_since timestamptz, due_by timestamptz, most integer) RETURNS TABLE (team_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.team_id FROM inbox_items i
     WHERE i.temperature = 'hot' AND i.processed_at IS NULL AND i.received_at <= hot_since
    UNION SELECT s.team_id FROM reply_suggestions s WHERE s.state = 'proposed' AND s.expires_at <= due_by
    UNION SELECT f.team_id FROM follow_ups f WHERE f.state = 'planned' AND f.due_at <= due_by
     LIMIT most
$$;
CREATE POLICY gate ON inbox_items FOR SELECT TO refinery_gate USING (true);
CREATE POLICY gate ON reply_suggestions FOR SELECT TO refinery_gate USING (true);
CREATE POLICY gate ON follow_ups FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, temperature, processed_at, received_at) ON inbox_items TO refinery_gate;
GRANT SELECT (team_id, state, expires_at) ON reply_suggestions TO refinery_gate;
GRANT SELECT (team_id, state, due_at) ON follow_ups TO refinery_gate;
CALL guard_by_gate('teams_with_replies_due(timestamptz, timestamptz, integer)');
