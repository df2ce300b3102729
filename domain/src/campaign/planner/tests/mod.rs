//! Whole campaigns on the virtual clock.

mod properties;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::campaign::{CampaignState, Channel, ConsentBasis, Limits, OnWindowClose};
use crate::gate::{
    Approval, Budget, CampaignFacts, Consent, Inputs, LineType, Mailbox, Place, RecentSends, RuleId, RuleSet,
    Suppressed, SuppressionReason, SuppressionScope, Windows,
};
use crate::geo::{State, TimeZone, Zip5};
use crate::money::MicroDollars;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

const PLACES: [(&str, &str); 8] = [
    ("NY", "10001"),
    ("CA", "90001"),
    ("TX", "77001"),
    ("RI", "02903"),
    ("AL", "35203"),
    ("HI", "96813"),
    ("AZ", "85001"),
    ("PA", "19103"),
];

fn lead(place: usize) -> PlanLead {
    let (state, zip) = PLACES[place % PLACES.len()];
    let inputs = Inputs {
        at: utc("2027-01-11T00:00:00Z"),
        channel: Channel::Sms,
        kill_switch: None,
        campaign: CampaignFacts {
            state: CampaignState::Running,
            starts_at: None,
            expires_at: None,
            windows: Windows::NONE,
        },
        team_active: true,
        suppressed: None,
        consent: Some(Consent {
            basis: ConsentBasis::Express,
            has_evidence: true,
            given_at: utc("2026-12-01T00:00:00Z"),
            expires_at: None,
        }),
        line: LineType::Mobile,
        mailbox: Mailbox::Verified,
        place: Place::of(None, State::parse(state), Zip5::from_digits(zip), ""),
        b2b: false,
        sends: RecentSends::default(),
        first_contact: true,
        follow_ups: 0,
        same_text_sent: false,
        budget: Budget { left: None, cost: MicroDollars::ZERO, renews_at: None },
        approval: Approval::Approved,
        by_hand: false,
    };
    let facts = StepFacts { segments: 1, cost: MicroDollars::new(15_000), same_text_sent: false };
    PlanLead {
        inputs,
        next_step: 0,
        end_step: 4,
        due_at: None,
        steps: [facts; 4],
        answers: None,
        sender: None,
        carrier: None,
    }
}

fn plan(from: &str) -> Plan<'static> {
    Plan {
        rules: RuleSet::shipped(),
        from: utc(from),
        expires_at: None,
        limits: Limits::default(),
        day_zone: TimeZone::Eastern,
        sent_today: 0,
        on_window_close: OnWindowClose::Hold,
        steps: vec![PlanStep { delay: Duration::ZERO, only_silent: true }],
        senders: Vec::new(),
        carriers: Vec::new(),
    }
}

fn events(plan: &Plan<'_>, leads: &[PlanLead]) -> Vec<Event> {
    let mut told = Vec::new();
    run(plan, leads.to_vec(), |event| told.push(event));
    told
}

fn sent(events: &[Event]) -> Vec<(usize, u8, DateTime<Utc>)> {
    let sent = |event: &Event| match *event {
        Event::Sent { lead, step, at, .. } => Some((lead, step, at)),
        _ => None,
    };
    events.iter().filter_map(sent).collect()
}

fn held(events: &[Event]) -> Vec<(usize, u8, HeldBy)> {
    let held = |event: &Event| match *event {
        Event::Held { lead, step, by, .. } => Some((lead, step, by)),
        _ => None,
    };
    events.iter().filter_map(held).collect()
}

#[test]
fn twenty_a_minute_from_nine_on_and_five_hundred_a_day() {
    let leads = vec![lead(0); 1_200];
    let sent = sent(&events(&plan("2027-01-11T06:00:00Z"), &leads));
    assert_eq!(sent.len(), 1_200);
    assert_eq!(sent[0].2, utc("2027-01-11T14:00:00Z"), "nine in New York");
    assert_eq!(sent[1].2 - sent[0].2, TimeDelta::seconds(3), "spread over the minute");
    assert_eq!(sent[499].2 - sent[0].2, TimeDelta::seconds(499 * 3));
    assert_eq!(sent[500].2, utc("2027-01-12T14:00:00Z"), "the next day");
    assert_eq!(sent[1_000].2, utc("2027-01-13T14:00:00Z"));
    assert!(sent.iter().map(|(lead, ..)| *lead).eq(0..1_200), "in their order");
}

#[test]
fn each_lead_is_written_to_in_its_own_hours_and_nobody_waits_for_another() {
    let leads = [lead(1), lead(0), lead(3)];
    let sent = sent(&events(&plan("2027-01-11T06:00:00Z"), &leads));
    let expected = [
        (1, 0, utc("2027-01-11T14:00:00Z")),
        (2, 0, utc("2027-01-11T14:00:03Z")),
        (0, 0, utc("2027-01-11T17:00:00Z")),
    ];
    assert_eq!(sent, expected);
}

#[test]
fn follow_ups_go_to_the_silent_after_their_delay() {
    let day = Duration::from_secs(24 * 3_600);
    let mut plan = plan("2027-01-11T15:00:00Z");
    plan.steps = vec![
        PlanStep { delay: Duration::ZERO, only_silent: true },
        PlanStep { delay: day, only_silent: true },
        PlanStep { delay: Duration::from_secs(5 * 3_600), only_silent: false },
    ];
    let answering = PlanLead { answers: Some(1), ..lead(0) };
    let soon = PlanLead { answers: Some(0), ..lead(0) };
    let sent = sent(&events(&plan, &[answering, soon]));
    assert_eq!(
        sent,
        [
            (0, 0, utc("2027-01-11T15:00:00Z")),
            (1, 0, utc("2027-01-11T15:00:03Z")),
            (0, 1, utc("2027-01-12T15:00:00Z")),
            (0, 2, utc("2027-01-12T20:00:00Z")),
        ]
    );
}

#[test]
fn what_is_not_sent_is_held_by_its_rule() {
    let mut leads = vec![lead(0); 6];
    let suppressed = Suppressed { scope: SuppressionScope::Team, reason: SuppressionReason::OptOut };
    leads[1].inputs.suppressed = Some(suppressed);
    leads[2].inputs.consent = None;
    leads[3].inputs.place.foreign = true;
    let mut plan = plan("2027-01-11T15:00:00Z");
    plan.limits.budget = Some(MicroDollars::new(30_000));
    let told = events(&plan, &leads);
    assert_eq!(sent(&told).iter().map(|(lead, ..)| *lead).collect::<Vec<_>>(), [0, 4]);
    let rules =
        [(1, RuleId::Suppression), (2, RuleId::Consent), (3, RuleId::Jurisdiction), (5, RuleId::Budget)];
    assert_eq!(held(&told), rules.map(|(lead, rule)| (lead, 0, HeldBy::Rule(rule))));
}

#[test]
fn a_lead_who_was_written_to_today_waits_a_day() {
    let mut often = lead(0);
    let times = ["2027-01-11T12:00:00Z", "2027-01-11T12:10:00Z", "2027-01-10T20:00:00Z"];
    often.inputs.sends = times.into_iter().map(utc).collect();
    let told = events(&plan("2027-01-11T15:00:00Z"), &[often]);
    let until = utc("2027-01-11T20:00:00Z");
    let at = utc("2027-01-11T15:00:00Z");
    assert_eq!(told[0], Event::Waits { lead: 0, step: 0, at, rule: RuleId::FrequencyCap, until });
    assert_eq!(sent(&told), [(0, 0, until)]);
}

/// What the campaign's end and its windows' ends do to what is left.
#[test]
fn what_the_day_leaves_over_is_held_expired_or_asked_about() {
    let leads: Vec<PlanLead> = (0..4).map(|_| lead(0)).chain([lead(1)]).collect();
    let mut plan = plan("2027-01-11T15:00:00Z");
    plan.limits.per_day = 2;
    let last = |told: &[Event]| sent(told).last().map(|(.., at)| *at);
    let hold = events(&plan, &leads);
    assert_eq!((sent(&hold).len(), last(&hold)), (5, Some(utc("2027-01-13T17:00:00Z"))));

    plan.on_window_close = OnWindowClose::Expire;
    let expire = events(&plan, &leads);
    assert_eq!(sent(&expire).len(), 2);
    let closed = |lead| (lead, 0, HeldBy::WindowClosed(RuleId::QuietHours));
    assert_eq!(held(&expire), [closed(2), closed(3), closed(4)]);

    plan.on_window_close = OnWindowClose::Ask;
    let ask = events(&plan, &leads);
    assert!(ask.contains(&Event::Asks { at: utc("2027-01-12T01:00:00Z") }));
    let waiting = |lead| (lead, 0, HeldBy::Person);
    assert_eq!(held(&ask), [waiting(2), waiting(3), waiting(4)]);

    plan.on_window_close = OnWindowClose::Hold;
    plan.expires_at = Some(utc("2027-01-12T14:00:03Z"));
    let over = events(&plan, &leads);
    assert_eq!(sent(&over).len(), 3);
    let expired = |lead| (lead, 0, HeldBy::Rule(RuleId::Campaign));
    assert_eq!(held(&over), [expired(3), expired(4)]);
    assert!(
        over.iter()
            .all(|event| !matches!(event, Event::Held { at, .. } if *at > utc("2027-01-12T14:00:03Z")))
    );
}

#[test]
fn what_is_due_while_it_is_closed_was_not_left_over() {
    let mut plan = plan("2027-01-12T03:00:00Z");
    plan.on_window_close = OnWindowClose::Expire;
    let sent = sent(&events(&plan, &[lead(0)]));
    assert_eq!(sent, [(0, 0, utc("2027-01-12T14:00:00Z"))], "ten in the evening waits for the morning");
}

#[test]
fn a_lead_stays_with_the_number_it_was_first_written_to_by() {
    let mut plan = plan("2027-01-11T15:00:00Z");
    plan.limits = Limits { per_minute: 600, per_day: 10_000, budget: None };
    plan.steps = vec![
        PlanStep { delay: Duration::ZERO, only_silent: true },
        PlanStep { delay: Duration::from_secs(3_600), only_silent: true },
    ];
    plan.senders = vec![SegmentLimits { per_segment: Some(Duration::from_secs(1)), per_day: None }; 3];
    let told = events(&plan, &vec![lead(0); 90]);
    let mut of_lead: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for event in &told {
        if let Event::Sent { lead, sender, .. } = event {
            of_lead.entry(*lead).or_default().insert(*sender);
        }
    }
    assert_eq!(of_lead.len(), 90);
    assert!(of_lead.values().all(|senders| senders.len() == 1));
    let used: BTreeSet<usize> = of_lead.into_values().flatten().collect();
    assert_eq!(used.len(), 3, "all numbers are used");
    let first = sent(&told);
    let took = first[89].2 - first[0].2;
    assert!(took >= TimeDelta::seconds(29) && took < TimeDelta::seconds(30), "each one a second: {took}");
}

#[test]
fn a_carriers_day_holds_its_customers_and_nobody_else() {
    let mut plan = plan("2027-01-11T15:00:00Z");
    let day = Some((1, TimeZone::Pacific));
    plan.carriers = vec![SegmentLimits { per_segment: None, per_day: day }];
    let customer = PlanLead { carrier: Some(0), ..lead(0) };
    let sent = sent(&events(&plan, &[customer, customer, lead(0)]));
    let expected = [
        (0, 0, utc("2027-01-11T15:00:00Z")),
        (2, 0, utc("2027-01-11T15:00:03Z")),
        (1, 0, utc("2027-01-12T14:00:00Z")),
    ];
    assert_eq!(sent, expected);
}

#[test]
fn a_step_that_has_nothing_to_say_is_not_planned() {
    let mut plan = plan("2027-01-11T15:00:00Z");
    plan.steps.push(PlanStep { delay: Duration::from_secs(3_600), only_silent: true });
    let silent = PlanLead { end_step: 1, ..lead(0) };
    assert_eq!(sent(&events(&plan, &[silent])).len(), 1);
    assert_eq!(events(&plan, &[PlanLead { end_step: 0, ..lead(0) }]), []);
}

#[test]
fn hours_that_never_come_hold_at_once() {
    let mut nowhere = lead(3);
    nowhere.inputs.place.zones = nowhere.inputs.place.zones.with(TimeZone::Guam);
    let told = events(&plan("2027-01-11T15:00:00Z"), &[nowhere, lead(0)]);
    assert_eq!(held(&told), [(0, 0, HeldBy::Rule(RuleId::QuietHours))]);
    assert_eq!(sent(&told).len(), 1);
}

/// A large campaign in the time of a unit test, without optimisation.
#[test]
fn a_large_campaign_takes_seconds() {
    let leads: Vec<PlanLead> = (0..20_000).map(lead).collect();
    let mut plan = plan("2027-01-11T00:00:00Z");
    plan.limits = Limits { per_minute: 600, per_day: 1_000, budget: None };
    plan.steps.push(PlanStep { delay: Duration::from_secs(86_400), only_silent: true });
    let mut count = 0;
    run(&plan, leads, |event| count += usize::from(matches!(event, Event::Sent { .. })));
    assert_eq!(count, 40_000);
}
