-- Businesses, people, how to reach them, and the leads made of them.
--
-- Bulk tables have no foreign keys: PostgreSQL checks each row of a bulk insert one by one, which costs more
-- than the insert. That nothing points nowhere is kept by inserting set-wise in one order and proved by
-- entities::integrity (resolve.orphan_records).

CREATE TABLE businesses (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL,
    match_key       uuid NOT NULL,
    name            text NOT NULL,
    display_name    text NOT NULL,
    legal_suffix    text,
    dba             text,
    phone           text,
    email           text,
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
    extras          jsonb,
    -- NULL where it was entered by hand.
    data_source_id  uuid,
    source_row      integer,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT businesses_match_key UNIQUE (team_id, match_key)
);
CALL wall_off('businesses');

CREATE TABLE personas (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL,
    match_key       uuid NOT NULL,
    given_name      text,
    middle_name     text,
    family_name     text,
    name_suffix     text,
    confidence_score smallint NOT NULL DEFAULT 100,
    merged_from_ids uuid[] NOT NULL DEFAULT '{}',
    -- NULL where it was entered by hand.
    data_source_id  uuid,
    source_row      integer,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT personas_match_key UNIQUE (team_id, match_key)
);
CALL wall_off('personas');

CREATE TABLE business_owners (
    team_id        uuid NOT NULL,
    business_id    uuid NOT NULL,
    persona_id     uuid NOT NULL,
    title          text,
    seniority      text,
    data_source_id uuid,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, persona_id, business_id)
);
CALL wall_off('business_owners');

CREATE TABLE persona_phones (
    team_id          uuid NOT NULL,
    persona_id       uuid NOT NULL,
    -- E.164.
    number           text NOT NULL,
    extension        text,
    -- What the list says it is: main, direct, mobile, toll_free, premium.
    class            text NOT NULL,
    -- What a lookup says it is; NULL until one was made.
    line_type        text CHECK (line_type IN ('mobile', 'landline', 'voip')),
    is_valid         boolean,
    is_connected     boolean,
    score            smallint NOT NULL DEFAULT 0,
    verified         boolean NOT NULL DEFAULT false,
    -- Where it came from: 'list' or a vendor's name, and the file.
    source           text NOT NULL DEFAULT 'list',
    data_source_id   uuid,
    first_seen_at    timestamptz NOT NULL DEFAULT now(),
    last_seen_at     timestamptz NOT NULL DEFAULT now(),
    last_verified_at timestamptz,
    PRIMARY KEY (team_id, persona_id, number)
);
CALL wall_off('persona_phones');

CREATE TABLE persona_emails (
    team_id          uuid NOT NULL,
    persona_id       uuid NOT NULL,
    address          text NOT NULL,
    -- business, free, role, disposable.
    class            text NOT NULL,
    score            smallint NOT NULL DEFAULT 0,
    verified         boolean NOT NULL DEFAULT false,
    source           text NOT NULL DEFAULT 'list',
    data_source_id   uuid,
    first_seen_at    timestamptz NOT NULL DEFAULT now(),
    last_seen_at     timestamptz NOT NULL DEFAULT now(),
    last_verified_at timestamptz,
    PRIMARY KEY (team_id, persona_id, address)
);
CALL wall_off('persona_emails');

CREATE TABLE persona_addresses (
    team_id        uuid NOT NULL,
    persona_id     uuid NOT NULL,
    addr_hash      bytea NOT NULL,
    street         text NOT NULL,
    unit           text,
    city           text,
    state          text,
    zip5           text,
    zip4           text,
    county         text,
    source         text NOT NULL DEFAULT 'list',
    data_source_id uuid,
    first_seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, persona_id, addr_hash)
);
CALL wall_off('persona_addresses');

CREATE TABLE leads (
    team_id           uuid NOT NULL,
    id                uuid NOT NULL,
    -- person: a persona at a business or alone; business: nobody is named; property: an owner of a property.
    kind              text NOT NULL CHECK (kind IN ('person', 'business', 'property')),
    persona_id        uuid,
    business_id       uuid,
    -- Never NULL: what makes a row the same lead. resolution::keys derives it from fingerprint and person
    -- name, or from company, place and person name where there is neither e-mail nor phone.
    lead_key          uuid NOT NULL,
    -- First 16 bytes of SHA-256 over lower-case e-mail and normalized phone; NULL when both are empty.
    fingerprint       uuid,
    source            text NOT NULL DEFAULT 'list',
    vendor_record_id  text,
    addr_hash         bytea,
    mak               text,
    county            text,
    apn               text,
    phone             text,
    email             text,
    title             text,
    seniority         text,
    state             text,
    city              text,
    zip5              text,
    time_zone         text,
    sic4              text,
    subsector         smallint,
    status            text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'enriched', 'contactable',
                      'do_not_contact', 'contacted', 'qualified', 'converted', 'closed', 'lost')),
    contact_class     text NOT NULL CHECK (contact_class IN ('likely_decision_maker', 'generic_contact')),
    -- 0 to 100, and what it was made of: domain::lead::LeadFacts and the version of the weights.
    score             smallint NOT NULL,
    facts             integer NOT NULL,
    score_rules       smallint NOT NULL,
    quality_score     smallint NOT NULL,
    tags              text[] NOT NULL,
    enrichment_status text NOT NULL DEFAULT 'not_requested',
    flags             integer NOT NULL DEFAULT 0,
    -- Who of the outreach team owns it, and their page: filled when a campaign takes the lead.
    assigned_persona  text,
    microsite_url     text,
    added_to_campaign_at timestamptz,
    close_reason      text,
    -- Where it came from. NULL for a lead entered by hand.
    data_source_id    uuid,
    source_row        integer,
    source_line       bigint,
    -- The last other file that listed it; such a lead outlives an undo of its own file.
    last_source_id    uuid,
    first_seen_at     timestamptz NOT NULL DEFAULT now(),
    last_seen_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, id),
    CONSTRAINT leads_lead_key UNIQUE (team_id, lead_key)
) WITH (fillfactor = 90); -- A lead seen again updates last_seen_at in place.
CREATE UNIQUE INDEX leads_vendor_record ON leads (team_id, source, vendor_record_id)
    WHERE vendor_record_id IS NOT NULL;
CREATE UNIQUE INDEX leads_property_address ON leads (team_id, addr_hash) WHERE kind = 'property';
CREATE UNIQUE INDEX leads_property_mak ON leads (team_id, mak) WHERE kind = 'property' AND mak IS NOT NULL;
CREATE UNIQUE INDEX leads_property_apn ON leads (team_id, county, apn)
    WHERE kind = 'property' AND apn IS NOT NULL;
CALL wall_off('leads');

-- '12345-6789', '123456789' and a ZIP whose leading zero a spreadsheet ate become five digits; NULL otherwise.
CREATE FUNCTION normalize_zip(zip text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE length(digits)
             WHEN 5 THEN digits WHEN 9 THEN left(digits, 5)
             WHEN 4 THEN '0' || digits WHEN 8 THEN '0' || left(digits, 4) END
      FROM (SELECT regexp_replace(zip, '[^0-9]', '', 'g') AS digits) d
$$;

-- SHA-256, in hex, of the upper-case letters and digits of the parts; domain::address computes the same. Of ASCII alone,
-- whatever the locale of the database: elsewhere ı becomes an I and ſ an S.
CREATE FUNCTION compute_addr_hash(line1 text, city text, state text, zip text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(concat_ws('|',
        regexp_replace(upper(coalesce(line1, '') COLLATE "C"), '[^A-Z0-9]', '', 'g'),
        regexp_replace(upper(coalesce(city, '') COLLATE "C"), '[^A-Z0-9]', '', 'g'),
        regexp_replace(upper(coalesce(state, '') COLLATE "C"), '[^A-Z0-9]', '', 'g'),
        coalesce(normalize_zip(zip), '')), 'UTF8')), 'hex')
$$;

-- Whom to call first: likely decision makers; a business's generic address stands in only where no person of
-- that business is reachable.
CREATE VIEW vw_decision_makers WITH (security_invoker = true) AS
SELECT l.id AS lead_id, l.team_id, p.given_name AS first_name, p.family_name AS last_name, l.title, l.seniority,
       b.display_name AS company, l.email, l.phone, l.city, l.state, l.score, l.quality_score
  FROM leads l
  LEFT JOIN personas p ON (p.team_id, p.id) = (l.team_id, l.persona_id)
  LEFT JOIN businesses b ON (b.team_id, b.id) = (l.team_id, l.business_id)
 WHERE l.contact_class = 'likely_decision_maker';
GRANT SELECT ON vw_decision_makers TO refinery_app;

CREATE VIEW vw_lead_quality_summary WITH (security_invoker = true) AS
SELECT status, source, count(*) AS count, round(avg(quality_score), 1) AS avg_quality_score,
       count(*) FILTER (WHERE quality_score >= 60) AS contactable_count,
       count(*) FILTER (WHERE quality_score BETWEEN 40 AND 59) AS enriched_count,
       count(*) FILTER (WHERE quality_score < 40) AS low_quality_count
  FROM leads GROUP BY status, source;
GRANT SELECT ON vw_lead_quality_summary TO refinery_app;
