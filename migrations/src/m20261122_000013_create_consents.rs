//! Consents, suppressions by scope, and vendors' doors: `sql/m20261122_000013_create_consents.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000013_create_consents.sql");

/// Suppressions that the older schema has no words for go: it would read them as holding for the whole team, for
/// another reason.
const DOWN: &str = "
DROP TABLE service_levels, webhook_endpoints;
DROP FUNCTION teams_with_outbox(integer);
DROP TABLE outbox, webhook_deliveries;
DROP FUNCTION find_webhook_token(bytea);
DROP TABLE webhook_tokens, consents;
DROP FUNCTION is_suppressed(text, uuid, text, text);
DROP VIEW active_suppressions;
DROP TABLE global_suppressions;
DELETE FROM suppressions WHERE scope <> 'team' OR expires_at IS NOT NULL
    OR reason NOT IN ('dnc', 'tcpa', 'litigator', 'deceased', 'opt_out', 'manual');
ALTER TABLE suppressions
    DROP CONSTRAINT suppressions_subject,
    DROP CONSTRAINT suppressions_reason,
    DROP CONSTRAINT suppressions_once,
    DROP CONSTRAINT suppressions_pkey,
    DROP COLUMN expires_at, DROP COLUMN created_by, DROP COLUMN method, DROP COLUMN subject, DROP COLUMN scope,
    DROP COLUMN id,
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (team_id, kind, value, reason),
    ADD CONSTRAINT suppressions_reason_check CHECK (reason = ANY (ARRAY['dnc'::text, 'tcpa'::text, 'litigator'::text,
        'deceased'::text, 'opt_out'::text, 'manual'::text]));
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
