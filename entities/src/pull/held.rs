//! A pull while something is done to it.

use domain::id::{PullId, TypedId};

use super::{EndedBy, PullState};
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// A pull as it is, and stays until the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPull {
    /// Which vendor's list, by the vendor's word.
    pub source: String,
    /// The question.
    pub pull_params: serde_json::Value,
    /// How far it has come.
    pub state: PullState,
    /// What ended it.
    pub ended_by: Option<EndedBy>,
    /// Whether a person asked it to stop.
    pub stop_requested: bool,
    /// The most pages to fetch.
    pub most_pages: Option<i32>,
    /// Pages fetched.
    pub pages: i32,
    /// Records in them.
    pub records: i32,
    /// Leads they made.
    pub leads_new: i32,
    /// Records whose lead was known.
    pub leads_known: i32,
}

struct Row {
    source: String,
    pull_params: serde_json::Value,
    state: String,
    ended_by: Option<String>,
    stop_requested: bool,
    most_pages: Option<i32>,
    pages: i32,
    records: i32,
    leads_new: i32,
    leads_known: i32,
}
from_row!(Row {
    source,
    pull_params,
    state,
    ended_by,
    stop_requested,
    most_pages,
    pages,
    records,
    leads_new,
    leads_known
});

/// The team's pull with this id. Whoever else wants to hold it waits for the end of the transaction.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn hold(tx: &mut BulkTransaction, id: PullId) -> Result<HeldPull> {
    let query = sqlx::query_as(
        "SELECT source, pull_params, state, ended_by, stop_requested_at IS NOT NULL AS stop_requested, most_pages, pages, \
                records, leads_new, leads_known FROM pulls WHERE team_id = $1 AND id = $2 FOR UPDATE",
    );
    let team = tx.team_id().uuid();
    let row: Option<Row> = tx.first(query.bind(team).bind(id.uuid())).await?;
    let row = row.ok_or_else(|| DbError::not_found("pull", id))?;
    Ok(HeldPull {
        source: row.source,
        pull_params: row.pull_params,
        state: row.state.parse().map_err(|error| DbError::unreadable("pulls.state", error))?,
        ended_by: row
            .ended_by
            .map(|word| word.parse())
            .transpose()
            .map_err(|error| DbError::unreadable("pulls.ended_by", error))?,
        stop_requested: row.stop_requested,
        most_pages: row.most_pages,
        pages: row.pages,
        records: row.records,
        leads_new: row.leads_new,
        leads_known: row.leads_known,
    })
}
