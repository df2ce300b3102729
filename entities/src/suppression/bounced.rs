//! Addresses that take no mail.

use domain::id::TypedId;

use super::{NewSuppression, SuppressedKind, SuppressionReason, suppress};
use crate::{BulkTransaction, Result};

/// Nobody is written to again at these addresses, as `source` says: they are suppressed for it, and are invalid wherever
/// somebody has them, so that another address of the person is taken next time.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn bounced(tx: &mut BulkTransaction, source: &str, addresses: &[String]) -> Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    let what: Vec<NewSuppression> = addresses
        .iter()
        .map(|address| NewSuppression {
            kind: SuppressedKind::Email,
            value: address.clone(),
            reason: SuppressionReason::Bounce,
        })
        .collect();
    suppress(tx, source, &what).await?;
    let query = sqlx::query(
        "UPDATE persona_emails SET status = 'invalid', verified = false
          WHERE team_id = $1 AND address = ANY($2) AND (status IS DISTINCT FROM 'invalid' OR verified)",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(addresses)).await?;
    Ok(())
}
