//! The recipient has not had this very text before.

use super::Held;
use crate::gate::{Inputs, RuleSet};

pub(super) fn objects(_: &RuleSet, inputs: &Inputs) -> Option<Held> {
    inputs.same_text_sent.then(|| Held::because("the recipient has had this very text"))
}
