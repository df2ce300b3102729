//! The list of leads, filtered.

use domain::id::{BlockId, DataSourceId, LeadId};
use domain::lead::ContactClass;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::json;

use super::entity::{Column, Entity, Model};
use super::{Lead, LeadStatus};
use crate::page::{Order, Page, PageRequest, page};
use crate::{Result, Stored, TeamTransaction};

/// Which leads. An empty filter is all of the team's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// In these states, two letters each; empty: wherever.
    pub states: Vec<String>,
    /// With SIC codes that begin so; empty: whatever.
    pub sic_prefixes: Vec<String>,
    /// In these subsectors, by `domain::sector`'s numbers; empty: whichever.
    pub subsectors: Vec<i16>,
    /// So far along.
    pub status: Option<LeadStatus>,
    /// Of this class.
    pub contact_class: Option<ContactClass>,
    /// With this score or a better one.
    pub min_score: Option<i16>,
    /// From this file.
    pub source: Option<DataSourceId>,
    /// In this block.
    pub block: Option<BlockId>,
    /// With a phone, or without.
    pub has_phone: Option<bool>,
    /// With an e-mail address, or without.
    pub has_email: Option<bool>,
    /// Generic contacts only of businesses of which no likely decision maker is known.
    pub decision_makers: bool,
    /// In no block that holds its leads for itself.
    pub unassigned: bool,
}

/// Whether nobody at the lead's business is likelier to decide.
const BEST_OF_ITS_BUSINESS: &str = "(leads.contact_class = 'likely_decision_maker' OR NOT EXISTS \
    (SELECT FROM leads other WHERE other.team_id = leads.team_id AND other.business_id = leads.business_id \
        AND other.contact_class = 'likely_decision_maker'))";

/// Whether no open block holds the lead.
const UNASSIGNED: &str = "NOT EXISTS (SELECT FROM block_leads held \
    WHERE held.team_id = leads.team_id AND held.lead_id = leads.id AND held.open)";

impl LeadFilter {
    /// The team's leads that fit.
    pub(crate) fn select(&self, team: &TeamTransaction) -> Select<Entity> {
        let mut select = Entity::find().filter(Column::TeamId.eq(Stored(team.team_id())));
        if !self.states.is_empty() {
            select = select.filter(Column::State.is_in(self.states.iter().map(String::as_str)));
        }
        if !self.sic_prefixes.is_empty() {
            let mut any = sea_orm::Condition::any();
            for prefix in &self.sic_prefixes {
                any = any.add(Column::Sic4.starts_with(prefix));
            }
            select = select.filter(any);
        }
        if !self.subsectors.is_empty() {
            select = select.filter(Column::Subsector.is_in(self.subsectors.iter().copied()));
        }
        if let Some(status) = self.status {
            select = select.filter(Column::Status.eq(status));
        }
        if let Some(class) = self.contact_class {
            select = select.filter(Column::ContactClass.eq(class.as_str()));
        }
        if let Some(score) = self.min_score {
            select = select.filter(Column::Score.gte(score));
        }
        if let Some(source) = self.source {
            select = select.filter(Column::DataSourceId.eq(Stored(source)));
        }
        if let Some(block) = self.block {
            let held = "EXISTS (SELECT FROM block_leads held WHERE held.team_id = leads.team_id \
                        AND held.block_id = $1 AND held.lead_id = leads.id)";
            select = select.filter(Expr::cust_with_values(held, [Stored(block)]));
        }
        if let Some(has) = self.has_phone {
            select = select.filter(if has { Column::Phone.is_not_null() } else { Column::Phone.is_null() });
        }
        if let Some(has) = self.has_email {
            select = select.filter(if has { Column::Email.is_not_null() } else { Column::Email.is_null() });
        }
        if self.decision_makers {
            select = select.filter(Expr::cust(BEST_OF_ITS_BUSINESS));
        }
        if self.unassigned {
            select = select.filter(Expr::cust(UNASSIGNED));
        }
        select
    }

    /// The ids of the leads that fit, the best scores first; locked, leaving out what others have locked.
    pub(crate) fn best_ids(&self, team: &TeamTransaction) -> Select<Entity> {
        self.select(team)
            .select_only()
            .column(Column::Id)
            .order_by_desc(Column::Score)
            .order_by_asc(Column::Id)
            .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
    }

    /// The filter as a block keeps it: what was asked for, nothing else.
    pub(crate) fn to_criteria(&self) -> serde_json::Value {
        let mut criteria = serde_json::Map::new();
        let mut keep = |key: &str, value: serde_json::Value| {
            if !value.is_null() && value != json!([]) && value != json!(false) {
                criteria.insert(key.to_owned(), value);
            }
        };
        keep("states", json!(self.states));
        keep("sic_prefixes", json!(self.sic_prefixes));
        keep("subsectors", json!(self.subsectors));
        keep("status", json!(self.status));
        keep("contact_class", json!(self.contact_class.map(ContactClass::as_str)));
        keep("min_score", json!(self.min_score));
        keep("source", json!(self.source));
        keep("block", json!(self.block));
        if let Some(has) = self.has_phone {
            criteria.insert("has_phone".to_owned(), json!(has));
        }
        if let Some(has) = self.has_email {
            criteria.insert("has_email".to_owned(), json!(has));
        }
        if self.decision_makers {
            criteria.insert("decision_makers".to_owned(), json!(true));
        }
        serde_json::Value::Object(criteria)
    }
}

/// The team's leads that fit, in the order of their ids: file by file, row by row.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn list(
    team: &TeamTransaction,
    filter: &LeadFilter,
    request: PageRequest<LeadId>,
) -> Result<Page<Lead, LeadId>> {
    page(team, filter.select(team), Column::Id, Order::OldestFirst, request, |lead: &Model| lead.id.0).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_remembers_what_was_asked_for_and_nothing_else() {
        let filter = LeadFilter {
            states: vec!["TX".to_owned()],
            min_score: Some(60),
            has_phone: Some(false),
            unassigned: true,
            ..LeadFilter::default()
        };
        let expected = json!({"states": ["TX"], "min_score": 60, "has_phone": false});
        assert_eq!(filter.to_criteria(), expected);
        assert_eq!(LeadFilter::default().to_criteria(), json!({}));
    }
}
