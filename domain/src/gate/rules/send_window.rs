//! The hour is one of the campaign's own, by every clock that may count.

use super::Held;
use crate::gate::{Hours, Inputs, RuleSet};

pub(super) fn objects(rules: &RuleSet, inputs: &Inputs) -> Option<Held> {
    let hours = Hours::for_inputs(rules, inputs);
    if hours.own_allows(inputs.at) {
        return None;
    }
    let says = hours.closed(inputs.at).map_or_else(String::new, |closed| closed.to_string());
    Some(Held::until(format!("the campaign's hours: {says}"), hours.opens(inputs.at)))
}
