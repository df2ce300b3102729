//! A campaign on a virtual clock: the same limits, the same hours, the same gate, no waiting.
//!
//! Leads of equal hours are one class, so that a night passes in as many steps as there are classes and not leads; a campaign
//! of 300,000 leads over two years takes seconds.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::class::{Class, Turn};
use super::plan::{Event, HeldBy, Plan, PlanLead};
use super::way::Way;
use super::{DayQuota, Pace};
use crate::campaign::{Channel, OnWindowClose};
use crate::gate::{Hours, Place, RuleId, Windows, objection};

/// Takes a plan through its time and tells what becomes of each message. Leads are written to in their order.
pub fn run(plan: &Plan<'_>, leads: Vec<PlanLead>, mut tell: impl FnMut(Event)) {
    let mut simulation = Simulation::new(plan, leads);
    simulation.go(&mut tell);
}

struct Simulation<'p, 'r> {
    plan: &'p Plan<'r>,
    leads: Vec<Standing>,
    classes: Vec<Class<'r>>,
    found: HashMap<ClassKey, usize>,
    /// Messages that are not due yet.
    future: BinaryHeap<Reverse<Turn>>,
    /// When classes open that are closed and have something due.
    openings: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    /// When classes close that are open; one that has closed since or reopened is passed over.
    closings: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    /// When the way is free again by which a class goes.
    blocked: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    /// The first in each class that is open and whose way is free.
    ready: BTreeSet<(Turn, usize)>,
    pace: Pace,
    quota: DayQuota,
    senders: Vec<Way>,
    carriers: Vec<Way>,
    left: Option<crate::money::MicroDollars>,
    clock: DateTime<Utc>,
}

/// What leads of one class have in common: their hours, and by which ways they go.
type ClassKey = (Place, bool, Channel, Windows, Option<usize>, Option<usize>);

/// Where a lead is.
struct Standing {
    lead: PlanLead,
    class: usize,
}

impl<'p, 'r> Simulation<'p, 'r> {
    fn new(plan: &'p Plan<'r>, leads: Vec<PlanLead>) -> Self {
        let mut simulation = Self {
            leads: Vec::with_capacity(leads.len()),
            classes: Vec::new(),
            found: HashMap::new(),
            future: BinaryHeap::with_capacity(leads.len()),
            openings: BinaryHeap::new(),
            closings: BinaryHeap::new(),
            blocked: BinaryHeap::new(),
            ready: BTreeSet::new(),
            pace: Pace::per_minute(plan.limits.per_minute),
            quota: DayQuota::new(plan.limits.per_day, plan.day_zone).with_used(plan.from, plan.sent_today),
            senders: plan.senders.iter().map(Way::of).collect(),
            carriers: plan.carriers.iter().map(Way::of).collect(),
            left: plan.limits.budget,
            clock: plan.from,
            plan,
        };
        for (lead, number) in leads.into_iter().zip(0u32..) {
            let class = simulation.class_of(&lead);
            if lead.next_step < lead.end_step && usize::from(lead.next_step) < plan.steps.len() {
                let due = lead.due_at.map_or(plan.from, |due| due.max(plan.from));
                simulation.future.push(Reverse(Turn { due, lead: number, step: lead.next_step }));
            }
            simulation.leads.push(Standing { lead, class });
        }
        simulation
    }

    fn class_of(&mut self, lead: &PlanLead) -> usize {
        let inputs = &lead.inputs;
        let windows = inputs.campaign.windows;
        let key = (inputs.place, inputs.b2b, inputs.channel, windows, lead.sender, lead.carrier);
        let (rules, classes) = (self.plan.rules, &mut self.classes);
        *self.found.entry(key).or_insert_with(|| {
            classes.push(Class::new(Hours::for_inputs(rules, inputs)));
            classes.len() - 1
        })
    }

    fn go(&mut self, tell: &mut impl FnMut(Event)) {
        loop {
            self.take_in_what_is_due(tell);
            self.unblock();
            if let Some(asked) = self.open_and_close(tell) {
                tell(Event::Asks { at: asked });
                return self.hold_rest(HeldBy::Person, tell);
            }
            let over = self.plan.expires_at.is_some_and(|end| self.clock >= end);
            if over {
                return self.hold_rest(HeldBy::Rule(RuleId::Campaign), tell);
            }
            let Some(&(turn, class)) = self.ready.first() else {
                match self.next_moment() {
                    Some(next) => self.clock = self.at_most_the_end(next),
                    None => return,
                }
                continue;
            };
            let at = self.pace.earliest(self.quota.earliest(self.clock, 1), 1);
            if at > self.clock {
                // Until then others may become due, and hours may end.
                self.clock = self.at_most_the_end(self.next_moment().map_or(at, |next| next.min(at)));
                continue;
            }
            let (sender, free) = self.way(turn);
            if free > self.clock {
                // The whole class waits for its way, and lets others go first.
                self.ready.remove(&(turn, class));
                self.block(class, free);
                continue;
            }
            self.take_turn(turn, class, sender, tell);
        }
    }

    /// Puts what has become due into its class.
    fn take_in_what_is_due(&mut self, tell: &mut impl FnMut(Event)) {
        while let Some(&Reverse(turn)) = self.future.peek() {
            if turn.due > self.clock {
                break;
            }
            self.future.pop();
            let Some(number) = self.standing(turn.lead).map(|standing| standing.class) else { continue };
            let Some(class) = self.classes.get_mut(number) else { continue };
            let before = class.head();
            class.push(turn);
            if class.open_until.is_some() {
                if !class.is_blocked && before.is_none_or(|head| turn < head) {
                    if let Some(head) = before {
                        self.ready.remove(&(head, number));
                    }
                    self.ready.insert((turn, number));
                }
                continue;
            }
            if class.opens_at.is_none() {
                class.opens_at = class.hours.opens(turn.due);
                match class.opens_at {
                    Some(opens) => self.openings.push(Reverse((opens, number))),
                    None => {
                        // No hour is right for these, ever.
                        let by = HeldBy::Rule(class.closed_by(turn.due));
                        for turn in class.drain() {
                            tell(held(turn, turn.due, by));
                        }
                        continue;
                    }
                }
            }
            if let Some(until) = class.opens_at.filter(|opens| *opens > turn.due) {
                let rule = class.closed_by(turn.due);
                tell(Event::Waits { lead: index(turn.lead), step: turn.step, at: turn.due, rule, until });
            }
        }
    }

    /// Opens the classes whose hours have begun and closes those whose hours have ended. A moment: a person is asked.
    fn open_and_close(&mut self, tell: &mut impl FnMut(Event)) -> Option<DateTime<Utc>> {
        while let Some(&Reverse((opens, number))) = self.openings.peek() {
            if opens > self.clock {
                break;
            }
            self.openings.pop();
            let Some(class) = self.classes.get_mut(number) else { continue };
            class.opens_at = None;
            if let Some(head) = class.head() {
                let until = class.hours.closes(opens);
                class.open_until = Some(until);
                self.closings.push(Reverse((until, number)));
                if !class.is_blocked {
                    self.ready.insert((head, number));
                }
            }
        }
        while let Some(&Reverse((until, number))) = self.closings.peek() {
            if until > self.clock {
                break;
            }
            self.closings.pop();
            let Some(class) = self.classes.get(number).filter(|class| class.open_until == Some(until)) else {
                continue;
            };
            if let Some(head) = class.head() {
                self.ready.remove(&(head, number));
            }
            if self.close(number, until, tell) {
                return Some(until);
            }
        }
        None
    }

    fn block(&mut self, number: usize, until: DateTime<Utc>) {
        if let Some(class) = self.classes.get_mut(number) {
            class.is_blocked = true;
            self.blocked.push(Reverse((until, number)));
        }
    }

    /// Lets the classes go on whose way is free again.
    fn unblock(&mut self) {
        while let Some(&Reverse((free, number))) = self.blocked.peek() {
            if free > self.clock {
                break;
            }
            self.blocked.pop();
            let Some(class) = self.classes.get_mut(number) else { continue };
            class.is_blocked = false;
            if let (Some(_), Some(head)) = (class.open_until, class.head()) {
                self.ready.insert((head, number));
            }
        }
    }

    /// Ends the hours of a class at a moment. `true`: a person is to be asked.
    fn close(&mut self, number: usize, closed: DateTime<Utc>, tell: &mut impl FnMut(Event)) -> bool {
        let Some(class) = self.classes.get_mut(number) else { return false };
        class.open_until = None;
        match self.plan.on_window_close {
            OnWindowClose::Hold => {}
            OnWindowClose::Expire => {
                let by = HeldBy::WindowClosed(class.closed_by(closed));
                for turn in class.due_before(closed) {
                    tell(held(turn, closed, by));
                }
            }
            OnWindowClose::Ask => {
                if class.head().is_some_and(|head| head.due < closed) {
                    return true;
                }
            }
        }
        if !class.is_empty() {
            class.opens_at = class.hours.opens(closed);
            match class.opens_at {
                Some(opens) => self.openings.push(Reverse((opens, number))),
                None => {
                    let by = HeldBy::Rule(class.closed_by(closed));
                    for turn in class.drain() {
                        tell(held(turn, closed, by));
                    }
                }
            }
        }
        false
    }

    /// When something is due or opens next; `None` where nothing is left to wait for.
    fn next_moment(&self) -> Option<DateTime<Utc>> {
        let due = self.future.peek().map(|turn| turn.0.due);
        let opens = self.openings.peek().map(|opening| opening.0.0);
        let free = self.blocked.peek().map(|blocked| blocked.0.0);
        [due, opens, free].into_iter().flatten().min()
    }

    fn at_most_the_end(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        self.plan.expires_at.map_or(moment, |end| moment.min(end))
    }

    /// From whom a message goes, and when the ways are free by which it does.
    fn way(&self, turn: Turn) -> (Option<usize>, DateTime<Utc>) {
        let Some(Standing { lead, .. }) = self.standing(turn.lead) else { return (None, self.clock) };
        let segments =
            lead.steps.get(usize::from(turn.step)).map_or(1, |facts| u32::from(facts.segments.max(1)));
        let carrier = lead.carrier.and_then(|number| self.carriers.get(number));
        let at = carrier.map_or(self.clock, |carrier| carrier.earliest(self.clock, segments));
        let choice = match lead.sender {
            Some(number) => self.senders.get(number).map(|sender| (sender.earliest(at, segments), number)),
            None => {
                let each = self.senders.iter().enumerate();
                each.map(|(number, sender)| (sender.earliest(at, segments), number)).min()
            }
        };
        choice.map_or((None, at), |(at, number)| (Some(number), at))
    }

    /// Asks the gate about a message whose turn it is, and sends it or puts it away.
    fn take_turn(&mut self, turn: Turn, number: usize, sender: Option<usize>, tell: &mut impl FnMut(Event)) {
        self.ready.remove(&(turn, number));
        if let Some(class) = self.classes.get_mut(number) {
            class.pop();
            match class.head() {
                Some(head) => drop(self.ready.insert((head, number))),
                None => class.open_until = None,
            }
        }
        let at = self.clock;
        let Some(Standing { lead, .. }) = self.leads.get_mut(index(turn.lead)) else { return };
        let Some(facts) = lead.steps.get(usize::from(turn.step)).copied() else { return };
        let inputs = &mut lead.inputs;
        inputs.at = at;
        inputs.same_text_sent = facts.same_text_sent;
        inputs.budget.cost = facts.cost;
        if self.left.is_some() {
            inputs.budget.left = self.left;
        }
        if let Some((rule, next)) = objection(self.plan.rules, inputs) {
            match next {
                Some(until) => {
                    self.future.push(Reverse(Turn { due: until, ..turn }));
                    tell(Event::Waits { lead: index(turn.lead), step: turn.step, at, rule, until });
                }
                None => tell(held(turn, at, HeldBy::Rule(rule))),
            }
            return;
        }
        inputs.sends = inputs.sends.with(at);
        if turn.step > 0 {
            inputs.follow_ups = inputs.follow_ups.saturating_add(1);
        }
        inputs.first_contact = false;
        let is_new = sender.is_some() && lead.sender.is_none();
        lead.sender = sender;
        let answered = lead.answers.is_some_and(|after| after <= turn.step);
        let (end, carrier) = (lead.end_step, lead.carrier);
        if is_new {
            // From now on it waits for this sender alone.
            let lead = *lead;
            let class = self.class_of(&lead);
            if let Some(standing) = self.leads.get_mut(index(turn.lead)) {
                standing.class = class;
            }
        }
        self.pace.take(at, 1);
        self.quota.take(at, 1);
        let ways = [
            sender.and_then(|number| self.senders.get_mut(number)),
            carrier.and_then(|number| self.carriers.get_mut(number)),
        ];
        for way in ways.into_iter().flatten() {
            way.take(at, u32::from(facts.segments.max(1)));
        }
        self.left = self.left.map(|left| left.checked_sub(facts.cost).unwrap_or(left));
        let lead = index(turn.lead);
        let sent = Event::Sent {
            lead,
            step: turn.step,
            at,
            sender: sender.unwrap_or(0),
            segments: facts.segments,
            cost: facts.cost,
        };
        tell(sent);
        let next = turn.step + 1;
        if let Some(step) = self.plan.steps.get(usize::from(next))
            && next < end
            && !(answered && step.only_silent)
        {
            let delay = TimeDelta::from_std(step.delay).unwrap_or(TimeDelta::zero());
            self.future.push(Reverse(Turn { due: at + delay, lead: turn.lead, step: next }));
        }
    }

    /// What is left when the campaign stops.
    fn hold_rest(&mut self, by: HeldBy, tell: &mut impl FnMut(Event)) {
        let mut left: Vec<Turn> = self.classes.iter_mut().flat_map(Class::drain).collect();
        left.extend(std::mem::take(&mut self.future).into_iter().map(|turn| turn.0));
        left.sort_unstable();
        for turn in left {
            tell(held(turn, self.clock, by));
        }
    }

    fn standing(&self, lead: u32) -> Option<&Standing> {
        self.leads.get(index(lead))
    }
}

fn held(turn: Turn, at: DateTime<Utc>, by: HeldBy) -> Event {
    Event::Held { lead: index(turn.lead), step: turn.step, at, by }
}

const fn index(lead: u32) -> usize {
    lead as usize
}
