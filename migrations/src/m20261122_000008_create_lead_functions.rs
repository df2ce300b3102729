//! Functions and views over leads that operators query by name: `sql/m20261122_000008_create_lead_functions.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000008_create_lead_functions.sql");

const DOWN: &str = "
DROP VIEW vw_campaign_ready_leads;
DROP TRIGGER trg_leads_addr_hash ON leads;
DROP FUNCTION upsert_lead(text, text, text, text, text, text, text, text, text, text, text, text, text, numeric, numeric,
    integer, text, text), fill_addr_hash(), update_lead_status_from_score(uuid), compute_quality_score(uuid),
    current_facts(leads), status_of_quality(numeric, boolean),
    quality_of_property(integer, text, text, boolean, integer, bigint, bigint), quality_of_business(integer),
    merge_contact_point(uuid, text, text, text, integer, boolean, jsonb);
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
