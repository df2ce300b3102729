//! Nobody calls a vendor more often than it allows, however many workers there are.

use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::{DateTime, Utc};
use domain::enrichment::RateLimit;
use entities::rate_limit::{self, Bucket, Taken};
use futures::future::try_join_all;
use tests::a_team;

use super::scene::Scene;

async fn now(tx: &mut entities::BulkTransaction) -> Result<DateTime<Utc>> {
    let row: Option<(DateTime<Utc>,)> = tx.first(sqlx::query_as("SELECT clock_timestamp()")).await?;
    Ok(row.expect("the time").0)
}

/// Draws, and answers between which two times of the database's clock that was.
async fn draw(
    scene: &Scene,
    bucket: &Bucket,
    limit: RateLimit,
) -> Result<(Taken, DateTime<Utc>, DateTime<Utc>)> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let before = now(&mut tx).await?;
    let taken = rate_limit::take_each(&mut tx, &[(bucket.clone(), limit)]).await?;
    let after = now(&mut tx).await?;
    tx.commit().await?;
    Ok((taken, before, after))
}

/// Eight takers without any pause of their own: in no stretch of time do more come through than the bucket lets out.
#[tokio::test]
async fn eight_takers_overrun_no_window() -> Result<()> {
    let scene = Scene::with(8).await?;
    let limit = RateLimit::new(7, Duration::from_millis(20))?;
    let bucket = Bucket::Account("apollo".to_owned());
    let until = Instant::now() + Duration::from_secs(2);
    let takers = (0..8).map(|_| async {
        let mut granted = Vec::new();
        while Instant::now() < until {
            match draw(&scene, &bucket, limit).await? {
                (Taken::Granted, before, after) => granted.push((before, after)),
                (Taken::Wait(wait), ..) => assert!(wait <= limit.interval(), "{wait:?}"),
            }
        }
        anyhow::Ok(granted)
    });
    let granted: Vec<(DateTime<Utc>, DateTime<Utc>)> =
        try_join_all(takers).await?.into_iter().flatten().collect();
    assert!(granted.len() >= 20, "it lets through what it may: {}", granted.len());
    for (from, _) in &granted {
        for (_, to) in &granted {
            // What was drawn within the stretch for certain.
            let Ok(stretch) = (*to - *from).to_std() else { continue };
            let count = granted.iter().filter(|(before, after)| before >= from && after <= to).count() as u64;
            assert!(count <= limit.most_in(stretch), "{count} within {stretch:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn whoever_waits_as_told_is_given() -> Result<()> {
    let scene = Scene::new().await?;
    let limit = RateLimit::new(2, Duration::from_secs(600))?;
    let bucket = Bucket::Team("batchdata".to_owned());
    for _ in 0..2 {
        assert_eq!(draw(&scene, &bucket, limit).await?.0, Taken::Granted);
    }
    let Taken::Wait(wait) = draw(&scene, &bucket, limit).await?.0 else { panic!("empty") };
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(600), "{wait:?}");
    // As if so much time had passed.
    let rows = sqlx::query("UPDATE rate_buckets SET full_at = full_at - $1 * interval '1 microsecond'")
        .bind(i64::try_from(wait.as_micros())?)
        .execute(scene.admin.pool())
        .await?
        .rows_affected();
    assert_eq!(rows, 1);
    assert_eq!(draw(&scene, &bucket, limit).await?.0, Taken::Granted);
    Ok(())
}

#[tokio::test]
async fn retry_after_is_obeyed_and_not_shortened() -> Result<()> {
    let scene = Scene::new().await?;
    let limit = RateLimit::new(5, Duration::from_secs(1))?;
    let bucket = Bucket::Account("apollo".to_owned());
    let block = async |time| -> Result<()> {
        let mut tx = scene.db.team_bulk(scene.team).await?;
        rate_limit::block(&mut tx, &bucket, time).await?;
        tx.commit().await?;
        Ok(())
    };
    // Also where nobody has drawn yet.
    block(Duration::from_secs(60)).await?;
    block(Duration::from_secs(10)).await?;
    let Taken::Wait(wait) = draw(&scene, &bucket, limit).await?.0 else { panic!("blocked") };
    assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60), "{wait:?}");
    sqlx::query("UPDATE account_buckets SET blocked_until = clock_timestamp()")
        .execute(scene.admin.pool())
        .await?;
    assert_eq!(draw(&scene, &bucket, limit).await?.0, Taken::Granted);
    Ok(())
}

#[tokio::test]
async fn the_account_is_everybodys_and_a_team_has_its_own() -> Result<()> {
    let scene = Scene::new().await?;
    let other = a_team().create(&scene.admin).await?.id;
    let slow = RateLimit::new(1, Duration::from_secs(3_600))?;
    let fast = RateLimit::new(100, Duration::from_millis(1))?;
    let account = (Bucket::Account("apollo".to_owned()), slow);
    let own = (Bucket::Team("apollo".to_owned()), fast);
    let both = [account.clone(), own.clone()];
    assert_eq!(rate_limit::take_all(&scene.db, scene.team, &both).await?, Taken::Granted);
    let told = rate_limit::take_all(&scene.db, other, &both).await?;
    assert!(matches!(told, Taken::Wait(wait) if wait > Duration::from_secs(3_000)), "{told:?}");
    let slow_own = [(own.0.clone(), slow)];
    assert_eq!(
        rate_limit::take_all(&scene.db, other, &slow_own).await?,
        Taken::Granted,
        "what was drawn in vain came back"
    );
    Ok(())
}
