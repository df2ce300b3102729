//! There is money for it. A snapshot: the reservation decides.

use super::Held;
use crate::gate::{Inputs, RuleSet};

pub(super) fn objects(_: &RuleSet, inputs: &Inputs) -> Option<Held> {
    let budget = &inputs.budget;
    let left = budget.left.filter(|left| *left < budget.cost)?;
    // What is left of one day says nothing of the next.
    if budget.renews_at.is_some_and(|renewal| inputs.at >= renewal) {
        return None;
    }
    Some(Held::until(format!("it costs {}, and {left} are left", budget.cost), budget.renews_at))
}
