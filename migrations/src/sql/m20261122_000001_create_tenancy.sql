-- Who may do what, and the wall between teams.
--
-- Every tenant table has team_id and forced row-level security whose policy compares it with the setting
-- app.team of the running transaction. Without that setting a query sees nothing. The application works as
-- role refinery_app, which owns nothing and cannot bypass the policies.

-- Role refinery_gate owns the few SECURITY DEFINER functions that must see more than one team (a key before its
-- team is known, the sweep). Policies let it see those tables and nothing else; nobody can log in as it. So the
-- wall holds, and those functions work, even where the migrating user is no superuser.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['refinery_app', 'refinery_gate'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', wanted);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- Another database of the same server was migrated at the same moment.
        END;
        -- A superuser is a member of every role already; granting would only collide with other databases.
        IF NOT pg_has_role(current_user, wanted, 'SET') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO refinery_app, refinery_gate;

-- The team of the running transaction, or NULL. Policies call it in a sub-select, so that it is evaluated
-- once per statement and not once per row.
CREATE FUNCTION current_team() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.team', true), '')::uuid $$;

-- Puts a table behind the wall: row-level security on and forced, one policy, rights for the application.
CREATE PROCEDURE wall_off(target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY team_wall ON %s USING (team_id = (SELECT current_team())) '
                   'WITH CHECK (team_id = (SELECT current_team()))', target);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO refinery_app', target);
END $$;

CREATE TABLE teams (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    -- Limits and preferences that differ from the defaults: see entities::team::TeamSettings.
    settings    jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON teams TO refinery_app;

CREATE TABLE users (
    id          uuid PRIMARY KEY,
    email       text NOT NULL UNIQUE,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON users TO refinery_app;

CREATE TABLE memberships (
    team_id     uuid NOT NULL REFERENCES teams,
    user_id     uuid NOT NULL REFERENCES users,
    role        text NOT NULL CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, user_id)
);
CALL wall_off('memberships');

CREATE TABLE api_keys (
    id           uuid PRIMARY KEY,
    team_id      uuid NOT NULL,
    user_id      uuid NOT NULL,
    name         text NOT NULL,
    -- SHA-256 of the secret; the secret itself has 256 random bits and is shown once.
    secret_hash  bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    -- 'read' or 'write'; what the key may do is the smaller of its scopes and its user's role.
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at   timestamptz,
    FOREIGN KEY (team_id, user_id) REFERENCES memberships (team_id, user_id)
);
CALL wall_off('api_keys');

CREATE POLICY gate ON memberships TO refinery_gate USING (true);
CREATE POLICY gate ON api_keys TO refinery_gate USING (true);
GRANT SELECT ON memberships TO refinery_gate;
GRANT SELECT, UPDATE (last_used_at) ON api_keys TO refinery_gate;

-- Hands a SECURITY DEFINER function to refinery_gate: it sees what that role sees, and only the application may
-- call it.
CREATE PROCEDURE guard_by_gate(target regprocedure) LANGUAGE plpgsql AS $$
BEGIN
    -- Owning something in a schema needs the right to create there, for as long as it takes to hand it over.
    GRANT CREATE ON SCHEMA public TO refinery_gate;
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO refinery_app', target);
    EXECUTE format('ALTER FUNCTION %s OWNER TO refinery_gate', target);
    REVOKE CREATE ON SCHEMA public FROM refinery_gate;
END $$;

-- From a key's hash to who is calling: the one thing that happens before a team is known.
CREATE FUNCTION authenticate_api_key(hash bytea)
RETURNS TABLE (key_id uuid, team_id uuid, user_id uuid, role text, scopes text[])
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE api_keys k SET last_used_at = now()
     WHERE k.secret_hash = hash AND k.revoked_at IS NULL
       AND (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute');
    SELECT k.id, k.team_id, k.user_id, m.role, k.scopes
      FROM api_keys k JOIN memberships m ON (m.team_id, m.user_id) = (k.team_id, k.user_id)
     WHERE k.secret_hash = hash AND k.revoked_at IS NULL;
$$;
CALL guard_by_gate('authenticate_api_key(bytea)');

CREATE TABLE idempotency_keys (
    team_id      uuid NOT NULL,
    key          text NOT NULL,
    -- What was asked under this key: method, path and a SHA-256 of the body, so that the same key with another
    -- request is refused instead of answered wrongly.
    request      text NOT NULL,
    status       smallint,
    response     jsonb,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, key)
);
CALL wall_off('idempotency_keys');

CREATE TABLE audit_log (
    id           uuid PRIMARY KEY,
    team_id      uuid NOT NULL,
    -- NULL where the system itself acted.
    user_id      uuid,
    action       text NOT NULL,
    subject      text NOT NULL,
    details      jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_team ON audit_log (team_id, id);
CALL wall_off('audit_log');
REVOKE UPDATE, DELETE ON audit_log FROM refinery_app;
