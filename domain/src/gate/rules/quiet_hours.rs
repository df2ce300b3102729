//! The hour is one at which the house and every law that may hold allow it, by every clock that may count.

use super::Held;
use crate::gate::{Hours, Inputs, RuleSet};

pub(super) fn objects(rules: &RuleSet, inputs: &Inputs) -> Option<Held> {
    let hours = Hours::for_inputs(rules, inputs);
    if hours.law_allows(inputs.at) {
        return None;
    }
    let says = hours.closed(inputs.at).map_or_else(String::new, |closed| closed.to_string());
    Some(Held::until(format!("quiet hours: {says}"), hours.opens(inputs.at)))
}
