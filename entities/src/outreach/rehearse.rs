//! The whole campaign on a virtual clock: the gate, the pace and the limits as they are, nothing sent.
//!
//! The texts are written and the people put before the gate as a batch does it; when each goes is the planner's
//! ([`domain::campaign::planner`]), which asks the gate again at that moment. So a rehearsal and a run differ by what happens
//! meanwhile, and by nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::campaign::Limits;
use domain::campaign::planner::{Event, HeldBy, Plan, PlanLead, PlanStep, SegmentLimits, StepFacts, run};
use domain::gate::{self, Inputs, RuleId};
use domain::geo::TimeZone;
use domain::id::LeadId;
use domain::money::MicroDollars;

use super::moment::Moment;
use super::scene::{Scene, SceneStep};
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
    let mut told =
        Told { people: &people, cast: Vec::new(), poor: BTreeSet::new(), done: Rehearsal::default() };
    let leads = told.cast(scene, begins);
    run(&plan(scene, begins, budget, team), leads, |event| told.note(event));
    told.done
}

/// What the planner goes by.
fn plan(scene: &Scene, begins: DateTime<Utc>, budget: Option<MicroDollars>, team: TimeZone) -> Plan<'_> {
    let horizon = begins + HORIZON;
    let steps = scene.steps.iter().map(|step| PlanStep { delay: step.delay, only_silent: step.only_silent });
    let senders = scene.senders.iter().map(|sender| SegmentLimits {
        per_segment: sender.per_second_milli.map(|milli| Duration::from_secs(1_000) / milli.max(1)),
        per_day: sender.per_day.map(|most| (most, team)),
    });
    Plan {
        rules: scene.rules.set(),
        from: begins,
        expires_at: Some(scene.expires_at.map_or(horizon, |end| end.min(horizon))),
        limits: Limits { budget, ..scene.limits },
        day_zone: team,
        sent_today: 0,
        on_window_close: scene.on_window_close,
        steps: steps.collect(),
        senders: senders.collect(),
        carriers: Vec::new(),
    }
}

/// What is heard of the planner, in the words of a rehearsal.
struct Told<'a> {
    people: &'a [Candidate],
    /// Of the planner's leads: the place among the people, and the first step that lacks something.
    cast: Vec<(usize, Option<(u8, &'static str)>)>,
    /// Who is left when there is no money any more.
    poor: BTreeSet<usize>,
    done: Rehearsal,
}

impl Told<'_> {
    /// The people, as the planner wants them. Who lacks something from the first is left out.
    fn cast(&mut self, scene: &Scene, begins: DateTime<Utc>) -> Vec<PlanLead> {
        let moment = Moment::if_released(None);
        let mut leads = Vec::with_capacity(self.people.len());
        let takes_first = |person: &Candidate| {
            scene.step(1).is_some_and(|first| person.state.takes_step(first.only_silent))
        };
        for (place, person) in self.people.iter().enumerate().filter(|(_, person)| takes_first(person)) {
            let (mut steps, mut hashes) = ([StepFacts::default(); 4], person.texts.clone());
            let (mut first, mut lacks) = (None, None);
            for ((facts, step), number) in steps.iter_mut().zip(&scene.steps).zip(0u8..) {
                match scene.inputs(person, step, &moment, begins) {
                    Ok((inputs, text, sender, _)) => {
                        // The planner asks the gate of the first step's way alone.
                        if let Some(rule) = never(scene, step, &inputs).filter(|_| first.is_some()) {
                            lacks = Some((number, rule));
                            break;
                        }
                        let (segments, cost) = (text.segments, text.price);
                        *facts = StepFacts { segments, cost, same_text_sent: hashes.contains(&text.hash) };
                        hashes.push(text.hash);
                        let sender = scene.senders.iter().position(|one| one.id == sender.id);
                        first.get_or_insert((inputs, sender));
                    }
                    Err(lacking) => {
                        lacks = Some((number, lacking.as_str()));
                        break;
                    }
                }
            }
            if let Some((0, lacking)) = lacks {
                self.leave_out(place, 0, lacking);
            }
            let Some((inputs, sender)) = first else { continue };
            self.cast.push((place, lacks));
            let end_step = lacks.map_or(u8::MAX, |(step, _)| step);
            leads.push(PlanLead {
                inputs,
                next_step: 0,
                end_step,
                due_at: None,
                steps,
                answers: None,
                sender,
                carrier: None,
            });
        }
        leads
    }

    fn leave_out(&mut self, place: usize, step: u8, rule: &str) {
        if let Some(person) = self.people.get(place) {
            self.done.left_out.push(LeftOut { lead: person.lead, step: step + 1, rule: rule.to_owned() });
        }
    }

    fn note(&mut self, event: Event) {
        if self.done.out_of_money_at.is_some() {
            // The campaign is paused there: whatever the planner goes on to say does not happen.
            if let Event::Sent { lead, .. } | Event::Held { lead, .. } = event
                && self.poor.insert(lead)
            {
                self.done.unsent += 1;
            }
            return;
        }
        match event {
            Event::Sent { lead, step, at, segments, cost, .. } => self.sent(lead, step, at, segments, cost),
            Event::Waits { rule, .. } => *self.done.held.entry(rule.as_str().to_owned()).or_default() += 1,
            Event::Held { lead, at, by: HeldBy::Rule(RuleId::Budget), .. } => {
                self.poor.insert(lead);
                self.done.out_of_money_at = Some(at);
                self.done.unsent += 1;
            }
            Event::Held { by: HeldBy::Rule(RuleId::Campaign) | HeldBy::Person, .. } => self.done.unsent += 1,
            Event::Held { lead, step, by, .. } => {
                if let Some((place, _)) = self.cast.get(lead).copied() {
                    self.leave_out(place, step, by.as_str());
                }
            }
            Event::Asks { at } => self.done.asks_at = Some(at),
        }
    }

    fn sent(&mut self, lead: usize, step: u8, at: DateTime<Utc>, segments: u16, price: MicroDollars) {
        let Some((place, lacks)) = self.cast.get(lead).copied() else { return };
        let Some(person) = self.people.get(place) else { return };
        self.done.sends.push(RehearsedSend {
            lead: person.lead,
            step: step + 1,
            at,
            segments,
            price,
            zone: person.zone(),
        });
        if let Some((next, lacking)) = lacks.filter(|(next, _)| *next == step + 1) {
            self.leave_out(place, next, lacking);
        }
    }
}

/// The rule by which a step of another way than the campaign's first never goes to this person.
fn never(scene: &Scene, step: &SceneStep, inputs: &Inputs) -> Option<&'static str> {
    if scene.steps.first().is_none_or(|first| first.channel == step.channel) {
        return None;
    }
    let rule = gate::judge(scene.rules.set(), inputs).rule;
    let of_the_way =
        [RuleId::Suppression, RuleId::Consent, RuleId::LineType, RuleId::Mailbox, RuleId::Jurisdiction];
    of_the_way.contains(&rule).then(|| rule.as_str())
}

#[cfg(test)]
mod tests;
