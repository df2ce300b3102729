//! `PATCH /v1/leads/{id}`: a lead corrected by a person.

use axum::Json;
use axum::extract::State;
use domain::id::LeadId;
use domain::lead::{LeadFacts, TagSet};
use domain::role::Permission;
use entities::lead::{self, LeadDetail, LeadPatch, LeadStatus};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody, said};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::by_hand::{Cells, Graded};
use super::view::FullLead;

/// Fields that can be corrected. Who it is (business and person) is not changed by a correction.
const CORRECTABLE: [&str; 11] = [
    "title",
    "email",
    "phone",
    "mobile",
    "city",
    "state",
    "zip",
    "county",
    "sic_code",
    "employees",
    "revenue",
];

/// What is to be different. What is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LeadChange)]
pub(crate) struct Change {
    /// How far it has come.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    status: Option<LeadStatus>,
    /// All of its tags, `key:value`, one value a key.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// Why it was closed or lost; `null` takes the reason away.
    #[serde(default, deserialize_with = "said")]
    close_reason: Option<Option<String>>,
    /// Cells to correct, as a list would have them: title, email, phone, mobile, city, state, zip, county,
    /// sic_code, employees, revenue. The lead is then scored, tagged and classified anew.
    #[serde(default)]
    contact: Cells,
}

/// Corrects a lead.
#[utoipa::path(
    patch, path = "/v1/leads/{id}", tag = "leads", params(("id" = String, Path)), request_body = Change,
    responses(
        (status = 200, body = FullLead),
        (status = 409, body = crate::problem::ProblemBody, description = "The correction makes it the same as another lead"),
        (status = 422, body = crate::problem::ProblemBody, description = "A field that cannot be corrected, or tags that exclude each other"),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<LeadId>,
    JsonBody(change): JsonBody<Change>,
) -> Result<Json<FullLead>, Problem> {
    caller.may(Permission::EditLeads)?;
    if let Some(field) = change.contact.keys().find(|field| !CORRECTABLE.contains(&field.as_str())) {
        return Err(Problem::invalid(
            format!("/contact/{field}"),
            "cannot be corrected; enter a new lead instead",
        )
        .expected(CORRECTABLE.map(str::to_owned)));
    }
    let tags = change.tags.as_ref().map(|tags| TagSet::parse(tags.iter().map(String::as_str))).transpose();
    let tags = tags.map_err(|error| Problem::invalid("/tags", error.to_string()))?;
    let tx = caller.transaction(&state).await?;
    let graded = if change.contact.is_empty() {
        None
    } else {
        let detail = lead::detail(&tx, id).await?;
        let facts = LeadFacts::from_db(detail.lead.facts);
        let mut cells = cells_of(&detail);
        cells.extend(change.contact.clone());
        Some(Graded::of(&cells, &caller, facts)?)
    };
    let fields: Vec<_> = change.contact.keys().collect();
    let details = json!({
        "contact": fields, "status": change.status, "tags": tags.is_some(), "close_reason": change.close_reason.is_some(),
    });
    let patch = LeadPatch {
        status: change.status,
        tags: tags.map(|tags| tags.to_vec()),
        close_reason: change.close_reason,
        contact: graded.as_ref().map(Graded::by_hand),
    };
    lead::patch(&tx, id, patch).await.map_err(|error| {
        if error.violates("leads_lead_key") {
            return Problem::http(
                HttpCode::Conflict,
                "so corrected it would be the same as another lead; close this one instead",
            );
        }
        error.into()
    })?;
    caller.record(&tx, "lead.update", id, details).await?;
    let detail = lead::detail(&tx, id).await?;
    tx.commit().await?;
    Ok(Json(detail.try_into()?))
}

/// What is known of a lead, as a list would have it.
fn cells_of(detail: &LeadDetail) -> Cells {
    let LeadDetail { lead, business, persona, .. } = detail;
    let mut cells = Cells::new();
    let mut put = |name: &str, cell: Option<String>| {
        if let Some(cell) = cell {
            cells.insert(name.to_owned(), cell);
        }
    };
    if let Some(business) = business {
        let suffix = business
            .legal_suffix
            .as_deref()
            .filter(|suffix| !business.display_name.to_uppercase().ends_with(suffix));
        put(
            "company",
            Some(format!("{} {}", business.display_name, suffix.unwrap_or_default()).trim().to_owned()),
        );
        put("dba", business.dba.clone());
        put("address", business.street.clone());
        put("address_2", business.unit.clone());
        put("website", business.website.clone());
        put("employees", range(business.employees_min, business.employees_max));
        put("revenue", range(business.revenue_min, business.revenue_max));
        put("sic_code", business.sic_delivered.clone());
        put("sic_description", business.sic_description.clone());
        put("year_founded", business.year_founded.map(|year| year.to_string()));
    }
    if let Some(persona) = persona {
        put("first_name", persona.given_name.clone());
        put("middle_name", persona.middle_name.clone());
        put("last_name", persona.family_name.clone());
        put("name_suffix", persona.name_suffix.clone());
    }
    put("vendor_record_id", lead.vendor_record_id.clone());
    put("title", lead.title.clone());
    put("email", lead.email.clone());
    put("phone", lead.phone.clone());
    put("city", lead.city.clone());
    put("state", lead.state.clone());
    put("zip", lead.zip5.clone());
    put("county", lead.county.clone());
    if lead.sic4.is_some() && business.as_ref().is_none_or(|business| business.sic_delivered.is_none()) {
        put("sic_code", lead.sic4.clone());
    }
    cells
}

/// A range as lists write it: `10-19`, or `10+` where it has no end.
fn range<N: PartialEq + std::fmt::Display>(min: Option<N>, max: Option<N>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) if min == max => Some(min.to_string()),
        (Some(min), Some(max)) => Some(format!("{min}-{max}")),
        (Some(min), None) => Some(format!("{min}+")),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_takes_a_reason_away_and_silence_leaves_it() {
        let read = |body: &str| serde_json::from_str::<Change>(body).expect("a change").close_reason;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"close_reason":null}"#), Some(None));
        assert_eq!(read(r#"{"close_reason":"sold"}"#), Some(Some("sold".to_owned())));
    }

    #[test]
    fn a_range_reads_back_as_it_was() {
        use domain::listing::Listing;
        use domain::normalize::{Requirements, normalize};
        for (min, max) in [(10, Some(19)), (5, Some(5)), (500, None)] {
            let text = range(Some(min), max).expect("a range");
            let listing = Listing { company: "Acme", employees: &text, revenue: &text, ..Listing::default() };
            let row = normalize(&listing, &Requirements::none()).expect("a row");
            assert_eq!((row.employees_min, row.employees_max), (Some(min), max), "{text}");
        }
    }
}
