//! A model that does not answer is left alone for a while: each question to it costs whoever waits five seconds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::id::TeamId;

/// So many failures in a row, and it rests.
const FAILURES: u32 = 3;
/// For so long, where it does not say for how long itself.
const REST: Duration = Duration::from_secs(60);
/// No longer than this, whatever it says.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Whose models are left alone, and until when. Of one process: each worker finds out for itself.
#[derive(Debug, Default)]
pub(super) struct Rest {
    teams: Mutex<HashMap<TeamId, State>>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    failures: u32,
    until: Option<Instant>,
}

impl Rest {
    /// For how long a team's model is left alone from now on; `None` where it is not.
    pub(super) fn rests_for(&self, team: TeamId, now: Instant) -> Option<Duration> {
        let until = self.teams().get(&team).and_then(|state| state.until)?;
        until.checked_duration_since(now).filter(|wait| !wait.is_zero())
    }

    /// It answered, whatever it said.
    pub(super) fn answered(&self, team: TeamId) {
        self.teams().remove(&team);
    }

    /// It did not. `wait`: it wants to be left alone for so long.
    pub(super) fn failed(&self, team: TeamId, wait: Option<Duration>, now: Instant) {
        let mut teams = self.teams();
        let state = teams.entry(team).or_insert(State { failures: 0, until: None });
        state.failures = state.failures.saturating_add(1);
        if wait.is_some() || state.failures >= FAILURES {
            state.until = now.checked_add(wait.unwrap_or(REST).min(LONGEST));
        }
    }

    fn teams(&self) -> MutexGuard<'_, HashMap<TeamId, State>> {
        self.teams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_after_three_failures_or_when_it_says_so_and_wakes_again() {
        let (rest, team, other): (_, TeamId, TeamId) =
            (Rest::default(), entities::fresh_id(), entities::fresh_id());
        let now = Instant::now();
        let rests = |team, now| rest.rests_for(team, now).is_some();
        for _ in 0..FAILURES - 1 {
            rest.failed(team, None, now);
        }
        assert!(!rests(team, now));
        rest.failed(team, None, now);
        assert!(rests(team, now) && !rests(other, now), "each team's is its own");
        assert!(!rests(team, now + REST));
        rest.answered(team);
        rest.failed(team, None, now);
        assert!(!rests(team, now), "an answer begins the count anew");
        rest.failed(other, Some(Duration::from_secs(7)), now);
        assert!(rests(other, now + Duration::from_secs(6)));
        assert!(!rests(other, now + Duration::from_secs(7)));
        rest.failed(other, Some(Duration::from_secs(86_400)), now);
        assert!(!rests(other, now + LONGEST));
    }
}
