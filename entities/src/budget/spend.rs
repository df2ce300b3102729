//! Reserve, settle, correct, release: `reserve_budget`, `settle_budget`, `correct_budget` and `release_budget` in SQL.

use domain::id::TypedId;
use domain::money::MicroDollars;

use super::Scope;
use crate::{BulkTransaction, DbError, Result};

/// What became of an attempt to put money aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reservation {
    /// It is put aside, by this attempt or an earlier one of the same call.
    Reserved,
    /// The call was paid for already. Do not make it again.
    Settled,
    /// There is too little left, of money or of expensive calls. Nothing was put aside.
    Exhausted {
        /// Where.
        scope: Scope,
    },
}

/// Puts `amount` aside for `call` in all of `scopes`, or in none. An expensive call also counts against limits of calls.
/// Commit also where the answer is [`Reservation::Exhausted`]: the alert that somebody gets of it is part of the
/// transaction.
///
/// The budgets stay locked to the end of the transaction: claim first, reserve last.
///
/// # Errors
/// [`DbError::Conflict`] with `budgets_reserved_micros_check` for a negative amount; any other [`DbError`].
pub async fn reserve<T: TypedId>(
    tx: &mut BulkTransaction,
    call: T,
    scopes: &[Scope],
    amount: MicroDollars,
    expensive: bool,
) -> Result<Reservation> {
    let (kinds, subjects): (Vec<&str>, Vec<String>) = scopes.iter().map(Scope::columns).unzip();
    let answer: Option<(String, Option<String>, Option<String>)> = tx
        .first(
            sqlx::query_as("SELECT verdict, scope, subject FROM reserve_budget($1, $2, $3, $4, $5)")
                .bind(call.uuid())
                .bind(kinds)
                .bind(subjects)
                .bind(amount.micros())
                .bind(expensive),
        )
        .await?;
    let unreadable = || DbError::unreadable("reserve_budget", "an answer this version does not know");
    let (verdict, scope, subject) = answer.ok_or_else(unreadable)?;
    match verdict.as_str() {
        "reserved" => Ok(Reservation::Reserved),
        "settled" => Ok(Reservation::Settled),
        "exhausted" => {
            let scope = Scope::from_columns(&scope.unwrap_or_default(), &subject.unwrap_or_default());
            Ok(Reservation::Exhausted { scope: scope.ok_or_else(unreadable)? })
        }
        _ => Err(unreadable()),
    }
}

/// Turns what `call` put aside into what it cost, which may be more or less. Answers whether that was still to be done:
/// not where it was done before, and not where nothing was ever put aside. Where it was released and turns out to have
/// cost something, it is settled all the same: truth goes before limits.
///
/// # Errors
/// Any [`DbError`].
pub async fn settle<T: TypedId>(tx: &mut BulkTransaction, call: T, cost: MicroDollars) -> Result<bool> {
    let query = sqlx::query_as("SELECT settle_budget($1, $2)").bind(call.uuid()).bind(cost.micros());
    Ok(tx.first::<(bool,)>(query).await?.is_some_and(|(done,)| done))
}

/// [`settle`], and where `call` was settled before at another cost, corrects that: for whoever knows what it cost, and not
/// only what it may have. Answers whether anything changed.
///
/// # Errors
/// Any [`DbError`].
pub async fn correct<T: TypedId>(tx: &mut BulkTransaction, call: T, cost: MicroDollars) -> Result<bool> {
    let query = sqlx::query_as("SELECT correct_budget($1, $2)").bind(call.uuid()).bind(cost.micros());
    Ok(tx.first::<(bool,)>(query).await?.is_some_and(|(done,)| done))
}

/// Gives back what `call` put aside and did not cost. Answers whether that was still to be done.
///
/// # Errors
/// Any [`DbError`].
pub async fn release<T: TypedId>(tx: &mut BulkTransaction, call: T) -> Result<bool> {
    let query = sqlx::query_as("SELECT release_budget($1)").bind(call.uuid());
    Ok(tx.first::<(bool,)>(query).await?.is_some_and(|(done,)| done))
}
