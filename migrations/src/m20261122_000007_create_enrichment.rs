//! Enrichment, its ledger of paid calls, limits, budgets, alerts and pulls: `sql/m20261122_000007_create_enrichment.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000007_create_enrichment.sql");

const DOWN: &str = "
DROP FUNCTION has_vendor_ids_been_seen(text, text, text[]), release_budget(uuid), settle_budget(uuid, bigint),
    reserve_budget(uuid, text[], text[], bigint, boolean), alert_budget(uuid, boolean), team_day(),
    find_call_by_capability(bytea);
DROP TABLE source_bookmarks, lead_source_events, pulls, alerts, budget_entries, budgets, rate_buckets, account_buckets,
    provider_accounts, properties, social_profiles, skiptrace_results, provider_calls, enrichment_leads, enrichments;
DROP FUNCTION fresh_uuid();
ALTER TABLE leads DROP COLUMN street, DROP COLUMN unit;
ALTER TABLE businesses DROP COLUMN confirmed_at, DROP COLUMN confirmed_by;
ALTER TABLE personas DROP COLUMN litigator_at, DROP COLUMN deceased_at;
ALTER TABLE persona_emails DROP COLUMN status;
ALTER TABLE persona_phones DROP COLUMN carrier, DROP COLUMN dnc_at, DROP COLUMN tcpa_at, DROP COLUMN litigator_at;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
