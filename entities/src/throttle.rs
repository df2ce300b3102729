//! How fast texts go out, across all workers: evenly spread over time, and so many a day.
//!
//! A pace is one timestamp a bucket, the time of its next free slot. Whoever draws is given the next slots, each an interval
//! after the one before, and sends each text at its slot; so no two workers together send faster, and nothing bursts. A daily
//! limit is a counter of a day, which begins at midnight of the place that counts. Both are drawn under the locks of their
//! rows, taken in one order, or not at all.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::TypedId;

use crate::rate_limit::Bucket;
use crate::{BulkTransaction, Result};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Texts.
    Messages,
    /// Segments, as carriers count.
    Segments,
}

/// Whose texts count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    /// All of them.
    All,
    /// Those to one carrier, by its word, and those of which nobody knows the carrier.
    Carrier(String),
}

/// One after the other, so far apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The bucket, as `send:campaign:cmp_…`.
    pub bucket: Bucket,
    /// The time that one unit takes.
    pub interval: Duration,
    /// What is counted.
    pub unit: Unit,
    /// Whose texts count.
    pub applies: Applies,
}

/// So many a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// The counter, as `campaign:cmp_…` or `brand:…:t-mobile`.
    pub counter: String,
    /// The IANA time zone in which its days begin; `None`: the team's.
    pub zone: Option<String>,
    /// The most on a day.
    pub limit: u32,
    /// What is counted.
    pub unit: Unit,
    /// Whose texts count.
    pub applies: Applies,
}

/// A text that is to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// How many segments it has.
    pub segments: u16,
    /// Who carries the number, by its word, where it is known.
    pub carrier: Option<&'a str>,
}

/// What becomes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// Send it so long from now, not before.
    Slot(Duration),
    /// The slots within the horizon are taken: ask again after this time. Nothing was drawn for it.
    Later(Duration),
    /// A daily limit is reached: not before then. Nothing was drawn for it.
    Closed(DateTime<Utc>),
}

fn counts(applies: &Applies, wanted: Wanted<'_>) -> bool {
    match applies {
        Applies::All => true,
        Applies::Carrier(word) => wanted.carrier.is_none_or(|carrier| carrier == word),
    }
}

fn units(unit: Unit, wanted: Wanted<'_>) -> u32 {
    match unit {
        Unit::Messages => 1,
        Unit::Segments => u32::from(wanted.segments.max(1)),
    }
}

/// How long a text keeps each of its paces to itself.
pub fn takes(paces: &[Pace], text: Wanted<'_>) -> Vec<(Bucket, Duration)> {
    paces
        .iter()
        .filter(|pace| counts(&pace.applies, text) && !pace.interval.is_zero())
        .map(|pace| (pace.bucket.clone(), pace.interval * units(pace.unit, text)))
        .collect()
}

/// Draws for texts in the order given: each is given a slot within `horizon` from now that all its paces have free, or nothing
/// is drawn for it. A text that a daily limit stops does not stop those behind it; one that is too early for the horizon does,
/// for the same bucket. The counters stay locked to the end of the transaction: draw after claiming and before reserving.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn draw(
    tx: &mut BulkTransaction,
    paces: &[Pace],
    dailies: &[Daily],
    wanted: &[Wanted<'_>],
    horizon: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<Drawn>> {
    let mut buckets = lock_paces(tx, paces).await?;
    let mut counters = lock_dailies(tx, dailies, now).await?;
    let mut drawn = Vec::with_capacity(wanted.len());
    for text in wanted {
        drawn.push(draw_one(&mut buckets, &mut counters, *text, micros(horizon)));
    }
    write(tx, &buckets, &counters).await?;
    Ok(drawn)
}

/// A pace under its lock, in microseconds from now.
struct Held<'a> {
    pace: &'a Pace,
    next: i64,
    moved: bool,
}

/// A counter under its lock.
struct Counted<'a> {
    daily: &'a Daily,
    day: NaiveDate,
    reset_at: DateTime<Utc>,
    used: u64,
    taken: u64,
}

fn draw_one(buckets: &mut [Held<'_>], counters: &mut [Counted<'_>], text: Wanted<'_>, horizon: i64) -> Drawn {
    let closed = counters
        .iter()
        .filter(|counter| counts(&counter.daily.applies, text))
        .filter(|counter| {
            let more = u64::from(units(counter.daily.unit, text));
            counter.used + counter.taken + more > u64::from(counter.daily.limit)
        })
        .map(|counter| counter.reset_at)
        .max();
    if let Some(until) = closed {
        return Drawn::Closed(until);
    }
    let applying = || buckets.iter().filter(|held| counts(&held.pace.applies, text));
    let slot = applying().map(|held| held.next.max(0)).max().unwrap_or(0);
    if slot > horizon {
        return Drawn::Later(Duration::from_micros((slot - horizon).unsigned_abs()));
    }
    for held in buckets.iter_mut().filter(|held| counts(&held.pace.applies, text)) {
        held.next = slot.saturating_add(micros(held.pace.interval * units(held.pace.unit, text)));
        held.moved = true;
    }
    for counter in counters.iter_mut().filter(|counter| counts(&counter.daily.applies, text)) {
        counter.taken += u64::from(units(counter.daily.unit, text));
    }
    Drawn::Slot(Duration::from_micros(slot.unsigned_abs()))
}

/// `@table`, `@key`, `@value`. Makes the row where there is none, locks it, and answers how far from now its next free slot is.
const LOCK_PACE: &str = "
INSERT INTO @table AS b (@key, full_at) VALUES (@value, clock_timestamp())
ON CONFLICT (@key) DO UPDATE SET full_at = greatest(b.full_at, clock_timestamp())
RETURNING (extract(epoch FROM greatest(full_at, blocked_until) - clock_timestamp()) * 1000000)::bigint";

const MOVE_PACE: &str = "
UPDATE @table SET full_at = clock_timestamp() + $2 * interval '1 microsecond' WHERE (@key) = (@value)";

async fn lock_paces<'a>(tx: &mut BulkTransaction, paces: &'a [Pace]) -> Result<Vec<Held<'a>>> {
    let mut held: Vec<Held<'a>> = paces.iter().map(|pace| Held { pace, next: 0, moved: false }).collect();
    // Locks are taken in one order by everybody.
    held.sort_by(|a, b| a.pace.bucket.cmp(&b.pace.bucket));
    for one in &mut held {
        let query = sqlx::query_as::<_, (i64,)>(one.pace.bucket.sql(LOCK_PACE, tx.team_id()));
        one.next = tx.first(query.bind(one.pace.bucket.name())).await?.map_or(0, |(next,)| next);
    }
    Ok(held)
}

/// $1 team, $2 counter, $3 now, $4 time zone. The day it is there, what was drawn on it, and when the next one begins.
const LOCK_DAILY: &str = "
INSERT INTO send_counters AS c (team_id, counter, day)
VALUES ($1, $2, ($3 AT TIME ZONE coalesce($4, team_time_zone()))::date)
ON CONFLICT (team_id, counter, day) DO UPDATE SET updated_at = clock_timestamp()
RETURNING used, day, (day + 1)::timestamp AT TIME ZONE coalesce($4, team_time_zone())";

async fn lock_dailies<'a>(
    tx: &mut BulkTransaction,
    dailies: &'a [Daily],
    now: DateTime<Utc>,
) -> Result<Vec<Counted<'a>>> {
    let mut ordered: Vec<&Daily> = dailies.iter().collect();
    // Locks are taken in one order by everybody.
    ordered.sort_by(|a, b| a.counter.cmp(&b.counter));
    let mut counted = Vec::with_capacity(ordered.len());
    for daily in ordered {
        let query = sqlx::query_as::<_, (i64, NaiveDate, DateTime<Utc>)>(LOCK_DAILY);
        let query = query.bind(tx.team_id().uuid()).bind(&daily.counter).bind(now).bind(&daily.zone);
        if let Some((used, day, reset_at)) = tx.first(query).await? {
            counted.push(Counted { daily, day, reset_at, used: used.unsigned_abs(), taken: 0 });
        }
    }
    Ok(counted)
}

async fn write(tx: &mut BulkTransaction, buckets: &[Held<'_>], counters: &[Counted<'_>]) -> Result<()> {
    for held in buckets.iter().filter(|held| held.moved) {
        let query = sqlx::query(held.pace.bucket.sql(MOVE_PACE, tx.team_id()));
        tx.run(query.bind(held.pace.bucket.name()).bind(held.next)).await?;
    }
    for counter in counters.iter().filter(|counter| counter.taken > 0) {
        let query = sqlx::query(
            "UPDATE send_counters SET used = used + $4 WHERE team_id = $1 AND counter = $2 AND day = $3",
        );
        let team = tx.team_id().uuid();
        let taken = i64::try_from(counter.taken).unwrap_or(i64::MAX);
        tx.run(query.bind(team).bind(&counter.daily.counter).bind(counter.day).bind(taken)).await?;
    }
    Ok(())
}

/// Gives the counters of the day it is back what was drawn for texts that did not leave: the slots of paces are lost, a day's share is not.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn give_back(
    tx: &mut BulkTransaction,
    dailies: &[Daily],
    returned: &[Wanted<'_>],
    now: DateTime<Utc>,
) -> Result<()> {
    let counters: Vec<Counted<'_>> = lock_dailies(tx, dailies, now).await?;
    for counter in counters {
        let back: u32 = returned
            .iter()
            .filter(|text| counts(&counter.daily.applies, **text))
            .map(|text| units(counter.daily.unit, *text))
            .sum();
        let query = sqlx::query(
            "UPDATE send_counters SET used = greatest(used - $4, 0) WHERE team_id = $1 AND counter = $2 AND day = $3",
        );
        let team = tx.team_id().uuid();
        tx.run(query.bind(team).bind(&counter.daily.counter).bind(counter.day).bind(i64::from(back))).await?;
    }
    Ok(())
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_follow_each_other_evenly_and_a_closed_carrier_stops_nobody_else() {
        let pace = Pace {
            bucket: Bucket::Team("send".to_owned()),
            interval: Duration::from_millis(20),
            unit: Unit::Segments,
            applies: Applies::All,
        };
        let daily = Daily {
            counter: "brand:b:t-mobile".to_owned(),
            zone: Some("America/Los_Angeles".to_owned()),
            limit: 2,
            unit: Unit::Segments,
            applies: Applies::Carrier("t-mobile".to_owned()),
        };
        let mut buckets = [Held { pace: &pace, next: -5, moved: false }];
        let (day, reset_at) = (NaiveDate::default(), DateTime::UNIX_EPOCH);
        let mut counters = [Counted { daily: &daily, day, reset_at, used: 0, taken: 0 }];
        let mut one =
            |segments, carrier| draw_one(&mut buckets, &mut counters, Wanted { segments, carrier }, 50_000);
        let slot = |ms| Drawn::Slot(Duration::from_millis(ms));
        assert_eq!(one(1, Some("att")), slot(0));
        assert_eq!(one(2, None), slot(20), "an unknown carrier counts for each");
        assert_eq!(one(1, Some("t-mobile")), Drawn::Closed(DateTime::UNIX_EPOCH));
        assert_eq!(
            one(1, Some("att")),
            Drawn::Later(Duration::from_millis(10)),
            "two segments took two intervals"
        );
    }
}
