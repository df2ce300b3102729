-- Whom nobody may contact, and why; and by what a vendor's repeated delivery is known again.

CREATE TABLE suppressions (
    team_id     uuid NOT NULL,
    -- phone: E.164. email: in lower case. persona: the id of the person.
    kind        text NOT NULL CHECK (kind IN ('phone', 'email', 'persona')),
    value       text NOT NULL,
    reason      text NOT NULL CHECK (reason IN ('dnc', 'tcpa', 'litigator', 'deceased', 'opt_out', 'manual')),
    -- Who says so: a vendor's name, a user's id.
    source      text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When somebody else said so last.
    confirmed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_at   timestamptz,
    lifted_by   uuid,
    PRIMARY KEY (team_id, kind, value, reason)
);
CALL wall_off('suppressions');

-- SHA-256 of a delivery's body: vendors send again what they think got lost, and ciphertext cannot be compared.
ALTER TABLE skiptrace_results ADD COLUMN body_hash bytea CHECK (octet_length(body_hash) = 32);
CREATE UNIQUE INDEX skiptrace_results_delivery ON skiptrace_results (team_id, call_id, body_hash)
    WHERE body_hash IS NOT NULL;
