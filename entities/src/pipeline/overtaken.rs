//! Who was named by somebody else while a file was being resolved.
//!
//! The map says which rows are the first to name a business or a person ([`super::resolve::map`]). Until these are made somebody may
//! enter one of them by hand, and where a worker was killed in between, another file of the team may have had its turn. The
//! keys are unique, so such a row's statement fails; then [`catch_up`] says anew who
//! the rows are, and the statement is repeated.

use super::resolve::{HOLDERS, JOIN_BY_HASH};
use super::staging::{RowRange, Staging};
use crate::{BulkTransaction, DbError, Result};

/// The constraints that a row violates whose business or person is there by now.
const KEYS: [&str; 2] = ["businesses_match_key", "personas_match_key"];

/// Rows that repeat a row which is somebody else's by now, or that were to name somebody first.
const REPEATING: &str = "
UPDATE {resolved} x
   SET business_id = coalesce(w.business_id, x.business_id), new_business = x.new_business AND w.business_id IS NULL,
       persona_id = coalesce(w.persona_id, x.persona_id), new_persona = x.new_persona AND w.persona_id IS NULL
  FROM (SELECT n.row_no, coalesce(kb.id, hb.root_id) AS business_id, coalesce(kp.id, hp.root_id) AS persona_id
          FROM {normalized} n {holders}) w
 WHERE w.row_no = x.row_no
   AND (w.business_id <> x.business_id OR w.persona_id <> x.persona_id)";

/// Rows of the range `$1..$2` that repeated nothing, and name somebody who is there by now.
const ORDINARY: &str = "
INSERT INTO {resolved} (team_id, data_source_id, row_no, business_id, persona_id, lead_id,
                        new_business, new_persona, new_lead)
SELECT {team}, {source}, n.row_no,
       CASE WHEN n.business_key IS NOT NULL THEN coalesce(kb.id, hb.root_id, n.row_id) END,
       CASE WHEN n.persona_key IS NOT NULL THEN coalesce(kp.id, hp.root_id, n.row_id) END,
       coalesce(kl.id, n.row_id),
       n.business_key IS NOT NULL AND kb.id IS NULL AND hb.root_id IS NULL,
       n.persona_key IS NOT NULL AND kp.id IS NULL AND hp.root_id IS NULL,
       kl.id IS NULL
  FROM {normalized} n {holders}
 WHERE n.row_no >= $1 AND n.row_no < $2
   AND NOT EXISTS (SELECT FROM {resolved} x WHERE x.row_no = n.row_no)
   AND (kb.id IS NOT NULL OR kp.id IS NOT NULL OR hb.id IS NOT NULL OR hp.id IS NOT NULL)";

/// Whether keys of the rows may have been taken since the file was mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Hardly: fail where one was.
    Hardly,
    /// Some were: make nobody anew who has one.
    Some,
}

/// Whether a statement failed because somebody named a row's business or person in the meantime.
pub fn is_overtaken(error: &DbError) -> bool {
    KEYS.iter().any(|key| error.violates(key))
}

/// Says anew who the rows are that repeat something, and which of `landing`, rows that are about to land, do so by now.
///
/// # Errors
/// Any [`DbError`].
pub async fn catch_up(tx: &mut BulkTransaction, staging: &Staging, landing: Option<RowRange>) -> Result<()> {
    tx.execute(JOIN_BY_HASH).await?;
    let sql = staging.sql(tx, &REPEATING.replace("{holders}", HOLDERS));
    tx.execute(sql).await?;
    if let Some(range) = landing {
        let sql = staging.sql(tx, &ORDINARY.replace("{holders}", HOLDERS));
        tx.run(sqlx::query(sql).bind(range.first).bind(range.end)).await?;
    }
    Ok(())
}
