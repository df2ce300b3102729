//! How many requests a person and a team may make in a minute.
//!
//! The limits are those of this process: with several API processes each lets through its own.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::id::{TeamId, UserId, WebhookTokenId};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Requests per minute. A team's settings may say other numbers than the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Of one person.
    pub(crate) user_per_minute: NonZeroU32,
    /// Of all persons of a team together.
    pub(crate) team_per_minute: NonZeroU32,
}

/// Who has to slow down, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// `"user"` or `"team"`.
    pub(crate) of: &'static str,
    /// The limit, in requests per minute.
    pub(crate) per_minute: u32,
    /// When the next request will be let through.
    pub(crate) retry_after: Duration,
}

/// Counts the requests of everybody.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    users: Buckets<(TeamId, UserId)>,
    teams: Buckets<TeamId>,
    doors: Buckets<WebhookTokenId>,
}

/// Deliveries a minute by one address of a vendor's: ten times what the largest day of texts brings in its busiest minute.
/// What is refused the vendor sends again.
pub const DELIVERIES_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(29_999);

impl RateLimits {
    /// Counts one request, or says why it must wait.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub(crate) fn count(&self, team: TeamId, user: UserId, limits: Limits) -> Result<(), Exceeded> {
        self.users.count((team, user), limits.user_per_minute, "user")?;
        self.teams.count(team, limits.team_per_minute, "team")
    }

    /// Counts one delivery of a vendor by its address, which takes so many a minute, or says why it must wait.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub(crate) fn count_delivery(
        &self,
        door: WebhookTokenId,
        per_minute: NonZeroU32,
    ) -> Result<(), Exceeded> {
        self.doors.count(door, per_minute, "webhook")
    }
}

/// One bucket a key; a minute's worth of requests fits in, and it refills evenly.
#[derive(Debug)]
struct Buckets<K>(Mutex<HashMap<K, (NonZeroU32, Arc<DefaultDirectRateLimiter>)>>);

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> Buckets<K> {
    fn count(&self, key: K, per_minute: NonZeroU32, of: &'static str) -> Result<(), Exceeded> {
        let bucket = {
            let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let bucket = buckets.entry(key).or_insert_with(|| fresh(per_minute));
            if bucket.0 != per_minute {
                *bucket = fresh(per_minute);
            }
            Arc::clone(&bucket.1)
        };
        bucket.check().map_err(|not_until| Exceeded {
            of,
            per_minute: per_minute.get(),
            retry_after: not_until.wait_time_from(DefaultClock::default().now()),
        })
    }
}

fn fresh(per_minute: NonZeroU32) -> (NonZeroU32, Arc<DefaultDirectRateLimiter>) {
    (per_minute, Arc::new(RateLimiter::direct(Quota::per_minute(per_minute))))
}

#[cfg(test)]
mod tests {
    use domain::id::TypedId;

    use super::*;

    fn limits(user: u32, team: u32) -> Limits {
        let number = |n| NonZeroU32::new(n).expect("not zero");
        Limits { user_per_minute: number(user), team_per_minute: number(team) }
    }

    fn user(n: u128) -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn team(n: u128) -> TeamId {
        TeamId::from_uuid(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn a_user_waits_while_another_does_not() {
        let all = RateLimits::default();
        for _ in 0..3 {
            all.count(team(1), user(1), limits(3, 100)).expect("within the limit");
        }
        let wait = all.count(team(1), user(1), limits(3, 100)).expect_err("the fourth");
        assert_eq!((wait.of, wait.per_minute), ("user", 3));
        assert!(wait.retry_after > Duration::from_secs(1) && wait.retry_after <= Duration::from_secs(20));
        all.count(team(1), user(2), limits(3, 100)).expect("another user");
    }

    #[test]
    fn one_address_that_is_flooded_holds_up_no_other() {
        let all = RateLimits::default();
        let door = |n| WebhookTokenId::from_uuid(uuid::Uuid::from_u128(n));
        // It refills while it is emptied, far more slowly.
        let exceeded = (0..2 * DELIVERIES_PER_MINUTE.get())
            .find_map(|_| all.count_delivery(door(1), DELIVERIES_PER_MINUTE).err());
        assert_eq!(exceeded.expect("one too many").of, "webhook");
        all.count_delivery(door(2), DELIVERIES_PER_MINUTE).expect("another address");
    }

    #[test]
    fn a_team_waits_whoever_asks_and_a_raised_limit_counts_at_once() {
        let all = RateLimits::default();
        for n in 0..4 {
            all.count(team(1), user(n), limits(3, 4)).expect("within the limit");
        }
        assert_eq!(all.count(team(1), user(9), limits(3, 4)).expect_err("the fifth").of, "team");
        all.count(team(2), user(9), limits(3, 4)).expect("another team");
        all.count(team(1), user(9), limits(3, 5)).expect("raised");
    }
}
