//! Giving back what was claimed and will not be begun.

use domain::id::{IntentId, TypedId};
use uuid::Uuid;

use crate::{BulkTransaction, Result};

/// Gives back texts that `claimed_by` has claimed and not begun: they are planned again, due as they were. Answers those;
/// release what was put aside for them.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn give_back(
    tx: &mut BulkTransaction,
    claimed_by: &str,
    intents: &[IntentId],
) -> Result<Vec<IntentId>> {
    let ids: Vec<Uuid> = intents.iter().map(|intent| intent.uuid()).collect();
    let query = sqlx::query_as::<_, (Uuid,)>(
        "UPDATE send_intents SET state = 'planned'
          WHERE team_id = $1 AND claimed_by = $2 AND id = ANY($3) AND state = 'claimed' RETURNING id",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(claimed_by).bind(ids)).await?;
    Ok(rows.into_iter().map(|(id,)| IntentId::from_uuid(id)).collect())
}
