//! What rows say, in the form in which they are matched, and statistics in time for it: `sql/m20261122_000006_create_match_records.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000006_create_match_records.sql");

const DOWN: &str = "DROP FUNCTION settle_grown(); DROP TABLE match_records";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
