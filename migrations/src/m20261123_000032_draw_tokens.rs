//! Drawing from several buckets at once: `sql/m20261123_000032_draw_tokens.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261123_000032_draw_tokens.sql");

const DOWN: &str = "
ALTER TABLE account_buckets ADD COLUMN told_to_wait interval NOT NULL DEFAULT '0';
ALTER TABLE rate_buckets ADD COLUMN told_to_wait interval NOT NULL DEFAULT '0';
DROP FUNCTION draw_tokens(uuid, boolean[], text[], bigint[], bigint[]);
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
