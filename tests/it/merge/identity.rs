//! Merged and taken apart, everything is as it was, whatever the order.

use anyhow::Result;
use entities::merge::{Kind, Origin, merge, unmerge};
use entities::{Database, integrity};
use rand::rngs::StdRng;
use rand::seq::{IteratorRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};
use tests::{Services, Team, TestApp, a_team};

use super::graph::{Graph, assert_same, rows_of, some_merges};

/// How many made-up teams each property is tried on.
const TEAMS: u64 = 24;

async fn integer(database: &Database, team: &Team, when: &str) -> Result<()> {
    let orphans: Vec<_> = integrity::orphans(database, team.id)
        .await?
        .into_iter()
        // The made-up teams have businesses that nobody refers to.
        .filter(|orphans| orphans.kind != "businesses that nothing refers to")
        .collect();
    assert!(orphans.is_empty(), "{when}: {orphans:?}");
    assert_eq!(integrity::circular_merges(database, team.id).await?, 0, "{when}");
    Ok(())
}

#[tokio::test]
async fn merged_and_taken_apart_in_any_order_everything_is_as_it_was() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let mut merged_in_all = 0;
    for seed in 0..TEAMS {
        let team = a_team().create(&app.admin).await?;
        let graph = Graph::of(seed);
        graph.put(&app.db, team.id).await?;
        let before = rows_of(&app.db, team.id).await?;
        let mut chance = StdRng::seed_from_u64(seed);
        let mut taken = Vec::new();
        for kind in Kind::ALL {
            for step in some_merges(&graph, kind, seed) {
                let origin = if chance.random_bool(0.3) {
                    Origin::Manual(team.user)
                } else {
                    Origin::Import(entities::fresh_id())
                };
                let mut tx = app.db.team_bulk(team.id).await?;
                let done = merge(&mut tx, kind, &step, origin).await?;
                tx.commit().await?;
                assert_eq!(done.merged, step.len() as u64);
                taken.extend(step.iter().map(|pair| (kind, pair.merged)));
                integer(&app.db, &team, &format!("seed {seed}, merged")).await?;
            }
        }
        merged_in_all += taken.len();
        taken.shuffle(&mut chance);
        for (kind, merged) in taken {
            let mut tx = app.db.team_bulk(team.id).await?;
            unmerge(&mut tx, kind, merged, team.user).await?;
            tx.commit().await?;
            integer(&app.db, &team, &format!("seed {seed}, without {merged}")).await?;
        }
        assert_same(&rows_of(&app.db, team.id).await?, &before, &format!("seed {seed}"));
    }
    assert!(merged_in_all > 100, "only {merged_in_all} merges");
    Ok(())
}

#[tokio::test]
async fn taken_apart_a_merge_leaves_what_would_be_without_it() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    for seed in 100..100 + 2 * TEAMS {
        let (with, without) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
        let graph = Graph::of(seed);
        graph.put(&app.db, with.id).await?;
        graph.put(&app.db, without.id).await?;
        let mut chance = StdRng::seed_from_u64(seed);
        let mut steps: Vec<_> = Kind::ALL.map(|kind| some_merges(&graph, kind, seed).into_iter()).into();
        let mut order = Vec::new();
        while let Some(kind) = (0..steps.len()).filter(|kind| steps[*kind].len() > 0).choose(&mut chance) {
            order.extend(steps[kind].next().map(|step| (Kind::ALL[kind], step)));
        }
        let all: Vec<_> =
            order.iter().flat_map(|(kind, step)| step.iter().map(|pair| (*kind, pair.merged))).collect();
        let (of_kind, regretted) = all[chance.random_range(0..all.len())];
        for (kind, step) in &order {
            let mut tx = app.db.team_bulk(with.id).await?;
            merge(&mut tx, *kind, step, Origin::Import(entities::fresh_id())).await?;
            tx.commit().await?;
            let others: Vec<_> = step.iter().filter(|pair| pair.merged != regretted).cloned().collect();
            let mut tx = app.db.team_bulk(without.id).await?;
            merge(&mut tx, *kind, &others, Origin::Import(entities::fresh_id())).await?;
            tx.commit().await?;
        }
        let mut tx = app.db.team_bulk(with.id).await?;
        unmerge(&mut tx, of_kind, regretted, with.user).await?;
        tx.commit().await?;
        let when = format!("seed {seed}, {of_kind:?} without {regretted}");
        assert_same(&rows_of(&app.db, with.id).await?, &rows_of(&app.db, without.id).await?, &when);
    }
    Ok(())
}
