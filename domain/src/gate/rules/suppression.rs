//! The recipient is on no list of whom not to contact: everybody's, the team's, the brand's or the number's.

use super::Held;
use crate::gate::{Inputs, RuleSet};

pub(super) fn objects(_: &RuleSet, inputs: &Inputs) -> Option<Held> {
    let found = inputs.suppressed?;
    Some(Held::because(format!("the recipient is suppressed: {}, scope {}", found.reason, found.scope)))
}
