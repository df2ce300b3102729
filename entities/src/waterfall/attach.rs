//! What vendors say of businesses and of people at work.
//!
//! Set-wise, and by what it is: done again it changes nothing but when it was last heard. What a list or a person
//! said is not overwritten; only what is missing is filled in.

use domain::id::TypedId;
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{BulkTransaction, Result};

/// What a vendor says of a business, and what follows for its lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BusinessSays {
    /// The lead.
    pub lead: Uuid,
    /// The business.
    pub business: Uuid,
    /// Its web domain.
    pub domain: Option<String>,
    /// What it takes in a year, in dollars.
    pub revenue: Option<i64>,
    /// How many work there.
    pub employees: Option<i32>,
    /// The year it was founded in.
    pub founded: Option<i16>,
    /// Its tier by revenue.
    pub tier: Option<&'static str>,
    /// Everything else that is kept: the vendor's id, industry, keywords, technologies, funding.
    pub extras: serde_json::Value,
}

/// Confirms businesses, as `source` does, and fills in what is not known of them.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn businesses(tx: &mut BulkTransaction, source: &str, said: &[BusinessSays]) -> Result<u64> {
    if said.is_empty() {
        return Ok(0);
    }
    let query = sqlx::query(
        "UPDATE businesses b
            SET confirmed_at = now(), confirmed_by = $2, website = coalesce(b.website, r.domain),
                revenue_tier = coalesce(b.revenue_tier, CASE WHEN b.revenue_min IS NULL AND b.revenue_max IS NULL
                                                             THEN r.tier END),
                revenue_min = CASE WHEN b.revenue_max IS NULL THEN coalesce(b.revenue_min, r.revenue)
                                   ELSE b.revenue_min END,
                revenue_max = CASE WHEN b.revenue_min IS NULL THEN coalesce(b.revenue_max, r.revenue)
                                   ELSE b.revenue_max END,
                employees_min = CASE WHEN b.employees_max IS NULL THEN coalesce(b.employees_min, r.employees)
                                     ELSE b.employees_min END,
                employees_max = CASE WHEN b.employees_min IS NULL THEN coalesce(b.employees_max, r.employees)
                                     ELSE b.employees_max END,
                year_founded = coalesce(b.year_founded, r.founded),
                extras = jsonb_set(coalesce(b.extras, '{}'), ARRAY[$2], r.extras)
           FROM (SELECT DISTINCT ON (x.business) x.* FROM jsonb_to_recordset($3)
                     AS x (business uuid, domain text, revenue bigint, employees integer, founded smallint, tier text,
                           extras jsonb) ORDER BY x.business) r
          WHERE b.team_id = $1 AND b.id = r.business",
    );
    let team = tx.team_id().uuid();
    tx.run(query.bind(team).bind(source).bind(Json(said))).await
}

/// What a vendor says of a person at work, and the facts that follow for the lead.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[expect(missing_debug_implementations, reason = "it says who somebody is")]
pub struct LeadSays {
    /// The lead.
    pub lead: Uuid,
    /// The person's title; kept where the lead has none.
    pub title: Option<String>,
    /// Its rank, as `domain::title` has it.
    pub seniority: Option<&'static str>,
    /// Facts (`domain::lead::LeadFacts`) that hold, whoever said so before.
    pub facts: i32,
    /// Facts that hold where the lead had no title.
    pub facts_of_title: i32,
}

/// Adds to leads what follows from what was said of them.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn leads(tx: &mut BulkTransaction, said: &[LeadSays]) -> Result<u64> {
    if said.is_empty() {
        return Ok(0);
    }
    let query = sqlx::query(
        "UPDATE leads l
            SET facts = l.facts | r.facts | CASE WHEN l.title IS NULL THEN r.facts_of_title ELSE 0 END,
                title = coalesce(l.title, r.title),
                seniority = CASE WHEN l.title IS NULL THEN coalesce(r.seniority, l.seniority) ELSE l.seniority END
           FROM (SELECT DISTINCT ON (x.lead) x.* FROM jsonb_to_recordset($2)
                     AS x (lead uuid, title text, seniority text, facts integer, facts_of_title integer)
                  ORDER BY x.lead) r
          WHERE l.team_id = $1 AND l.id = r.lead",
    );
    let team = tx.team_id().uuid();
    tx.run(query.bind(team).bind(Json(said))).await
}
