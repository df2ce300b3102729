//! The one text that tells somebody that they are opted out, where the team wants it and the vendor does not send it.
//!
//! The FCC allows one confirming text within five minutes of an opt-out, without a word of marketing (47 CFR 64.1200(a)(12)).
//! It is released here, by a rule of the team, goes through gate and ledger like every reply, and is the only thing that leaves
//! a conversation that is held.

use chrono::{DateTime, Utc};
use domain::id::{InboxItemId, SuggestionId, TypedId};

use crate::{BulkTransaction, Result, fresh_id};

/// What it says.
pub const CONFIRMATION: &str = "You are unsubscribed and will get no more messages from us.";

/// $2 the item, $3 id, $4 the text, $5 now. To nobody twice, whatever they say later and to whichever of our numbers. The item's
/// conversation is looked up by itself, by its key: together with the other conditions, a table of which the planner knows little
/// is read from end to end for each opt-out (measured: 19 ms beside 2,000 conversations).
const CONFIRM: &str = "
WITH held AS MATERIALIZED (
    SELECT c.id, c.state, c.hold_reason, c.lead_id, c.channel, c.provider, c.their_address, i.id AS item_id, i.received_at
      FROM inbox_items i JOIN conversations c ON c.team_id = i.team_id AND c.id = i.conversation_id
     WHERE i.team_id = $1 AND i.id = $2 AND i.intent = 'opt_out' AND i.received_at > $5 - interval '5 minutes')
INSERT INTO reply_suggestions (team_id, id, conversation_id, item_id, origin, state, text, automatic, decided_at, expires_at,
                               created_at)
SELECT $1, $3, h.id, h.item_id, 'confirmation', 'approved', $4, true, $5, h.received_at + interval '5 minutes', $5
  FROM held h JOIN teams t ON t.id = $1
 WHERE h.state = 'held' AND h.hold_reason = 'opted_out' AND h.lead_id IS NOT NULL AND h.channel = 'sms'
   AND coalesce(t.settings->'confirm_opt_outs', '[]') ? h.provider
   AND NOT EXISTS (SELECT FROM conversations o JOIN reply_suggestions s ON s.team_id = o.team_id AND s.conversation_id = o.id
                    WHERE o.team_id = $1 AND o.their_address = h.their_address AND s.origin = 'confirmation')
ON CONFLICT DO NOTHING";

/// Has an opt-out confirmed, if the team wants that of this vendor, it is not five minutes old, and nobody there was ever told
/// before. Whoever calls this knows that the vendor has not told them by itself. Answers whether it is to be.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn confirm_opt_out(
    tx: &mut BulkTransaction,
    item: InboxItemId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let id: SuggestionId = fresh_id();
    let query = sqlx::query(CONFIRM).bind(tx.team_id().uuid()).bind(item.uuid()).bind(id.uuid());
    Ok(tx.run(query.bind(CONFIRMATION).bind(now)).await? > 0)
}
