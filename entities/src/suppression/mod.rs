//! Whom nobody may contact, and why.
//!
//! A suppression forbids one number, address or person, to everything the team sends, to one brand or to one of its numbers,
//! for one reason; several stand side by side and each is lifted alone. What holds is asked by the gate when a text is
//! judged, and once more by the last statement before the call ([`crate::send_intent::begin`]).

mod book;
mod bounced;
mod last_look;
mod opt_out;

use domain::id::TypedId;
use domain::named_enum;

pub use domain::gate::SuppressionReason;

pub use book::{Added, Filter, NewEntry, Suppression, add, by_id, lift, list};
pub use bounced::bounced;
pub use last_look::{Withheld, withheld};
pub use opt_out::{OptOut, OptedOut, opt_in, opt_out};

use crate::{BulkTransaction, Result};

named_enum! {
    /// What is suppressed.
    SuppressedKind {
        /// A number, as E.164.
        Phone = "phone",
        /// An address, in lower case.
        Email = "email",
        /// A person, by id.
        Persona = "persona",
    }
}

named_enum! {
    /// To whose texts a suppression of the team applies.
    SuppressionScope {
        /// To all that the team sends.
        Team = "team",
        /// To what one brand sends.
        Brand = "brand",
        /// To what comes from one number.
        Number = "number",
    }
}

named_enum! {
    /// How a suppression came about.
    SuppressionMethod {
        /// By a word that opts out.
        Keyword = "keyword",
        /// By what the person said otherwise.
        Language = "language",
        /// A vendor said so.
        Vendor = "vendor",
        /// A person of the team said so.
        Person = "person",
        /// With a list.
        Import = "import",
        /// A message came back.
        Bounce = "bounce",
        /// A complaint came.
        Complaint = "complaint",
        /// By the address that every e-mail has to unsubscribe at.
        Link = "link",
    }
}

/// One thing to be suppressed.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSuppression {
    /// What it is.
    pub kind: SuppressedKind,
    /// Its value: a number, an address or an id.
    pub value: String,
    /// Why.
    pub reason: SuppressionReason,
}

impl std::fmt::Debug for NewSuppression {
    /// Without the value, which may be a number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSuppression")
            .field("kind", &self.kind)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// Suppresses, as `source` says. One that was lifted by a person stays lifted; one that is there is confirmed. Answers
/// how many are new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn suppress(tx: &mut BulkTransaction, source: &str, what: &[NewSuppression]) -> Result<u64> {
    if what.is_empty() {
        return Ok(0);
    }
    let kinds: Vec<&str> = what.iter().map(|one| one.kind.as_str()).collect();
    let values: Vec<&str> = what.iter().map(|one| one.value.as_str()).collect();
    let reasons: Vec<&str> = what.iter().map(|one| one.reason.as_str()).collect();
    let query = sqlx::query_as::<_, (bool,)>(
        "INSERT INTO suppressions AS s (team_id, kind, value, reason, source)
         SELECT DISTINCT $1::uuid, w.kind, w.value, w.reason, $2::text
           FROM unnest($3::text[], $4::text[], $5::text[]) w (kind, value, reason) ORDER BY 2, 3, 4
         ON CONFLICT ON CONSTRAINT suppressions_once DO UPDATE SET confirmed_at = clock_timestamp()
         RETURNING xmax = 0",
    );
    let team = tx.team_id().uuid();
    let rows = tx.all(query.bind(team).bind(source).bind(kinds).bind(values).bind(reasons)).await?;
    Ok(rows.iter().filter(|(new,)| *new).count() as u64)
}
