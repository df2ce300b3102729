//! The number is of the United States, and where it is not known where the recipient is, the safe hours are right there.

use super::Held;
use crate::campaign::Channel;
use crate::gate::{Inputs, Place, RuleSet};

pub(super) fn objects(rules: &RuleSet, inputs: &Inputs) -> Option<Held> {
    if matches!(inputs.channel, Channel::Email) {
        return None;
    }
    forbids(rules, &inputs.place)
}

/// What stands against texts and calls to this place, whatever the time.
pub(in crate::gate) fn forbids(rules: &RuleSet, place: &Place) -> Option<Held> {
    if place.foreign {
        return Some(Held::because("the number is of another country"));
    }
    if place.certain && !place.zones.is_empty() {
        return None;
    }
    let beyond = place.states().find(|state| rules.is_beyond_safe(*state))?;
    Some(Held::because(format!(
        "it is not known where the recipient is; it may be {}, where no safe hours are set",
        beyond.name()
    )))
}
