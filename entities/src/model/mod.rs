//! A team's language model: where it is, what it costs, and what it is asked for.

mod call;
mod wanted;

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{TypedId, UserId};
use domain::money::MicroDollars;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

pub use call::{CallEnd, Purpose, begin, end, pass_over};
pub use wanted::{Unread, Unwritten, replace_suggestion, said_by_model, unread, unwritten};

/// The word by which budgets know what models cost: scopes `provider` and `day`.
pub const BUDGET: &str = "model";

/// A team's model.
#[derive(Clone, PartialEq, Eq)]
pub struct TeamModel {
    /// What `/chat/completions` is put behind.
    pub base_url: String,
    /// Its name, as the server knows it.
    pub model: String,
    /// The server's key, encrypted, and the key it is encrypted with.
    pub sealed_key: Option<(Vec<u8>, String)>,
    /// What a million tokens of questions costs.
    pub input: MicroDollars,
    /// What a million tokens of answers costs.
    pub output: MicroDollars,
    /// Whether it is asked what a reply means where the rules are unsure.
    pub reads: bool,
    /// Whether it writes suggestions.
    pub writes: bool,
    /// When any of it last changed.
    pub updated_at: DateTime<Utc>,
}

impl fmt::Debug for TeamModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TeamModel")
            .field("model", &self.model)
            .field("reads", &self.reads)
            .field("writes", &self.writes)
            .finish_non_exhaustive()
    }
}

impl TeamModel {
    /// What so many tokens cost, rounded up.
    pub fn cost(&self, input_tokens: u64, output_tokens: u64) -> MicroDollars {
        let of = |tokens: u64, price: MicroDollars| i128::from(tokens) * i128::from(price.micros());
        let millionths = of(input_tokens, self.input) + of(output_tokens, self.output);
        let micros = (millionths + 999_999) / 1_000_000;
        MicroDollars::new(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

struct Row {
    base_url: String,
    model: String,
    key_sealed: Option<Vec<u8>>,
    key_id: Option<String>,
    input_micros: i64,
    output_micros: i64,
    reads: bool,
    writes: bool,
    updated_at: DateTime<Utc>,
}
from_row!(Row {
    base_url,
    model,
    key_sealed,
    key_id,
    input_micros,
    output_micros,
    reads,
    writes,
    updated_at
});

/// The team's model; `None` where it has none.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn get(tx: &mut BulkTransaction) -> Result<Option<TeamModel>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT base_url, model, key_sealed, key_id, input_micros, output_micros, reads, writes, updated_at
           FROM team_models WHERE team_id = $1",
    );
    Ok(tx.first(query.bind(tx.team_id().uuid())).await?.map(|row| TeamModel {
        base_url: row.base_url,
        model: row.model,
        sealed_key: row.key_sealed.zip(row.key_id),
        input: MicroDollars::new(row.input_micros),
        output: MicroDollars::new(row.output_micros),
        reads: row.reads,
        writes: row.writes,
        updated_at: row.updated_at,
    }))
}

/// Gives the team this model, in place of the one it had.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn put(tx: &mut BulkTransaction, model: &TeamModel, by: Option<UserId>) -> Result<()> {
    let (sealed, key_id) =
        model.sealed_key.as_ref().map(|(sealed, key)| (sealed.as_slice(), key.as_str())).unzip();
    let query = sqlx::query(
        "INSERT INTO team_models (team_id, base_url, model, key_sealed, key_id, input_micros, output_micros, reads, writes,
                                  updated_by, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (team_id) DO UPDATE
            SET base_url = excluded.base_url, model = excluded.model, key_sealed = excluded.key_sealed,
                key_id = excluded.key_id, input_micros = excluded.input_micros, output_micros = excluded.output_micros,
                reads = excluded.reads, writes = excluded.writes, updated_by = excluded.updated_by,
                updated_at = excluded.updated_at",
    );
    let query =
        query.bind(tx.team_id().uuid()).bind(&model.base_url).bind(&model.model).bind(sealed).bind(key_id);
    let query =
        query.bind(model.input.micros()).bind(model.output.micros()).bind(model.reads).bind(model.writes);
    tx.run(query.bind(by.map(TypedId::uuid)).bind(model.updated_at)).await?;
    Ok(())
}

/// Takes the team's model away: nothing is asked from then on. Answers whether there was one.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn remove(tx: &mut BulkTransaction) -> Result<bool> {
    let query = sqlx::query("DELETE FROM team_models WHERE team_id = $1").bind(tx.team_id().uuid());
    Ok(tx.run(query).await? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cost_what_they_cost_rounded_up() {
        let model = TeamModel {
            base_url: "https://models.example/v1".to_owned(),
            model: "small".to_owned(),
            sealed_key: Some((vec![1], "k1".to_owned())),
            input: MicroDollars::new(150_000),
            output: MicroDollars::new(600_000),
            reads: true,
            writes: false,
            updated_at: Utc::now(),
        };
        assert_eq!(model.cost(1_000_000, 0), MicroDollars::new(150_000));
        assert_eq!(model.cost(100, 10), MicroDollars::new(21));
        assert_eq!(model.cost(1, 0), MicroDollars::new(1));
        assert_eq!(model.cost(0, 0), MicroDollars::ZERO);
        assert_eq!(model.cost(u64::MAX, u64::MAX).micros(), i64::MAX);
        assert!(!format!("{model:?}").contains("k1"));
    }
}
