//! What was found out about e-mail addresses without a vendor, and what follows for those who have them.

use std::fmt;

use domain::id::{LeadId, PersonaId, TypedId};
use uuid::Uuid;

use super::contact_points::{self, FoundPoint, PointKind};
use crate::{BulkTransaction, Result};

/// Who says so, as the source of a contact point.
const SOURCE: &str = "mail_check";

/// How sure a mail server's own word is.
const SURE: u8 = 95;

/// An address of a lead, and what was found out about it.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailCheck {
    /// Whose.
    pub lead: LeadId,
    /// Its person; `None` where it is the lead's own.
    pub persona: Option<PersonaId>,
    /// The address, in lower case.
    pub address: String,
    /// The verdict's word, `providers::verify::EmailVerdict`.
    pub verdict: &'static str,
    /// Whether mail to it can be expected to arrive.
    pub usable: bool,
    /// Whether a mail server said that there is such a mailbox.
    pub verified: bool,
}

/// Whose; the address is personal data.
impl fmt::Debug for EmailCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailCheck")
            .field("lead", &self.lead)
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

/// Those of the addresses about which nothing was found out within 30 days.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn due(tx: &mut BulkTransaction, addresses: &[String]) -> Result<Vec<String>> {
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as::<_, (String,)>(
        "SELECT DISTINCT a.address FROM unnest($2::text[]) a (address) \
          WHERE NOT EXISTS (SELECT FROM email_checks c WHERE c.team_id = $1 AND c.address = a.address \
                               AND c.checked_at > clock_timestamp() - interval '30 days') ORDER BY a.address",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(addresses)).await?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// $1 team, $2 addresses, $3 verdicts. In the order of addresses, as everybody locks them.
const KEEP: &str = "
INSERT INTO email_checks AS c (team_id, address, verdict)
SELECT DISTINCT ON (n.address) $1, n.address, n.verdict FROM unnest($2::text[], $3::text[]) n (address, verdict) ORDER BY n.address
ON CONFLICT (team_id, address) DO UPDATE SET verdict = excluded.verdict, checked_at = clock_timestamp()";

/// $1 team, $2 people, $3 addresses, $4 whether usable. An address that this check found useless before and that is well now
/// is what it was before anybody checked; a vendor's own `invalid` stays.
const MARK: &str = "
UPDATE persona_emails e
   SET status = CASE WHEN n.usable THEN NULL ELSE 'invalid' END,
       last_verified_at = CASE WHEN n.usable THEN e.last_verified_at ELSE clock_timestamp() END,
       source = CASE WHEN n.usable THEN e.source ELSE $5 END
  FROM (SELECT k.persona_id, k.address, m.usable FROM persona_emails k
          JOIN unnest($2::uuid[], $3::text[], $4::boolean[]) m (persona, address, usable)
            ON k.persona_id = m.persona AND k.address = m.address
         WHERE k.team_id = $1 AND (NOT m.usable OR k.status = 'invalid' AND k.source = $5)
         ORDER BY k.persona_id, k.address FOR UPDATE OF k) n
 WHERE e.team_id = $1 AND e.persona_id = n.persona_id AND e.address = n.address";

/// Of a lead without a person, being verified is a fact of its own.
const UNVERIFY: &str = "
UPDATE leads l SET facts = l.facts & ~(1 << 23)
  FROM unnest($2::uuid[], $3::text[]) n (lead, address)
 WHERE l.team_id = $1 AND l.id = n.lead AND l.email = n.address AND l.facts & (1 << 23) <> 0";

/// Keeps what was found out, and notes it with whoever has the address: verified where a mail server said so, invalid where
/// mail would not arrive, whatever a vendor says. The leads stay locked to the end of the transaction.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn keep(tx: &mut BulkTransaction, checks: &[EmailCheck]) -> Result<()> {
    let team = tx.team_id().uuid();
    let addresses: Vec<&str> = checks.iter().map(|check| check.address.as_str()).collect();
    let verdicts: Vec<&str> = checks.iter().map(|check| check.verdict).collect();
    tx.run(sqlx::query(KEEP).bind(team).bind(&addresses).bind(verdicts)).await?;

    let mut sure: Vec<&EmailCheck> = checks.iter().filter(|check| check.verified).collect();
    sure.sort_by_key(|check| check.lead);
    let points: Vec<FoundPoint> = sure
        .into_iter()
        .map(|check| {
            let mut point = FoundPoint::new(check.lead, PointKind::Email, &check.address, SURE, true);
            point.status = Some("verified");
            point
        })
        .collect();
    contact_points::merge(tx, SOURCE, &points).await?;

    let (of_people, own): (Vec<&EmailCheck>, Vec<&EmailCheck>) =
        checks.iter().filter(|check| !check.verified).partition(|check| check.persona.is_some());
    let people: Vec<Uuid> = of_people.iter().filter_map(|check| check.persona).map(TypedId::uuid).collect();
    let addresses: Vec<&str> = of_people.iter().map(|check| check.address.as_str()).collect();
    let usable: Vec<bool> = of_people.iter().map(|check| check.usable).collect();
    tx.run(sqlx::query(MARK).bind(team).bind(people).bind(addresses).bind(usable).bind(SOURCE)).await?;

    let mut useless: Vec<&EmailCheck> = own.into_iter().filter(|check| !check.usable).collect();
    useless.sort_by_key(|check| check.lead);
    if !useless.is_empty() {
        let leads: Vec<Uuid> = useless.iter().map(|check| check.lead.uuid()).collect();
        let addresses: Vec<&str> = useless.iter().map(|check| check.address.as_str()).collect();
        tx.run(sqlx::query(UNVERIFY).bind(team).bind(leads).bind(addresses)).await?;
    }
    Ok(())
}
