-- A team's language model: where it is, what it costs, what it is asked for; and what it was asked and said. Notes on how a
-- conversation ends, before it does. Answers that are kept to be repeated, without secrets.

CREATE TABLE team_models (
    team_id       uuid PRIMARY KEY REFERENCES teams (id),
    -- What /chat/completions is put behind.
    base_url      text NOT NULL CHECK (base_url <> ''),
    model         text NOT NULL CHECK (model <> ''),
    -- Encrypted, and the key it is encrypted with; NULL: the server wants none.
    key_sealed    bytea,
    key_id        text,
    -- Prices of a million tokens, in micro-dollars.
    input_micros  bigint NOT NULL CHECK (input_micros >= 0),
    output_micros bigint NOT NULL CHECK (output_micros >= 0),
    -- Whether it is asked what a reply means where the rules are unsure; whether it writes suggestions.
    reads         boolean NOT NULL DEFAULT false,
    writes        boolean NOT NULL DEFAULT false,
    updated_by    uuid,
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT team_models_key CHECK ((key_sealed IS NULL) = (key_id IS NULL))
);
CALL wall_off('team_models');

-- One question of a kind for each message, ever: what was asked is paid.
CREATE TABLE model_calls (
    team_id        uuid NOT NULL,
    id             uuid NOT NULL,
    item_id        uuid NOT NULL,
    purpose        text NOT NULL CHECK (purpose IN ('reading', 'writing')),
    -- asked: the call may have left. unfunded: the budget had too little left, and nothing left.
    state          text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'answered', 'failed', 'unfunded')),
    -- Why there is no answer, or why it is not used.
    reason         text,
    -- The version of what the model is told to do.
    instructions   text NOT NULL,
    model          text,
    answer         jsonb,
    input_tokens   bigint,
    output_tokens  bigint,
    reserved_micros bigint NOT NULL CHECK (reserved_micros >= 0),
    cost_micros    bigint CHECK (cost_micros >= 0),
    asked_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at       timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT model_calls_once UNIQUE (team_id, item_id, purpose),
    CONSTRAINT model_calls_ended CHECK ((state = 'asked') = (ended_at IS NULL)),
    CONSTRAINT model_calls_answered CHECK ((state = 'answered') = (answer IS NOT NULL)),
    FOREIGN KEY (team_id, item_id) REFERENCES inbox_items (team_id, id)
);
CALL wall_off('model_calls');

-- What a model writes takes the place of what the playbook said, which is stale then.
DROP INDEX reply_suggestions_item;
CREATE UNIQUE INDEX reply_suggestions_item ON reply_suggestions (team_id, conversation_id, item_id)
    WHERE origin IN ('playbook', 'model') AND state <> 'stale';

-- What a person says of how a conversation is to end, until the order is carried out that ends it; and who.
ALTER TABLE conversations
    ADD COLUMN closing_notes text,
    ADD COLUMN closing_by    uuid;

-- Answers are kept encrypted from now on; those that may show a secret are no longer repeated in full.
UPDATE idempotency_keys SET response = '{"headers": {}, "body": ""}'
 WHERE request LIKE 'POST /v1/webhook%' AND response IS NOT NULL;
