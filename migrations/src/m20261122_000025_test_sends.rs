//! Templates sent to be looked at: `sql/m20261122_000025_test_sends.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000025_test_sends.sql");

const DOWN: &str = "
DROP FUNCTION teams_with_test_sends(integer), is_a_lead(text, text);
DROP TABLE test_sends, test_recipients;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
