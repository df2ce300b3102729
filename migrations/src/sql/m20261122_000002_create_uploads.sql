-- The loading dock: files, how to read them, what was set aside, and the staging of a file in flight.

CREATE TABLE mapping_profiles (
    id              uuid PRIMARY KEY,
    team_id         uuid NOT NULL,
    name            text NOT NULL,
    -- {"Header in the file": "field"}
    columns         jsonb NOT NULL DEFAULT '{}',
    required_fields text[] NOT NULL DEFAULT '{}',
    delimiter       text,
    encoding        text,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT mapping_profiles_name UNIQUE (team_id, name)
);
CALL wall_off('mapping_profiles');

CREATE TABLE data_sources (
    id                 uuid PRIMARY KEY,
    team_id            uuid NOT NULL,
    status             text NOT NULL DEFAULT 'uploaded'
        CHECK (status IN ('uploaded', 'processing', 'completed', 'failed', 'cancelled', 'undone')),
    original_name      text NOT NULL,
    object_key         text NOT NULL,
    metadata_key       text NOT NULL,
    size_bytes         bigint NOT NULL,
    sha256             text NOT NULL,
    description        text,
    bucket_id          text,
    sic_code           text,
    mapping_profile_id uuid,
    -- The earlier source with the same name and other content.
    follows_id         uuid,
    -- intake::FileShape, once inspect_file has run.
    shape              jsonb,
    failure_code       text,
    -- What happened, where, and what to do, for a person.
    failure_detail     text,
    rows_read          bigint NOT NULL DEFAULT 0,
    rows_rejected      bigint NOT NULL DEFAULT 0,
    duplicates         bigint NOT NULL DEFAULT 0,
    leads              bigint NOT NULL DEFAULT 0,
    businesses         bigint NOT NULL DEFAULT 0,
    personas           bigint NOT NULL DEFAULT 0,
    decision_makers    bigint NOT NULL DEFAULT 0,
    blocks             bigint NOT NULL DEFAULT 0,
    -- total with_phone with_email with_address needs_skip_trace, states, counties, cities.
    stats              jsonb,
    archive_key        text,
    -- How often a person started it; part of the staging, not of the workflow id.
    attempt            integer NOT NULL DEFAULT 1,
    uploaded_by        uuid,
    created_at         timestamptz NOT NULL DEFAULT now(),
    started_at         timestamptz,
    completed_at       timestamptz,
    updated_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX data_sources_team ON data_sources (team_id, id);
CREATE INDEX data_sources_content ON data_sources (team_id, sha256);
CREATE INDEX data_sources_waiting ON data_sources (created_at) WHERE status = 'uploaded';
CALL wall_off('data_sources');

-- One row per stage and chunk that is done: the checkpoint a repeated activity finds, and the time line.
CREATE TABLE stage_runs (
    team_id        uuid NOT NULL,
    data_source_id uuid NOT NULL,
    stage          text NOT NULL,
    chunk          integer NOT NULL DEFAULT 0,
    rows           bigint NOT NULL DEFAULT 0,
    -- The activity's output, so that a repetition answers without doing the work again.
    output         jsonb NOT NULL DEFAULT '{}',
    started_at     timestamptz NOT NULL,
    ended_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, data_source_id, stage, chunk)
);
CALL wall_off('stage_runs');

CREATE TABLE rejected_rows (
    team_id        uuid NOT NULL,
    data_source_id uuid NOT NULL,
    row_no         integer NOT NULL,
    stage          text NOT NULL,
    chunk          integer NOT NULL,
    line_no        bigint NOT NULL,
    byte_no        bigint NOT NULL,
    column_no      integer,
    code           text NOT NULL,
    expected       text NOT NULL,
    got            text NOT NULL,
    body           text NOT NULL,
    PRIMARY KEY (team_id, data_source_id, row_no)
);
CALL wall_off('rejected_rows');

-- Staging, one partition per file, dropped when the file is through. Rows are addressed by position, which
-- follows insertion order, so a BRIN index finds a chunk for next to nothing.
CREATE TABLE raw_prospects (
    team_id        uuid NOT NULL,
    data_source_id uuid NOT NULL,
    row_no         integer NOT NULL,
    line_no        bigint NOT NULL,
    byte_no        bigint NOT NULL,
    body           text NOT NULL
) PARTITION BY LIST (data_source_id);
CREATE INDEX raw_prospects_row ON raw_prospects USING brin (row_no) WITH (pages_per_range = 32);
CALL wall_off('raw_prospects');

CREATE TABLE normalized_rows (
    team_id         uuid NOT NULL,
    data_source_id  uuid NOT NULL,
    row_no          integer NOT NULL,
    line_no         bigint NOT NULL,
    -- domain::id::RowIds::row: the id of whatever is first made from this row.
    row_id          uuid NOT NULL,
    business_key    uuid,
    persona_key     uuid,
    lead_key        uuid NOT NULL,
    fingerprint     uuid,
    vendor_record_id text,
    company         text,
    company_display text,
    legal_suffix    text,
    dba             text,
    given_name      text,
    middle_name     text,
    family_name     text,
    name_suffix     text,
    title           text,
    seniority       text,
    email           text,
    email_class     text,
    phone           text,
    phone_extension text,
    phone_class     text,
    phone_2         text,
    phone_2_class   text,
    street          text,
    unit            text,
    city            text,
    state           text,
    zip5            text,
    zip4            text,
    county          text,
    time_zone       text,
    website         text,
    employees_min   integer,
    employees_max   integer,
    revenue_min     bigint,
    revenue_max     bigint,
    revenue_tier    text,
    sic_delivered   text,
    sic4            text,
    sic_description text,
    subsector       smallint,
    year_founded    smallint,
    -- domain::lead::LeadFacts, a bit set: what score, tags, class and quality are computed from.
    facts           integer NOT NULL,
    -- domain::normalize::RowFlags, a bit set of flag codes.
    flags           integer NOT NULL,
    extras          jsonb
) PARTITION BY LIST (data_source_id);
CREATE INDEX normalized_rows_row ON normalized_rows USING brin (row_no) WITH (pages_per_range = 32);
CALL wall_off('normalized_rows');

-- Only the exceptions: rows whose business, person or lead is known already, from an earlier row or file. A
-- row that is not here is the first to name all of what it names, and gives them its row_id. Most rows of a list
-- are such rows, so a file costs as many entries here as it has repetitions.
CREATE TABLE resolved_rows (
    team_id        uuid NOT NULL,
    data_source_id uuid NOT NULL,
    row_no         integer NOT NULL,
    business_id    uuid,
    persona_id     uuid,
    lead_id        uuid NOT NULL,
    new_business   boolean NOT NULL,
    new_persona    boolean NOT NULL,
    new_lead       boolean NOT NULL
) PARTITION BY LIST (data_source_id);
CALL wall_off('resolved_rows');

-- domain::id::RowIds::row for SQL: the first 24 hex digits are the file's, the last 8 the row number.
CREATE FUNCTION row_uuid(file_prefix text, row_no integer) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT (file_prefix || lpad(to_hex(row_no), 8, '0'))::uuid $$;

-- Partitions carry the wall too, and only these two functions make and drop them. They act on sources of the
-- current team alone.
CREATE FUNCTION open_staging(source uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
    part   text;
BEGIN
    IF NOT EXISTS (SELECT FROM data_sources WHERE id = source AND team_id = current_team()) THEN
        RAISE EXCEPTION 'data source % is not of the current team', source USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('staging:' || source::text, 0));
    FOREACH parent IN ARRAY ARRAY['raw_prospects', 'normalized_rows', 'resolved_rows'] LOOP
        part := parent || '_' || replace(source::text, '-', '');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
            EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = false)', part);
            CALL wall_off(part::regclass);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, part, source);
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION open_staging FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_staging TO refinery_app;

CREATE FUNCTION drop_staging(source uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
BEGIN
    IF NOT EXISTS (SELECT FROM data_sources WHERE id = source AND team_id = current_team()) THEN
        RAISE EXCEPTION 'data source % is not of the current team', source USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('staging:' || source::text, 0));
    FOREACH parent IN ARRAY ARRAY['raw_prospects', 'normalized_rows', 'resolved_rows'] LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I', parent || '_' || replace(source::text, '-', ''));
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION drop_staging FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_staging TO refinery_app;

-- Readies a file's staging for being read by row number and joined, which only its owner may do: without a summary of its
-- new pages BRIN answers with all of them. Statistics are of the columns that joins and groups are made on; sampling
-- every text of a wide row would cost as much as reading the rows.
CREATE FUNCTION settle_staging(source uuid, parent text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part text := parent || '_' || replace(source::text, '-', '');
BEGIN
    IF NOT EXISTS (SELECT FROM data_sources WHERE id = source AND team_id = current_team()) THEN
        RAISE EXCEPTION 'data source % is not of the current team', source USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM brin_summarize_new_values(indexrelid) FROM pg_index WHERE indrelid = to_regclass(part);
    CASE parent
        WHEN 'normalized_rows' THEN
            EXECUTE format('ANALYZE %I (team_id, row_no, business_key, persona_key, lead_key, vendor_record_id, '
                'facts, subsector)', part);
        WHEN 'resolved_rows' THEN
            EXECUTE format('ANALYZE %I', part);
        ELSE -- Raw rows are read in ranges and never joined.
    END CASE;
END $$;
REVOKE ALL ON FUNCTION settle_staging FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settle_staging TO refinery_app;

-- For the sweep that starts what nobody started: files stored, no workflow begun.
CREATE FUNCTION sources_left_uploaded(older_than interval) RETURNS TABLE (team_id uuid, data_source_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT team_id, id FROM data_sources
     WHERE status = 'uploaded' AND created_at < now() - older_than ORDER BY created_at LIMIT 100
$$;
CREATE POLICY gate ON data_sources FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (id, team_id, status, created_at) ON data_sources TO refinery_gate;
CALL guard_by_gate('sources_left_uploaded(interval)');
