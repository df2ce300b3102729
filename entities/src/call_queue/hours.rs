//! At which hours a call that waits may be made. When it was put into the queue says nothing of when somebody takes it.

use chrono::{DateTime, Utc};
use domain::gate::{Place, calling_hours};
use domain::geo::{State, Zip5};
use domain::id::{QueuedCallId, TypedId};
use domain::phone::Phone;

use crate::from_row::from_row;
use crate::outreach::{Rules, windows};
use crate::{BulkTransaction, Result};

/// Why a number may not be called now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// The clock there and the hours that hold, for a person; nothing of who is called.
    pub says: String,
    /// From when on it may be called; `None`: waiting alone changes nothing.
    pub opens_at: Option<DateTime<Utc>>,
}

struct Row {
    phone: String,
    state: Option<String>,
    zip5: Option<String>,
    county: Option<String>,
    is_business: bool,
    windows: Option<serde_json::Value>,
}
from_row!(Row { phone, state, zip5, county, is_business, windows });

/// The place of the lead is read as the gate's is ([`crate::audience`]); a call that no campaign wants has no hours of its own.
const WHERE: &str = "
SELECT q.phone, coalesce(l.state, pr.state) AS state, coalesce(l.zip5, pr.zip5) AS zip5, coalesce(l.county, pr.county) AS county,
       coalesce(l.kind = 'business' OR l.business_id IS NOT NULL, false) AS is_business, c.windows
  FROM call_queue q
  LEFT JOIN send_intents i ON i.team_id = $1 AND i.id = q.intent_id
  LEFT JOIN campaigns c ON c.team_id = $1 AND c.id = i.campaign_id
  LEFT JOIN leads l ON l.team_id = $1 AND l.id = coalesce(q.lead_id, i.lead_id)
  LEFT JOIN properties pr ON pr.team_id = $1 AND pr.lead_id = l.id
 WHERE q.team_id = $1 AND q.id = $2";

/// What the hours where the called party may be have against this call at `now`, by the rules that hold then.
pub(super) async fn quiet(
    tx: &mut BulkTransaction,
    id: QueuedCallId,
    now: DateTime<Utc>,
) -> Result<Option<Quiet>> {
    let query = sqlx::query_as::<_, Row>(WHERE).bind(tx.team_id().uuid()).bind(id.uuid());
    let Some(row) = tx.first(query).await? else { return Ok(None) };
    // Who wrote to us need not have a number of this country: nobody is called by the address alone.
    let phone: Phone = match row.phone.parse() {
        Ok(phone) => phone,
        Err(foreign) => return Ok(Some(Quiet { says: foreign.to_string(), opens_at: None })),
    };
    let rules = Rules::read(tx, None, now).await?;
    let state = row.state.as_deref().and_then(State::parse);
    let zip = row.zip5.as_deref().and_then(Zip5::from_digits);
    let place = Place::of(Some(&phone), state, zip, row.county.as_deref().unwrap_or_default());
    let own = row.windows.as_ref().map(windows).transpose()?.unwrap_or_default();
    let held = calling_hours(rules.set(), place, row.is_business, own, now);
    Ok(held.map(|held| Quiet { says: held.says.into_owned(), opens_at: held.again }))
}
