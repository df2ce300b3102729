//! The leads of a page of a run, with all that is known of them.

use std::collections::HashMap;

use domain::enrichment::{KnownProperty, Reach};
use domain::id::{EnrichmentId, LeadId, TypedId};
use uuid::Uuid;

use crate::enrichment::leads::LeadOutcome;
use crate::enrichment::subject::{self, KnownPhone, LeadSubject};
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// What is known of the owner and the worth of a property.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnedProperty {
    /// Whether the owner lives there.
    pub owner_occupied: Option<bool>,
    /// The owner's age in years.
    pub owner_age: Option<i32>,
    /// What it is worth, in dollars.
    pub value: Option<i64>,
    /// What of that is the owner's, in dollars.
    pub equity: Option<i64>,
}

/// A lead of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its place in the run, from 1; 0 outside of one.
    pub position: i32,
    /// How it ended; `None` while it has not.
    pub outcome: Option<LeadOutcome>,
    /// What is known of it.
    pub known: LeadSubject,
    /// What is known of its property.
    pub property: OwnedProperty,
}

impl Candidate {
    /// What is known of how it can be reached.
    pub fn reach(&self) -> Reach {
        let known = &self.known;
        Reach {
            facts: known.facts,
            forbidden: known.forbidden,
            has_business: known.business.is_some(),
            unchecked_phone: known.phones.iter().any(can_be_checked),
            property: (known.kind == "property").then_some(KnownProperty {
                mak: known.mak.is_some(),
                apn: known.apn.is_some(),
                owner_occupied: self.property.owner_occupied,
                owner_age: self.property.owner_age,
                value: self.property.value,
                equity: self.property.equity,
            }),
        }
    }
}

/// Whether a lookup of the number could tell that it reaches somebody.
pub fn can_be_checked(phone: &KnownPhone) -> bool {
    !phone.verified
        && !phone.flagged
        && phone.line_type.is_none()
        && phone.is_valid.is_none()
        && !matches!(phone.class.as_str(), "toll_free" | "premium")
}

struct Place {
    position: i32,
    outcome: String,
    lead_id: Uuid,
}
from_row!(Place { position, outcome, lead_id });

struct Owned {
    lead_id: Uuid,
    owner_occupied: Option<bool>,
    owner_age: Option<i32>,
    value: Option<i64>,
    equity: Option<i64>,
}
from_row!(Owned { lead_id, owner_occupied, owner_age, value, equity });

/// The leads of a run at positions from after `from` to `to`, in their order. One that is gone meanwhile is left out.
///
/// # Errors
/// Any [`DbError`].
pub async fn page(tx: &mut BulkTransaction, run: EnrichmentId, from: i32, to: i32) -> Result<Vec<Candidate>> {
    let query = sqlx::query_as(
        "SELECT position, outcome, lead_id FROM enrichment_leads
          WHERE team_id = $1 AND enrichment_id = $2 AND position > $3 AND position <= $4 ORDER BY position",
    );
    let team = tx.team_id().uuid();
    let places = tx.all(query.bind(team).bind(run.uuid()).bind(from).bind(to)).await?;
    candidates(tx, places).await
}

/// The next leads of a run behind position `after` that have not ended, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn open(
    tx: &mut BulkTransaction,
    run: EnrichmentId,
    after: i32,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let query = sqlx::query_as(
        "SELECT position, outcome, lead_id FROM enrichment_leads WHERE team_id = $1 AND enrichment_id = $2
            AND position > $3 AND outcome = 'pending' ORDER BY position LIMIT $4",
    );
    let team = tx.team_id().uuid();
    let places = tx.all(query.bind(team).bind(run.uuid()).bind(after).bind(limit)).await?;
    candidates(tx, places).await
}

/// The leads of a run that are, or are about, any of these people and leads.
///
/// # Errors
/// Any [`DbError`].
pub async fn about(tx: &mut BulkTransaction, run: EnrichmentId, subjects: &[Uuid]) -> Result<Vec<Candidate>> {
    let query = sqlx::query_as(
        "SELECT e.position, e.outcome, e.lead_id FROM enrichment_leads e
           JOIN leads l ON l.team_id = e.team_id AND l.id = e.lead_id
          WHERE e.team_id = $1 AND e.enrichment_id = $2 AND (l.persona_id = ANY($3) OR l.id = ANY($3)) ORDER BY e.position",
    );
    let team = tx.team_id().uuid();
    let places = tx.all(query.bind(team).bind(run.uuid()).bind(subjects)).await?;
    candidates(tx, places).await
}

/// Leads outside of any run.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_leads(tx: &mut BulkTransaction, leads: &[LeadId]) -> Result<Vec<Candidate>> {
    let places = leads
        .iter()
        .map(|lead| Place { position: 0, outcome: "pending".to_owned(), lead_id: lead.uuid() })
        .collect();
    candidates(tx, places).await
}

async fn candidates(tx: &mut BulkTransaction, places: Vec<Place>) -> Result<Vec<Candidate>> {
    let leads: Vec<LeadId> = places.iter().map(|place| LeadId::from_uuid(place.lead_id)).collect();
    let ids: Vec<Uuid> = places.iter().map(|place| place.lead_id).collect();
    let known = subject::load(tx, &leads).await?;
    let mut known: HashMap<LeadId, LeadSubject> =
        known.into_iter().map(|subject| (subject.lead, subject)).collect();
    let query = sqlx::query_as::<_, Owned>(
        "SELECT lead_id, owner_occupied, owner_age::integer AS owner_age, value, equity FROM properties
          WHERE team_id = $1 AND lead_id = ANY($2)",
    );
    let team = tx.team_id().uuid();
    let owned = tx.all(query.bind(team).bind(ids)).await?;
    let owned: HashMap<Uuid, OwnedProperty> = owned
        .into_iter()
        .map(|row| {
            let property = OwnedProperty {
                owner_occupied: row.owner_occupied,
                owner_age: row.owner_age,
                value: row.value,
                equity: row.equity,
            };
            (row.lead_id, property)
        })
        .collect();
    let mut all = Vec::with_capacity(places.len());
    for place in places {
        let Some(known) = known.remove(&LeadId::from_uuid(place.lead_id)) else { continue };
        let outcome: LeadOutcome =
            place.outcome.parse().map_err(|error| DbError::unreadable("enrichment_leads.outcome", error))?;
        all.push(Candidate {
            position: place.position,
            outcome: Some(outcome).filter(|outcome| *outcome != LeadOutcome::Pending),
            known,
            property: owned.get(&place.lead_id).copied().unwrap_or_default(),
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_a_lookup_cannot_help_are_not_checked() {
        let phone = KnownPhone {
            number: "+15125550123".into(),
            line_type: None,
            class: "direct".into(),
            is_valid: None,
            verified: false,
            last_verified_at: None,
            flagged: false,
        };
        assert!(can_be_checked(&phone));
        for other in [
            KnownPhone { class: "toll_free".into(), ..phone.clone() },
            KnownPhone { line_type: Some("landline".into()), ..phone.clone() },
            KnownPhone { flagged: true, ..phone.clone() },
            KnownPhone { is_valid: Some(false), ..phone.clone() },
        ] {
            assert!(!can_be_checked(&other));
        }
    }
}
