//! Whether a call that waits may be made at a moment: what the gate says of place and clock, and of nothing else.

use chrono::{DateTime, Utc};

use super::rules::{Held, jurisdiction};
use super::{Hours, Place, RuleSet, Windows};
use crate::campaign::Channel;

/// What place and clock have against a call at `at`, and when next they have nothing, by the rules that judge a text: federal law
/// (47 CFR 64.1200(c)(1): 8 a.m. to 9 p.m. of the called party), that of every state that may hold, the house and `own` hours.
/// `None`: nothing. Whoever calls a day after the gate looked asks this again.
pub fn calling_hours(
    rules: &RuleSet,
    place: Place,
    b2b: bool,
    own: Windows,
    at: DateTime<Utc>,
) -> Option<Held> {
    if let Some(held) = jurisdiction::forbids(rules, &place) {
        return Some(held);
    }
    let hours = Hours::of(rules, place, Channel::Voice, b2b, own);
    let closed = hours.closed(at)?;
    Some(Held { says: closed.to_string().into(), again: hours.opens(at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::{State, Zip5};
    use crate::phone::Phone;

    fn asked(phone: &str, state: &str, zip: &str, at: &str) -> Option<Held> {
        let phone: Phone = phone.parse().expect("a number");
        let place = Place::of(Some(&phone), State::parse(state), Zip5::from_digits(zip), "");
        calling_hours(RuleSet::shipped(), place, true, Windows::NONE, at.parse().expect("a time"))
    }

    #[test]
    fn nobody_is_called_at_night_by_any_clock_that_may_count() {
        // 3 a.m. and noon in Austin, in January.
        let night = asked("+15125550123", "TX", "78701", "2027-01-12T09:00:00Z").expect("it is night");
        let opens = night.again.expect("morning comes");
        assert!(asked("+15125550123", "TX", "78701", &opens.to_rfc3339()).is_none());
        assert!(asked("+15125550123", "TX", "78701", "2027-01-12T18:00:00Z").is_none());
        // 10:30 in Austin is 6:30 on Hawaii, where the letters go.
        assert!(asked("+15125550123", "HI", "96813", "2027-01-12T16:30:00Z").is_some());
        assert!(asked("+15125550123", "HI", "96813", "2027-01-12T20:00:00Z").is_none());
    }

    #[test]
    fn who_may_be_anywhere_is_called_at_the_safe_hours_and_abroad_nobody_is() {
        // A quarter to twelve and half past twelve in New York.
        assert!(asked("+18005550123", "", "", "2027-01-12T16:45:00Z").is_some());
        assert!(asked("+18005550123", "", "", "2027-01-12T17:30:00Z").is_none());
        let abroad = asked("+14165550123", "", "", "2027-01-12T17:30:00Z").expect("it is Canada");
        assert_eq!(abroad.again, None);
    }
}
