//! The verdict: what the rules say together.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::digest::digest;
use super::rules::{Held, ORDER, RuleId};
use super::{Inputs, RuleSet, RuleSetVersion};

/// How often a time is looked for at which no rule objects, before it is given up: each look is later than the one before, by a
/// window or by a message that leaves the day.
const LOOKS: usize = 64;

/// Whether a message may go out, and why. Stored for every message that was sent and every one that was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether it may.
    pub allowed: bool,
    /// The first rule that objects; [`RuleId::Passed`] where none does.
    pub rule: RuleId,
    /// The version of the rules.
    pub rule_set: RuleSetVersion,
    /// SHA-256 of the inputs.
    #[serde(serialize_with = "as_hex")]
    pub inputs_hash: [u8; 32],
    /// Where it may not: the next time at which, all else being as it is, it may. `None`: waiting alone changes nothing.
    pub next_allowed_at: Option<DateTime<Utc>>,
    /// The same for a person, without personal data.
    pub says: Cow<'static, str>,
}

/// Judges a message: the rules in their order, the first that objects decides. Where all agree, nothing is allocated.
pub fn judge(rules: &RuleSet, inputs: &Inputs) -> Verdict {
    let (rule, held) = match first_held(rules, inputs) {
        None => (RuleId::Passed, None),
        Some((rule, held)) => (rule, Some(held)),
    };
    Verdict {
        allowed: held.is_none(),
        rule,
        rule_set: rules.version(),
        inputs_hash: digest(inputs),
        next_allowed_at: held.as_ref().and_then(|held| next_allowed(rules, inputs, held)),
        says: held.map_or(Cow::Borrowed("no rule objects"), |held| held.says),
    }
}

/// What every rule says by itself, in their order: for a person who asks why, and what else would stand in the way.
pub fn examine(rules: &RuleSet, inputs: &Inputs) -> Vec<(RuleId, Option<Held>)> {
    ORDER.iter().map(|(rule, asked)| (*rule, asked(rules, inputs))).collect()
}

/// The rule that objects and when next it may go out; `None` where none objects. [`judge`] without the record.
pub(crate) fn objection(rules: &RuleSet, inputs: &Inputs) -> Option<(RuleId, Option<DateTime<Utc>>)> {
    let (rule, held) = first_held(rules, inputs)?;
    Some((rule, next_allowed(rules, inputs, &held)))
}

fn first_held(rules: &RuleSet, inputs: &Inputs) -> Option<(RuleId, Held)> {
    ORDER.iter().find_map(|(rule, asked)| asked(rules, inputs).map(|held| (*rule, held)))
}

/// The first time at which no rule objects, each objection leading to the time at which it ends.
fn next_allowed(rules: &RuleSet, inputs: &Inputs, held: &Held) -> Option<DateTime<Utc>> {
    let mut later = *inputs;
    let mut again = held.again;
    for _ in 0..LOOKS {
        later.at = again.filter(|again| *again > later.at)?;
        match first_held(rules, &later) {
            None => return Some(later.at),
            Some((_, held)) => again = held.again,
        }
    }
    None
}

fn as_hex<S: serde::Serializer>(hash: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(hash))
}
