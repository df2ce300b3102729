//! Whoever is dropped midway leaves the next user of the connection nothing.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use anyhow::Result;
use entities::Database;
use sqlx::AssertSqlSafe;
use tests::{Services, TestDb, a_team};

/// Waits that somebody may be dropped in: more than there are from the beginning of a transaction to its end.
const WAITS: u32 = 16;
/// How often each is tried.
const TIMES: u32 = 10;

/// The work's end, or `None` where it is dropped in its wait number `wait`, before what it waits for has come.
async fn dropped_in<T>(wait: u32, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut waited) = (pin!(work), 0);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => {
            waited += 1;
            if waited > wait { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}

#[tokio::test]
async fn whoever_is_dropped_midway_leaves_it_in_order() -> Result<()> {
    let copy = TestDb::new(Services::shared().await).await?;
    let (db, admin) = (Database::connect(copy.url(), 1).await?, copy.admin().await?);
    let team = a_team().create(&admin).await?.id;
    let (mut dropped, mut ended) = (0, 0);
    for number in 0..WAITS * TIMES {
        // Statements that the connection knows, and some that it has yet to learn.
        let sql = format!("SELECT $1::integer -- {}", number % 7);
        let work = async {
            let mut tx = db.team_bulk(team).await?;
            tx.first(sqlx::query_as::<_, (i32,)>(AssertSqlSafe(sql)).bind(-1)).await?;
            tx.commit().await?;
            sqlx::query("SELECT $1::integer").bind(-2).execute(db.pool()).await?;
            anyhow::Ok(())
        };
        match dropped_in(number % WAITS, work).await {
            Some(done) => {
                done?;
                ended += 1;
            }
            None => dropped += 1,
        }
        let next = "SELECT $1::integer, coalesce(current_setting('app.team', true), '')";
        let (answer, of): (i32, String) =
            sqlx::query_as(next).bind(number.cast_signed()).fetch_one(db.pool()).await?;
        assert_eq!(answer, number.cast_signed(), "the answer to another question");
        assert!(of.is_empty(), "somebody else's transaction");
    }
    assert!(dropped > WAITS && ended > 0, "dropped in some waits and not in others: {dropped}, {ended}");
    Ok(())
}
