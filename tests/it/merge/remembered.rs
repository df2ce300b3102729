//! What a person has said is not said again by an import.

use anyhow::Result;
use domain::FailureCode;
use entities::DbError;
use entities::merge::{Kind, Merge, Origin, keep_apart, kept_apart, merge, review, unmerge};
use tests::{Services, Team, TestApp, a_team};

use super::graph::{Graph, pair, rows_of};

async fn team_with_people(app: &TestApp, seed: u64) -> Result<(Team, Graph)> {
    let team = a_team().create(&app.admin).await?;
    let graph = Graph::of(seed);
    graph.put(&app.db, team.id).await?;
    Ok((team, graph))
}

async fn import(app: &TestApp, team: &Team, pairs: &[Merge]) -> Result<(u64, u64)> {
    let mut tx = app.db.team_bulk(team.id).await?;
    let done = merge(&mut tx, Kind::Persona, pairs, Origin::Import(entities::fresh_id())).await?;
    tx.commit().await?;
    Ok((done.merged, done.kept_apart))
}

#[tokio::test]
async fn what_a_person_took_apart_no_import_merges_again_not_even_by_way_of_others() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (team, graph) = team_with_people(&app, 1).await?;
    let [a, b, c] = [graph.personas[0], graph.personas[1], graph.personas[2]];
    assert_eq!(import(&app, &team, &[pair(a, b, 0.97)]).await?, (1, 0));
    let mut tx = app.db.team_bulk(team.id).await?;
    unmerge(&mut tx, Kind::Persona, b, team.user).await?;
    tx.commit().await?;

    assert_eq!(import(&app, &team, &[pair(a, b, 0.99)]).await?, (0, 1), "directly");
    assert_eq!(import(&app, &team, &[pair(b, a, 0.99)]).await?, (0, 1), "the other way round");
    assert_eq!(
        import(&app, &team, &[pair(c, a, 0.99), pair(c, b, 0.98)]).await?,
        (1, 1),
        "by way of a third"
    );
    // A is in C now: whoever has A is kept from B.
    let mut tx = app.db.team_bulk(team.id).await?;
    assert_eq!(kept_apart(&mut tx, Kind::Persona).await?, [(c.min(b), c.max(b))]);
    assert_eq!(review::propose(&mut tx, Kind::Persona, &[pair(c, b, 0.7)], entities::fresh_id()).await?, 0);
    tx.commit().await?;
    assert_eq!(import(&app, &team, &[pair(c, b, 0.99)]).await?, (0, 1));

    // A person may think again.
    let mut tx = app.db.team_bulk(team.id).await?;
    let done = merge(&mut tx, Kind::Persona, &[pair(c, b, 1.0)], Origin::Manual(team.user)).await?;
    assert_eq!(done.merged, 1);
    assert_eq!(kept_apart(&mut tx, Kind::Persona).await?, [], "they are one");
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn circles_are_refused_whichever_way_they_come() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (team, graph) = team_with_people(&app, 2).await?;
    let [a, b, c] = [graph.personas[0], graph.personas[1], graph.personas[2]];
    let before = rows_of(&app.db, team.id).await?;

    let mut tx = app.db.team_bulk(team.id).await?;
    let circle = merge(
        &mut tx,
        Kind::Persona,
        &[pair(a, b, 0.9), pair(b, c, 0.9), pair(c, a, 0.9)],
        Origin::Manual(team.user),
    )
    .await;
    assert!(matches!(circle, Err(DbError::CircularMerge { .. })), "{circle:?}");
    tx.rollback().await?;
    let problem = api::problem::Problem::from(DbError::CircularMerge { id: "pers_1".to_owned() });
    assert_eq!(
        (problem.status().as_u16(), problem.code()),
        (409, FailureCode::ResolveCircularMerge.as_str())
    );
    assert_eq!(rows_of(&app.db, team.id).await?, before, "nothing was changed");

    // One after the other: the merged one is nobody to merge with.
    assert_eq!(import(&app, &team, &[pair(a, b, 0.9)]).await?, (1, 0));
    let mut tx = app.db.team_bulk(team.id).await?;
    let back = merge(&mut tx, Kind::Persona, &[pair(b, a, 0.9)], Origin::Manual(team.user)).await;
    assert!(matches!(back, Err(DbError::WrongState { .. })), "{back:?}");
    tx.rollback().await?;

    // Past the program, the database refuses it too.
    let mut tx = app.admin.team_bulk(team.id).await?;
    let forged = tx
        .run(
            sqlx::query(
                "INSERT INTO persona_merge_history (team_id, id, survivor_id, merged_id, root_id, merged_key, kind, score, \
                        rule_set, undo) VALUES ($1, gen_random_uuid(), $2, $3, $2, gen_random_uuid(), 'manual', 1, 'x', '{}')",
            )
            .bind(domain::id::TypedId::uuid(team.id))
            .bind(b)
            .bind(a),
        )
        .await;
    assert!(forged.is_err_and(|error| error.violates("merge_history_not_circular")));
    Ok(())
}

#[tokio::test]
async fn kept_apart_is_said_once() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (team, graph) = team_with_people(&app, 3).await?;
    let mut tx = app.db.team_bulk(team.id).await?;
    for (one, other) in [(0, 1), (1, 0)] {
        keep_apart(&mut tx, Kind::Persona, graph.personas[one], graph.personas[other], Some(team.user))
            .await?;
    }
    assert_eq!(kept_apart(&mut tx, Kind::Persona).await?.len(), 1);
    assert_eq!(kept_apart(&mut tx, Kind::Business).await?.len(), 0, "people are not businesses");
    Ok(())
}
