-- Functions and views over leads that operators query by name: contact points with provenance, quality, status, and leads
-- of vendors' lists. They act as whoever calls them, so row-level security holds.
--
-- Rules that stand in Rust too (domain::enrichment) are held equal by tests/it/enrichment.

-- Adds a contact point to the lead's person, or updates it: never twice, never over stronger evidence. Stronger is
-- verified before unverified, then the higher score; of equal evidence the newer stays. kind: email, or phone, or what
-- is known of the line: mobile, landline, voip. details may say: class, status, carrier, is_valid, is_connected, and
-- dnc, tcpa, litigator (true raises the flag, nothing takes it back).
-- A lead without a person keeps one phone and one address in its own row; verification then is a fact of the lead.
-- Answers 'added', 'updated' or 'kept'.
CREATE FUNCTION merge_contact_point(lead_id uuid, kind text, value text, source text, score integer, verified boolean,
                                    details jsonb DEFAULT '{}') RETURNS text
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    l leads%ROWTYPE;
    clean text;
    digits text;
    rank smallint := greatest(0, least(100, merge_contact_point.score));
    sure boolean := coalesce(merge_contact_point.verified, false);
    line text := CASE WHEN merge_contact_point.kind IN ('mobile', 'landline', 'voip') THEN merge_contact_point.kind END;
    heard timestamptz := clock_timestamp();
    had text;
    stronger boolean;
BEGIN
    SELECT * INTO l FROM leads WHERE team_id = current_team() AND id = merge_contact_point.lead_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such lead in this team' USING ERRCODE = 'P0002';
    END IF;
    IF merge_contact_point.kind = 'email' THEN
        clean := lower(btrim(merge_contact_point.value) COLLATE "C");
        IF clean !~ '^[^@\s]+@[^@\s]+$' THEN clean := NULL; END IF;
    ELSIF merge_contact_point.kind IN ('phone', 'mobile', 'landline', 'voip') THEN
        digits := regexp_replace(merge_contact_point.value, '[^0-9]', '', 'g');
        clean := CASE WHEN length(digits) = 10 THEN '+1' || digits
                      WHEN length(digits) = 11 AND left(digits, 1) = '1' THEN '+' || digits END;
    ELSE
        RAISE EXCEPTION 'kind is %, not email, phone, mobile, landline or voip', quote_nullable(merge_contact_point.kind)
            USING ERRCODE = '22023';
    END IF;
    IF clean IS NULL THEN
        RAISE EXCEPTION 'the value is no e-mail address or US phone number' USING ERRCODE = '22023';
    END IF;

    IF l.persona_id IS NULL THEN
        had := CASE merge_contact_point.kind WHEN 'email' THEN l.email ELSE l.phone END;
        IF had <> clean THEN
            RETURN 'kept';
        END IF;
        UPDATE leads SET email = CASE WHEN merge_contact_point.kind = 'email' THEN clean ELSE email END,
                         phone = CASE WHEN merge_contact_point.kind = 'email' THEN phone ELSE clean END,
                         facts = facts | CASE WHEN merge_contact_point.kind = 'email' THEN 1 << 4 ELSE 1 << 2 END
                                 | CASE WHEN NOT sure THEN 0 WHEN merge_contact_point.kind = 'email' THEN 1 << 23
                                        WHEN line IN ('mobile', 'voip') THEN 1 << 24 ELSE 0 END
         WHERE team_id = current_team() AND id = l.id;
        RETURN CASE WHEN had IS NULL THEN 'added' ELSE 'updated' END;
    END IF;

    IF merge_contact_point.kind = 'email' THEN
        INSERT INTO persona_emails (team_id, persona_id, address, class, status, score, verified, source, last_verified_at)
        VALUES (current_team(), l.persona_id, clean, coalesce(details->>'class', 'business'), details->>'status', rank,
                sure, merge_contact_point.source, CASE WHEN sure THEN heard END)
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            UPDATE leads SET email = coalesce(email, clean) WHERE team_id = current_team() AND id = l.id AND email IS NULL;
            RETURN 'added';
        END IF;
        SELECT sure AND NOT e.verified OR sure = e.verified AND rank >= e.score INTO stronger FROM persona_emails e
         WHERE e.team_id = current_team() AND e.persona_id = l.persona_id AND e.address = clean FOR UPDATE;
        UPDATE persona_emails e
           SET last_seen_at = heard,
               last_verified_at = CASE WHEN sure THEN heard ELSE e.last_verified_at END,
               score = CASE WHEN stronger THEN rank ELSE e.score END,
               source = CASE WHEN stronger THEN merge_contact_point.source ELSE e.source END,
               status = CASE WHEN stronger THEN coalesce(details->>'status', e.status)
                             ELSE coalesce(e.status, details->>'status') END,
               verified = e.verified OR sure
         WHERE e.team_id = current_team() AND e.persona_id = l.persona_id AND e.address = clean;
    ELSE
        INSERT INTO persona_phones (team_id, persona_id, number, class, line_type, is_valid, is_connected, score, verified,
                                    source, last_verified_at, carrier, dnc_at, tcpa_at, litigator_at)
        VALUES (current_team(), l.persona_id, clean,
                coalesce(details->>'class', CASE line WHEN 'mobile' THEN 'mobile' ELSE 'direct' END), line,
                (details->>'is_valid')::boolean, (details->>'is_connected')::boolean, rank, sure,
                merge_contact_point.source, CASE WHEN sure THEN heard END, details->>'carrier',
                CASE WHEN (details->>'dnc')::boolean THEN heard END, CASE WHEN (details->>'tcpa')::boolean THEN heard END,
                CASE WHEN (details->>'litigator')::boolean THEN heard END)
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            UPDATE leads SET phone = clean WHERE team_id = current_team() AND id = l.id AND phone IS NULL;
            RETURN 'added';
        END IF;
        SELECT sure AND NOT p.verified OR sure = p.verified AND rank >= p.score INTO stronger FROM persona_phones p
         WHERE p.team_id = current_team() AND p.persona_id = l.persona_id AND p.number = clean FOR UPDATE;
        UPDATE persona_phones p
           SET last_seen_at = heard,
               last_verified_at = CASE WHEN sure THEN heard ELSE p.last_verified_at END,
               score = CASE WHEN stronger THEN rank ELSE p.score END,
               source = CASE WHEN stronger THEN merge_contact_point.source ELSE p.source END,
               line_type = CASE WHEN stronger THEN coalesce(line, p.line_type) ELSE coalesce(p.line_type, line) END,
               is_valid = CASE WHEN stronger THEN coalesce((details->>'is_valid')::boolean, p.is_valid)
                               ELSE coalesce(p.is_valid, (details->>'is_valid')::boolean) END,
               is_connected = CASE WHEN stronger THEN coalesce((details->>'is_connected')::boolean, p.is_connected)
                                   ELSE coalesce(p.is_connected, (details->>'is_connected')::boolean) END,
               carrier = CASE WHEN stronger THEN coalesce(details->>'carrier', p.carrier)
                              ELSE coalesce(p.carrier, details->>'carrier') END,
               verified = p.verified OR sure,
               dnc_at = CASE WHEN (details->>'dnc')::boolean THEN heard ELSE p.dnc_at END,
               tcpa_at = CASE WHEN (details->>'tcpa')::boolean THEN heard ELSE p.tcpa_at END,
               litigator_at = CASE WHEN (details->>'litigator')::boolean THEN heard ELSE p.litigator_at END
         WHERE p.team_id = current_team() AND p.persona_id = l.persona_id AND p.number = clean;
    END IF;
    RETURN CASE WHEN stronger THEN 'updated' ELSE 'kept' END;
END $$;

-- The quality of a business lead with these facts (domain::lead::LeadFacts): design §7, domain::enrichment::quality.
CREATE FUNCTION quality_of_business(facts integer) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (CASE WHEN facts & (1 << 23) <> 0 THEN 40 ELSE 0 END
          + CASE WHEN facts & (1 << 24) <> 0 THEN 30 ELSE 0 END
          -- A title that decides; or a person without title, not at a large business, not behind a function's address.
          + CASE WHEN facts & (1 << 13) <> 0 OR (facts & 1 <> 0 AND facts & (1 << 14) = 0 AND facts & (1 << 6) = 0
                      AND facts & (3 << 15) <> 3 << 15) THEN 10 ELSE 0 END
          + CASE WHEN facts & (1 << 26) <> 0 THEN 10 ELSE 0 END
          + CASE WHEN facts & (1 << 22) <> 0 THEN 10 ELSE 0 END)::smallint
$$;

-- The quality of a property lead: the same for what is verified, and three tens of its own.
CREATE FUNCTION quality_of_property(facts integer, mak text, apn text, owner_occupied boolean, owner_age integer,
                                    value bigint, equity bigint)
RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (CASE WHEN facts & (1 << 23) <> 0 THEN 40 ELSE 0 END
          + CASE WHEN facts & (1 << 24) <> 0 THEN 30 ELSE 0 END
          + CASE WHEN mak <> '' AND apn <> '' THEN 10 ELSE 0 END
          + CASE WHEN owner_occupied THEN 10 ELSE 0 END
          + CASE WHEN owner_age >= 62 AND value >= 100000 AND equity > 0 THEN 10 ELSE 0 END)::smallint
$$;

-- From a quality to a status; who opted out, died or sues is not to be contacted whatever the quality.
CREATE FUNCTION status_of_quality(quality numeric, forbidden boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN forbidden OR quality < 40 THEN 'do_not_contact' WHEN quality >= 60 THEN 'contactable' ELSE 'enriched' END
$$;

-- What is known of a lead now: its stored facts, and those that contact points, profiles and vendors' word add. A phone on
-- a do-not-call list, or whose owner sues, is no way to reach anybody.
CREATE FUNCTION current_facts(lead leads) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN lead.persona_id IS NULL THEN lead.facts ELSE
               lead.facts & ~(3 << 23)
               | CASE WHEN EXISTS (SELECT FROM persona_emails e WHERE e.team_id = lead.team_id
                          AND e.persona_id = lead.persona_id AND e.verified AND e.status IS DISTINCT FROM 'invalid')
                      THEN 1 << 23 ELSE 0 END
               | CASE WHEN EXISTS (SELECT FROM persona_phones p WHERE p.team_id = lead.team_id
                          AND p.persona_id = lead.persona_id AND p.verified AND p.is_valid IS NOT FALSE
                          AND p.is_connected IS NOT FALSE AND coalesce(p.line_type, p.class) IN ('mobile', 'voip')
                          AND p.dnc_at IS NULL AND p.tcpa_at IS NULL AND p.litigator_at IS NULL)
                      THEN 1 << 24 ELSE 0 END
               | CASE WHEN EXISTS (SELECT FROM social_profiles s WHERE s.team_id = lead.team_id
                          AND s.persona_id = lead.persona_id AND s.network = 'linkedin') THEN 1 << 25 ELSE 0 END
               | CASE WHEN lead.phone IS NOT NULL THEN 1 << 2 ELSE 0 END
               | CASE WHEN lead.email IS NOT NULL THEN 1 << 4 ELSE 0 END END
           | CASE WHEN EXISTS (SELECT FROM businesses b WHERE b.team_id = lead.team_id AND b.id = lead.business_id
                          AND b.confirmed_at IS NOT NULL) THEN 1 << 26 ELSE 0 END
$$;

-- The quality of a lead as it is now, 0 to 100; NULL for a lead that is not there.
CREATE FUNCTION compute_quality_score(lead_id uuid) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT CASE l.kind WHEN 'property'
                THEN quality_of_property(current_facts(l), l.mak, coalesce(l.apn, p.apn), p.owner_occupied, p.owner_age,
                                         p.value, p.equity)
                ELSE quality_of_business(current_facts(l)) END::numeric
      FROM leads l LEFT JOIN properties p ON p.team_id = l.team_id AND p.lead_id = l.id
     WHERE l.team_id = current_team() AND l.id = compute_quality_score.lead_id
$$;

-- Stores a lead's facts and quality as they are now and, where nobody has contacted it yet, the status that follows. Answers
-- the status; NULL for a lead that is not there. The score is the program's to compute anew, from the facts.
CREATE FUNCTION update_lead_status_from_score(lead_id uuid) RETURNS text LANGUAGE sql VOLATILE AS $$
    UPDATE leads l
       SET facts = current_facts(l), quality_score = n.quality,
           status = CASE WHEN l.status IN ('new', 'enriched', 'contactable', 'do_not_contact')
                         THEN status_of_quality(n.quality, n.forbidden) ELSE l.status END
      FROM (SELECT k.id, compute_quality_score(k.id)::smallint AS quality,
                   k.facts < 0 OR EXISTS (SELECT FROM personas p WHERE p.team_id = k.team_id AND p.id = k.persona_id
                       AND (p.deceased_at IS NOT NULL OR p.litigator_at IS NOT NULL)) AS forbidden
              FROM leads k WHERE k.team_id = current_team() AND k.id = update_lead_status_from_score.lead_id) n
     WHERE l.team_id = current_team() AND l.id = n.id
    RETURNING l.status
$$;

CREATE FUNCTION fill_addr_hash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.addr_hash := decode(compute_addr_hash(concat_ws(' ', NEW.street, NEW.unit), NEW.city, NEW.state, NEW.zip5), 'hex');
    RETURN NEW;
END $$;
-- Leads of lists have no street of their own, so an import pays for no more than looking at the condition.
CREATE TRIGGER trg_leads_addr_hash BEFORE INSERT OR UPDATE OF street, addr_hash ON leads FOR EACH ROW
    WHEN (NEW.addr_hash IS NULL AND NEW.street IS NOT NULL) EXECUTE FUNCTION fill_addr_hash();

-- A record of a vendor's list becomes a property lead, or is known: by the vendor's id, by its address, by its address key
-- (mak) or by its parcel number in its county. Of a known lead only last_seen_at changes. Answers the lead.
CREATE FUNCTION upsert_lead(source text, vendor_record_id text, vendor_list_id text, address_line1 text,
    address_line2 text, city text, state text, postal_code text, apn text, owner_first_name text, owner_last_name text,
    owner_full_name text, owner_company text, property_value numeric, estimated_equity numeric, age integer,
    county text DEFAULT NULL, mak text DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    record_id text := nullif(btrim(upsert_lead.vendor_record_id), '');
    line1 text := nullif(btrim(upsert_lead.address_line1), '');
    line2 text := nullif(btrim(upsert_lead.address_line2), '');
    place text := nullif(btrim(upsert_lead.city), '');
    region text := upper(nullif(btrim(upsert_lead.state), '') COLLATE "C");
    zip text := normalize_zip(upsert_lead.postal_code);
    district text := nullif(btrim(upsert_lead.county), '');
    parcel text := nullif(btrim(upsert_lead.apn), '');
    address_key text := nullif(btrim(upsert_lead.mak), '');
    given text := nullif(btrim(upsert_lead.owner_first_name), '');
    family text := nullif(btrim(upsert_lead.owner_last_name), '');
    whole text := nullif(btrim(upsert_lead.owner_full_name), '');
    company text := nullif(btrim(upsert_lead.owner_company), '');
    hash bytea := CASE WHEN line1 IS NOT NULL AND (zip IS NOT NULL OR place IS NOT NULL AND region IS NOT NULL)
                       THEN decode(compute_addr_hash(concat_ws(' ', line1, line2), place, region, zip), 'hex') END;
    key_of_lead text := coalesce('vendor|' || upsert_lead.source || '|' || record_id, 'address|' || encode(hash, 'hex'),
                                 'mak|' || address_key, 'apn|' || district || '|' || parcel);
    lead uuid;
    person uuid;
    is_person boolean;
    facts integer;
BEGIN
    IF key_of_lead IS NULL THEN
        RAISE EXCEPTION 'the record has no vendor id, no whole address, no address key and no parcel number with its county'
            USING ERRCODE = '22023';
    END IF;
    IF given IS NULL AND family IS NULL AND whole IS NOT NULL THEN
        family := substring(whole FROM '\S+$');
        given := nullif(btrim(left(whole, length(whole) - length(family))), '');
    END IF;
    is_person := given IS NOT NULL OR family IS NOT NULL;
    facts := is_person::integer | ((company IS NOT NULL)::integer << 1) | ((hash IS NOT NULL)::integer << 8);
    FOR attempt IN 1..3 LOOP
        SELECT f.id INTO lead FROM (
            SELECT l.id, 1 AS rank FROM leads l WHERE l.team_id = current_team()
               AND l.source = upsert_lead.source AND l.vendor_record_id = record_id
            UNION ALL SELECT l.id, 2 FROM leads l WHERE l.team_id = current_team() AND l.kind = 'property'
               AND l.addr_hash = hash
            UNION ALL SELECT l.id, 3 FROM leads l WHERE l.team_id = current_team() AND l.kind = 'property'
               AND l.mak = address_key
            UNION ALL SELECT l.id, 4 FROM leads l WHERE l.team_id = current_team() AND l.kind = 'property'
               AND l.county = district AND l.apn = parcel) f
         ORDER BY f.rank LIMIT 1;
        IF FOUND THEN
            UPDATE leads SET last_seen_at = now() WHERE team_id = current_team() AND id = lead;
            RETURN lead;
        END IF;
        person := CASE WHEN is_person THEN fresh_uuid() END;
        INSERT INTO leads (team_id, id, kind, persona_id, lead_key, source, vendor_record_id, addr_hash, mak, county, apn,
                           street, unit, state, city, zip5, contact_class, score, facts, score_rules, quality_score, tags)
        VALUES (current_team(), fresh_uuid(), 'property', person,
                left(encode(sha256(convert_to('property|' || key_of_lead, 'UTF8')), 'hex'), 32)::uuid,
                upsert_lead.source, record_id, hash, address_key, district, parcel, line1, line2, region, place, zip,
                CASE WHEN is_person THEN 'likely_decision_maker' ELSE 'generic_contact' END,
                -- domain::lead::score of these facts: base 50, no phone and no e-mail -20, person 2, company 1, address 1.
                30 + CASE WHEN is_person THEN 2 ELSE 0 END + CASE WHEN company IS NOT NULL THEN 1 ELSE 0 END
                   + CASE WHEN hash IS NOT NULL THEN 1 ELSE 0 END,
                facts, 1, 0, '{}')
        ON CONFLICT DO NOTHING RETURNING id INTO lead;
        IF FOUND THEN
            INSERT INTO properties (team_id, lead_id, street, unit, city, state, zip5, county, apn, value, equity,
                                    owner_age, owner_company, vendor_list_id, source)
            VALUES (current_team(), lead, line1, line2, place, region, zip, district, parcel,
                    round(upsert_lead.property_value), round(upsert_lead.estimated_equity), upsert_lead.age, company,
                    upsert_lead.vendor_list_id, upsert_lead.source);
            IF is_person THEN
                INSERT INTO personas (team_id, id, match_key, given_name, family_name)
                VALUES (current_team(), person,
                        left(encode(sha256(convert_to('owner|' || key_of_lead, 'UTF8')), 'hex'), 32)::uuid, given, family);
                IF hash IS NOT NULL THEN
                    INSERT INTO persona_addresses (team_id, persona_id, addr_hash, street, unit, city, state, zip5, county,
                                                   source)
                    VALUES (current_team(), person, hash, line1, line2, place, region, zip, district, upsert_lead.source);
                END IF;
            END IF;
            UPDATE leads SET quality_score = compute_quality_score(lead) WHERE team_id = current_team() AND id = lead;
            RETURN lead;
        END IF;
    END LOOP;
    -- Three times somebody else made it at the same moment and it was gone when looked for.
    RAISE EXCEPTION 'the lead is being made and removed by others' USING ERRCODE = '40001';
END $$;

-- Leads that a campaign can take, the best first.
CREATE VIEW vw_campaign_ready_leads WITH (security_invoker = true) AS
SELECT l.id, p.given_name AS first_name, p.family_name AS last_name, l.city AS property_city, l.state AS property_state,
       l.quality_score,
       coalesce((SELECT array_agg(t.number ORDER BY t.verified DESC, t.score DESC, t.number) FROM persona_phones t
                  WHERE t.team_id = l.team_id AND t.persona_id = l.persona_id AND t.is_valid IS NOT FALSE
                    AND t.dnc_at IS NULL AND t.tcpa_at IS NULL AND t.litigator_at IS NULL),
                CASE WHEN l.persona_id IS NULL THEN array_remove(ARRAY[l.phone], NULL) ELSE '{}' END) AS phones,
       coalesce((SELECT array_agg(e.address ORDER BY e.verified DESC, e.score DESC, e.address) FROM persona_emails e
                  WHERE e.team_id = l.team_id AND e.persona_id = l.persona_id AND e.status IS DISTINCT FROM 'invalid'),
                CASE WHEN l.persona_id IS NULL THEN array_remove(ARRAY[l.email], NULL) ELSE '{}' END) AS emails,
       l.assigned_persona, l.microsite_url, l.first_seen_at
  FROM leads l LEFT JOIN personas p ON (p.team_id, p.id) = (l.team_id, l.persona_id)
 WHERE l.status = 'contactable' AND l.added_to_campaign_at IS NULL AND l.quality_score >= 60
 ORDER BY l.quality_score DESC, l.score DESC, l.id;
GRANT SELECT ON vw_campaign_ready_leads TO refinery_app;
