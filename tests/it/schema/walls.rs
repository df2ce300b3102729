//! No table of a team can be seen or written from outside that team.

use anyhow::Result;
use domain::id::TypedId as _;
use entities::pipeline::Staging;
use entities::walls;
use sqlx::{AssertSqlSafe, Row as _};
use tests::{TestApp, a_team, lists};

#[tokio::test]
async fn every_table_of_a_team_is_behind_the_wall() -> Result<()> {
    let app = TestApp::without_worker(tests::Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let upload = app.store_list(&team, "list.csv", &lists::list(3, 1).0).await?;
    let mut tx = app.db.team_bulk(team.id).await?;
    Staging::of(upload.source).open(&mut tx).await?;
    tx.commit().await?;

    let tables = walls::tenant_tables(&app.admin).await?;
    assert!(tables.len() > 20, "partitions of an open file among them: {}", tables.len());
    for table in &tables {
        assert!(table.is_safe(), "{table:?}");
    }
    // Tables without a team are few, and known.
    let open = sqlx::query(
        "SELECT c.relname::text FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'team_id') ORDER BY 1",
    )
    .fetch_all(app.admin.pool())
    .await?;
    let open: Vec<String> = open.iter().map(|row| row.get(0)).collect();
    // Vendors' accounts are the platform's: what one team learns of them holds for all. What holds for everybody (rules, stops,
    // suppressions) is read by all teams and written by none.
    let shared = [
        "account_buckets",
        "endpoint_tallies",
        "event_readings",
        "global_kill_switches",
        "global_suppressions",
        "provider_accounts",
        "rule_sets",
        "seaql_migrations",
        "teams",
        "users",
    ];
    assert_eq!(open, shared);
    Ok(())
}

#[tokio::test]
async fn the_application_cannot_pass_the_wall() -> Result<()> {
    let app = TestApp::without_worker(tests::Services::shared().await).await?;
    let powers = walls::role_powers(&app.db).await?;
    assert!(powers.is_harmless(), "{powers:?}");
    // Not even by leaving its role.
    for way_out in ["RESET ROLE", "RESET ALL"] {
        let mut connection = app.db.pool().acquire().await?;
        let _ = sqlx::raw_sql(AssertSqlSafe(way_out.to_owned())).execute(&mut *connection).await;
        let row = sqlx::query("SELECT current_user::text").fetch_one(&mut *connection).await?;
        let user: String = row.get(0);
        assert_eq!(user, entities::database::APPLICATION_ROLE, "after {way_out}");
    }
    Ok(())
}

#[tokio::test]
async fn without_a_team_nothing_is_seen_and_of_another_team_nothing_is_written() -> Result<()> {
    let app = TestApp::without_worker(tests::Services::shared().await).await?;
    let (ours, theirs) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
    app.store_list(&ours, "list.csv", &lists::list(3, 1).0).await?;

    for table in walls::tenant_tables(&app.admin).await? {
        let sql = format!("SELECT count(*) FROM \"{}\"", table.name);
        let seen: i64 = sqlx::query(AssertSqlSafe(sql.clone())).fetch_one(app.db.pool()).await?.get(0);
        assert_eq!(seen, 0, "{} without a team", table.name);
        let mut tx = app.db.team_bulk(theirs.id).await?;
        let foreign = format!("{sql} WHERE team_id = $1");
        let seen: i64 =
            sqlx::query(AssertSqlSafe(foreign)).bind(ours.id.uuid()).fetch_one(tx.connection()).await?.get(0);
        assert_eq!(seen, 0, "{} of another team", table.name);
    }
    let mut tx = app.db.team_bulk(theirs.id).await?;
    let forged = tx
        .run(
            sqlx::query(
                "INSERT INTO mapping_profiles (id, team_id, name) VALUES (gen_random_uuid(), $1, 'forged')",
            )
            .bind(ours.id.uuid()),
        )
        .await;
    assert!(forged.is_err(), "a row for another team is refused");
    Ok(())
}
