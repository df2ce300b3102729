//! Reserve, settle and release for a batch, under one lock: `reserve_budgets`, `settle_budgets`, `release_budgets` in SQL.

use domain::id::TypedId;
use domain::money::MicroDollars;
use uuid::Uuid;

use super::Scope;
use super::spend::Reservation;
use crate::{BulkTransaction, DbError, Result};

/// Puts money aside for each of the calls in all of `scopes`, in the order given, as long as it lasts: a cheaper call may
/// pass where a dearer one before it did not. As [`super::reserve`] otherwise: commit also where something is exhausted.
///
/// # Errors
/// Any [`DbError`].
pub async fn reserve_many<T: TypedId>(
    tx: &mut BulkTransaction,
    calls: &[(T, MicroDollars)],
    scopes: &[Scope],
) -> Result<Vec<(T, Reservation)>> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let (kinds, subjects): (Vec<&str>, Vec<String>) = scopes.iter().map(Scope::columns).unzip();
    let (ids, amounts): (Vec<Uuid>, Vec<i64>) =
        calls.iter().map(|(call, amount)| (call.uuid(), amount.micros())).unzip();
    let query = sqlx::query_as::<_, (Uuid, String, Option<String>, Option<String>)>(
        "SELECT call_id, verdict, scope, subject FROM reserve_budgets($1, $2, $3, $4)",
    );
    let rows = tx.all(query.bind(ids).bind(amounts).bind(kinds).bind(subjects)).await?;
    let unreadable = || DbError::unreadable("reserve_budgets", "an answer this version does not know");
    rows.into_iter()
        .map(|(id, verdict, scope, subject)| {
            let reservation = match verdict.as_str() {
                "reserved" => Reservation::Reserved,
                "settled" => Reservation::Settled,
                "exhausted" => {
                    let scope = Scope::from_columns(&scope.unwrap_or_default(), &subject.unwrap_or_default());
                    Reservation::Exhausted { scope: scope.ok_or_else(unreadable)? }
                }
                _ => return Err(unreadable()),
            };
            Ok((T::from_uuid(id), reservation))
        })
        .collect()
}

/// Puts money aside for one of them, as [`reserve_many`] does. Answers whether there was enough.
///
/// # Errors
/// Any [`DbError`].
pub async fn put_aside<T: TypedId>(
    tx: &mut BulkTransaction,
    call: T,
    amount: MicroDollars,
    scopes: &[Scope],
) -> Result<bool> {
    let reserved = reserve_many(tx, &[(call, amount)], scopes).await?;
    Ok(!reserved.iter().any(|(_, reservation)| matches!(reservation, Reservation::Exhausted { .. })))
}

/// Turns what each call put aside into what it cost. Answers of how many that was still to be done.
///
/// # Errors
/// Any [`DbError`].
pub async fn settle_many<T: TypedId>(tx: &mut BulkTransaction, calls: &[(T, MicroDollars)]) -> Result<i32> {
    let (ids, amounts): (Vec<Uuid>, Vec<i64>) =
        calls.iter().map(|(call, amount)| (call.uuid(), amount.micros())).unzip();
    settle_ids(tx, &ids, &amounts).await
}

pub(crate) async fn settle_ids(tx: &mut BulkTransaction, calls: &[Uuid], amounts: &[i64]) -> Result<i32> {
    if calls.is_empty() {
        return Ok(0);
    }
    let query = sqlx::query_as::<_, (i32,)>("SELECT settle_budgets($1, $2)").bind(calls).bind(amounts);
    Ok(tx.first(query).await?.map_or(0, |(done,)| done))
}

/// Gives back what each call put aside and did not cost. Answers of how many that was still to be done.
///
/// # Errors
/// Any [`DbError`].
pub async fn release_many<T: TypedId>(tx: &mut BulkTransaction, calls: &[T]) -> Result<i32> {
    if calls.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = calls.iter().map(|call| call.uuid()).collect();
    let query = sqlx::query_as::<_, (i32,)>("SELECT release_budgets($1)").bind(ids);
    Ok(tx.first(query).await?.map_or(0, |(done,)| done))
}
