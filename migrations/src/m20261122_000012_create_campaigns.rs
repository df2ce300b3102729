//! Campaigns and the ledger of what is sent: `sql/m20261122_000012_create_campaigns.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000012_create_campaigns.sql");

const DOWN: &str = "
DROP TABLE send_counters, rule_sets;
DROP FUNCTION kill_switch_on(uuid, uuid);
DROP TABLE global_kill_switches, kill_switches, message_events, messages, gate_verdicts, send_intents, campaign_leads,
    campaign_steps, campaigns, sdr_profiles, template_versions, templates, senders;
DROP FUNCTION refuse_status_step_back(), message_status_after(text, text), message_status_rank(text),
    refuse_intent_step_back(), send_intent_may_become(text, text),
    refuse_campaign_step_back(), campaign_may_become(text, text);
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
