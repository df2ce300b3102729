-- Letters: e-mails that belong to no campaign. What was promised to an address that somebody left, and what a follow-up writes.

-- One row is one message. What may have left is not sent again: it ends as unknown, and a person asks.
CREATE TABLE letters (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    lead_id         uuid,
    -- What it is sent for: one of the two.
    deliverable_id  uuid,
    follow_up_id    uuid,
    -- The sender that was asked for; from the call on the one that it went from. NULL: the team's oldest active one.
    sender_id       uuid,
    -- An e-mail address in lower case.
    to_value        text NOT NULL CHECK (to_value <> ''),
    subject         text NOT NULL CHECK (subject <> ''),
    body            text NOT NULL CHECK (body <> ''),
    -- planned: nothing has left. calling: the call may have left. accepted, refused: the mail server said so. unknown: it left
    -- and nobody knows. withheld: nothing left, and nothing will of this row.
    state           text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'calling', 'accepted', 'refused', 'unknown',
                    'withheld')),
    -- When to look at it next.
    due_at          timestamptz NOT NULL,
    -- How many calls were begun.
    attempt         smallint NOT NULL DEFAULT 0 CONSTRAINT letters_attempts CHECK (attempt BETWEEN 0 AND 3),
    lease_until     timestamptz,
    from_value      text,
    price_micros    bigint NOT NULL DEFAULT 0 CHECK (price_micros >= 0),
    external_id     text,
    -- The server's code, or what withholds it.
    why             text,
    called_at       timestamptz,
    ended_at        timestamptz,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, conversation_id) REFERENCES conversations (team_id, id),
    FOREIGN KEY (team_id, deliverable_id) REFERENCES deliverables (team_id, id),
    FOREIGN KEY (team_id, follow_up_id) REFERENCES follow_ups (team_id, id),
    CONSTRAINT letters_of_one CHECK ((deliverable_id IS NULL) <> (follow_up_id IS NULL)),
    CONSTRAINT letters_called CHECK (state NOT IN ('calling', 'accepted', 'unknown')
        OR (called_at IS NOT NULL AND sender_id IS NOT NULL AND from_value IS NOT NULL AND lease_until IS NOT NULL)),
    CONSTRAINT letters_accepted CHECK ((state = 'accepted') = (external_id IS NOT NULL)),
    CONSTRAINT letters_said CHECK (state NOT IN ('refused', 'withheld') OR why IS NOT NULL),
    CONSTRAINT letters_ended CHECK ((ended_at IS NULL) = (state IN ('planned', 'calling')))
) WITH (fillfactor = 80);
-- What is owed is under way, or has gone, once; a follow-up writes once at all.
CREATE UNIQUE INDEX letters_deliverable ON letters (team_id, deliverable_id)
    WHERE deliverable_id IS NOT NULL AND state IN ('planned', 'calling', 'accepted', 'unknown');
CREATE UNIQUE INDEX letters_follow_up ON letters (team_id, follow_up_id) WHERE follow_up_id IS NOT NULL;
CREATE INDEX letters_of_deliverable ON letters (team_id, deliverable_id, id) WHERE deliverable_id IS NOT NULL;
CREATE INDEX letters_open ON letters (team_id, conversation_id) WHERE state IN ('planned', 'calling');
CALL wall_off('letters');

CREATE FUNCTION letter_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'planned' THEN new IN ('calling', 'withheld')
        WHEN 'calling' THEN new IN ('accepted', 'refused', 'unknown', 'planned')
        ELSE false END
$$;
CREATE TRIGGER trg_letters_state BEFORE UPDATE OF state ON letters FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NOT letter_may_become(OLD.state, NEW.state))
    EXECUTE FUNCTION refuse_step_back('letter', 'letters_state_order');

-- What a person writes needs no stored document; what the mail server refused is the people's again.
ALTER TABLE deliverables
    DROP CONSTRAINT deliverables_made,
    ADD CONSTRAINT deliverables_made CHECK ((state IN ('made', 'sending', 'sent')) <= (made_at IS NOT NULL));
CREATE OR REPLACE FUNCTION deliverable_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'requested' THEN new IN ('handed_over', 'made', 'failed', 'cancelled')
        WHEN 'handed_over' THEN new IN ('made', 'failed', 'cancelled')
        WHEN 'made' THEN new IN ('handed_over', 'sending', 'sent', 'failed', 'cancelled')
        WHEN 'sending' THEN new IN ('made', 'handed_over', 'sent', 'failed')
        ELSE false END
$$;
