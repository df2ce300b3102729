//! A recipient who does not answer is left alone after a few messages.

use super::Held;
use crate::gate::{Inputs, RuleSet};

pub(super) fn objects(rules: &RuleSet, inputs: &Inputs) -> Option<Held> {
    let most = rules.most_follow_ups();
    let enough = !inputs.first_contact && inputs.follow_ups >= most;
    enough.then(|| Held::because(format!("{most} messages followed the first one, and there was no answer")))
}
