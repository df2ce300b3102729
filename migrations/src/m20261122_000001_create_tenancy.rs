//! Who may do what, and the wall between teams: `sql/m20261122_000001_create_tenancy.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000001_create_tenancy.sql");

const DOWN: &str = "
DROP TABLE audit_log, idempotency_keys, api_keys, memberships, users, teams;
DROP FUNCTION authenticate_api_key(bytea);
DROP PROCEDURE guard_by_gate(regprocedure);
DROP PROCEDURE wall_off(regclass);
DROP FUNCTION current_team();
-- The roles belong to the whole server and may serve other databases: only their rights here go.
REVOKE USAGE ON SCHEMA public FROM refinery_app, refinery_gate;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
