//! Migrations lead to the same schema however often they are walked.

use anyhow::Result;
use entities::Database;
use sqlx::Row as _;
use tests::{Services, TestDb};

/// Everything the schema consists of, in words.
async fn described(database: &Database) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default)
           FROM information_schema.columns WHERE table_schema = 'public'
         UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
          WHERE connamespace = 'public'::regnamespace
         UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
         UNION ALL SELECT format('policy %s %s %s %s', tablename, policyname, qual, with_check) FROM pg_policies
         UNION ALL SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc
          WHERE pronamespace = 'public'::regnamespace
         UNION ALL SELECT format('grant %s %s %s', table_name, grantee, privilege_type)
           FROM information_schema.role_table_grants WHERE table_schema = 'public'
         UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
         ORDER BY 1",
    )
    .fetch_all(database.pool())
    .await?;
    let words = rows.iter().map(|row| row.try_get::<String, _>(0));
    // The migrations' own book of what was done stays.
    Ok(words
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .filter(|line| !line.contains("seaql_migrations"))
        .collect())
}

#[tokio::test]
async fn up_down_up_ends_where_up_ended() -> Result<()> {
    let services = Services::shared().await;
    let database = TestDb::empty(services).await?;
    let admin = database.admin().await?;
    let nothing = described(&admin).await?;

    let steps = migrations::migrate(admin.connection()).await?;
    assert!(steps.len() >= 4, "{steps:?}");
    let first = described(&admin).await?;
    assert!(first.len() > 200, "the schema is described");
    assert_eq!(migrations::migrate(admin.connection()).await?, Vec::<String>::new(), "nothing is left to do");

    migrations::revert(admin.connection(), None).await?;
    assert_eq!(described(&admin).await?, nothing, "down leaves nothing");

    assert_eq!(migrations::migrate(admin.connection()).await?, steps);
    assert_eq!(described(&admin).await?, first);
    Ok(())
}

#[tokio::test]
async fn each_step_can_be_taken_back_alone() -> Result<()> {
    let database = TestDb::empty(Services::shared().await).await?;
    let admin = database.admin().await?;
    let steps = migrations::migrate(admin.connection()).await?;
    for taken_back in 1..=steps.len() {
        let before = described(&admin).await?;
        migrations::revert(admin.connection(), Some(u32::try_from(taken_back)?)).await?;
        let again = migrations::migrate(admin.connection()).await?;
        assert_eq!(again, steps[steps.len() - taken_back..]);
        assert_eq!(described(&admin).await?, before, "after the last {taken_back} steps");
    }
    Ok(())
}

#[tokio::test]
async fn processes_that_start_together_migrate_once() -> Result<()> {
    let database = TestDb::empty(Services::shared().await).await?;
    let (one, two) = (database.admin().await?, database.admin().await?);
    let (first, second) =
        tokio::try_join!(migrations::migrate(one.connection()), migrations::migrate(two.connection()))?;
    assert!(first.is_empty() != second.is_empty(), "{first:?} {second:?}");
    Ok(())
}
