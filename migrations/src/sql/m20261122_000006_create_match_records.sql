-- What the rows of a file say of people and businesses, in the form in which they are compared: one value a chunk, from
-- the time its rows are normalized until the file is matched. Written whole and read whole; entities::pipeline::match_records
-- knows the form.
CREATE TABLE match_records (
    team_id        uuid NOT NULL,
    data_source_id uuid NOT NULL,
    chunk          integer NOT NULL,
    -- Version of the rules that made the records; those of two versions never meet.
    rules          smallint NOT NULL,
    records        bytea NOT NULL,
    PRIMARY KEY (data_source_id, chunk)
);
-- Compressing takes longer than writing.
ALTER TABLE match_records ALTER COLUMN records SET STORAGE EXTERNAL;
CALL wall_off('match_records');

-- Shows the planner how large tables are that have grown by a fifth and four megabytes since anybody looked. After the
-- first file of a team, what is joined with a few hundred ids would read all of its rows until autovacuum came by.
-- Statistics are of the columns that joins are made on. It waits for nobody: where a table is being looked at, it is
-- left alone. Sizes are those of the whole system: nothing of a team shows.
CREATE FUNCTION settle_grown() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- Three thousand rows of each are enough to tell many from few.
SET default_statistics_target = 10 AS $$
DECLARE
    grown record;
BEGIN
    FOR grown IN
        SELECT t.name, t.columns
          FROM (VALUES ('businesses', 'team_id, id, match_key, data_source_id'),
                       ('personas', 'team_id, id, match_key, data_source_id'),
                       ('business_owners', 'team_id, persona_id, business_id'),
                       ('persona_phones', 'team_id, persona_id'), ('persona_emails', 'team_id, persona_id'),
                       ('persona_addresses', 'team_id, persona_id'),
                       ('leads', 'team_id, id, lead_key, persona_id, business_id, data_source_id, last_source_id'))
                 t (name, columns)
          JOIN pg_class c ON c.oid = to_regclass('public.' || t.name)
         WHERE pg_relation_size(c.oid) / current_setting('block_size')::bigint > c.relpages * 1.2 + 512
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %I (%s)', grown.name, grown.columns);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION settle_grown FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settle_grown TO refinery_app;
