-- Cohorts of leads, and the sector buckets they are counted in.

CREATE TABLE blocks (
    id             uuid PRIMARY KEY,
    team_id        uuid NOT NULL,
    name           text NOT NULL,
    -- open: its leads are in no other open block; assigned: a campaign has it; dissolved: taken apart.
    status         text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'assigned', 'dissolved')),
    criteria       jsonb NOT NULL DEFAULT '{}',
    lead_count     integer NOT NULL,
    -- The file whose import staged it; NULL for a block made by hand.
    data_source_id uuid,
    created_by     uuid,
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX blocks_team ON blocks (team_id, id);
CREATE INDEX blocks_source ON blocks (data_source_id) WHERE data_source_id IS NOT NULL;
CALL wall_off('blocks');

CREATE TABLE block_leads (
    team_id   uuid NOT NULL,
    block_id  uuid NOT NULL,
    lead_id   uuid NOT NULL,
    -- Whether the block still holds the lead for itself. A lead is open in one block at the most.
    open      boolean NOT NULL DEFAULT true,
    PRIMARY KEY (team_id, block_id, lead_id)
);
CREATE UNIQUE INDEX block_leads_open ON block_leads (team_id, lead_id) WHERE open;
CALL wall_off('block_leads');

-- What a team has per bucket ({state|us}-{sector}-{subsector}); index.json is written whole from SQL.
CREATE TABLE sector_buckets (
    team_id     uuid NOT NULL,
    bucket_id   text NOT NULL,
    leads       bigint NOT NULL,
    index_key   text NOT NULL,
    -- Whether index.json is older than the leads.
    stale       boolean NOT NULL DEFAULT true,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, bucket_id)
);
CALL wall_off('sector_buckets');

-- For the sweep that writes index.json anew: buckets whose leads have changed since.
CREATE FUNCTION stale_buckets() RETURNS TABLE (team_id uuid, bucket_id text, index_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT team_id, bucket_id, index_key FROM sector_buckets WHERE stale ORDER BY updated_at LIMIT 500
$$;
CREATE POLICY gate ON sector_buckets FOR SELECT TO refinery_gate USING (true);
GRANT SELECT ON sector_buckets TO refinery_gate;
CALL guard_by_gate('stale_buckets()');
