//! Notices to a team's endpoints, settings that a team changes itself, and accounts that only the operator resumes:
//! `sql/m20261122_000016_tell_of_what_happens.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000016_tell_of_what_happens.sql");

const DOWN: &str = "
DROP TRIGGER refuse_resume ON provider_accounts;
DROP FUNCTION refuse_resume(), change_team_settings(jsonb), forget_told(interval);
REVOKE UPDATE (settings) ON teams FROM refinery_gate;
REVOKE DELETE ON outbox FROM refinery_gate;
DROP POLICY forget ON outbox;
DROP TRIGGER tell_of_alerts ON alerts;
DROP TRIGGER tell_endpoints ON outbox;
DROP FUNCTION tell_of_alerts(), tell_endpoints(), teams_with_notices(integer);
DROP TABLE endpoint_notices;
ALTER TABLE webhook_endpoints DROP COLUMN disabled_reason, DROP COLUMN failing_since, DROP COLUMN failures;
DROP FUNCTION typed_id(text, uuid);
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
