//! Campaigns by voice: `sql/m20261122_000024_call_leads.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000024_call_leads.sql");

const DOWN: &str = "
DROP INDEX call_queue_intent;
ALTER TABLE call_queue DROP COLUMN intent_id;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
