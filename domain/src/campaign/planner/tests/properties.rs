//! What holds for every plan: no limit is passed, nothing leaves outside its hours, everybody's story has an end.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::campaign::{Days, SendWindow};
use crate::gate::Hours;

prop_compose! {
    fn any_plan()(
        (per_minute, per_day, sent_today) in (1..120u32, 1..60u32, 0..30u32),
        (start, days) in (0..500_000i64, 1..12i64),
        close in select(OnWindowClose::ALL),
        delays in proptest::collection::vec(1..60u64, 0..3),
        senders in proptest::collection::vec((1..40u32, 2..30u32), 0..3),
        budget in proptest::option::of(1..2_000_000i64),
    ) -> Plan<'static> {
        let mut plan = plan("2027-01-09T00:00:00Z");
        plan.from += TimeDelta::seconds(start);
        plan.expires_at = Some(plan.from + TimeDelta::days(days));
        plan.limits = Limits { per_minute, per_day, budget: budget.map(MicroDollars::new) };
        plan.sent_today = sent_today;
        plan.on_window_close = close;
        plan.steps.extend(delays.into_iter().map(|hours| PlanStep {
            delay: Duration::from_secs(hours * 3_600),
            only_silent: hours % 2 == 0,
        }));
        plan.senders = senders
            .into_iter()
            .map(|(per_minute, per_day)| SegmentLimits {
                per_segment: Some(Duration::from_secs(60) / per_minute),
                per_day: Some((per_day, TimeZone::Pacific)),
            })
            .collect();
        plan
    }
}

prop_compose! {
    fn any_lead()(place in 0..PLACES.len(), spoilt in 0..10u8, segments in 1..3u16, answers in proptest::option::of(0..3u8), own in any::<bool>()) -> PlanLead {
        let mut lead = lead(place);
        match spoilt {
            0 => lead.inputs.consent = None,
            1 => lead.inputs.line = LineType::Landline,
            2 => lead.inputs.sends = (1..=3).map(|hours| utc("2027-01-11T20:00:00Z") + TimeDelta::hours(hours)).collect(),
            _ => {}
        }
        if own {
            let window = SendWindow { from: 600, until: 900, days: Days::WORKDAYS };
            lead.inputs.campaign.windows = Windows::new(&[window]).expect("a window");
        }
        lead.steps = [StepFacts { segments, cost: MicroDollars::new(15_000), same_text_sent: false }; 4];
        lead.answers = answers;
        lead
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_limit_is_passed_and_everything_is_accounted_for(
        plan in any_plan(),
        leads in proptest::collection::vec(any_lead(), 1..60),
    ) {
        let told = events(&plan, &leads);
        let mut minutes: Vec<DateTime<Utc>> = Vec::new();
        let mut days: BTreeMap<_, u32> = BTreeMap::new();
        days.insert(plan.day_zone.local(plan.from).date, plan.sent_today);
        let mut by_sender: BTreeMap<usize, Vec<(DateTime<Utc>, u32)>> = BTreeMap::new();
        let mut ended: BTreeMap<usize, (u8, bool)> = BTreeMap::new();
        let mut spent = 0;
        for event in &told {
            match *event {
                Event::Sent { lead, step, at, sender, segments, cost } => {
                    prop_assert!(at >= plan.from && plan.expires_at.is_none_or(|end| at < end));
                    let hours = Hours::for_inputs(plan.rules, &leads[lead].inputs);
                    prop_assert!(hours.is_open(at), "outside the hours");
                    prop_assert!(minutes.last().is_none_or(|last| *last <= at), "in the order of time");
                    minutes.push(at);
                    *days.entry(plan.day_zone.local(at).date).or_default() += 1;
                    by_sender.entry(sender).or_default().push((at, u32::from(segments)));
                    let before = ended.insert(lead, (step, false));
                    prop_assert_eq!(before, step.checked_sub(1).map(|before| (before, false)), "each step once, in order");
                    spent += cost.micros();
                }
                Event::Held { lead, step, .. } => {
                    let before = ended.insert(lead, (step, true));
                    prop_assert_eq!(before, step.checked_sub(1).map(|before| (before, false)));
                }
                Event::Waits { at, until, .. } => prop_assert!(until > at),
                Event::Asks { .. } => {}
            }
        }
        for (first, at) in minutes.iter().enumerate() {
            let window = minutes[first..].iter().take_while(|other| **other < *at + TimeDelta::seconds(60));
            prop_assert!(window.count() <= plan.limits.per_minute as usize);
        }
        prop_assert!(days.values().all(|count| *count <= plan.limits.per_day.max(plan.sent_today)), "{days:?}");
        prop_assert!(plan.limits.budget.is_none_or(|budget| spent <= budget.micros()));
        for (sender, went) in &by_sender {
            let Some(limits) = plan.senders.get(*sender) else { continue };
            let mut of_day: BTreeMap<_, u32> = BTreeMap::new();
            for (first, (at, segments)) in went.iter().enumerate() {
                let window = went[first..].iter().take_while(|(other, _)| *other < *at + TimeDelta::seconds(60));
                let sum: u32 = window.map(|(_, segments)| *segments).sum();
                let took = limits.per_segment.unwrap_or_default() * sum;
                prop_assert!(took <= Duration::from_secs(60) || sum == *segments, "{sum}");
                *of_day.entry(TimeZone::Pacific.local(*at).date).or_default() += segments;
            }
            prop_assert!(of_day.values().all(|sum| limits.per_day.is_none_or(|(most, _)| *sum <= most)), "{of_day:?}");
        }
        // Everybody's story has an end: the last step, an answer, or what holds it.
        for (number, lead) in leads.iter().enumerate() {
            let Some((step, was_held)) = ended.get(&number) else {
                prop_assert!(false, "nothing is told of {}", number);
                continue;
            };
            let next = plan.steps.get(usize::from(step + 1));
            let answered = lead.answers.is_some_and(|after| after <= *step);
            prop_assert!(*was_held || next.is_none_or(|next| answered && next.only_silent), "{number} is left at {step}");
        }
    }
}
