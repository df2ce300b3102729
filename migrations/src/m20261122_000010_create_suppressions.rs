//! Whom nobody may contact: `sql/m20261122_000010_create_suppressions.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000010_create_suppressions.sql");

const DOWN: &str = "
ALTER TABLE skiptrace_results DROP COLUMN body_hash;
DROP TABLE suppressions;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
