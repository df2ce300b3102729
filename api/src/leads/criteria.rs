//! Which leads: what a list is filtered by and a block is made of.

use domain::geo::State;
use domain::id::{BlockId, DataSourceId};
use domain::lead::ContactClass;
use domain::sector::{BucketId, SubsectorId};
use entities::lead::{LeadFilter, LeadStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

/// Which leads; what is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = LeadCriteria)]
pub(crate) struct Criteria {
    /// In these states, by two letters or name.
    pub(crate) states: Vec<String>,
    /// With SIC codes that begin so: `1711`, or `17` for the whole major group.
    pub(crate) sic: Vec<String>,
    /// In these subsectors, as `plumbers`.
    pub(crate) subsectors: Vec<String>,
    /// In this bucket, as `ny-construction-plumbers`.
    pub(crate) bucket: Option<String>,
    /// So far along, as `new`.
    #[schema(value_type = Option<String>)]
    pub(crate) status: Option<LeadStatus>,
    /// `likely_decision_maker` or `generic_contact`.
    #[schema(value_type = Option<String>)]
    pub(crate) contact_class: Option<ContactClass>,
    /// With this score or a better one, 0 to 100.
    pub(crate) min_score: Option<i16>,
    /// From this upload.
    #[schema(value_type = Option<String>)]
    pub(crate) upload: Option<DataSourceId>,
    /// In this block.
    #[schema(value_type = Option<String>)]
    pub(crate) block: Option<BlockId>,
    /// With a phone, or without.
    pub(crate) has_phone: Option<bool>,
    /// With an e-mail address, or without.
    pub(crate) has_email: Option<bool>,
    /// Generic contacts only of businesses of which no likely decision maker is known.
    pub(crate) decision_makers: bool,
    /// In no open block.
    pub(crate) unassigned: bool,
}

impl Criteria {
    /// The filter that the database understands. `at` is where in the request the criteria stand.
    ///
    /// # Errors
    /// A problem that names the first value which means nothing.
    pub(crate) fn filter(self, at: &str) -> Result<LeadFilter, Problem> {
        let mut states = Vec::new();
        for name in &self.states {
            let state = State::parse(name).ok_or_else(|| {
                Problem::invalid(format!("{at}/states"), format!("{name:?} is no state of the US"))
            })?;
            states.push(state.abbreviation().to_owned());
        }
        let mut subsectors = Vec::new();
        for slug in &self.subsectors {
            let subsector = SubsectorId::from_slug(slug).ok_or_else(|| {
                Problem::invalid(
                    format!("{at}/subsectors"),
                    format!("{slug:?} is no subsector; expected lists them"),
                )
                .expected(SubsectorId::all().map(|known| known.slug().to_owned()))
            })?;
            subsectors.push(subsector.number());
        }
        if let Some(bucket) = &self.bucket {
            let bucket: BucketId = bucket
                .parse()
                .map_err(|error| Problem::invalid(format!("{at}/bucket"), format!("{error}")))?;
            states.extend(bucket.state().map(|state| state.abbreviation().to_owned()));
            subsectors.push(bucket.subsector.number());
        }
        if let Some(bad) = self.sic.iter().find(|prefix| !is_sic_prefix(prefix)) {
            return Err(Problem::invalid(
                format!("{at}/sic"),
                format!("{bad:?} must be the first 2 to 4 digits of a SIC code"),
            ));
        }
        Ok(LeadFilter {
            states,
            sic_prefixes: self.sic,
            subsectors,
            status: self.status,
            contact_class: self.contact_class,
            min_score: self.min_score,
            source: self.upload,
            block: self.block,
            has_phone: self.has_phone,
            has_email: self.has_email,
            decision_makers: self.decision_makers,
            unassigned: self.unassigned,
        })
    }
}

fn is_sic_prefix(text: &str) -> bool {
    (2..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_what_is_stored() {
        let criteria: Criteria = serde_json::from_str(
            r#"{"states":["Texas","ny"],"sic":["17"],"bucket":"ca-construction-plumbers","min_score":60}"#,
        )
        .expect("criteria");
        let filter = criteria.filter("").expect("good");
        assert_eq!(filter.states, ["TX", "NY", "CA"]);
        assert_eq!((filter.sic_prefixes.as_slice(), filter.subsectors.len()), (&["17".to_owned()][..], 1));
    }

    #[test]
    fn a_word_that_means_nothing_is_named() {
        for (body, pointer) in [
            (r#"{"states":["Atlantis"]}"#, "/criteria/states"),
            (r#"{"sic":["17'"]}"#, "/criteria/sic"),
            (r#"{"subsectors":["wizards"]}"#, "/criteria/subsectors"),
            (r#"{"bucket":"ny"}"#, "/criteria/bucket"),
        ] {
            let criteria: Criteria = serde_json::from_str(body).expect("criteria");
            let problem = criteria.filter("/criteria").expect_err(body);
            assert!(problem.detail().starts_with(pointer), "{}", problem.detail());
        }
        assert!(serde_json::from_str::<Criteria>(r#"{"colour":"red"}"#).is_err());
    }
}
