//! Numbers that vendors are asked to sell: `sql/m20261122_000030_order_numbers.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000030_order_numbers.sql");

const DOWN: &str = "
DROP FUNCTION teams_with_number_orders(integer);
DROP TABLE number_orders;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
