//! Whether a lead is somebody who decides, or just somebody who answers.

use super::{LeadFacts, SizeBand};
use crate::named::named_enum;

named_enum! {
    /// Whom one reaches.
    ContactClass {
        /// A named person who probably decides on purchases.
        LikelyDecisionMaker = "likely_decision_maker",
        /// A switchboard, a general mailbox, or a person who does not decide.
        GenericContact = "generic_contact",
    }
}

/// Whom one reaches with a lead of these facts.
///
/// A title decides where there is one. Lists name a business's main contact, so a person without title counts
/// as well, unless the business is large or the only address is a function's (info@), which says nothing of
/// the person.
pub const fn contact_class(facts: LeadFacts) -> ContactClass {
    let untitled = facts.contains(LeadFacts::HAS_PERSON)
        && !facts.contains(LeadFacts::OTHER_TITLE)
        && !facts.contains(LeadFacts::HAS_ROLE_EMAIL)
        && !matches!(facts.size_band(), Some(SizeBand::Large));
    if facts.contains(LeadFacts::DECISION_MAKER) || untitled {
        ContactClass::LikelyDecisionMaker
    } else {
        ContactClass::GenericContact
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(facts: LeadFacts, expected: ContactClass) {
        assert_eq!(contact_class(facts), expected, "{facts:?}");
    }

    #[test]
    fn titles_decide_and_their_absence_leaves_the_named_contact() {
        use ContactClass::{GenericContact, LikelyDecisionMaker};
        let person = LeadFacts::HAS_PERSON;
        let large = LeadFacts::SIZE_LOW | LeadFacts::SIZE_HIGH;
        check(LeadFacts::NONE, GenericContact);
        check(LeadFacts::HAS_COMPANY | LeadFacts::HAS_PHONE, GenericContact);
        check(LeadFacts::HAS_ROLE_EMAIL, GenericContact);
        check(person, LikelyDecisionMaker);
        check(person | LeadFacts::HAS_FREE_EMAIL, LikelyDecisionMaker);
        check(person | LeadFacts::OTHER_TITLE, GenericContact);
        check(person | LeadFacts::HAS_ROLE_EMAIL, GenericContact);
        check(person | large, GenericContact);
        check(person | large | LeadFacts::HAS_ROLE_EMAIL | LeadFacts::DECISION_MAKER, LikelyDecisionMaker);
    }
}
