//! The campaign runs, has started, and is not over.

use super::Held;
use crate::gate::{Inputs, RuleSet};

pub(super) fn objects(_: &RuleSet, inputs: &Inputs) -> Option<Held> {
    let campaign = &inputs.campaign;
    if campaign.expires_at.is_some_and(|end| inputs.at >= end) {
        return Some(Held::because("the campaign is past its expiry"));
    }
    if !campaign.state.sends() {
        return Some(Held::because(format!("the campaign is {}, not running", campaign.state)));
    }
    match campaign.starts_at {
        Some(start) if inputs.at < start => Some(Held::until("the campaign has not started", Some(start))),
        _ => None,
    }
}
