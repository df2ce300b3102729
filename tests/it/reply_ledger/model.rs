//! The questions that a team's language model was asked: one for each message and purpose, whatever becomes of whoever asked.

use anyhow::{Context, Result};
use domain::id::TypedId as _;
use domain::money::MicroDollars;
use entities::model::{self, BUDGET, CallEnd, Purpose};

use super::scene::{Scene, THEIRS};

/// What is put aside, and what is spent, of the models' share of the budget.
async fn money(scene: &Scene) -> Result<(i64, i64)> {
    let query = sqlx::query_as(
        "SELECT coalesce(sum(reserved_micros), 0)::bigint, coalesce(sum(spent_micros), 0)::bigint FROM budgets
          WHERE team_id = $1 AND scope = 'provider' AND subject = $2",
    );
    Ok(query.bind(scene.team.uuid()).bind(BUDGET).fetch_one(scene.admin.pool()).await?)
}

#[tokio::test]
async fn what_a_dead_worker_had_asked_is_ended_by_whoever_comes_next_and_counts_as_paid() -> Result<()> {
    let scene = Scene::new().await?;
    let (asked, passed) = (scene.says(THEIRS, "blue").await?, scene.says(THEIRS, "red").await?);
    let most = MicroDollars::new(700);
    for (item, asks_again) in [(asked.item, true), (passed.item, false)] {
        let before = money(&scene).await?;
        let mut tx = scene.tx().await?;
        let call = model::begin(&mut tx, item, Purpose::Reading, "v1", most).await?.context("a question")?;
        tx.commit().await?;
        assert_eq!(money(&scene).await?, (700, before.1), "it may cost as much");
        // Its worker is no more. Nothing is asked twice, be there somebody to ask or not.
        let mut tx = scene.tx().await?;
        if asks_again {
            assert_eq!(model::begin(&mut tx, item, Purpose::Reading, "v1", most).await?, None);
        } else {
            model::pass_over(&mut tx, item, Purpose::Reading, "v1", "resting").await?;
        }
        tx.commit().await?;
        assert_eq!(money(&scene).await?, (0, before.1 + 700));
        // It was only slow: what it cost is known now, and corrected.
        let mut tx = scene.tx().await?;
        let late = CallEnd::costing(MicroDollars::new(40));
        assert!(!model::end(&mut tx, call, &late, scene.now).await?, "it was ended before");
        tx.commit().await?;
        assert_eq!(money(&scene).await?, (0, before.1 + 40));
    }
    let lost = "SELECT count(*)::text FROM model_calls WHERE team_id = $1 AND state = 'failed' AND reason = 'worker_lost'";
    assert_eq!(scene.value(lost, scene.team.uuid()).await?, "2");
    Ok(())
}
