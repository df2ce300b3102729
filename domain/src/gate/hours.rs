//! At which hours somebody may be written to: what all clocks that may count, and all laws that may hold, allow together.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use super::rule_set::LawHours;
use super::{Inputs, Place, RuleSet, Span, Windows};
use crate::campaign::Channel;
use crate::geo::{LocalTime, State, TimeZone};

/// How far ahead an opening is looked for: past any row of holidays, and past a month of a campaign's own days.
const HORIZON_DAYS: i64 = 31;

/// The hours of one place, by one rule set. The gate, the planner and the rehearsal all ask this.
#[derive(Debug, Clone, Copy)]
pub struct Hours<'r> {
    rules: &'r RuleSet,
    place: Place,
    /// Whether the law of calls and texts holds; for e-mail only the house's hours do.
    law: bool,
    b2b: bool,
    own: Windows,
}

/// Why it is closed at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// In which zone it is.
    pub zone: TimeZone,
    /// What the clock shows there.
    pub local: LocalTime,
    /// The hours there on that day.
    pub hours: Span,
    /// By what.
    pub by: ClosedBy,
}

/// By what it is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClosedBy {
    /// A holiday on which a state's law forbids it.
    Holiday(State, String),
    /// A state's hours.
    State(State),
    /// The hours for whom nobody knows where they are.
    Unknown,
    /// The hours of federal law.
    Federal,
    /// The hours of the house.
    House,
    /// The campaign's own hours.
    Own,
}

impl<'r> Hours<'r> {
    /// The hours of a place.
    pub const fn of(rules: &'r RuleSet, place: Place, channel: Channel, b2b: bool, own: Windows) -> Self {
        Self { rules, place, law: !matches!(channel, Channel::Email), b2b, own }
    }

    /// The hours that hold for inputs.
    pub const fn for_inputs(rules: &'r RuleSet, inputs: &Inputs) -> Self {
        Self::of(rules, inputs.place, inputs.channel, inputs.b2b, inputs.campaign.windows)
    }

    /// Whether a message may go out at a moment.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.law_allows(at) && self.own_allows(at)
    }

    /// The first moment, from `at` on, at which a message may go out; `None` where there is none within a month.
    pub fn opens(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let horizon = at.checked_add_signed(TimeDelta::days(HORIZON_DAYS))?;
        let mut moment = at;
        while moment <= horizon {
            let mut latest = moment;
            for (zone, within) in self.clocks() {
                latest = self.opens_in(zone, within, latest)?;
            }
            if latest == moment {
                return Some(moment);
            }
            moment = latest;
        }
        None
    }

    /// The end of the hours that `at` is in: the first moment at which nothing may go out any more; `at` itself where it is closed.
    pub fn closes(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let mut moment = at;
        // Hours that meet, one window at the other or at midnight, are one.
        for _ in 0..24 {
            if !self.is_open(moment) {
                break;
            }
            let ends = self.clocks().map(|(zone, within)| self.closes_in(zone, within, moment));
            moment = ends.min().unwrap_or(moment);
        }
        moment
    }

    /// What closes it, the law before the campaign's own hours; `None` where it is open.
    pub fn closed(&self, at: DateTime<Utc>) -> Option<Closed> {
        let mut own = None;
        for (zone, within) in self.clocks() {
            let local = zone.local(at);
            let hours = self.lawful(local.date).and(within);
            if !hours.has(local.second) {
                return Some(Closed { zone, local, hours, by: self.blame(local) });
            }
            if own.is_none() && !self.own_has(local) {
                own = Some(Closed { zone, local, hours, by: ClosedBy::Own });
            }
        }
        own
    }

    /// Whether law and house allow it, whatever the campaign's own hours.
    pub(super) fn law_allows(&self, at: DateTime<Utc>) -> bool {
        self.clocks().all(|(zone, within)| {
            let local = zone.local(at);
            within.has(local.second) && self.lawful(local.date).has(local.second)
        })
    }

    /// Whether the campaign's own hours allow it.
    pub(super) fn own_allows(&self, at: DateTime<Utc>) -> bool {
        self.own.is_empty() || self.clocks().all(|(zone, _)| self.own_has(zone.local(at)))
    }

    /// The clocks that count, each with the hours that hold by it alone.
    fn clocks(&self) -> impl Iterator<Item = (TimeZone, Span)> {
        let unknown = !self.place.certain || self.place.zones.is_empty();
        let safe = unknown.then(|| self.rules.safe());
        self.place.zones.iter().map(|zone| (zone, Span::ALL)).chain(safe)
    }

    /// The hours of a day that house and laws have in common.
    fn lawful(&self, date: NaiveDate) -> Span {
        let house = self.rules.house();
        if !self.law {
            return house;
        }
        let mut hours = house.and(self.rules.federal());
        for (_, law) in self.rules.laws_for(self.place, self.b2b, date) {
            hours = match law.hours(date) {
                LawHours::Hours(of_law) => hours.and(of_law),
                LawHours::Holiday(_) => Span::NONE,
            };
        }
        hours
    }

    fn own_has(&self, local: LocalTime) -> bool {
        self.own.is_empty() || self.own_on(local.date).any(|span| span.has(local.second))
    }

    /// The campaign's own hours of a day.
    fn own_on(&self, date: NaiveDate) -> impl Iterator<Item = Span> {
        let all = self.own.is_empty().then_some(Span::ALL);
        let today = self.own.iter().filter(move |window| window.days.contains(date.weekday()));
        all.into_iter().chain(today.map(|window| Span { from: window.from, until: window.until }))
    }

    /// The first moment, from `at` on, at which one clock allows it.
    fn opens_in(&self, zone: TimeZone, within: Span, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let now = zone.local(at);
        for ahead in 0..=HORIZON_DAYS {
            let date = now.date.checked_add_signed(TimeDelta::days(ahead))?;
            let not_before = if ahead == 0 { now.second } else { 0 };
            let lawful = self.lawful(date).and(within);
            let first = self
                .own_on(date)
                .map(|own| own.and(lawful))
                .filter(|hours| !hours.is_empty() && not_before < u32::from(hours.until) * 60)
                .map(|hours| not_before.max(u32::from(hours.from) * 60))
                .min();
            match first {
                Some(second) if ahead == 0 && second == now.second => return Some(at),
                Some(second) => return Some(later(zone, date, second, at, now)),
                None => {}
            }
        }
        None
    }

    /// The end of the hours that one clock is in at `at`.
    fn closes_in(&self, zone: TimeZone, within: Span, at: DateTime<Utc>) -> DateTime<Utc> {
        let now = zone.local(at);
        let lawful = self.lawful(now.date).and(within);
        let around = self.own_on(now.date).map(|own| own.and(lawful)).filter(|hours| hours.has(now.second));
        let until = around.map(|hours| u32::from(hours.until) * 60).max().unwrap_or(now.second);
        match now.date.succ_opt() {
            Some(tomorrow) if until >= 86_400 => later(zone, tomorrow, 0, at, now),
            _ => later(zone, now.date, until, at, now),
        }
    }

    /// Which of the rules does not have this moment, the most particular first.
    fn blame(&self, local: LocalTime) -> ClosedBy {
        if self.law {
            for (state, law) in self.rules.laws_for(self.place, self.b2b, local.date) {
                match law.hours(local.date) {
                    LawHours::Holiday(name) => return ClosedBy::Holiday(state, name.to_owned()),
                    LawHours::Hours(hours) if !hours.has(local.second) => return ClosedBy::State(state),
                    LawHours::Hours(_) => {}
                }
            }
        }
        if !self.rules.house().has(local.second) {
            ClosedBy::House
        } else if self.law && !self.rules.federal().has(local.second) {
            ClosedBy::Federal
        } else {
            ClosedBy::Unknown
        }
    }
}

/// The moment at which a clock shows a time that is still to come. In the hour that comes twice the clock has shown it before, and
/// shows it again.
fn later(zone: TimeZone, date: NaiveDate, second: u32, at: DateTime<Utc>, now: LocalTime) -> DateTime<Utc> {
    let first = zone.earliest(date, second);
    if first > at {
        return first;
    }
    at + TimeDelta::seconds(i64::from(second) - i64::from(now.second))
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minute = self.local.second / 60;
        write!(
            f,
            "it is {:02}:{:02} on {} in {}",
            minute / 60,
            minute % 60,
            self.local.weekday(),
            self.zone
        )?;
        let hours = self.hours;
        match &self.by {
            ClosedBy::Holiday(state, name) => write!(f, ", {name}: none on holidays in {}", state.name()),
            ClosedBy::State(state) if hours.is_empty() => write!(f, ": none on this day in {}", state.name()),
            ClosedBy::State(state) => write!(f, "; {} with the house allows {hours}", state.name()),
            ClosedBy::Unknown => write!(f, "; for whom nobody knows where they are it is {hours}"),
            ClosedBy::Federal => write!(f, "; federal law allows {hours}"),
            ClosedBy::House => write!(f, "; the house allows {hours}"),
            ClosedBy::Own => f.write_str("; the campaign has other hours"),
        }
    }
}
