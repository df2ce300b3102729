//! A person has stopped it: the campaign, the team, the sender or everything.

use super::Held;
use crate::gate::{Inputs, KillSwitch, RuleSet};

pub(super) fn objects(_: &RuleSet, inputs: &Inputs) -> Option<Held> {
    Some(Held::because(match inputs.kill_switch? {
        KillSwitch::Everything => "a kill switch stops everything",
        KillSwitch::Team => "a kill switch stops all that the team sends",
        KillSwitch::Campaign => "a kill switch stops the campaign",
        KillSwitch::Sender => "a kill switch stops the sender",
    }))
}
