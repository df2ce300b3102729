//! What would be sent is what an approver released.

use super::Held;
use crate::gate::{Approval, Inputs, RuleSet};

pub(super) fn objects(_: &RuleSet, inputs: &Inputs) -> Option<Held> {
    Some(Held::because(match inputs.approval {
        Approval::Approved => return None,
        Approval::Missing => "nobody has approved it",
        Approval::Stale => "what was approved is not what would be sent",
        Approval::Expired => "the approval has lapsed",
    }))
}
