//! How often endpoints took what they were told: `sql/m20261122_000027_count_notices.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000027_count_notices.sql");

const DOWN: &str = "
DROP TABLE endpoint_tallies;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
