//! Cohorts of leads, and the sector buckets they are counted in: `sql/m20261122_000004_create_blocks.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000004_create_blocks.sql");

const DOWN: &str = "
DROP FUNCTION stale_buckets();
DROP TABLE sector_buckets, block_leads, blocks;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
