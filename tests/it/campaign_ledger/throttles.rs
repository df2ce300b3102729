//! Nobody together sends faster than a limit, or more on a day, and nothing bursts.

use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::rate_limit::{self, Bucket};
use entities::throttle::{self, Applies, Daily, Drawn, Pace, Unit, Wanted};
use futures::future::try_join_all;

use super::scene::Scene;

const HORIZON: Duration = Duration::from_secs(3_600);

fn pace(interval: Duration) -> Pace {
    Pace {
        bucket: Bucket::Team("send:campaign".to_owned()),
        interval,
        unit: Unit::Segments,
        applies: Applies::All,
    }
}

fn daily(counter: &str, limit: u32, applies: Applies) -> Daily {
    Daily {
        counter: counter.to_owned(),
        zone: Some("America/Los_Angeles".to_owned()),
        limit,
        unit: Unit::Segments,
        applies,
    }
}

#[tokio::test]
async fn workers_share_one_even_row_of_slots() -> Result<()> {
    let scene = Scene::with(8).await?;
    let interval = Duration::from_secs(10);
    let began = Utc::now();
    let mut slots: Vec<DateTime<Utc>> = try_join_all((0..8).map(async |_| {
        let mut mine = Vec::new();
        for _ in 0..5 {
            let mut tx = scene.tx().await?;
            let wanted = [Wanted { segments: 1, carrier: None }, Wanted { segments: 2, carrier: None }];
            let drawn = throttle::draw(&mut tx, &[pace(interval)], &[], &wanted, HORIZON, scene.now).await?;
            let at = Utc::now();
            tx.commit().await?;
            for one in drawn {
                let Drawn::Slot(after) = one else { anyhow::bail!("{one:?}") };
                mine.push(at + after);
            }
        }
        anyhow::Ok(mine)
    }))
    .await?
    .into_iter()
    .flatten()
    .collect();
    slots.sort();
    assert_eq!(slots.len(), 80);
    // Two texts of three segments in all take three intervals: 40 pairs, the last text's two segments after its slot.
    let whole = (slots[79] - began).to_std()?;
    assert!(whole >= interval * (40 * 3 - 2), "{whole:?}");
    for (one, next) in slots.iter().zip(&slots[1..]) {
        // What the clock of the test and the statement's differ by.
        assert!(*next - *one > chrono::TimeDelta::seconds(9), "{one} and {next}");
    }
    Ok(())
}

#[tokio::test]
async fn slots_beyond_the_horizon_are_not_taken() -> Result<()> {
    let scene = Scene::new().await?;
    let wanted = [Wanted { segments: 1, carrier: None }; 5];
    let mut tx = scene.tx().await?;
    let paces = [pace(Duration::from_secs(60))];
    let drawn = throttle::draw(&mut tx, &paces, &[], &wanted, Duration::from_secs(90), scene.now).await?;
    assert!(
        matches!(
            drawn[..],
            [Drawn::Slot(_), Drawn::Slot(_), Drawn::Later(_), Drawn::Later(_), Drawn::Later(_)]
        ),
        "{drawn:?}"
    );
    // What a vendor's Retry-After says holds for everybody.
    rate_limit::block(&mut tx, &paces[0].bucket, Duration::from_secs(600)).await?;
    let drawn = throttle::draw(&mut tx, &paces, &[], &wanted[..1], HORIZON, scene.now).await?;
    let Drawn::Slot(after) = drawn[0] else { anyhow::bail!("{drawn:?}") };
    assert!((599..=600).contains(&after.as_secs()), "{after:?}");
    Ok(())
}

#[tokio::test]
async fn a_day_is_full_at_its_limit_and_begins_at_the_midnight_of_its_place() -> Result<()> {
    let scene = Scene::with(8).await?;
    let brand = [daily("brand:b:t-mobile", 100, Applies::Carrier("t-mobile".to_owned()))];
    // 23:00 Pacific, on the day on which the clocks go back.
    let evening: DateTime<Utc> = "2026-11-02T07:00:00Z".parse()?;
    let taken = try_join_all((0..8).map(async |_| {
        let mut taken = 0;
        for _ in 0..10 {
            let wanted = [
                Wanted { segments: 2, carrier: Some("t-mobile") },
                Wanted { segments: 1, carrier: Some("att") },
                Wanted { segments: 3, carrier: None },
            ];
            let mut tx = scene.tx().await?;
            let drawn = throttle::draw(&mut tx, &[], &brand, &wanted, HORIZON, evening).await?;
            tx.commit().await?;
            assert_eq!(drawn[1], Drawn::Slot(Duration::ZERO), "another carrier is not concerned");
            for (one, text) in drawn.iter().zip(wanted) {
                match one {
                    Drawn::Slot(_) if text.carrier != Some("att") => taken += i32::from(text.segments),
                    Drawn::Slot(_) => {}
                    Drawn::Closed(until) => {
                        assert_eq!(*until, "2026-11-02T08:00:00Z".parse::<DateTime<Utc>>()?)
                    }
                    Drawn::Later(_) => anyhow::bail!("there is no pace"),
                }
            }
        }
        anyhow::Ok(taken)
    }))
    .await?;
    let all: i32 = taken.iter().sum();
    assert!((99..=100).contains(&all), "{all} of 100 segments");
    let used = scene.count("SELECT used FROM send_counters WHERE counter = 'brand:b:t-mobile'").await?;
    assert_eq!(used, i64::from(all));

    let mut tx = scene.tx().await?;
    let wanted = [Wanted { segments: 3, carrier: None }];
    let midnight: DateTime<Utc> = "2026-11-02T08:00:00Z".parse()?;
    assert_eq!(
        throttle::draw(&mut tx, &[], &brand, &wanted, HORIZON, midnight).await?,
        [Drawn::Slot(Duration::ZERO)],
        "a new day"
    );
    throttle::give_back(&mut tx, &brand, &[Wanted { segments: 100, carrier: Some("t-mobile") }], evening)
        .await?;
    assert_eq!(
        throttle::draw(&mut tx, &[], &brand, &wanted, HORIZON, evening).await?,
        [Drawn::Slot(Duration::ZERO)]
    );
    Ok(())
}

#[tokio::test]
async fn what_a_daily_limit_stops_takes_no_slot() -> Result<()> {
    let scene = Scene::new().await?;
    let mut tx = scene.tx().await?;
    let paces = [pace(Duration::from_secs(10))];
    let full = [daily("campaign:c", 1, Applies::All)];
    let wanted = [Wanted { segments: 1, carrier: None }; 3];
    let drawn = throttle::draw(&mut tx, &paces, &full, &wanted, HORIZON, scene.now).await?;
    assert!(matches!(drawn[..], [Drawn::Slot(_), Drawn::Closed(_), Drawn::Closed(_)]), "{drawn:?}");
    let drawn = throttle::draw(&mut tx, &paces, &[], &wanted[..1], HORIZON, scene.now).await?;
    let Drawn::Slot(after) = drawn[0] else { anyhow::bail!("{drawn:?}") };
    assert!(after <= Duration::from_secs(10), "the closed ones took none: {after:?}");
    Ok(())
}
