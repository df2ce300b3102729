//! Where a number is to be from: the area codes in which people know it as one of their own.

use std::collections::BTreeMap;

use domain::geo::{State, area_codes_of};
use domain::id::{BlockId, CampaignId, TypedId};
use serde_json::Value;
use uuid::Uuid;

use crate::campaign::Audience;
use crate::{BulkTransaction, DbError, Result};

/// The most area codes that are tried: each is a question to the vendor.
const MOST: usize = 60;

/// Near whom a number is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Near {
    /// In one of these area codes, three digits each, in this order.
    AreaCodes(Vec<String>),
    /// In one of these states, in this order.
    States(Vec<State>),
    /// In the state of most leads that a campaign is asked for.
    Campaign(CampaignId),
    /// In the state of most leads of these blocks.
    Blocks(Vec<BlockId>),
}

/// Leads by state and the area code of their number: $2 and $3 blocks and leads.
const COUNT: &str = "
SELECT l.state, substr(l.phone, 3, 3), count(*) FROM leads l
 WHERE l.team_id = $1 AND l.state IS NOT NULL AND l.id IN (
       SELECT b.lead_id FROM block_leads b WHERE b.team_id = $1 AND b.block_id = ANY($2) UNION SELECT unnest($3::uuid[]))
 GROUP BY 1, 2";

/// The area codes of that place, in the order in which they are to be tried: of leads, the state of most of them first, and in it
/// the area codes that most of them have. Empty where the leads are in no state that is known.
///
/// # Errors
/// [`DbError::NotFound`] for a campaign, or a block, that the team has not.
pub async fn area_codes(tx: &mut BulkTransaction, near: &Near) -> Result<Vec<String>> {
    let team = tx.team_id().uuid();
    let audience = match near {
        Near::AreaCodes(codes) => return Ok(codes.iter().take(MOST).cloned().collect()),
        Near::States(states) => {
            let codes = states.iter().flat_map(|state| area_codes_of(*state));
            return Ok(codes.take(MOST).map(|code| code.to_string()).collect());
        }
        Near::Campaign(id) => {
            let asked =
                sqlx::query_as::<_, (Value,)>("SELECT what FROM campaigns WHERE team_id = $1 AND id = $2");
            let asked = tx.first(asked.bind(team).bind(id.uuid())).await?;
            let (what,) = asked.ok_or_else(|| DbError::not_found("campaign", id))?;
            serde_json::from_value(what).map_err(|error| DbError::unreadable("campaigns.what", error))?
        }
        Near::Blocks(ids) => {
            let blocks: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
            let known =
                sqlx::query_as::<_, (Uuid,)>("SELECT id FROM blocks WHERE team_id = $1 AND id = ANY($2)");
            let known = tx.all(known.bind(team).bind(&blocks)).await?;
            if let Some(missing) = ids.iter().find(|id| !known.iter().any(|(known,)| *known == id.uuid())) {
                return Err(DbError::not_found("block", missing));
            }
            Audience::Blocks(ids.clone())
        }
    };
    let (blocks, leads): (Vec<Uuid>, Vec<Uuid>) = match audience {
        Audience::Blocks(blocks) => (blocks.into_iter().map(TypedId::uuid).collect(), Vec::new()),
        Audience::Leads(leads) => (Vec::new(), leads.into_iter().map(TypedId::uuid).collect()),
    };
    let counted = tx.all(sqlx::query_as(COUNT).bind(team).bind(blocks).bind(leads)).await?;
    Ok(in_order(&counted))
}

/// Area codes of the states of `(state, area code, leads)`, the most leads first.
fn in_order(counted: &[(String, Option<String>, i64)]) -> Vec<String> {
    let mut states: BTreeMap<State, (i64, BTreeMap<&str, i64>)> = BTreeMap::new();
    for (state, code, leads) in counted {
        let Some(state) = State::parse(state) else { continue };
        let (all, codes) = states.entry(state).or_default();
        *all += leads;
        *codes.entry(code.as_deref().unwrap_or_default()).or_default() += leads;
    }
    let mut states: Vec<_> = states.into_iter().collect();
    states.sort_by_key(|(state, (all, _))| (-*all, *state));
    let of_state = |(state, (_, leads)): (State, (i64, BTreeMap<&str, i64>))| {
        let mut codes: Vec<String> = area_codes_of(state).map(|code| code.to_string()).collect();
        codes.sort_by_key(|code| (-leads.get(code.as_str()).copied().unwrap_or_default(), code.clone()));
        codes
    };
    states.into_iter().flat_map(of_state).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_most_leads_comes_first_and_in_it_the_area_code_of_most() {
        let counted = [
            ("TX".to_owned(), Some("512".to_owned()), 3),
            ("TX".to_owned(), Some("212".to_owned()), 9),
            ("NM".to_owned(), Some("575".to_owned()), 10),
            ("NM".to_owned(), None, 1),
            ("XX".to_owned(), Some("505".to_owned()), 99),
        ];
        let codes = in_order(&counted);
        assert_eq!(codes[..2], ["512", "210"], "TX has twelve leads, whatever numbers they have");
        assert!(!codes.contains(&"212".to_owned()), "no number of another state");
        let new_mexico: Vec<_> = codes.iter().rev().take(2).rev().collect();
        assert_eq!(new_mexico, ["575", "505"]);
        assert!(in_order(&counted[4..]).is_empty());
    }
}
