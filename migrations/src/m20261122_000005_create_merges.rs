//! Merges, their undoing, and what waits for a person: `sql/m20261122_000005_create_merges.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000005_create_merges.sql");

const DOWN: &str = "
DROP TABLE kept_apart, merge_reviews, business_merge_history, persona_merge_history, match_keys;
DROP FUNCTION refuse_circular_merge();
DROP SEQUENCE merge_steps;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
