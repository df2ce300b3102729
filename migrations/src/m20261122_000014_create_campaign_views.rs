//! What campaigns did and what it cost: `sql/m20261122_000014_create_campaign_views.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000014_create_campaign_views.sql");

const DOWN: &str = "
DROP VIEW campaign_calendar, campaign_costs, campaign_totals, campaign_failures, campaign_stats;
DROP FUNCTION team_time_zone(), release_budgets(uuid[]), settle_budgets(uuid[], bigint[]),
    reserve_budgets(uuid[], bigint[], text[], text[]);
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
