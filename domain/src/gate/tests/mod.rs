//! What the gate lets through, what it holds, and until when.

mod clocks;
mod each_rule;
mod properties;

use chrono::{DateTime, Utc};

use super::*;
use crate::campaign::{CampaignState, Channel, ConsentBasis};
use crate::geo::{State, Zip5};
use crate::money::MicroDollars;
use crate::phone::Phone;

/// An instant.
fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Where a phone, a state and a ZIP put somebody; `""` where it is not known.
fn place(phone: &str, state: &str, zip: &str) -> Place {
    let phone: Option<Phone> = phone.parse().ok();
    Place::of(phone.as_ref(), State::parse(state), Zip5::from_digits(zip), "")
}

/// A message to which no rule objects: a Tuesday in January, noon in New York.
fn fine() -> Inputs {
    let at = utc("2027-01-12T17:00:00Z");
    Inputs {
        at,
        channel: Channel::Sms,
        kill_switch: None,
        campaign: CampaignFacts {
            state: CampaignState::Running,
            starts_at: Some(utc("2027-01-11T00:00:00Z")),
            expires_at: Some(utc("2027-03-01T00:00:00Z")),
            windows: Windows::NONE,
        },
        team_active: true,
        suppressed: None,
        consent: Some(Consent {
            basis: ConsentBasis::ExpressWritten,
            has_evidence: true,
            given_at: utc("2026-12-01T00:00:00Z"),
            expires_at: None,
        }),
        line: LineType::Mobile,
        mailbox: Mailbox::Verified,
        place: place("+12125550123", "NY", "10001"),
        b2b: false,
        sends: RecentSends::default(),
        first_contact: true,
        follow_ups: 0,
        same_text_sent: false,
        budget: Budget {
            left: Some(MicroDollars::new(1_000_000)),
            cost: MicroDollars::new(15_000),
            renews_at: None,
        },
        approval: Approval::Approved,
        by_hand: false,
    }
}

fn shipped(inputs: &Inputs) -> Verdict {
    judge(RuleSet::shipped(), inputs)
}

/// The shipped rules with a change.
fn rules_with(edit: impl FnOnce(&mut serde_json::Value)) -> RuleSet {
    let text = RuleSet::shipped().to_json().expect("plain data");
    let mut document = serde_json::from_str(&text).expect("JSON");
    edit(&mut document);
    RuleSet::from_json(&document.to_string()).expect("a rule set")
}
