//! Few enough messages to the recipient in 24 hours: the house's limit, or a state's where that is lower.

use super::Held;
use crate::campaign::Channel;
use crate::gate::{Inputs, RuleSet};
use crate::geo::TimeZone;

pub(super) fn objects(rules: &RuleSet, inputs: &Inputs) -> Option<Held> {
    let most = most(rules, inputs);
    let free = inputs.sends.free_at(inputs.at, most)?;
    Some(Held::until(format!("the recipient was written to {most} times in 24 hours"), Some(free)))
}

fn most(rules: &RuleSet, inputs: &Inputs) -> u8 {
    let house = rules.most_in_24h();
    if inputs.sends.is_empty() || matches!(inputs.channel, Channel::Email) {
        return house;
    }
    let date = TimeZone::Eastern.local(inputs.at).date;
    let laws = rules.laws_for(inputs.place, inputs.b2b, date);
    laws.filter_map(|(_, law)| law.most_in_24h).fold(house, u8::min)
}
