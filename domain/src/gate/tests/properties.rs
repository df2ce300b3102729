//! What holds for all inputs: a stricter rule never allows more, and the next time that is named is allowed.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::*;
use crate::campaign::{Days, SendWindow};

/// A moment of 2025 to 2028, the days the clocks change among them more often than by chance.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    let some = (1_735_700_000..1_861_900_000i64)
        .prop_map(|second| DateTime::from_timestamp(second, 0).expect("a time"));
    let changes = select(vec![
        "2027-03-14T00:00:00Z",
        "2026-11-01T00:00:00Z",
        "2027-11-07T00:00:00Z",
        "2028-03-12T00:00:00Z",
    ]);
    let around = (changes, -30..60i64, 0..3_600i64)
        .prop_map(|(day, hours, seconds)| utc(day) + TimeDelta::hours(hours) + TimeDelta::seconds(seconds));
    prop_oneof![some, around]
}

fn places() -> impl Strategy<Value = Place> {
    let phone = select(vec![
        "",
        "+12125550123",
        "+13105550123",
        "+18505550123",
        "+14015550123",
        "+19075550123",
        "+18085550123",
        "+12085550123",
        "+19285550123",
        "+17875550123",
        "+14165550123",
        "+18005550123",
        "+14365550123",
        "+12145550123",
    ]);
    let address = select(vec![
        ("", ""),
        ("NY", "10001"),
        ("TX", "79901"),
        ("TX", ""),
        ("AL", "35203"),
        ("LA", ""),
        ("RI", "02903"),
        ("FL", "32501"),
        ("AK", "99501"),
        ("HI", "96813"),
        ("WA", "98101"),
        ("AE", "09001"),
        ("AZ", "86515"),
        ("IN", ""),
        ("CA", "10001"),
    ]);
    (phone, address).prop_map(|(phone, (state, zip))| place(phone, state, zip))
}

prop_compose! {
    fn windows()(windows in proptest::collection::vec((0..1_380u16, 30..600u16, any::<bool>()), 0..3)) -> Windows {
        let windows: Vec<SendWindow> = windows
            .into_iter()
            .map(|(from, minutes, workdays)| SendWindow {
                from,
                until: (from + minutes).min(1_440),
                days: if workdays { Days::WORKDAYS } else { Days::ALL },
            })
            .collect();
        Windows::new(&windows).expect("windows")
    }
}

prop_compose! {
    fn inputs()(
        at in moments(),
        place in places(),
        windows in windows(),
        channel in select(Channel::ALL),
        basis in select(ConsentBasis::ALL),
        given_ago in -3..200i64,
        sends in proptest::collection::vec(-2..40i64, 0..6),
        (starts_in, expires_in) in (-100..100i64, 1..2_000i64),
        (first_contact, follow_ups, b2b, by_hand) in (any::<bool>(), 0..5u8, any::<bool>(), any::<bool>()),
        (left, renews_in) in (0..40_000i64, 1..50i64),
        line in select(LineType::ALL),
        spoilt in 0..12u8,
    ) -> Inputs {
        let hours = |hours: i64| at + TimeDelta::hours(hours);
        let mut inputs = Inputs { at, place, channel, line, first_contact, follow_ups, b2b, by_hand, ..fine() };
        inputs.campaign = CampaignFacts {
            state: if spoilt == 0 { CampaignState::Paused } else { CampaignState::Running },
            starts_at: Some(hours(starts_in)),
            expires_at: Some(hours(expires_in)),
            windows,
        };
        inputs.consent = (spoilt != 1).then(|| Consent {
            basis,
            has_evidence: spoilt != 2,
            given_at: at - TimeDelta::days(given_ago),
            expires_at: None,
        });
        inputs.sends = sends.into_iter().map(|ago| hours(-ago)).collect();
        inputs.budget.left = Some(MicroDollars::new(left));
        inputs.budget.renews_at = (renews_in % 2 == 0).then(|| hours(renews_in));
        inputs.same_text_sent = spoilt == 3;
        inputs.mailbox = if spoilt % 4 == 1 { Mailbox::Role } else { Mailbox::Verified };
        // Most messages should get as far as the hours.
        if spoilt > 6 {
            inputs.line = LineType::Mobile;
            inputs.consent = inputs.consent.map(|consent| Consent { basis: ConsentBasis::ExpressWritten, ..consent });
        }
        inputs
    }
}

/// A rule set and one that is stricter in a way or several.
fn stricter() -> impl Strategy<Value = (RuleSet, RuleSet)> {
    let edit: Vec<fn(&mut Value)> = vec![
        |rules| rules["house"] = "10:00-19:00".into(),
        |rules| rules["federal"] = "11:00-18:00".into(),
        |rules| rules["safe"]["hours"] = "13:00-15:00".into(),
        |rules| rules["caps"]["most_in_24h"] = 1.into(),
        |rules| rules["caps"]["follow_ups"] = 1.into(),
        |rules| rules["line_types"] = serde_json::json!(["mobile"]),
        |rules| rules["mailboxes"] = serde_json::json!([]),
        |rules| {
            if let Some(states) = rules["states"].as_array_mut() {
                for state in states {
                    state["sat"] = "none".into();
                    state["most_in_24h"] = 2.into();
                    state["opt_in_only"] = true.into();
                    state["residents_only"] = false.into();
                    state["b2b_exempt"] = false.into();
                }
            }
        },
        |rules| {
            if let Some(states) = rules["states"].as_array_mut() {
                states.push(
                    serde_json::json!({"state": "NY", "mon_fri": "12:00-13:00", "sat": "none", "sun": "none",
                    "holidays": ["federal"], "source": "a law of tomorrow"}),
                );
            }
        },
        |rules| {
            rules["consent"] = serde_json::json!([{"basis": "express_written", "opt_in": true, "days": 100}])
        },
        |rules| {
            if let Some(covered) = rules["safe"]["not_covered"].as_array_mut() {
                covered.extend(["NY", "TX", "AE"].map(Value::from));
            }
        },
    ];
    proptest::sample::subsequence(edit, 1..=4).prop_map(|edits| {
        let strict = rules_with(|rules| edits.iter().for_each(|edit| edit(rules)));
        (RuleSet::shipped().clone(), strict)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_stricter_rule_never_allows_more((lax, strict) in stricter(), inputs in inputs()) {
        let (by_lax, by_strict) = (judge(&lax, &inputs), judge(&strict, &inputs));
        prop_assert!(by_lax.allowed || !by_strict.allowed, "lax: {}, strict: {}", by_lax.says, by_strict.says);
    }

    #[test]
    fn the_next_allowed_time_is_allowed_and_to_come(inputs in inputs()) {
        let verdict = shipped(&inputs);
        if let Some(next) = verdict.next_allowed_at {
            prop_assert!(!verdict.allowed && next > inputs.at);
            let then = shipped(&Inputs { at: next, ..inputs });
            prop_assert!(then.allowed, "{} then {}", verdict.says, then.says);
        }
    }

    /// No time before the one that is named would have done, to the quarter of an hour.
    #[test]
    fn no_earlier_time_is_allowed(inputs in inputs(), part in 0.0..1.0f64) {
        let verdict = shipped(&inputs);
        if let Some(next) = verdict.next_allowed_at {
            let seconds = (next - inputs.at).num_seconds();
            let earlier = inputs.at + TimeDelta::seconds((seconds as f64 * part) as i64);
            if earlier < next {
                let then = shipped(&Inputs { at: earlier, ..inputs });
                prop_assert!(!then.allowed, "{earlier} before {next}: {}", verdict.says);
            }
        }
    }

    #[test]
    fn open_until_it_closes_and_closed_until_it_opens(place in places(), own in windows(), at in moments(), part in 0.0..1.0f64) {
        let hours = Hours::of(RuleSet::shipped(), place, Channel::Sms, false, own);
        prop_assert_eq!(hours.is_open(at), hours.closed(at).is_none());
        let closes = hours.closes(at);
        let share = |from: DateTime<Utc>, until: DateTime<Utc>| {
            from + TimeDelta::seconds(((until - from).num_seconds() as f64 * part) as i64)
        };
        if hours.is_open(at) {
            prop_assert!(closes > at && !hours.is_open(closes));
            prop_assert!(hours.is_open(share(at, closes - TimeDelta::seconds(1))));
            prop_assert_eq!(hours.opens(at), Some(at));
        } else if let Some(opens) = hours.opens(at) {
            prop_assert_eq!(closes, at);
            prop_assert!(opens > at && hours.is_open(opens));
            prop_assert!(!hours.is_open(share(at, opens - TimeDelta::seconds(1))));
        }
    }

    /// The house's hours hold by every clock that may count, whatever else.
    #[test]
    fn nothing_leaves_outside_the_hours_of_the_house(inputs in inputs()) {
        if shipped(&inputs).allowed {
            for zone in inputs.place.zones.iter() {
                let hour = zone.local(inputs.at).second / 3_600;
                prop_assert!((9..20).contains(&hour), "{hour} in {zone}");
            }
        }
    }

    #[test]
    fn inputs_read_back_and_are_judged_the_same(inputs in inputs()) {
        let text = serde_json::to_string(&inputs).expect("plain data");
        let read: Inputs = serde_json::from_str(&text).expect("inputs");
        prop_assert_eq!(shipped(&read), shipped(&inputs));
    }
}
