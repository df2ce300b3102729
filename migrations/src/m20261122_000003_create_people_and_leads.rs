//! Businesses, people, how to reach them, and leads: `sql/m20261122_000003_create_people_and_leads.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000003_create_people_and_leads.sql");

const DOWN: &str = "
DROP VIEW vw_lead_quality_summary, vw_decision_makers;
DROP FUNCTION compute_addr_hash(text, text, text, text);
DROP FUNCTION normalize_zip(text);
DROP TABLE leads, persona_addresses, persona_emails, persona_phones, business_owners, personas, businesses;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
