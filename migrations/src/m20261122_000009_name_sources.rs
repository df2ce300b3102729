//! Whose list a file is: `sql/m20261122_000009_name_sources.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000009_name_sources.sql");

const DOWN: &str = "ALTER TABLE data_sources DROP COLUMN lead_source";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
