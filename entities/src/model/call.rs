//! What a model was asked: once for each message and purpose, whatever becomes of it.

use chrono::{DateTime, Utc};
use domain::id::{InboxItemId, ModelCallId, TypedId};
use domain::money::MicroDollars;
use domain::named_enum;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::BUDGET;
use crate::budget::{self, Reservation, Scope};
use crate::{BulkTransaction, Result, fresh_id};

named_enum! {
    /// What a model is asked for.
    Purpose {
        /// What a reply means.
        Reading = "reading",
        /// What to answer.
        Writing = "writing",
    }
}

/// Notes that a model is to be asked about an item, and puts aside what that costs at the most. Answers the call, to be made now
/// and ended by [`end`]; `None` where nothing is to be asked: it was asked before, or the budgets have too little left, and
/// then it is not asked later either. A call that was begun and never ended, because its worker died, is taken to have cost as
/// much as was put aside.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn begin(
    tx: &mut BulkTransaction,
    item: InboxItemId,
    purpose: Purpose,
    instructions: &str,
    most: MicroDollars,
) -> Result<Option<ModelCallId>> {
    let id: ModelCallId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO model_calls (team_id, id, item_id, purpose, instructions, reserved_micros)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT ON CONSTRAINT model_calls_once DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(item.uuid()).bind(purpose.as_str());
    if tx.run(query.bind(instructions).bind(most.micros())).await? == 0 {
        give_up(tx, item, purpose).await?;
        return Ok(None);
    }
    let word = BUDGET.to_owned();
    let scopes = [Scope::Team, Scope::Provider(word.clone()), Scope::Day, Scope::ProviderDay(word)];
    match budget::reserve(tx, id, &scopes, most, false).await? {
        Reservation::Reserved => Ok(Some(id)),
        // The id is new: nobody can have paid for it.
        Reservation::Settled => Ok(None),
        Reservation::Exhausted { .. } => {
            let query = sqlx::query(
                "UPDATE model_calls SET state = 'unfunded', reason = 'budget_exhausted', reserved_micros = 0,
                        cost_micros = 0, ended_at = clock_timestamp() WHERE team_id = $1 AND id = $2",
            );
            tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
            Ok(None)
        }
    }
}

/// Notes that a model is not asked about an item, now or later, and why. A call that was begun and never ended, because its
/// worker died, is taken to have cost as much as was put aside.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn pass_over(
    tx: &mut BulkTransaction,
    item: InboxItemId,
    purpose: Purpose,
    instructions: &str,
    why: &str,
) -> Result<()> {
    let id: ModelCallId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO model_calls (team_id, id, item_id, purpose, state, reason, instructions, reserved_micros, cost_micros, ended_at)
         VALUES ($1, $2, $3, $4, 'failed', $5, $6, 0, 0, clock_timestamp()) ON CONFLICT ON CONSTRAINT model_calls_once DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(item.uuid()).bind(purpose.as_str());
    if tx.run(query.bind(why).bind(instructions)).await? == 0 {
        give_up(tx, item, purpose).await?;
    }
    Ok(())
}

/// Ends a call that nobody will end any more.
async fn give_up(tx: &mut BulkTransaction, item: InboxItemId, purpose: Purpose) -> Result<()> {
    let query = sqlx::query_as::<_, (Uuid, i64)>(
        "SELECT id, reserved_micros FROM model_calls WHERE team_id = $1 AND item_id = $2 AND purpose = $3
            AND state = 'asked' FOR UPDATE",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(item.uuid()).bind(purpose.as_str())).await?;
    if let Some((id, reserved)) = row {
        let lost = CallEnd { reason: Some("worker_lost"), ..CallEnd::costing(MicroDollars::new(reserved)) };
        end(tx, ModelCallId::from_uuid(id), &lost, Utc::now()).await?;
    }
    Ok(())
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub struct CallEnd<'a> {
    /// What it said, where that is of use. Personal data.
    pub answer: Option<&'a Value>,
    /// The word of why there is no answer, or why it is not used.
    pub reason: Option<&'a str>,
    /// Which model answered.
    pub model: Option<&'a str>,
    /// Tokens of question and answer, where that was said.
    pub tokens: Option<(u64, u64)>,
    /// What it cost.
    pub cost: MicroDollars,
}

impl CallEnd<'_> {
    /// A call of which nothing is known but what it cost.
    pub const fn costing(cost: MicroDollars) -> Self {
        Self { answer: None, reason: None, model: None, tokens: None, cost }
    }
}

/// Writes down how a call ended, and turns what was put aside into what it cost: what is known late is corrected. Answers
/// whether it was still open.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn end(
    tx: &mut BulkTransaction,
    call: ModelCallId,
    what: &CallEnd<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let state = if what.answer.is_some() { "answered" } else { "failed" };
    let tokens = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
    let (input, output) = what.tokens.map(|(input, output)| (tokens(input), tokens(output))).unzip();
    let query = sqlx::query(
        "UPDATE model_calls SET state = $3, reason = $4, model = $5, answer = $6, input_tokens = $7, output_tokens = $8,
                cost_micros = $9, ended_at = $10 WHERE team_id = $1 AND id = $2 AND state = 'asked'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(call.uuid()).bind(state).bind(what.reason);
    let query = query.bind(what.model).bind(what.answer.map(Json)).bind(input).bind(output);
    let open = tx.run(query.bind(what.cost.micros()).bind(now)).await? > 0;
    if what.cost == MicroDollars::ZERO {
        budget::release(tx, call).await?;
    } else {
        budget::correct(tx, call, what.cost).await?;
    }
    Ok(open)
}
