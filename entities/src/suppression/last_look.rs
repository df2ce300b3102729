//! The last look at one address, for what goes out by itself and not by the ledger of campaigns and replies.

use domain::id::{SenderId, TypedId};
use domain::named_enum;

use crate::{BulkTransaction, DbError, Result};

named_enum! {
    /// Why nothing is sent.
    Withheld {
        /// A switch stops everything, the team or the sender.
        KillSwitch = "kill_switch",
        /// The person is not to be contacted.
        Suppression = "suppression",
        /// No sender is active that could send it.
        Sender = "no_sender",
    }
}

/// Whether something forbids a message from this sender, of this brand and address, to `to`; `None`: nothing does. Right before
/// the call, and with nothing in between that could take long.
///
/// # Errors
/// Any [`DbError`].
pub async fn withheld(
    tx: &mut BulkTransaction,
    to: &str,
    sender: SenderId,
    brand: Option<&str>,
    from: &str,
) -> Result<Option<Withheld>> {
    let query = sqlx::query_as::<_, (Option<String>,)>(
        "SELECT CASE WHEN kill_switch_on(NULL, $2) IS NOT NULL THEN 'kill_switch'
                     WHEN is_suppressed($1, NULL, $3, $4) THEN 'suppression' END",
    );
    let row = tx.first(query.bind(to).bind(sender.uuid()).bind(brand).bind(from)).await?;
    let word = row.and_then(|(word,)| word);
    word.map(|word| word.parse().map_err(|error| DbError::unreadable("withheld", error))).transpose()
}
