//! `GET /v1/leads`: the team's leads, filtered.

use axum::Json;
use axum::extract::State;
use domain::id::{BlockId, DataSourceId};
use domain::lead::ContactClass;
use domain::role::Permission;
use entities::lead::{self, LeadStatus};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::criteria::Criteria;
use super::view::Lead;

/// Which leads; several values of one parameter are separated by commas.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// In these states: `TX,CA`.
    state: Option<String>,
    /// With SIC codes that begin so: `1711,17`.
    sic: Option<String>,
    /// In these subsectors: `plumbers`.
    subsector: Option<String>,
    /// In this bucket: `ny-construction-plumbers`.
    bucket: Option<String>,
    /// So far along: `new`.
    #[param(value_type = Option<String>)]
    status: Option<LeadStatus>,
    /// `likely_decision_maker` or `generic_contact`.
    #[param(value_type = Option<String>)]
    contact_class: Option<ContactClass>,
    /// With this score or a better one, 0 to 100.
    min_score: Option<i16>,
    /// From this upload.
    #[param(value_type = Option<String>)]
    upload: Option<DataSourceId>,
    /// In this block.
    #[param(value_type = Option<String>)]
    block: Option<BlockId>,
    /// With a phone (`true`) or without.
    has_phone: Option<bool>,
    /// With an e-mail address (`true`) or without.
    has_email: Option<bool>,
    /// `true`: generic contacts only of businesses of which no likely decision maker is known.
    decision_makers: Option<bool>,
    /// `true`: in no open block.
    unassigned: Option<bool>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's leads, in the order of their files and rows.
#[utoipa::path(get, path = "/v1/leads", tag = "leads", params(Which), responses((status = 200, body = Page<Lead>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Lead>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let filter = which.criteria().filter("")?;
    let tx = caller.transaction(&state).await?;
    let leads = lead::list(&tx, &filter, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(leads, Into::into)))
}

impl Which {
    fn criteria(self) -> Criteria {
        Criteria {
            states: words(self.state.as_deref()),
            sic: words(self.sic.as_deref()),
            subsectors: words(self.subsector.as_deref()),
            bucket: self.bucket,
            status: self.status,
            contact_class: self.contact_class,
            min_score: self.min_score,
            upload: self.upload,
            block: self.block,
            has_phone: self.has_phone,
            has_email: self.has_email,
            decision_makers: self.decision_makers.unwrap_or(false),
            unassigned: self.unassigned.unwrap_or(false),
        }
    }
}

fn words(list: Option<&str>) -> Vec<String> {
    let words = list.unwrap_or_default().split(',').map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_separate_and_blanks_do_not_count() {
        assert_eq!(words(Some("TX, CA,,")), ["TX", "CA"]);
        assert!(words(None).is_empty());
    }
}
