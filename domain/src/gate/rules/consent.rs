//! There is a ground to contact the recipient, with evidence, in force, and good enough for the state. Without one: no.

use chrono::{DateTime, TimeDelta, Utc};

use super::Held;
use crate::campaign::Channel;
use crate::gate::{Consent, Inputs, RuleSet};
use crate::geo::TimeZone;

pub(super) fn objects(rules: &RuleSet, inputs: &Inputs) -> Option<Held> {
    let Some(consent) = inputs.consent else {
        return Some(Held::because("there is no consent on record"));
    };
    let basis = consent.basis;
    let Some(grounds) = rules.grounds(basis) else {
        return Some(Held::because(format!("consent by {basis} is no ground by these rules")));
    };
    if !consent.has_evidence {
        return Some(Held::because(format!("the consent by {basis} has no evidence")));
    }
    if consent.given_at > inputs.at {
        return Some(Held::until("the consent was given later than this", Some(consent.given_at)));
    }
    if ends(&consent, grounds.days).is_some_and(|end| inputs.at >= end) {
        return Some(Held::because(format!("the consent by {basis} is too old")));
    }
    if !basis.covers_automatic() && inputs.first_contact && !inputs.by_hand {
        return Some(Held::because("the first message has to be sent by a person's hand"));
    }
    // These laws are of calls and texts.
    if grounds.opt_in || matches!(inputs.channel, Channel::Email) {
        return None;
    }
    // A law begins on a date; which hour of it is nobody's quarrel here.
    let date = TimeZone::Eastern.local(inputs.at).date;
    let mut laws = rules.laws_for(inputs.place, inputs.b2b, date);
    let (state, _) = laws.find(|(_, law)| law.opt_in_only)?;
    Some(Held::because(format!(
        "{} wants a recipient who agreed to texts; {basis} is not enough",
        state.name()
    )))
}

/// When it holds no more, by its own words or by the rules.
fn ends(consent: &Consent, days: Option<u16>) -> Option<DateTime<Utc>> {
    let by_rule = days.map(|days| consent.given_at + TimeDelta::days(i64::from(days)));
    match (consent.expires_at, by_rule) {
        (Some(own), Some(rule)) => Some(own.min(rule)),
        (own, rule) => own.or(rule),
    }
}
