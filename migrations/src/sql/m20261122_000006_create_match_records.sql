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
