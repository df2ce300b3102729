//! What enrichment does by itself, campaigns that pay for it, and corrections of what was spent:
//! `sql/m20261122_000011_let_enrichment_go_on.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000011_let_enrichment_go_on.sql");

const DOWN: &str = "
DROP TRIGGER check_settings ON teams;
DROP FUNCTION check_team_settings(), is_time_zone(text), correct_budget(uuid, bigint), calls_left_behind(interval),
    teams_with_leads_on_hold(integer), pull_schedules_due(), pulls_to_begin(interval), enrichments_to_begin(interval);
REVOKE SELECT (id, settings) ON teams FROM refinery_gate;
REVOKE SELECT (team_id, enrichment_status) ON leads FROM refinery_gate;
REVOKE SELECT (team_id, outcome, updated_at) ON enrichment_leads FROM refinery_gate;
REVOKE SELECT (id, team_id, state, schedule_id, created_at) ON pulls FROM refinery_gate;
REVOKE SELECT (id, team_id, state, origin, created_at, started_at, begun_at) ON enrichments FROM refinery_gate;
DROP POLICY gate ON leads;
DROP POLICY gate ON enrichment_leads;
DROP POLICY gate ON pulls;
DROP POLICY gate ON enrichments;
DROP INDEX leads_on_hold, provider_calls_time, pulls_to_begin, enrichments_to_begin, enrichments_upload;
ALTER TABLE provider_calls DROP COLUMN first_micros;
ALTER TABLE pulls DROP COLUMN schedule_id;
DROP TABLE email_checks, pull_schedules;
ALTER TABLE enrichments DROP COLUMN begun_at, DROP COLUMN data_source_id, DROP COLUMN campaign_id;
ALTER TABLE data_sources DROP COLUMN enrich;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
