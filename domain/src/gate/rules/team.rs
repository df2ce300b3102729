//! The team may send.

use super::Held;
use crate::gate::{Inputs, RuleSet};

pub(super) fn objects(_: &RuleSet, inputs: &Inputs) -> Option<Held> {
    (!inputs.team_active).then(|| Held::because("the team is not allowed to send"))
}
