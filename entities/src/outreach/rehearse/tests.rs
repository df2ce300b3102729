//! Rehearsals of made-up campaigns, without a database.

use std::time::Duration;

use domain::campaign::{Channel, ConsentBasis, LeadState, OnWindowClose};
use domain::gate::{Mailbox, RuleSet, SuppressionReason, SuppressionScope, Windows};
use domain::geo::{State, Zip5};
use domain::id::{CampaignId, SenderId, TemplateVersionId, TypedId};
use domain::message::{Template, Values};
use uuid::Uuid;

use super::super::{Rules, SceneSender, SceneStep};
use super::*;
use crate::audience::{Grounds, Stop, StopOf};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn step(number: u8, hours: u64, text: &str) -> SceneStep {
    SceneStep {
        number,
        delay: Duration::from_secs(hours * 3_600),
        only_silent: true,
        version: TemplateVersionId::from_uuid(Uuid::nil()),
        channel: "sms".into(),
        template: Template::parse(text).expect("a template"),
        subject: None,
    }
}

fn scene(texts: &[&str]) -> Scene {
    let steps =
        texts.iter().zip(1u8..).map(|(text, number)| step(number, if number == 1 { 0 } else { 24 }, text));
    Scene {
        campaign: CampaignId::from_uuid(Uuid::nil()),
        channel: Channel::Sms,
        steps: steps.collect(),
        senders: vec![SceneSender {
            id: SenderId::from_uuid(Uuid::nil()),
            provider: "signalhouse".into(),
            channel: "sms".into(),
            address: "+15125550100".into(),
            display_name: "Austin".into(),
            postal_address: String::new(),
            reply_to: None,
            brand: None,
            per_second_milli: None,
            per_day: None,
            att_per_minute: None,
            tmobile_per_day: None,
        }],
        windows: Windows::NONE,
        on_window_close: OnWindowClose::Hold,
        limits: Limits::default(),
        starts_at: None,
        expires_at: None,
        basis: ConsentBasis::Express,
        rules: Rules::of(RuleSet::shipped().clone()),
        segment_price: MicroDollars::new(15_000),
        email_price: MicroDollars::new(100),
        call_price: MicroDollars::new(50_000),
    }
}

fn person(number: u32, zip: &str) -> Candidate {
    Candidate {
        lead: LeadId::from_uuid(Uuid::from_u128(u128::from(number))),
        position: number,
        state: LeadState::Pending,
        excluded_rule: None,
        step: 0,
        phone: format!("+1212555{:04}", 1_000 + number % 9_000).parse().ok(),
        line_type: Some("mobile".into()),
        carrier: None,
        email: None,
        mailbox: Mailbox::Verified,
        address_state: Zip5::from_digits(zip).and_then(State::of_zip),
        zip: Zip5::from_digits(zip),
        county: String::new(),
        is_business: true,
        stops: Vec::new(),
        grounds: Some(Grounds {
            basis: ConsentBasis::Express,
            given_at: utc("2026-12-01T00:00:00Z"),
            expires_at: None,
        }),
        email_grounds: None,
        recent: Vec::new(),
        ever: 0,
        texts: Vec::new(),
        who: Values { first_name: Some("Ana".into()), ..Values::default() },
    }
}

fn rehearsed(scene: &Scene, people: Vec<Candidate>, budget: Option<i64>) -> Rehearsal {
    rehearse(scene, people, utc("2027-01-11T15:00:00Z"), budget.map(MicroDollars::new), TimeZone::Eastern)
}

#[test]
fn each_is_sent_waits_or_is_left_out_by_its_rule() {
    let mut people: Vec<Candidate> = (0..6).map(|number| person(number, "10001")).collect();
    people[1].grounds = None;
    people[2].stops = vec![Stop {
        of: StopOf::Phone,
        scope: SuppressionScope::Team,
        reason: SuppressionReason::OptOut,
        subject: String::new(),
    }];
    people[3].who = Values::default();
    people[4].phone = None;
    people[5] = person(5, "90001");
    let done = rehearsed(&scene(&["Hi {{first_name}}. Reply STOP to opt out."]), people, None);
    let sent: Vec<(LeadId, DateTime<Utc>)> = done.sends.iter().map(|send| (send.lead, send.at)).collect();
    let lead = |number| person(number, "10001").lead;
    // A phone of New York and an address in Los Angeles: from noon in New York.
    let expected = [(lead(0), utc("2027-01-11T15:00:00Z")), (lead(5), utc("2027-01-11T17:00:00Z"))];
    assert_eq!(sent, expected);
    let left_out: BTreeMap<LeadId, &str> =
        done.left_out.iter().map(|one| (one.lead, one.rule.as_str())).collect();
    let expected =
        [(lead(1), "consent"), (lead(2), "suppression"), (lead(3), "no_text"), (lead(4), "no_recipient")];
    assert_eq!(left_out, expected.into());
    assert_eq!(done.held, BTreeMap::from([("quiet_hours".to_owned(), 1)]));
    assert_eq!(done.cost(), MicroDollars::new(30_000));
}

#[test]
fn a_follow_up_that_has_nothing_to_say_or_says_the_same_is_left_out() {
    let texts = ["Hi. Reply STOP to opt out.", "Hi. Reply STOP to opt out.", "In {{city}}?"];
    let done = rehearsed(&scene(&texts), vec![person(0, "10001")], None);
    assert_eq!(done.sends.len(), 1);
    let told: Vec<(u8, &str)> = done.left_out.iter().map(|one| (one.step, one.rule.as_str())).collect();
    assert_eq!(told, [(2, "duplicate_text")]);
    let done = rehearsed(&scene(&["Hi", "In {{city}}?"]), vec![person(0, "10001")], None);
    let told: Vec<(u8, &str)> = done.left_out.iter().map(|one| (one.step, one.rule.as_str())).collect();
    assert_eq!((done.sends.len(), told), (1, vec![(2, "no_text")]));
}

#[test]
fn where_the_money_ends_everything_else_is_left() {
    let people: Vec<Candidate> = (0..10).map(|number| person(number, "10001")).collect();
    let done = rehearsed(&scene(&["Hi", "Again"]), people, Some(40_000));
    // Eight first messages, and the second ones of those who got theirs.
    assert_eq!((done.sends.len(), done.unsent), (2, 10));
    assert_eq!(done.out_of_money_at, Some(utc("2027-01-11T15:00:06Z")));
}

#[test]
fn a_senders_day_and_the_campaigns_are_kept() {
    let people: Vec<Candidate> = (0..10).map(|number| person(number, "10001")).collect();
    let mut scene = scene(&["Hi"]);
    scene.senders[0].per_day = Some(4);
    let by_sender = rehearsed(&scene, people.clone(), None);
    scene.senders[0].per_day = None;
    scene.limits.per_day = 4;
    let by_campaign = rehearsed(&scene, people, None);
    for done in [by_sender, by_campaign] {
        assert_eq!(done.sends.len(), 10);
        assert_eq!(done.sends[4].at, utc("2027-01-12T14:00:00Z"));
        assert_eq!(done.ends_at(), Some(utc("2027-01-13T14:00:03Z")));
    }
}
