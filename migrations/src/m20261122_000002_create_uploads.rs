//! Files, how to read them, what was set aside, and the staging of a file in flight: `sql/m20261122_000002_create_uploads.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000002_create_uploads.sql");

const DOWN: &str = "
DROP FUNCTION sources_left_uploaded(interval);
DROP FUNCTION settle_staging(uuid, text);
DROP FUNCTION drop_staging(uuid);
DROP FUNCTION open_staging(uuid);
DROP FUNCTION row_uuid(text, integer);
DROP TABLE resolved_rows, normalized_rows, raw_prospects, rejected_rows, stage_runs, data_sources, mapping_profiles;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
