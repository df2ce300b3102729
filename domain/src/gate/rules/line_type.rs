//! The line takes texts. What nobody has looked at counts as one that does not.

use super::Held;
use crate::campaign::Channel;
use crate::gate::{Inputs, LineType, RuleSet};

pub(super) fn objects(rules: &RuleSet, inputs: &Inputs) -> Option<Held> {
    match (inputs.channel, inputs.line) {
        (Channel::Email, _) => None,
        (Channel::Voice, LineType::Premium) => {
            Some(Held::because("a call to a premium number costs the caller extra"))
        }
        (Channel::Voice, _) => None,
        (Channel::Sms | Channel::Multi, line) if rules.takes_texts(line) => None,
        (Channel::Sms | Channel::Multi, LineType::Unknown) => {
            Some(Held::because("nobody has looked what kind of line it is; enrich the lead"))
        }
        (Channel::Sms | Channel::Multi, line) => {
            Some(Held::because(format!("the line is {line} and takes no texts")))
        }
    }
}
