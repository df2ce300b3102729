//! Profiles of people in social networks.

use std::fmt;

use domain::id::{LeadId, TypedId};
use uuid::Uuid;

use crate::{BulkTransaction, Result};

/// A profile of a lead's person.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundProfile {
    /// Whose.
    pub lead: LeadId,
    /// `linkedin`, `facebook`, `x`, `github`, `instagram`, `other`.
    pub network: &'static str,
    /// Its address.
    pub url: String,
}

/// Whose and where; the rest is personal data.
impl fmt::Debug for FoundProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundProfile")
            .field("lead", &self.lead)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

/// Adds the profiles, or notes that they were seen again. Those of leads without a person are passed over.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn add(tx: &mut BulkTransaction, source: &str, profiles: &[FoundProfile]) -> Result<u64> {
    let query = sqlx::query(
        "INSERT INTO social_profiles (team_id, persona_id, url, network, source) \
         SELECT DISTINCT ON (l.persona_id, rtrim(f.url, '/')) $1, l.persona_id, rtrim(f.url, '/'), f.network, $2 \
           FROM unnest($3::uuid[], $4::text[], $5::text[]) f (lead, network, url) \
           JOIN leads l ON l.team_id = $1 AND l.id = f.lead \
          WHERE l.persona_id IS NOT NULL ORDER BY l.persona_id, rtrim(f.url, '/') \
         ON CONFLICT (team_id, persona_id, url) DO UPDATE SET last_seen_at = now()",
    )
    .bind(tx.team_id().uuid())
    .bind(source)
    .bind(profiles.iter().map(|profile| profile.lead.uuid()).collect::<Vec<Uuid>>())
    .bind(profiles.iter().map(|profile| profile.network).collect::<Vec<_>>())
    .bind(profiles.iter().map(|profile| profile.url.as_str()).collect::<Vec<_>>());
    tx.run(query).await
}
