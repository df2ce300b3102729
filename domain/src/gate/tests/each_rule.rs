//! Each rule by itself, and their order.

use super::*;
use crate::campaign::{Days, SendWindow};

/// A change of the inputs.
type Spoil = fn(&mut Inputs);

/// A change by which one rule alone objects, for each rule in their order.
fn spoilers() -> Vec<(RuleId, Spoil)> {
    vec![
        (RuleId::KillSwitch, |inputs| inputs.kill_switch = Some(KillSwitch::Campaign)),
        (RuleId::Campaign, |inputs| inputs.campaign.state = CampaignState::Paused),
        (RuleId::Team, |inputs| inputs.team_active = false),
        (RuleId::Suppression, |inputs| {
            inputs.suppressed =
                Some(Suppressed { scope: SuppressionScope::Number, reason: SuppressionReason::OptOut });
        }),
        (RuleId::Consent, |inputs| inputs.consent = None),
        (RuleId::LineType, |inputs| inputs.line = LineType::Landline),
        (RuleId::Mailbox, |inputs| (inputs.channel, inputs.mailbox) = (Channel::Email, Mailbox::Role)),
        (RuleId::Jurisdiction, |inputs| inputs.place.foreign = true),
        (RuleId::QuietHours, |inputs| inputs.at = utc("2027-01-12T04:00:00Z")),
        (RuleId::SendWindow, |inputs| {
            let window = SendWindow { from: 600, until: 660, days: Days::ALL };
            inputs.campaign.windows = Windows::new(&[window]).expect("a window");
        }),
        (RuleId::FrequencyCap, |inputs| {
            inputs.sends = (1..=3).map(|hours| inputs.at - chrono::TimeDelta::hours(hours)).collect();
        }),
        (RuleId::FollowUps, |inputs| (inputs.first_contact, inputs.follow_ups) = (false, 3)),
        (RuleId::DuplicateText, |inputs| inputs.same_text_sent = true),
        (RuleId::Budget, |inputs| inputs.budget.left = Some(MicroDollars::ZERO)),
        (RuleId::Approval, |inputs| inputs.approval = Approval::Stale),
    ]
}

#[test]
fn a_landline_bars_texts_and_all_else_bars_every_way() {
    use SuppressionReason as R;
    for channel in Channel::ALL {
        for reason in R::ALL {
            let bars = (*reason, *channel) != (R::Landline, Channel::Voice);
            assert_eq!(reason.bars(*channel), bars, "{reason} {channel}");
            assert_eq!(!R::sparing(*channel).contains(&reason.as_str()), bars, "{reason} {channel}");
        }
    }
}

#[test]
fn nothing_objects_to_a_fine_message() {
    let verdict = shipped(&fine());
    assert_eq!((verdict.allowed, verdict.rule, verdict.next_allowed_at), (true, RuleId::Passed, None));
    assert!(matches!(verdict.says, std::borrow::Cow::Borrowed(_)), "nothing is allocated");
    assert!(examine(RuleSet::shipped(), &fine()).iter().all(|(_, held)| held.is_none()));
}

#[test]
fn each_rule_objects_to_its_own_and_to_nothing_else() {
    for (rule, spoil) in spoilers() {
        let mut inputs = fine();
        spoil(&mut inputs);
        let objecting: Vec<RuleId> = examine(RuleSet::shipped(), &inputs)
            .into_iter()
            .filter_map(|(rule, held)| held.map(|_| rule))
            .collect();
        assert_eq!(objecting, [rule]);
        let verdict = shipped(&inputs);
        assert_eq!((verdict.allowed, verdict.rule), (false, rule));
        assert!(!verdict.says.is_empty(), "{rule}");
    }
}

/// The order of the design: kill switch, campaign, team, suppression, consent, line, hours, caps, text, budget, approval.
#[test]
fn the_first_rule_in_the_order_decides() {
    let spoilers = spoilers();
    let named: Vec<RuleId> = RuleId::ALL.iter().copied().filter(|rule| *rule != RuleId::Passed).collect();
    assert_eq!(spoilers.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), named);
    for (at, (rule, _)) in spoilers.iter().enumerate() {
        let mut inputs = fine();
        // What sets a moment goes first, so that what counts back from it still does. What makes it an e-mail takes the line
        // out of the question.
        let others = spoilers.iter().skip(at);
        for (_, spoil) in others.filter(|(other, _)| *rule != RuleId::LineType || *other != RuleId::Mailbox) {
            spoil(&mut inputs);
        }
        assert_eq!(shipped(&inputs).rule, *rule);
    }
}

#[test]
fn without_consent_evidence_and_a_ground_in_force_nothing_is_sent() {
    let with = |edit: fn(&mut Inputs, &mut Consent)| {
        let mut inputs = fine();
        let mut consent = inputs.consent.take().expect("a consent");
        edit(&mut inputs, &mut consent);
        inputs.consent = Some(consent);
        shipped(&inputs)
    };
    assert!(!with(|_, consent| consent.has_evidence = false).allowed);
    assert!(!with(|inputs, consent| consent.expires_at = Some(inputs.at)).allowed);
    let later = with(|inputs, consent| consent.given_at = inputs.at + chrono::TimeDelta::hours(1));
    assert_eq!((later.rule, later.next_allowed_at), (RuleId::Consent, Some(utc("2027-01-12T18:00:00Z"))));
    let inquiry = |days: i64| {
        let mut inputs = fine();
        let given_at = inputs.at - chrono::TimeDelta::days(days);
        inputs.consent =
            Some(Consent { basis: ConsentBasis::Inquiry, has_evidence: true, given_at, expires_at: None });
        shipped(&inputs).allowed
    };
    assert!(inquiry(89) && !inquiry(90), "an inquiry is answered within 90 days");
}

#[test]
fn e_mail_goes_to_a_persons_address_that_somebody_has_seen_take_mail() {
    for mailbox in Mailbox::ALL {
        let email = Inputs { channel: Channel::Email, mailbox: *mailbox, ..fine() };
        let verdict = shipped(&email);
        let takes = *mailbox == Mailbox::Verified;
        assert_eq!((verdict.allowed, verdict.rule == RuleId::Mailbox), (takes, !takes), "{mailbox}");
        assert!(shipped(&Inputs { mailbox: *mailbox, ..fine() }).allowed, "a text has no mailbox");
    }
    // An address of a function, where a house's own rules let it.
    let rules = rules_with(|rules| rules["mailboxes"] = serde_json::json!(["verified", "role"]));
    let role = Inputs { channel: Channel::Email, mailbox: Mailbox::Role, ..fine() };
    assert!(judge(&rules, &role).allowed);
}

#[test]
fn the_law_of_texts_is_no_law_of_e_mail() {
    // Eight in the evening is within the house's hours and past Texas' Sunday's; who asked something need not have opted in.
    let sunday = Inputs {
        at: utc("2027-01-10T16:30:00Z"),
        channel: Channel::Email,
        place: place("", "TX", "78701"),
        consent: fine().consent.map(|consent| Consent { basis: ConsentBasis::Inquiry, ..consent }),
        ..fine()
    };
    let starts = CampaignFacts { starts_at: None, ..sunday.campaign };
    let sunday = Inputs { campaign: starts, ..sunday };
    assert_eq!(shipped(&sunday).rule, RuleId::Passed);
    assert!(!shipped(&Inputs { channel: Channel::Sms, ..sunday }).allowed);
    let night = Inputs { at: utc("2027-01-11T05:00:00Z"), ..sunday };
    assert_eq!(shipped(&night).rule, RuleId::QuietHours, "the house's hours hold for all that is sent");
}

#[test]
fn who_did_not_agree_to_texts_is_first_written_to_by_hand() {
    let mut inputs = fine();
    inputs.consent = inputs.consent.map(|consent| Consent { basis: ConsentBasis::HumanSent, ..consent });
    assert_eq!(shipped(&inputs).rule, RuleId::Consent);
    assert!(shipped(&Inputs { by_hand: true, ..inputs }).allowed);
    assert!(
        shipped(&Inputs { first_contact: false, ..inputs }).allowed,
        "the next ones may be sent by machine"
    );
}

/// SB 140: since September 2025 a text is a solicitation in Texas, by residence.
#[test]
fn texas_wants_an_opt_in_since_its_law_is_in_force() {
    let at = |moment: &str, place: Place, basis| {
        let mut inputs = Inputs { at: utc(moment), place, ..fine() };
        inputs.campaign.starts_at = None;
        inputs.consent = inputs.consent.map(|consent| Consent {
            basis,
            given_at: utc(moment) - chrono::TimeDelta::days(10),
            ..consent
        });
        shipped(&inputs).rule
    };
    let (before, after) = ("2025-08-29T16:00:00Z", "2025-09-02T16:00:00Z");
    let customer = ConsentBasis::ExistingCustomer;
    assert_eq!(at(before, place("", "TX", "77001"), customer), RuleId::Passed);
    assert_eq!(at(after, place("", "TX", "77001"), customer), RuleId::Consent);
    assert_eq!(at(after, place("", "TX", "77001"), ConsentBasis::Express), RuleId::Passed);
    assert_eq!(at(after, place("+12145550123", "NY", "10001"), customer), RuleId::Passed, "lives elsewhere");
    assert_eq!(at(after, place("+12145550123", "", ""), customer), RuleId::Consent, "nothing else is known");
}

#[test]
fn only_lines_that_take_texts_are_texted() {
    let verdict = |channel, line| shipped(&Inputs { channel, line, ..fine() }).rule;
    for line in LineType::ALL {
        let takes = matches!(line, LineType::Mobile | LineType::Voip);
        assert_eq!(verdict(Channel::Sms, *line) == RuleId::Passed, takes, "{line}");
        assert_eq!(verdict(Channel::Email, *line), RuleId::Passed, "{line}");
    }
    assert_eq!(verdict(Channel::Voice, LineType::Landline), RuleId::Passed);
    assert_eq!(verdict(Channel::Voice, LineType::Premium), RuleId::LineType);
}

#[test]
fn a_number_abroad_is_never_written_to() {
    let toronto = Inputs { place: place("+14165550123", "NY", "10001"), ..fine() };
    let verdict = shipped(&toronto);
    assert_eq!((verdict.rule, verdict.next_allowed_at), (RuleId::Jurisdiction, None));
    assert!(
        shipped(&Inputs { channel: Channel::Email, ..toronto }).allowed,
        "an e-mail is not sent to the number"
    );
}

#[test]
fn three_in_a_day_and_the_next_when_the_first_is_a_day_old() {
    let mut inputs = fine();
    let hours_ago = |hours: i64| inputs.at - chrono::TimeDelta::hours(hours);
    inputs.sends = [hours_ago(1), hours_ago(2), hours_ago(22), hours_ago(30)].into_iter().collect();
    let verdict = shipped(&inputs);
    // 19:00 on the same day: still within the hours.
    assert_eq!(
        (verdict.rule, verdict.next_allowed_at),
        (RuleId::FrequencyCap, Some(utc("2027-01-12T19:00:00Z")))
    );
    inputs.sends = [hours_ago(1), hours_ago(2), hours_ago(25)].into_iter().collect();
    assert!(shipped(&inputs).allowed);
    let strict = rules_with(|rules| rules["states"][3]["most_in_24h"] = 1.into());
    let florida = Inputs {
        place: place("+13055550123", "FL", "33101"),
        sends: [hours_ago(3)].into_iter().collect(),
        ..inputs
    };
    assert!(shipped(&florida).allowed);
    assert_eq!(judge(&strict, &florida).rule, RuleId::FrequencyCap, "a state's lower limit holds");
}

#[test]
fn the_time_after_several_objections_is_when_none_is_left() {
    let mut inputs = Inputs { at: utc("2027-01-12T03:00:00Z"), ..fine() };
    let sent = ["2027-01-11T20:00:00Z", "2027-01-11T21:00:00Z", "2027-01-12T00:30:00Z"];
    inputs.sends = sent.into_iter().map(utc).collect();
    inputs.campaign.starts_at = None;
    let verdict = shipped(&inputs);
    // It is night; in the morning the three of yesterday still count, until three in the afternoon.
    assert_eq!(
        (verdict.rule, verdict.next_allowed_at),
        (RuleId::QuietHours, Some(utc("2027-01-12T20:00:00Z")))
    );
    inputs.campaign.expires_at = Some(utc("2027-01-12T20:00:00Z"));
    assert_eq!(shipped(&inputs).next_allowed_at, None, "the campaign is over by then");
    inputs.campaign.expires_at = None;
    inputs.approval = Approval::Missing;
    assert_eq!(shipped(&inputs).next_allowed_at, None, "waiting approves nothing");
}

#[test]
fn a_days_budget_is_there_again_the_next_day() {
    let mut inputs = fine();
    inputs.budget.left = Some(MicroDollars::new(14_999));
    assert_eq!(shipped(&inputs).next_allowed_at, None);
    inputs.budget.renews_at = Some(utc("2027-01-13T05:00:00Z"));
    assert_eq!(
        shipped(&inputs).next_allowed_at,
        Some(utc("2027-01-13T14:00:00Z")),
        "at nine, not at midnight"
    );
    inputs.budget.left = None;
    assert!(shipped(&inputs).allowed, "nobody has set a budget");
}

#[test]
fn the_same_inputs_are_judged_by_another_version() {
    let inputs = Inputs { at: utc("2027-01-12T14:30:00Z"), ..fine() };
    let late = rules_with(|rules| {
        rules["version"] = "later".into();
        rules["house"] = "10:00-20:00".into();
    });
    let stored = serde_json::to_string(&inputs).expect("plain data");
    let again: Inputs = serde_json::from_str(&stored).expect("inputs");
    let (now, then) = (shipped(&again), judge(&late, &again));
    assert_eq!((now.allowed, then.rule), (true, RuleId::QuietHours));
    assert_eq!((now.rule_set.as_str(), then.rule_set.as_str()), ("2026-11-22", "later"));
    assert_eq!(now.inputs_hash, then.inputs_hash);
}

#[test]
fn every_change_of_the_inputs_changes_their_hash() {
    let plain = shipped(&fine()).inputs_hash;
    let mut hashes = vec![plain];
    for (_, spoil) in spoilers() {
        let mut inputs = fine();
        spoil(&mut inputs);
        hashes.push(shipped(&inputs).inputs_hash);
    }
    for edit in [
        (|inputs: &mut Inputs| inputs.b2b = true) as fn(&mut Inputs),
        |inputs| inputs.by_hand = true,
        |inputs| inputs.channel = Channel::Email,
        |inputs| inputs.campaign.starts_at = None,
        |inputs| inputs.campaign.expires_at = None,
        |inputs| inputs.place = place("+12125550123", "NJ", "07001"),
        |inputs| inputs.place.certain = false,
        |inputs| inputs.budget.cost = MicroDollars::new(30_000),
        |inputs| inputs.budget.renews_at = Some(inputs.at),
        |inputs| inputs.at += chrono::TimeDelta::nanoseconds(1),
        |inputs| inputs.sends = [inputs.at].into_iter().collect(),
    ] {
        let mut inputs = fine();
        edit(&mut inputs);
        hashes.push(shipped(&inputs).inputs_hash);
    }
    let all = hashes.len();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), all);
}

/// Stored hashes are compared for years: a change of the layout must be a new number of it, and fail here.
#[test]
fn the_hash_is_what_was_released() {
    let hash = hex::encode(shipped(&fine()).inputs_hash);
    assert_eq!(hash, "d492ca8068f9b9b76544656f437b3029a25a70227e7a9fc46e8ac87d5783cc60");
}
