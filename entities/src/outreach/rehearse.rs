//! The whole campaign on a virtual clock: the gate, the pace and the limits as they are, nothing sent.
//!
//! What is due is taken in order of time, as a batch does; it is given the next free slot, put before the gate at that
//! moment, and counted as sent, held or left out. So a rehearsal and a run differ by what happens meanwhile, and by nothing
//! else.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::campaign::{LeadState, OnWindowClose};
use domain::gate::RuleId;
use domain::geo::TimeZone;
use domain::id::LeadId;
use domain::money::MicroDollars;

use super::moment::Moment;
use super::scene::Scene;
use crate::audience::Candidate;

/// Further ahead nothing is rehearsed: who would wait so long is not waiting for a campaign.
const HORIZON: TimeDelta = TimeDelta::days(366);

/// A message that would go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RehearsedSend {
    /// To whom.
    pub lead: LeadId,
    /// Which step, from 1.
    pub step: u8,
    /// When.
    pub at: DateTime<Utc>,
    /// How many segments.
    pub segments: u16,
    /// For how much.
    pub price: MicroDollars,
    /// Where the recipient's clock is, as far as one is known.
    pub zone: Option<TimeZone>,
}

/// A message that would not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// To whom.
    pub lead: LeadId,
    /// Which step, from 1.
    pub step: u8,
    /// The rule that decides, by its word.
    pub rule: String,
}

/// What would go out when, what would wait, and what would not go out at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// What would go out, in order.
    pub sends: Vec<RehearsedSend>,
    /// How often a message would be put off, by the deciding rule.
    pub held: BTreeMap<String, u64>,
    /// What would not go out.
    pub left_out: Vec<LeftOut>,
    /// Messages that would be left when the campaign expires, or beyond a year.
    pub unsent: u64,
    /// When a budget would have too little left: the campaign would be paused there.
    pub out_of_money_at: Option<DateTime<Utc>>,
    /// When a window's end would pause it, where a person is to be asked.
    pub asks_at: Option<DateTime<Utc>>,
}

impl Rehearsal {
    /// What it would cost.
    pub fn cost(&self) -> MicroDollars {
        self.sends.iter().map(|send| send.price).sum::<Option<MicroDollars>>().unwrap_or(MicroDollars::ZERO)
    }

    /// When the last message would go out.
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.sends.last().map(|send| send.at)
    }
}

/// Rehearses a campaign that begins at `from`, with `budget` left and the days of the zone `team`.
pub fn rehearse(
    scene: &Scene,
    people: Vec<Candidate>,
    from: DateTime<Utc>,
    budget: Option<MicroDollars>,
    team: TimeZone,
) -> Rehearsal {
    let begins = scene.starts_at.map_or(from, |at| at.max(from));
    let mut stage = Stage {
        scene,
        people,
        due: BinaryHeap::new(),
        number: 0,
        clock: begins,
        until: begins + HORIZON,
        days: BTreeMap::new(),
        left: budget,
        team,
        slots: Slots::of(scene, begins),
        done: Rehearsal::default(),
    };
    stage.plan(begins);
    stage.run();
    stage.done
}

/// When the campaign, and each of its senders, has its next free slot.
struct Slots {
    campaign: DateTime<Utc>,
    between: TimeDelta,
    senders: Vec<DateTime<Utc>>,
}

impl Slots {
    fn of(scene: &Scene, begins: DateTime<Utc>) -> Self {
        let between = Duration::from_secs(60) / scene.limits.per_minute.max(1);
        Self {
            campaign: begins,
            between: TimeDelta::from_std(between).unwrap_or(TimeDelta::zero()),
            senders: vec![begins; scene.senders.len()],
        }
    }
}

/// When, in which order, whose and which step.
type Next = (DateTime<Utc>, u64, usize, u8);

struct Stage<'a> {
    scene: &'a Scene,
    people: Vec<Candidate>,
    /// Time, order, place in `people`, step.
    due: BinaryHeap<Reverse<Next>>,
    number: u64,
    clock: DateTime<Utc>,
    until: DateTime<Utc>,
    /// Messages by day of the team.
    days: BTreeMap<NaiveDate, u32>,
    left: Option<MicroDollars>,
    team: TimeZone,
    slots: Slots,
    done: Rehearsal,
}

impl Stage<'_> {
    fn push(&mut self, at: DateTime<Utc>, place: usize, step: u8) {
        self.number += 1;
        self.due.push(Reverse((at, self.number, place, step)));
    }

    /// The first messages, as `campaign.plan_page` plans them.
    fn plan(&mut self, begins: DateTime<Utc>) {
        let moment = Moment::if_released(None);
        for place in 0..self.people.len() {
            let Some((person, step)) = self.people.get(place).zip(self.scene.step(1)) else { continue };
            if !person.state.takes_step(step.only_silent) {
                continue;
            }
            match self.scene.judge(person, step, &moment, begins) {
                Ok(judged) if judged.verdict.allowed => self.push(begins, place, 1),
                Ok(judged) => match judged.verdict.next_allowed_at {
                    Some(next) => {
                        *self.done.held.entry(judged.verdict.rule.as_str().to_owned()).or_default() += 1;
                        self.push(next.max(begins), place, 1);
                    }
                    None => self.leave_out(place, 1, judged.verdict.rule.as_str()),
                },
                Err(lacking) => self.leave_out(place, 1, lacking.as_str()),
            }
        }
    }

    fn leave_out(&mut self, place: usize, step: u8, rule: &str) {
        let Some(person) = self.people.get_mut(place) else { return };
        if step == 1 {
            person.state = LeadState::Excluded;
        }
        let lead = person.lead;
        self.done.left_out.push(LeftOut { lead, step, rule: rule.to_owned() });
    }

    fn run(&mut self) {
        while let Some(Reverse((due, _, place, step))) = self.due.pop() {
            let at = due.max(self.clock);
            let over = self.scene.expires_at.is_some_and(|end| at >= end) || at > self.until;
            if over || self.done.out_of_money_at.is_some() || self.done.asks_at.is_some() {
                self.done.unsent += 1;
                continue;
            }
            self.look_at(due, at, place, step);
        }
    }

    /// One message at its time: sent, put off, or left out.
    fn look_at(&mut self, due: DateTime<Utc>, at: DateTime<Utc>, place: usize, step: u8) {
        let moment = Moment::if_released(self.left);
        let Some((person, which)) = self.people.get(place).zip(self.scene.step(step)) else { return };
        if !person.state.takes_step(which.only_silent) {
            let word = person.state.as_str();
            return self.leave_out(place, step, word);
        }
        let sender = self.sender_place(place);
        let at = at
            .max(self.slots.campaign)
            .max(sender.and_then(|s| self.slots.senders.get(s).copied()).unwrap_or(at));
        let judged = match self.scene.judge(person, which, &moment, at) {
            Ok(judged) => judged,
            Err(lacking) => return self.leave_out(place, step, lacking.as_str()),
        };
        let (verdict, text) = (judged.verdict, judged.text);
        if !verdict.allowed {
            return self.put_off(due, at, place, step, verdict.rule, verdict.next_allowed_at);
        }
        let day = self.team.local(at).date;
        if self.days.get(&day).copied().unwrap_or_default() >= self.scene.limits.per_day {
            return self.next_day(at, place, step, day);
        }
        *self.days.entry(day).or_default() += 1;
        self.clock = at;
        self.slots.campaign = at + self.slots.between;
        if let Some(sender) = sender {
            let rate = self.scene.senders.get(sender).and_then(|sender| sender.per_second_milli);
            let pause =
                rate.map_or(0, |milli| 1_000_000_000 * i64::from(text.segments) / i64::from(milli.max(1)));
            if let Some(slot) = self.slots.senders.get_mut(sender) {
                *slot = at + TimeDelta::microseconds(pause);
            }
        }
        self.left = self.left.map(|left| left.checked_sub(text.price).unwrap_or(MicroDollars::ZERO));
        let next = self.scene.step(step + 1).and_then(|next| TimeDelta::from_std(next.delay).ok());
        let Some(person) = self.people.get_mut(place) else { return };
        let zone = person.zone();
        self.done.sends.push(RehearsedSend {
            lead: person.lead,
            step,
            at,
            segments: text.segments,
            price: text.price,
            zone,
        });
        person.recent.push(at);
        person.ever += 1;
        person.texts.push(text.hash);
        person.step = step;
        person.state = person.state.advance(LeadState::Sent);
        if let Some(delay) = next {
            self.push(at + delay, place, step + 1);
        }
    }

    fn put_off(
        &mut self,
        due: DateTime<Utc>,
        at: DateTime<Utc>,
        place: usize,
        step: u8,
        rule: RuleId,
        next: Option<DateTime<Utc>>,
    ) {
        let window = matches!(rule, RuleId::QuietHours | RuleId::SendWindow);
        match (rule, next) {
            (RuleId::Budget, _) => {
                self.done.out_of_money_at = Some(at);
                self.done.unsent += 1;
            }
            (_, Some(_)) if window && at > due && self.scene.on_window_close == OnWindowClose::Expire => {
                self.leave_out(place, step, rule.as_str());
            }
            (_, Some(next)) => {
                *self.done.held.entry(rule.as_str().to_owned()).or_default() += 1;
                if window && at > due && self.scene.on_window_close == OnWindowClose::Ask {
                    self.done.asks_at = Some(at);
                }
                self.push(next, place, step);
            }
            (_, None) => self.leave_out(place, step, rule.as_str()),
        }
    }

    /// The day is full: everything waits for the next one, and for the hours of whoever is first.
    fn next_day(&mut self, at: DateTime<Utc>, place: usize, step: u8, day: NaiveDate) {
        *self.done.held.entry("daily_limit".to_owned()).or_default() += 1;
        let Some(tomorrow) = day.succ_opt() else { return };
        let midnight = self.team.earliest(tomorrow, 0).max(at + TimeDelta::seconds(1));
        let Some((person, which)) = self.people.get(place).zip(self.scene.step(step)) else { return };
        let verdict = self
            .scene
            .judge(person, which, &Moment::if_released(None), midnight)
            .map(|judged| judged.verdict);
        let opens =
            verdict.ok().filter(|verdict| !verdict.allowed).and_then(|verdict| verdict.next_allowed_at);
        self.clock = opens.unwrap_or(midnight);
        self.push(self.clock, place, step);
    }

    fn sender_place(&self, place: usize) -> Option<usize> {
        let sender = self.scene.sender_for(self.people.get(place)?.lead)?.id;
        self.scene.senders.iter().position(|one| one.id == sender)
    }
}
