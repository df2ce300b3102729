-- Who turned out to be whom: merges with all it takes to undo them, pairs that wait for a person, and pairs that a
-- person keeps apart.
--
-- A merged record leaves its table; what it was is in the row of history that took it, so that main tables hold the
-- living only. That nothing circular can come of it, a trigger holds: a survivor is never itself merged.

-- Blocking keys of what a team has, so that a new file meets only who it could be. A key names the record as it was
-- when it was keyed; root_id of the history says who has it now, so that merges and their undoing leave keys alone.
-- One row a key would cost more than the rest of the import: keys are kept in sorted segments (docs/adr/0018).
CREATE TABLE match_keys (
    team_id        uuid NOT NULL,
    -- 1: personas, 2: businesses.
    kind           smallint NOT NULL CHECK (kind IN (1, 2)),
    -- The first eight bits of all keys in it.
    shard          smallint NOT NULL CHECK (shard BETWEEN 0 AND 255),
    -- The file that brought them; NULL for what was entered by hand.
    data_source_id uuid,
    -- The chunk of the file.
    chunk          integer NOT NULL,
    -- Version of the rules that made the keys; those of two versions never meet.
    rules          smallint NOT NULL,
    -- What the ids of its records begin with.
    id_prefix      bytea NOT NULL CHECK (octet_length(id_prefix) = 12),
    -- Entries of twelve bytes in order: the key, and how the id goes on; big-endian.
    pairs          bytea NOT NULL CHECK (octet_length(pairs) % 12 = 0)
);
-- They do not compress.
ALTER TABLE match_keys ALTER COLUMN pairs SET STORAGE EXTERNAL;
CREATE INDEX match_keys_shard ON match_keys (team_id, kind, shard);
CREATE INDEX match_keys_source ON match_keys (data_source_id);
CALL wall_off('match_keys');

-- Merges of one call have one step; undoing goes through the steps from the last to the first.
CREATE SEQUENCE merge_steps;
GRANT USAGE ON SEQUENCE merge_steps TO refinery_app;

CREATE TABLE persona_merge_history (
    team_id        uuid NOT NULL,
    id             uuid NOT NULL,
    step           bigint NOT NULL DEFAULT nextval('merge_steps'),
    survivor_id    uuid NOT NULL,
    merged_id      uuid NOT NULL,
    -- Who has it now: the survivor, or whoever the survivor was merged into since.
    root_id        uuid NOT NULL,
    -- match_key of the merged record: a row with this very key is about root_id.
    merged_key     uuid NOT NULL,
    -- import: above the threshold; review: a person approved a proposal; manual: a person said so.
    kind           text NOT NULL CHECK (kind IN ('import', 'review', 'manual')),
    -- Probability that they are one, 0 to 1; 1 where a person said so.
    score          real NOT NULL CHECK (score BETWEEN 0 AND 1),
    -- Sum of the match weights, in bits; NULL where a person said so.
    weight         real,
    -- Name and version of the rules that decided.
    rule_set       text NOT NULL,
    -- The comparisons, the level that each reached and its weight; or the reason a person gave.
    evidence       jsonb NOT NULL DEFAULT '[]',
    -- Per field where they differed: whose value stands, and by which rule.
    survivorship   jsonb NOT NULL DEFAULT '{}',
    -- What was taken away and changed: entities::merge::undo.
    undo           jsonb NOT NULL,
    -- Records of the other kind that stand in undo (owners and folded leads): a merge of theirs that came later is
    -- undone first.
    touches        uuid[] NOT NULL DEFAULT '{}',
    merged_by      uuid,
    -- The file whose import merged them.
    data_source_id uuid,
    merged_at      timestamptz NOT NULL DEFAULT now(),
    unmerged_by    uuid,
    unmerged_at    timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT persona_merge_history_not_itself CHECK (survivor_id <> merged_id AND root_id <> merged_id)
);
CREATE UNIQUE INDEX persona_merge_history_merged ON persona_merge_history (team_id, merged_id)
    WHERE unmerged_at IS NULL;
CREATE UNIQUE INDEX persona_merge_history_key ON persona_merge_history (team_id, merged_key)
    WHERE unmerged_at IS NULL;
CREATE INDEX persona_merge_history_root ON persona_merge_history (team_id, root_id);
CREATE INDEX persona_merge_history_ended ON persona_merge_history (team_id, merged_id)
    WHERE unmerged_at IS NOT NULL;
CALL wall_off('persona_merge_history');

CREATE TABLE business_merge_history (LIKE persona_merge_history INCLUDING DEFAULTS);
ALTER TABLE business_merge_history
    ADD PRIMARY KEY (team_id, id),
    ADD CONSTRAINT business_merge_history_not_itself CHECK (survivor_id <> merged_id AND root_id <> merged_id),
    ADD CONSTRAINT business_merge_history_kind CHECK (kind IN ('import', 'review', 'manual')),
    ADD CONSTRAINT business_merge_history_score CHECK (score BETWEEN 0 AND 1);
CREATE UNIQUE INDEX business_merge_history_merged ON business_merge_history (team_id, merged_id)
    WHERE unmerged_at IS NULL;
CREATE UNIQUE INDEX business_merge_history_key ON business_merge_history (team_id, merged_key)
    WHERE unmerged_at IS NULL;
CREATE INDEX business_merge_history_root ON business_merge_history (team_id, root_id);
CREATE INDEX business_merge_history_ended ON business_merge_history (team_id, merged_id)
    WHERE unmerged_at IS NOT NULL;
CALL wall_off('business_merge_history');

-- A merged record has one arrow, to its survivor (unique index). A circle would need an arrow that ends at a record
-- which has one itself; no statement that adds such an arrow is let through. Once per statement, not per row.
CREATE FUNCTION refuse_circular_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    circular boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM added a JOIN %I h ON h.team_id = a.team_id '
                   'AND h.merged_id = a.survivor_id AND h.unmerged_at IS NULL WHERE a.unmerged_at IS NULL)', TG_TABLE_NAME)
       INTO circular;
    IF circular THEN
        RAISE EXCEPTION 'a survivor is itself merged' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'merge_history_not_circular';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER not_circular AFTER INSERT ON persona_merge_history REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_circular_merge();
CREATE TRIGGER not_circular AFTER INSERT ON business_merge_history REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_circular_merge();

-- Pairs between the thresholds.
CREATE TABLE merge_reviews (
    team_id        uuid NOT NULL,
    id             uuid NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('persona', 'business')),
    a_id           uuid NOT NULL,
    b_id           uuid NOT NULL,
    score          real NOT NULL CHECK (score BETWEEN 0 AND 1),
    weight         real NOT NULL,
    rule_set       text NOT NULL,
    evidence       jsonb NOT NULL DEFAULT '[]',
    status         text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'approved', 'rejected')),
    data_source_id uuid,
    created_at     timestamptz NOT NULL DEFAULT now(),
    decided_by     uuid,
    decided_at     timestamptz,
    PRIMARY KEY (team_id, id),
    CONSTRAINT merge_reviews_pair UNIQUE (team_id, kind, a_id, b_id),
    CONSTRAINT merge_reviews_order CHECK (a_id < b_id)
);
CALL wall_off('merge_reviews');

-- The one place that says that two are not one: written by a rejected review and by a person who takes a merge
-- apart. Both ids may have been merged into others since; who has them now says root_id of the history.
CREATE TABLE kept_apart (
    team_id    uuid NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('persona', 'business')),
    a_id       uuid NOT NULL,
    b_id       uuid NOT NULL,
    decided_by uuid,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, kind, a_id, b_id),
    CONSTRAINT kept_apart_order CHECK (a_id < b_id)
);
CALL wall_off('kept_apart');
