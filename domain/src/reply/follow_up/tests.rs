//! When a conversation is followed up and when it is not.

use super::*;
use crate::reply::ClientLine;
use chrono::TimeZone;
use proptest::prelude::*;

fn at(minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).single().expect("a moment")
        + Duration::minutes(i64::from(minute))
}

fn facts() -> FollowUpFacts {
    FollowUpFacts { last_inbound_at: Some(at(0)), ..FollowUpFacts::new(ClientLine::HomeownerAdvisor) }
}

fn rules() -> &'static [FollowUpRule] {
    FollowUpRules::shipped().rules()
}

#[test]
fn the_four_triggers_wait_as_long_as_operators_know() {
    let cases = [
        (FollowUpFacts { email_captured_at: Some(at(0)), has_email: true, ..facts() }, 1_440),
        (FollowUpFacts { interested_at: Some(at(0)), ..facts() }, 120),
        (FollowUpFacts { question_at: Some(at(0)), ..facts() }, 60),
        (FollowUpFacts { called_at: Some(at(0)), ..facts() }, 120),
    ];
    for (facts, minutes) in cases {
        assert_eq!(next_due(rules(), &facts), Some(at(minutes)));
        assert!(due(rules(), &facts, at(minutes - 1)).is_empty());
        let due = due(rules(), &facts, at(minutes));
        assert_eq!(due.len(), 1);
        assert_eq!((due[0].occasion, due[0].stopped_by, due[0].needs_approval), (at(0), None, false));
    }
}

#[test]
fn who_gave_an_address_is_not_asked_for_it() {
    let facts = FollowUpFacts { interested_at: Some(at(0)), has_email: true, ..facts() };
    assert_eq!(next_due(rules(), &facts), None);
}

#[test]
fn it_happens_once_for_an_occasion() {
    let mut facts = FollowUpFacts { question_at: Some(at(0)), ..facts() };
    let rule = due(rules(), &facts, at(60))[0].rule.name.clone();
    facts.fired.push(Occasion { rule, at: at(0) });
    assert!(due(rules(), &facts, at(600)).is_empty());
    facts.question_at = Some(at(700));
    facts.last_inbound_at = Some(at(700));
    assert_eq!(due(rules(), &facts, at(760)).len(), 1, "another question is another occasion");
}

#[test]
fn each_guardrail_stops_it() {
    let asked = FollowUpFacts { interested_at: Some(at(0)), ..facts() };
    let stopped = [
        (FollowUpFacts { is_opted_out: true, ..asked.clone() }, Guardrail::OptedOut),
        (FollowUpFacts { state: ConversationState::Held, ..asked.clone() }, Guardrail::Held),
        (FollowUpFacts { state: ConversationState::Closed, ..asked.clone() }, Guardrail::Closed),
        (FollowUpFacts { last_inbound_at: Some(at(5)), ..asked.clone() }, Guardrail::Replied),
        (FollowUpFacts { person_at: Some(at(5)), ..asked.clone() }, Guardrail::PersonActed),
        (FollowUpFacts { contacted_at: Some(at(5)), ..asked.clone() }, Guardrail::PersonActed),
        (FollowUpFacts { is_switched_off: true, ..asked.clone() }, Guardrail::SwitchedOff),
        (FollowUpFacts { contacts_of_lead: 3, ..asked.clone() }, Guardrail::TooMany),
    ];
    for (facts, guardrail) in stopped {
        assert_eq!(due(rules(), &facts, at(120))[0].stopped_by, Some(guardrail));
        assert_eq!(next_due(rules(), &facts), None, "{guardrail}: no timer for what is stopped");
    }
    let answered = FollowUpFacts { question_at: Some(at(0)), last_outbound_at: Some(at(5)), ..facts() };
    assert_eq!(due(rules(), &answered, at(60))[0].stopped_by, Some(Guardrail::Answered));
}

#[test]
fn work_for_people_is_no_contact() {
    let called = FollowUpFacts { called_at: Some(at(0)), contacts_of_lead: 9, ..facts() };
    assert_eq!(due(rules(), &called, at(120))[0].stopped_by, None);
}

#[test]
fn a_first_contact_needs_approval() {
    let fresh = FollowUpFacts { interested_at: Some(at(0)), is_first_contact: true, ..facts() };
    assert!(due(rules(), &fresh, at(120))[0].needs_approval);
}

#[test]
fn conditions_say_for_whom() {
    let mut rule = rules()[1].clone();
    rule.conditions = FollowUpConditions { lines: vec![ClientLine::DealSourcing], least_score: 60 };
    let rules = [rule];
    let mut facts = FollowUpFacts { interested_at: Some(at(0)), lead_score: 80, ..facts() };
    assert_eq!(next_due(&rules, &facts), None);
    facts.line = ClientLine::DealSourcing;
    assert!(next_due(&rules, &facts).is_some());
    facts.lead_score = 59;
    assert_eq!(next_due(&rules, &facts), None);
}

#[test]
fn what_is_no_rule_is_refused_and_says_why() {
    let good = serde_json::json!({"name": "a", "trigger": "question_unanswered", "after_minutes": 5,
        "actions": [{"do": "notify", "text": "look"}]});
    let with = |key: &str, value: serde_json::Value| {
        let mut rule = good.clone();
        rule[key] = value;
        serde_json::from_value::<FollowUpRule>(rule).map(|rule| rule.check())
    };
    assert_eq!(with("version", 7.into()).expect("a shape"), Ok(()));
    let text = |text: &str| serde_json::json!([{"do": "send_sms", "text": text}]);
    for (key, value, part) in [
        ("name", " ".into(), "name"),
        ("after_minutes", 0.into(), "1 to 43200"),
        ("after_minutes", 43_201.into(), "1 to 43200"),
        ("actions", serde_json::json!([]), "1 to 5"),
        ("actions", text("Hi {{nobody}}"), "action 1"),
        ("actions", serde_json::json!([{"do": "tag", "tag": "Hot Lead"}]), "action 1"),
        ("actions", serde_json::json!([text("a")[0], text("b")[0]]), "at most one"),
    ] {
        let fault = with(key, value).expect("a shape").expect_err("no rule");
        assert!(fault.to_string().contains(part), "{fault}");
    }
    assert!(with("actions", serde_json::json!([{"do": "call_police"}])).is_err());
}

proptest! {
    /// However things happen, a conversation in which somebody opted out, answered or was seen to is never written to.
    #[test]
    fn nobody_is_written_to_who_is_not_waiting(
        minutes in proptest::array::uniform8(proptest::option::of(0u32..3_000)),
        opted_out in any::<bool>(), state in 0..3usize, contacts in 0u8..6, now in 0u32..6_000,
    ) {
        let [email, interested, question, called, inbound, outbound, person, contacted] = minutes.map(|minute| minute.map(at));
        let facts = FollowUpFacts {
            email_captured_at: email, interested_at: interested, question_at: question, called_at: called,
            last_inbound_at: inbound, last_outbound_at: outbound, person_at: person, contacted_at: contacted,
            is_opted_out: opted_out, state: ConversationState::ALL[state], contacts_of_lead: contacts, ..facts()
        };
        for due in due(rules(), &facts, at(now)).iter().filter(|due| due.stopped_by.is_none()) {
            prop_assert!(due.due_at <= at(now) && due.occasion < due.due_at);
            prop_assert!(!opted_out && facts.state == ConversationState::Open);
            prop_assert!(inbound.is_none_or(|inbound| inbound <= due.occasion));
            prop_assert!(person.is_none_or(|person| person <= due.occasion));
            prop_assert!(contacts < MOST_PER_LEAD || !due.rule.actions.iter().any(FollowUpAction::writes));
            prop_assert!(next_due(rules(), &facts).is_some_and(|next| next <= due.due_at));
        }
    }
}
