//! Phones and e-mail addresses that vendors found: `merge_contact_point` in SQL.

use std::fmt;

use domain::id::{LeadId, TypedId};
use domain::named_enum;
use serde_json::json;
use uuid::Uuid;

use crate::{BulkTransaction, DbError, Result};

named_enum! {
    /// What a point is, and what is known of its line.
    PointKind {
        /// An e-mail address.
        Email = "email",
        /// A phone of a line nobody knows.
        Phone = "phone",
        /// A mobile phone.
        Mobile = "mobile",
        /// A landline.
        Landline = "landline",
        /// A phone over the internet.
        Voip = "voip",
    }
}

named_enum! {
    /// What became of a point.
    PointChange {
        /// It is new.
        Added = "added",
        /// It was known, by evidence no stronger than this.
        Updated = "updated",
        /// It was known by stronger evidence, or there is no place for it.
        Kept = "kept",
    }
}

/// A contact point of a lead, as a vendor found it.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundPoint {
    /// Whose: of its person, or of itself where nobody is named.
    pub lead: LeadId,
    /// What it is.
    pub kind: PointKind,
    /// The number or address.
    pub value: String,
    /// How sure the vendor is, 0 to 100.
    pub score: u8,
    /// An e-mail address: a vendor says so, or SMTP answered 250. A phone: the lookup says valid and mobile or voip, or
    /// it was tested and reached.
    pub verified: bool,
    /// `main`, `direct`, `mobile`, `toll_free`, `premium`; `business`, `free`, `role`, `disposable`. `None`: what the kind
    /// says.
    pub class: Option<&'static str>,
    /// Of an address: `verified`, `guessed`, `unavailable`, `invalid`.
    pub status: Option<&'static str>,
    /// Of a phone: whose network.
    pub carrier: Option<String>,
    /// Of a phone: whether there can be such a number.
    pub is_valid: Option<bool>,
    /// Of a phone: whether it rings anywhere.
    pub is_connected: Option<bool>,
    /// On the do-not-call registry. `false` and unknown are the same here: no flag is ever taken back.
    pub dnc: bool,
    /// On a list of those who sue under the TCPA.
    pub tcpa: bool,
    /// Its owner sues callers.
    pub litigator: bool,
}

impl FoundPoint {
    /// A point of which no more is known.
    pub fn new(lead: LeadId, kind: PointKind, value: impl Into<String>, score: u8, verified: bool) -> Self {
        Self {
            lead,
            kind,
            value: value.into(),
            score,
            verified,
            class: None,
            status: None,
            carrier: None,
            is_valid: None,
            is_connected: None,
            dnc: false,
            tcpa: false,
            litigator: false,
        }
    }
}

/// Whose and what; the rest is personal data.
impl fmt::Debug for FoundPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundPoint")
            .field("lead", &self.lead)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Adds the points or updates them, in the order given: never twice, never over stronger evidence. Answers what became of
/// each. Their leads stay locked to the end of the transaction: give points of several leads in the order of the leads.
///
/// # Errors
/// [`DbError::RowSecurity`] for a lead that the team does not have; [`DbError::Other`] for a value that is no number or
/// address.
pub async fn merge(
    tx: &mut BulkTransaction,
    source: &str,
    points: &[FoundPoint],
) -> Result<Vec<PointChange>> {
    let details = points.iter().map(|point| {
        json!({
            "class": point.class, "status": point.status, "carrier": point.carrier, "is_valid": point.is_valid,
            "is_connected": point.is_connected, "dnc": point.dnc, "tcpa": point.tcpa, "litigator": point.litigator,
        })
    });
    let query = sqlx::query_as(
        "SELECT merge_contact_point(p.lead, p.kind, p.value, $1, p.score, p.verified, p.details) \
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::boolean[], $7::jsonb[]) \
                WITH ORDINALITY p (lead, kind, value, score, verified, details, place) ORDER BY p.place",
    )
    .bind(source)
    .bind(points.iter().map(|point| point.lead.uuid()).collect::<Vec<Uuid>>())
    .bind(points.iter().map(|point| point.kind.as_str()).collect::<Vec<_>>())
    .bind(points.iter().map(|point| point.value.as_str()).collect::<Vec<_>>())
    .bind(points.iter().map(|point| i32::from(point.score)).collect::<Vec<_>>())
    .bind(points.iter().map(|point| point.verified).collect::<Vec<_>>())
    .bind(details.collect::<Vec<_>>());
    let changes: Vec<(String,)> = tx.all(query).await?;
    changes
        .into_iter()
        .map(|(change,)| change.parse().map_err(|error| DbError::unreadable("merge_contact_point", error)))
        .collect()
}

/// Raises what a vendor says of the lead's person: that they sue callers, or died. Nothing takes it back.
///
/// # Errors
/// Any [`DbError`].
pub async fn flag_person(
    tx: &mut BulkTransaction,
    lead: LeadId,
    litigator: bool,
    deceased: bool,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE personas p SET litigator_at = CASE WHEN $3 THEN clock_timestamp() ELSE p.litigator_at END, \
                deceased_at = CASE WHEN $4 THEN clock_timestamp() ELSE p.deceased_at END \
           FROM leads l WHERE l.team_id = $1 AND l.id = $2 AND p.team_id = $1 AND p.id = l.persona_id",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(lead.uuid()).bind(litigator).bind(deceased)).await?;
    Ok(())
}
