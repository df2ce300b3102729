//! The address is a person's and takes mail. What nobody has looked at counts as one that does not.

use super::Held;
use crate::campaign::Channel;
use crate::gate::{Inputs, Mailbox, RuleSet};

pub(super) fn objects(rules: &RuleSet, inputs: &Inputs) -> Option<Held> {
    if !matches!(inputs.channel, Channel::Email) || rules.takes_mail(inputs.mailbox) {
        return None;
    }
    Some(Held::because(match inputs.mailbox {
        Mailbox::Verified => "these rules write to no address",
        Mailbox::Unverified => "nobody has verified the address; enrich the lead",
        Mailbox::Role => "the address is a function's and no person's",
        Mailbox::Disposable => "the address is a throw-away one",
        Mailbox::Invalid => "the address takes no mail",
    }))
}
